from datetime import UTC, date, datetime, timedelta

import pytest

from demo.parts import FRIEND, MARI, PERSON, card
from smarts.demo.catalogue import invented_catalogue
from smarts.wire import operations
from smarts.wire.offers import (
    DefaultOffer,
    DiscountOffer,
    OfferClassification,
    OfferSearchRequest,
    ProductRelatedOffer,
)

TODAY = datetime.now(UTC).date()
GENERAL, PERSONAL = OfferClassification.GENERAL, OfferClassification.PERSONAL


def search(*cards, classification=None):
    return OfferSearchRequest(
        institution_id="demo-store",
        person_id=PERSON,
        lang_code="ET",
        loyalty_cards=cards,
        classification=classification,
    )


def kinds(offers):
    return {type(offer) for offer in offers}


async def test_all_three_kinds_to_everybody(call):
    """Without a card there are offers of all three kinds, none of which asks for a card."""
    offers = await call(operations.FIND_OFFERS, search())
    assert kinds(offers) == {DefaultOffer, DiscountOffer, ProductRelatedOffer}
    assert len({offer.id for offer in offers}) == len(offers)
    campaigns = [offer.id for offer in offers if isinstance(offer, ProductRelatedOffer)]
    assert all("-B00000000" in each or "-C00000000" in each for each in campaigns)
    assert not [offer.id for offer in offers if offer.id.startswith("member-")]


async def test_some_are_over(call):
    """Some of what is answered is out of date, so that it shows that a gateway leaves it out; the rest is not."""
    offers = await call(operations.FIND_OFFERS, search())
    over = [offer for offer in offers if (offer.end_date or date.max) < TODAY]
    assert 0 < len(over) < len(offers) / 2


@pytest.mark.parametrize("member", [MARI, FRIEND])
async def test_offers_to_members(call, link, member):
    """A holder of a card gets the members' prices of this week, and the campaigns of the card's code."""
    mine = await link(member)
    offers = await call(operations.FIND_OFFERS, search(mine, classification=PERSONAL))
    assert kinds(offers) == {DiscountOffer, ProductRelatedOffer}
    for offer in offers:
        if isinstance(offer, DiscountOffer):
            product = invented_catalogue().find(offer.id.removeprefix("member-"))
            assert offer.default_price == product.price.total > offer.offer_price
            exact = 100 * (offer.default_price - offer.offer_price) / offer.default_price
            assert abs(offer.discount_percentage - exact) <= 0.5
            assert offer.start_date <= TODAY + timedelta(days=1)
            assert offer.end_date - offer.start_date == timedelta(days=6)
        else:
            codes = [campaign.code[1:9] for campaign in offer.related_product.campaigns]
            assert member.code.rjust(8, "0") in codes


async def test_one_sort_or_both(call, link):
    """Asked for one sort a member gets that one, otherwise both; somebody else's card gets nobody anything."""
    mine = await link(MARI)
    general, personal, both = [
        await call(operations.FIND_OFFERS, search(mine, classification=sort))
        for sort in (GENERAL, PERSONAL, None)
    ]
    assert both == general + personal
    assert general == await call(operations.FIND_OFFERS, search())
    assert await call(operations.FIND_OFFERS, search(card(FRIEND), classification=PERSONAL)) == ()


async def test_offers_are_named_in_the_store_s_languages(call, link):
    """An offer of a price is named after its product in each of its languages, with the discount in percent."""
    offers = await call(operations.FIND_OFFERS, search(await link(MARI), classification=PERSONAL))
    bread = next(offer for offer in offers if offer.id == "member-2000010000401")  # 2.09 instead of 1.79
    assert bread.discount_percentage == 14
    assert bread.title.in_language("EN") == "Wholegrain bread, 450 g −14%"
    assert bread.title.original_text == "Täisteraleib, 450 g −14%"
