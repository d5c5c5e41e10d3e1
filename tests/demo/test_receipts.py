import asyncio
from decimal import Decimal
from itertools import count

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.parts import (
    FRIEND,
    JURI,
    LIIS,
    MARI,
    ORDINARY,
    PERSON,
    card,
    cart,
    paid,
    registration,
    row,
)
from smarts.caller import Refused
from smarts.demo.catalogue import invented_catalogue
from smarts.wire import operations
from smarts.wire.loyalty import LoyaltyCardBonusRequest
from smarts.wire.money import Currency
from smarts.wire.receipts import ReceiptLoyaltyCard
from smarts.wire.shipments import Shipment, ShipmentMethod

LOAF, BUTTER, COFFEE, OIL, GINGERBREAD = (
    "2000010000104",  # 1.49, from two on 15 % off
    "2000050000102",  # 2.29 for clients
    "2000160000207",  # 6.99 with a card of the code 77
    "2000110000202",  # 7.99, for members 6.49
    "2000020001306",  # 2.19, of which 0.30 were taken off
)
MEMBERS_BREAD = "2000010000401"  # 2.09, for members 1.79
COURIER = Shipment(method=ShipmentMethod.COURIER, price=Decimal("2.99"), currency=Currency.EUR)
NUMBERS = count()


def sums(receipt):
    """Total, VAT, and what discounts and campaigns changed."""
    return receipt.total, receipt.vat_sum, receipt.addition_sum


def money(*amounts):
    return tuple(map(Decimal, amounts))


async def bonus_on(call, member):
    request = LoyaltyCardBonusRequest("demo-store", PERSON, card(member))
    return (await call(operations.CARD_BONUS, request)).bonus


@pytest.mark.parametrize(
    ("rows", "shipment", "expected"),
    [
        ([row(ORDINARY, 2)], None, money("3.78", "0.73", "0")),
        ([row(ORDINARY, 2)], COURIER, money("6.77", "1.31", "0")),
        ([row(LOAF, 2)], None, money("2.53", "0.49", "-0.45")),
        ([row(GINGERBREAD, 2)], None, money("4.38", "0.85", "-0.60")),
        ([row(OIL, 10)], None, money("78.30", "15.15", "-1.60")),  # 2 % off from 50 euros without VAT
    ],
)
async def test_what_is_paid(call, rows, shipment, expected):
    """The store's own prices and campaigns count, the VAT is in them, and what was changed is told."""
    receipt = await call(operations.CREATE_RECEIPT, cart(*rows, shipment=shipment))
    assert sums(receipt) == expected
    assert (receipt.shipment, receipt.customer_id, receipt.currency) == (shipment, PERSON, "EUR")


async def test_rows_are_named_for_the_shopper(call):
    """Each row has the store's id, its name and its category's in the shopper's language, and what it costs."""
    receipt = await call(operations.CREATE_RECEIPT, cart(row(LOAF, 2), row(ORDINARY), language="EN"))
    assert [(each.id, each.product_name, each.amount, each.row_price) for each in receipt.products] == [
        (LOAF, "Rye bread, sliced, 500 g", 2, Decimal("2.53")),
        (ORDINARY, "Rye bread with seeds, 420 g", 1, Decimal("1.89")),
    ]
    assert receipt.products[0].categories[0].name == "Bread"


async def test_a_member_pays_less(call, link):
    """With a linked card there are members' prices and the campaigns of its code; a stranger's card changes nothing."""
    goods = (row(MEMBERS_BREAD), row(COFFEE))
    coffee = invented_catalogue().find(COFFEE).price.total
    mine = await link(JURI)
    member = await call(operations.CREATE_RECEIPT, cart(*goods, cards=(mine,)))
    assert [each.row_price for each in member.products] == [Decimal("1.79"), Decimal("6.99")]
    for cards in ((), (card(MARI, pays=True),)):
        stranger = await call(operations.CREATE_RECEIPT, cart(*goods, cards=cards, invoice_id=str(cards)))
        assert [each.row_price for each in stranger.products] == [Decimal("2.09"), coffee]
        assert stranger.loyalty_cards == ()


async def test_who_is_a_client_is_seen_by_the_rows(call):
    """Without a card the rows that were sent tell whether the gateway sells to a client; in doubt it is cheaper."""
    ordinary = invented_catalogue().find(BUTTER).price.total
    assert ordinary > Decimal("2.29")
    for sent in (ordinary, Decimal("2.29")):
        receipt = await call(
            operations.CREATE_RECEIPT, cart(row(BUTTER, price=str(sent)), invoice_id=str(sent))
        )
        assert receipt.total == sent


