"""Checks of offers."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from smarts.kit import documents
from smarts.kit.carts import Json
from smarts.kit.check import Unseen, check
from smarts.kit.expect import read
from smarts.kit.subject import Case
from smarts.kit.sums import number
from smarts.kit.verdicts import list_of, needs, once, require
from smarts.wire.operations import FIND_OFFERS

_CENT, _PERCENT = Decimal("0.01"), Decimal(1)


async def found(case: Case, **changes: Any) -> list[Json]:
    """The offers that a search finds; raises `Unmet` where they are no list of objects."""
    await needs(case, "offers.answer.list")
    return await _found(case, **changes)


async def _found(case: Case, **changes: Any) -> list[Json]:
    offers = list_of(await case.ask(FIND_OFFERS, documents.offer_search(case) | changes))
    require(all(isinstance(offer, dict) for offer in offers), "a list of JSON objects", offers)
    return offers


async def _some(case: Case, *types: str) -> Sequence[Json]:
    """The offers of these types, or of all; raises `Unseen` where there are none."""
    await needs(case, "offers.answer.shape")
    answered = await once(case, FIND_OFFERS, documents.offer_search(case), name="offers")
    offers = [offer for offer in answered if not types or offer["type"] in types]
    if not offers:
        raise Unseen(f"the node has no offer now{' of type ' + ' or '.join(types) if types else ''}")
    return offers


@check("offers.answer.list")
async def is_list(case: Case) -> None:
    """Looks at the answer."""
    await _found(case)


@check("offers.answer.shape")
async def shape(case: Case) -> None:
    """Looks at all offers by their schemas."""
    await needs(case, "offers.answer.list")
    read(await case.ask(FIND_OFFERS, documents.offer_search(case)), FIND_OFFERS)


@check("offers.answer.ids")
async def ids(case: Case) -> None:
    """Counts the ids."""
    counts = Counter(offer["id"] for offer in await _some(case))
    twice = [offer_id for offer_id, count in counts.items() if count > 1]
    require(not twice, "each id once", f"{', '.join(twice)} more than once")


@check("offers.offer.title")
async def titles(case: Case) -> None:
    """Looks at all titles."""
    for offer in await _some(case):
        title = offer["title"]["originalText"]
        require(bool(title.strip()), f"a title of the offer {offer['id']}", repr(title))


@check("offers.offer.days")
async def days(case: Case) -> None:
    """Compares first and last days."""
    offers = [offer for offer in await _some(case) if offer.get("startDate") and offer.get("endDate")]
    if not offers:
        raise Unseen("no offer has both a first and a last day")
    for offer in offers:
        start, end = offer["startDate"], offer["endDate"]
        require(start <= end, f"the offer {offer['id']} to end on {start} or later", end)


@check("offers.offer.image")
async def images(case: Case) -> None:
    """Looks at the addresses of pictures."""
    offers = [offer for offer in await _some(case) if offer.get("imageUri")]
    if not offers:
        raise Unseen("no offer has a picture")
    for offer in offers:
        address = offer["imageUri"]
        require(_is_on_the_web(address), "an address with http or https, or a relative one", repr(address))


def _is_on_the_web(address: str) -> bool:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return address.isprintable() and (is_whole or not parts.scheme)


@check("offers.discount.percentage")
async def percentages(case: Case) -> None:
    """Looks at the percentages."""
    for offer in await _some(case, "DISCOUNT"):
        percentage = number(offer, "discountPercentage")
        require(0 <= percentage <= 100, f"0 to 100 % off of {offer['id']}", percentage)


@check("offers.discount.prices")
async def prices(case: Case) -> None:
    """Looks at the prices of discounts and of products on offer."""
    for offer in await _some(case, "DISCOUNT", "PRODUCT_RELATED"):
        for name, price in _prices(offer):
            require(price >= 0, f"0 or more as {name} of {offer['id']}", price)


def _prices(offer: Json) -> list[tuple[str, Decimal]]:
    if offer["type"] == "DISCOUNT":
        return [(name, number(offer, name)) for name in ("offerPrice", "defaultPrice")]
    return [("relatedProduct.price.total", number(offer["relatedProduct"]["price"], "total"))]


@check("offers.discount.sense")
async def sense(case: Case) -> None:
    """Reckons each offer's price."""
    for offer in await _some(case, "DISCOUNT"):
        before, now = number(offer, "defaultPrice"), number(offer, "offerPrice")
        percentage = number(offer, "discountPercentage")
        low, high = (before * (100 - percentage - step) / 100 for step in (_PERCENT, -_PERCENT))
        is_near = low - _CENT <= now <= high + _CENT
        require(is_near, f"{offer['id']}: about {before * (100 - percentage) / 100:.2f}", now)


@check("offers.search.general")
async def general(case: Case) -> None:
    """Asks for offers to everybody."""
    await found(case, classification="GENERAL")


@check("offers.search.personal")
async def personal(case: Case) -> None:
    """Asks for offers to this shopper."""
    await found(case, classification="PERSONAL")


@check("offers.search.both")
async def both(case: Case) -> None:
    """Compares what is found."""
    both_kinds = {offer.get("id") for offer in await found(case)}
    for classification in ("GENERAL", "PERSONAL"):
        of_kind = {offer.get("id") for offer in await found(case, classification=classification)}
        missing = of_kind - both_kinds
        require(
            not missing, f"all {classification} offers among both", f"{', '.join(map(str, missing))} missing"
        )


@check("offers.search.cards")
async def cards(case: Case) -> None:
    """Asks with two cards that are nobody's."""
    await found(case, loyaltyCards=[documents.unknown_card(case), documents.unknown_card(case)])


@check("offers.search.nobody")
async def nobody(case: Case) -> None:
    """Asks without a shopper and a language."""
    await needs(case, "offers.answer.list")
    list_of(await case.ask(FIND_OFFERS, {"institutionId": case.subject.institution_id}))
