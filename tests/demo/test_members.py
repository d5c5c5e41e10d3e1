import asyncio
from decimal import Decimal

import msgspec
import pytest

from demo.parts import FRIEND, JURI, KINDS, LIIS, MARI, PERSON, STRANGER, card, registration, store_on
from smarts.caller import Refused
from smarts.demo import demo_members
from smarts.demo.catalogue import invented_catalogue, members_catalogue
from smarts.wire import operations
from smarts.wire.codec import decode
from smarts.wire.examples import example
from smarts.wire.invoices import BuyerParty, Invoice
from smarts.wire.loyalty import LoyaltyCardBonusRequest, LoyaltyCardType
from smarts.wire.products import OrderBy, PageRequest, ProductSearchRequest

BREAD = "2000010000401"  # 2.09 euros, for members 1.79
INVOICE = decode(example("Invoice"), Invoice)


def bonus_of(member, person_id=PERSON):
    return LoyaltyCardBonusRequest("demo-store", person_id, card(member))


def search(*cards, **asked):
    return ProductSearchRequest(person_id=PERSON, loyalty_cards=cards, **asked)


async def refusal(call, operation, body):
    with pytest.raises(Refused) as refused:
        await call(operation, body)
    return refused.value.problem


def test_the_kinds_of_cards():
    """There is one kind that collects a bonus, which may pay, and one that does not; both have members."""
    assert {kind.type: kind.can_use_bonus_points_for_payment for kind in KINDS.values()} == {
        LoyaltyCardType.BONUS: True,
        LoyaltyCardType.DEFAULT: None,
    }
    assert {member.card for member in demo_members()} == {"demo-bonus-card", "demo-card"}


def test_members_are_told_apart():
    """No two members have a number, an ID code, a telephone number or an email address in common."""
    for known_by in ("number", "id_code", "phone", "email"):
        assert len({getattr(member, known_by) for member in demo_members()}) == len(demo_members())


@pytest.mark.parametrize(
    "value",
    [
        MARI.number,
        f" {MARI.number[:4]} {MARI.number[4:]} ",
        MARI.id_code,
        MARI.phone,
        MARI.phone.removeprefix("+372"),
        MARI.phone.replace("+372", "00372 "),
        MARI.email.upper(),
    ],
)
async def test_all_ways_to_link_a_card(call, value):
    """A card is linked by its number, its holder's ID code, telephone number or email address, however written."""
    answer = await call(operations.REGISTER_CARD, registration(MARI, value))
    assert (answer.card_number, answer.machine_readable_code, answer.bonus) == (MARI.number, "77", MARI.bonus)


async def test_a_card_without_a_bonus(call):
    """A card that collects no bonus is linked by its holder's email address alone, and tells of none."""
    answer = await call(operations.REGISTER_CARD, registration(FRIEND, FRIEND.email))
    assert (answer.card_number, answer.machine_readable_code, answer.bonus) == (FRIEND.number, "12", None)
    assert (await call(operations.CARD_BONUS, bonus_of(FRIEND))).bonus == 0
    problem = await refusal(call, operations.REGISTER_CARD, registration(FRIEND, FRIEND.number))
    assert problem.type == "refused"


@pytest.mark.parametrize("value", ["", "9200000770019", "nobody@example.com", FRIEND.email])
async def test_a_value_that_is_nobodys(call, value):
    """What matches no holder of this kind of card is refused, in words of all languages that the store speaks."""
    problem = await refusal(call, operations.REGISTER_CARD, registration(MARI, value))
    assert (problem.status, problem.type) == (422, "refused")
    assert all(words in problem.detail for words in ("kaarti", "no such card", "такой карты"))


async def test_a_kind_that_is_not_the_stores(call):
    """A kind of card that the store does not have is refused."""
    kind = msgspec.structs.replace(KINDS[MARI.card], id="another-card")
    request = msgspec.structs.replace(registration(MARI), loyalty_card=kind)
    assert (await refusal(call, operations.REGISTER_CARD, request)).type == "refused"


async def test_a_card_is_one_persons(call):
    """Nobody else can link a linked card, by whatever they know; its shopper may link it again."""
    first = await call(operations.REGISTER_CARD, registration(MARI))
    for value in (MARI.number, MARI.email):
        problem = await refusal(call, operations.REGISTER_CARD, registration(MARI, value, STRANGER))
        assert "already linked" in problem.detail
    assert await call(operations.REGISTER_CARD, registration(MARI, MARI.phone)) == first