async def test_the_bonus_pays_what_it_can(call, link):
    """The bonus pays up to all of it; VAT and additions stay those of the goods; one percent of the rest is earned."""
    small, large = await link(MARI, pays=True), await link(LIIS, pays=True)
    goods = (row(OIL, 2), row(ORDINARY))  # 14.87 for members, VAT 2.88
    part = await call(operations.CREATE_RECEIPT, cart(*goods, cards=(small,)))
    whole = await call(operations.CREATE_RECEIPT, cart(*goods, cards=(large,), invoice_id="inv-2"))
    assert sums(part) == money("11.47", "2.88", "-3.00")
    assert sums(whole) == money("0", "2.88", "-3.00")
    assert part.loyalty_cards == (ReceiptLoyaltyCard(MARI.card, MARI.number, *money("3.40", "0.11")),)
    assert whole.loyalty_cards == (ReceiptLoyaltyCard(LIIS.card, LIIS.number, *money("14.87", "0")),)


async def test_a_bonus_that_is_not_to_pay(call, link):
    """A bonus that the shopper keeps is not used, and earns; a card without a bonus is just named."""
    cards = (await link(FRIEND, pays=True), await link(JURI))
    receipt = await call(operations.CREATE_RECEIPT, cart(row(ORDINARY, 10), cards=cards))
    assert receipt.total == Decimal("18.90")
    assert receipt.loyalty_cards == (
        ReceiptLoyaltyCard(FRIEND.card, FRIEND.number),
        ReceiptLoyaltyCard(JURI.card, JURI.number, *money("0", "0.19")),
    )


async def test_of_several_cards_the_first_counts(call, link):
    """Of two cards whose bonus is to pay, the first pays and the first earns, so that nothing is counted twice."""
    cards = (await link(MARI, pays=True), await link(JURI, pays=True))
    receipt = await call(operations.CREATE_RECEIPT, cart(row(ORDINARY, 10), cards=cards))
    assert receipt.total == Decimal("15.50")
    assert receipt.loyalty_cards == (
        ReceiptLoyaltyCard(MARI.card, MARI.number, *money("3.40", "0.16")),
        ReceiptLoyaltyCard(JURI.card, JURI.number, *money("0", "0")),
    )


async def test_the_same_cart_again(call):
    """The same cart gets the same receipt; a changed one another, under a new invoice id with a number of its own."""
    first = await call(operations.CREATE_RECEIPT, cart(row(ORDINARY)))
    assert await call(operations.CREATE_RECEIPT, cart(row(ORDINARY))) == first
    changed = await call(operations.CREATE_RECEIPT, cart(row(ORDINARY, 2)))
    assert (changed.institution_invoice_id, changed.total) == (first.institution_invoice_id, Decimal("3.78"))
    other = await call(operations.CREATE_RECEIPT, cart(row(ORDINARY, 2), invoice_id="inv-2"))
    assert other.institution_invoice_id != first.institution_invoice_id
    assert msgspec.structs.replace(
        other, invoice_id="inv-1", institution_invoice_id=""
    ) == msgspec.structs.replace(changed, institution_invoice_id="")


async def test_the_same_cart_many_times_at_once(call, office):
    """Of many that ask for the same receipt in the same instant, all get the same one; others have other numbers."""
    asked = [cart(row(ORDINARY), invoice_id=str(number % 4)) for number in range(24)]
    receipts = await asyncio.gather(*(call(operations.CREATE_RECEIPT, each) for each in asked))
    assert len({(each.invoice_id, each.institution_invoice_id) for each in receipts}) == 4
    assert len({each.institution_invoice_id for each in receipts}) == 4
    assert len(await office.read("receipts")) == 4


async def test_paid_once(call, link, office):
    """Confirmations at once and again book the bonus once; the receipt is marked as paid by the first."""
    mine = await link(MARI, pays=True)
    receipt = await call(operations.CREATE_RECEIPT, cart(row(OIL, 2), row(ORDINARY), cards=(mine,)))
    assert await bonus_on(call, MARI) == MARI.bonus
    await asyncio.gather(*(call(operations.CONFIRM_RECEIPT, paid(receipt)) for _ in range(10)))
    first = await office.read(f"receipts/{receipt.invoice_id}")
    await call(operations.CONFIRM_RECEIPT, paid(receipt))
    assert await bonus_on(call, MARI) == Decimal("0.11")  # 3.40 used, one percent of 11.47 earned
    assert first["paidAt"]
    assert first["confirmation"]["total"] == 11.47
    assert await office.read("receipts") == [first]


