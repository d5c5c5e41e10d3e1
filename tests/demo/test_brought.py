"""The bonus of orders of which not everything was brought, or nothing in the end."""

import asyncio
from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from msgspec.structs import replace

from demo.parts import JURI, LIIS, MARI, ORDINARY, PERSON, card, cart, paid, row
from smarts.wire import operations
from smarts.wire.loyalty import LoyaltyCardBonusRequest
from smarts.wire.money import Currency
from smarts.wire.orders import Order, OrderStatusChangeLog
from smarts.wire.shipments import Shipment, ShipmentMethod, ShipmentStatus

PRICE, COURIER_PRICE = Decimal("1.89"), Decimal("2.99")
COURIER = Shipment(method=ShipmentMethod.COURIER, price=COURIER_PRICE, currency=Currency.EUR)
LIFE = (ShipmentStatus.WAITING_FOR_CONFIRMATION, ShipmentStatus.SHIPPING, ShipmentStatus.MISSED)


@pytest.fixture
def bonus_on(call):
    """The bonus on a member's card."""

    async def bonus_on(member):
        request = LoyaltyCardBonusRequest("demo-store", PERSON, card(member))
        return (await call(operations.CARD_BONUS, request)).bonus

    return bonus_on


@pytest.fixture
def receipt_of(call, link):
    """The receipt of eight loaves that a courier shall bring, 18.11 euros, paid with a member's bonus first."""

    async def receipt_of(member):
        mine = await link(member, pays=True)
        return await call(operations.CREATE_RECEIPT, cart(row(ORDINARY, 8), cards=(mine,), shipment=COURIER))

    return receipt_of


def order_of(receipt, status, brought):
    """The order as the gateway tells of it at a status, when so many loaves go out."""
    loaves = replace(receipt.products[0], amount=Decimal(brought), row_price=PRICE * brought)
    changes = LIFE[: LIFE.index(status) + 1]
    return Order(
        id="order-1",
        customer_id=PERSON,
        institution_id=receipt.institution_id,
        institution_invoice_id=receipt.institution_invoice_id,
        invoice_id=receipt.invoice_id,
        shipment=replace(COURIER, status=status),
        products=(loaves,),
        currency=Currency.EUR,
        order_total_price=receipt.total,
        created=date(2026, 11, 23),
        closed=None,
        status_changelogs=tuple(OrderStatusChangeLog(new_status=each) for each in changes),
    )


@pytest.mark.parametrize(
    ("member", "brought", "money", "used", "earned"),
    [
        (MARI, 8, "14.71", "3.40", "0.15"),
        (MARI, 3, "5.26", "3.40", "0.05"),
        (JURI, 6, "1.83", "12.50", "0.02"),
        (JURI, 5, "0", "12.44", "0"),
        (JURI, 1, "0", "4.88", "0"),
        (LIIS, 8, "0", "18.11", "0"),
        (LIIS, 7, "0", "16.22", "0"),
    ],
)
@pytest.mark.parametrize("confirmed_at", range(3))
async def test_no_bonus_is_used_for_what_was_not_brought(
    call, receipt_of, bonus_on, member, brought, money, used, earned, confirmed_at
):
    """The money goes first, then the bonus; whenever the confirmation comes, and if all of it comes again."""
    receipt = await receipt_of(member)
    said = [
        (operations.RECEIVE_ORDER, order_of(receipt, ShipmentStatus.WAITING_FOR_CONFIRMATION, 8)),
        (operations.RECEIVE_ORDER_UPDATE, order_of(receipt, ShipmentStatus.SHIPPING, brought)),
    ]
    said.insert(confirmed_at, (operations.CONFIRM_RECEIPT, paid(receipt, Decimal(money))))
    for _ in range(2):
        for operation, document in said:
            await call(operation, document)
        assert await bonus_on(member) == member.bonus - Decimal(used) + Decimal(earned)


@pytest.mark.parametrize("places", list(permutations(range(3))))
async def test_an_order_that_is_not_brought_gives_the_bonus_back(call, receipt_of, bonus_on, places):
    """Nothing is used and nothing earned where the order ends as missed, in whichever order that is heard."""
    receipt = await receipt_of(JURI)
    said = [
        (operations.RECEIVE_ORDER_UPDATE, order_of(receipt, ShipmentStatus.SHIPPING, 8)),
        (operations.CONFIRM_RECEIPT, paid(receipt)),
        (operations.RECEIVE_ORDER_UPDATE, order_of(receipt, ShipmentStatus.MISSED, 8)),
    ]
    for place in places:
        await call(*said[place])
    assert await bonus_on(JURI) == JURI.bonus


async def test_all_documents_in_the_same_instant(call, receipt_of, bonus_on):
    """However they overtake each other, what is booked in the end is what was brought."""
    receipt = await receipt_of(LIIS)
    said = [
        (operations.RECEIVE_ORDER, order_of(receipt, ShipmentStatus.WAITING_FOR_CONFIRMATION, 8)),
        (operations.RECEIVE_ORDER_UPDATE, order_of(receipt, ShipmentStatus.SHIPPING, 2)),
        (operations.CONFIRM_RECEIPT, paid(receipt, Decimal(0))),
    ]
    await asyncio.gather(*(call(operation, document) for operation, document in said * 5))
    assert await bonus_on(LIIS) == LIIS.bonus - 2 * PRICE - COURIER_PRICE