async def test_many_link_a_card_at_once(call):
    """Of many who link the same card in the same instant, one gets it."""
    tries = [call(operations.REGISTER_CARD, registration(MARI, person_id=str(who))) for who in range(20)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 19


async def test_links_outlive_the_process(kept):
    """A linked card is linked still when the store is started again."""
    store_on(kept).members.register_card(registration(MARI))
    again = store_on(kept).members
    assert [held.member for held in again.held(PERSON, [card(MARI)])] == [MARI]
    assert again.held(STRANGER, [card(MARI)]) == again.held(None, [card(JURI)]) == ()


async def test_bonus_is_told_to_the_holder_alone(call, link):
    """The bonus on a card is told to who has linked it; to anybody else there is no such card."""
    await link(LIIS)
    answer = await call(operations.CARD_BONUS, bonus_of(LIIS))
    assert (answer.bonus, answer.currency) == (Decimal("250.00"), "EUR")
    assert (await refusal(call, operations.CARD_BONUS, bonus_of(LIIS, STRANGER))).status == 404
    assert (await refusal(call, operations.CARD_BONUS, bonus_of(MARI))).status == 404


async def test_members_prices(call, link):
    """A request with a linked card gets the members' price in every search; without, or a stranger's, nobody does."""
    mine = await link(MARI)
    for cards, total in (((), "2.09"), ((mine,), "1.79"), ((card(JURI),), "2.09")):
        by_barcode = await call(operations.PRODUCT_BY_BARCODE, search(*cards, barcode=BREAD))
        by_name = await call(operations.PRODUCTS_BY_NAME, search(*cards, name="täisteraleib"))
        page = await call(operations.PRODUCT_SEARCH, PageRequest(request=search(*cards, name="täisteraleib")))
        assert {by_barcode.price.total, by_name[0].price.total, page.result[0].price.total} == {
            Decimal(total)
        }
    stranger = msgspec.structs.replace(search(mine, barcode=BREAD), person_id=STRANGER)
    assert (await call(operations.PRODUCT_BY_BARCODE, stranger)).price.total == Decimal("2.09")


async def test_a_card_beside_the_request(call, link):
    """In a page request the card may stand beside the request; the order by price is then that of members' prices."""
    mine = await link(FRIEND)
    request = PageRequest(
        limit=1000,
        order_field_name="price",
        order_by=OrderBy.ASCENDING,
        request=search(),
        loyalty_cards=(mine,),
    )
    prices = [product.price.total for product in (await call(operations.PRODUCT_SEARCH, request)).result]
    assert prices == sorted(product.price.total for product in members_catalogue().products)
    assert sum(prices) < sum(product.price.total for product in invented_catalogue().products)


def bought(invoice_id, person_id, *members):
    buyer = BuyerParty(unique_code=person_id, loyalty_cards=tuple(map(card, members)))
    return msgspec.structs.replace(INVOICE, id=invoice_id, buyer=buyer)


async def test_an_invoice_earns_a_bonus_once(call, link):
    """A paid invoice puts one percent of it on the first card, however often it comes; a stranger's card gets none."""
    for member in (MARI, JURI):
        await link(member)
    mine, stolen = bought("1", PERSON, MARI, JURI), bought("2", STRANGER, MARI)
    for invoice in (mine, mine, stolen):
        await call(operations.RECEIVE_INVOICE, invoice)
    earned = (INVOICE.total.total_to_pay / 100).quantize(Decimal("0.01"))
    assert earned > 0
    assert (await call(operations.CARD_BONUS, bonus_of(MARI))).bonus == MARI.bonus + earned
    assert (await call(operations.CARD_BONUS, bonus_of(JURI))).bonus == JURI.bonus


async def test_the_office_lists_members(office, link):
    """The back office shows each member with the bonus, and who has linked the card."""
    await link(MARI)
    members = {member["number"]: member for member in await office.read("members")}
    assert len(members) == len(demo_members())
    assert (members[MARI.number]["bonus"], members[MARI.number]["personId"]) == (3.40, PERSON)
    assert "personId" not in members[JURI.number]
    assert "bonus" not in members[FRIEND.number]