async def test_what_is_earned_depends_on_what_was_paid(call, link):
    """Where less could be sent than was ordered, and less was paid, the bonus is one percent of that."""
    receipt = await call(operations.CREATE_RECEIPT, cart(row(ORDINARY, 20), cards=(await link(JURI),)))
    await call(operations.CONFIRM_RECEIPT, paid(receipt, Decimal("18.90")))
    assert await bonus_on(call, JURI) == JURI.bonus + Decimal("0.19")


async def test_a_bonus_used_twice_is_owed(call, link):
    """Who pays two carts with the same bonus has none until the difference is earned back."""
    mine = await link(MARI, pays=True)
    receipts = [
        await call(operations.CREATE_RECEIPT, cart(row(OIL, 2), cards=(mine,), invoice_id=invoice_id))
        for invoice_id in ("a", "b")
    ]
    for receipt in receipts:
        await call(operations.CONFIRM_RECEIPT, paid(receipt))
    assert await bonus_on(call, MARI) == 0
    third = await call(operations.CREATE_RECEIPT, cart(row(OIL), cards=(mine,), invoice_id="c"))
    assert third.loyalty_cards[0].bonus_used == 0


async def test_a_paid_purchase_does_not_change(call):
    """Once paid, a purchase has its receipt; another cart under its invoice id is refused in the shopper's language."""
    receipt = await call(operations.CREATE_RECEIPT, cart(row(ORDINARY)))
    await call(operations.CONFIRM_RECEIPT, paid(receipt))
    assert await call(operations.CREATE_RECEIPT, cart(row(ORDINARY))) == receipt
    with pytest.raises(Refused, match="paid already"):
        await call(operations.CREATE_RECEIPT, cart(row(ORDINARY, 2), language="EN"))


@pytest.mark.parametrize("change", [{"invoice_id": "unknown"}, {"institution_invoice_id": "R-999999"}])
async def test_a_receipt_that_was_not_made(call, change):
    """The word that a receipt is paid which the store has not made is answered with 404."""
    receipt = await call(operations.CREATE_RECEIPT, cart(row(ORDINARY)))
    with pytest.raises(Refused) as refused:
        await call(operations.CONFIRM_RECEIPT, msgspec.structs.replace(paid(receipt), **change))
    assert refused.value.problem.status == 404


@pytest.mark.parametrize(
    ("goods", "words"),
    [
        (row("4006381333931"), "no longer sell this: Kaup"),
        (row(ORDINARY, -1), "as much as -1: Kaup"),
        (row(ORDINARY, 0), "as much as 0: Kaup"),
        (row(ORDINARY, 10**13), "or more"),
    ],
)
async def test_goods_that_are_not_sold(call, goods, words):
    """What the store does not sell, or not in such an amount, is refused with words."""
    with pytest.raises(Refused, match=words) as refused:
        await call(operations.CREATE_RECEIPT, cart(goods, language="EN"))
    assert refused.value.problem.type == "refused"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.builds(
            row,
            st.sampled_from([product.barcode for product in invented_catalogue().products]),
            st.integers(1, 60),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([None, COURIER]),
    st.sampled_from([MARI, JURI, LIIS, FRIEND]),
    st.booleans(),
)
def test_the_sums_of_a_receipt(store, rows, shipment, member, pays):
    """Rows and shipment less the bonus are the total; the sums without VAT and without additions lead to the same."""
    store.members.register_card(registration(member, member.email))
    request = cart(*rows, invoice_id=str(next(NUMBERS)), cards=(card(member, pays=pays),), shipment=shipment)
    receipt = store.receipts.create_receipt(request)
    used = sum(each.bonus_used or 0 for each in receipt.loyalty_cards)
    shipped = shipment.price if shipment else 0
    assert sum(each.row_price for each in receipt.products) + shipped - used == receipt.total >= 0
    assert receipt.total_without_vat + receipt.vat_sum == receipt.total + used
    assert receipt.total_without_addition + receipt.addition_sum == receipt.total + used
    assert 0 <= used <= (member.bonus if pays else 0)
    assert [(each.barcode, each.amount) for each in receipt.products] == [
        (each.barcode, each.amount) for each in rows
    ]
    for amount in (
        receipt.total,
        receipt.vat_sum,
        receipt.addition_sum,
        *(each.row_price for each in receipt.products),
    ):
        assert amount == amount.quantize(Decimal("0.01"))
