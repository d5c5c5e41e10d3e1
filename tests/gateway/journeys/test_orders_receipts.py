"""Orders of a store that makes its own receipts, of which not everything could be picked."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.journeys.club import BONUS_CARD, Club
from gateway.journeys.delivering import (
    CHOICES,
    Delivering,
    DeliveringMerchant,
    delivering_world,
    with_delivery,
)
from gateway.journeys.till import RECEIPTS
from gateway.journeys.world import BREAD, MILK, until
from smarts.gateway.parties import Switches
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptLoyaltyCard


class ClubThatDelivers(DeliveringMerchant, Club):
    """A node with cards whose bonus pays, that makes receipts and takes orders."""


def split(request: CreateReceiptRequest) -> Receipt:
    """A receipt with a row for each piece, as some tills print it."""
    receipt = with_delivery(request)
    rows = tuple(
        replace(row, amount=Decimal(1), row_price=row.row_price / row.amount)
        for row in receipt.products
        for _ in range(int(row.amount))
    )
    return replace(receipt, products=rows)


def paid_with(bonus: str) -> Callable[[CreateReceiptRequest], Receipt]:
    """Makes receipts of which a bonus pays so much, where the shopper wants it to."""

    def make(request: CreateReceiptRequest) -> Receipt:
        receipt = with_delivery(request)
        cards = tuple(
            ReceiptLoyaltyCard(card.id, card.card_number, Decimal(bonus))
            for card in request.loyalty_cards
            if card.use_bonus_on_payment
        )
        return replace(receipt, total=receipt.total - Decimal(bonus) * len(cards), loyalty_cards=cards)

    return make


async def ordered_with_bonus(made: Delivering) -> dict[str, Any]:
    """A confirmed order of bread and milk, 6.63 euros with the courier, for which the shopper's card pays a part."""
    shopper, store_id = made.shopper, made.world.institution_id
    kind = (await made.manager.post("/manage/v1/loyalty-kinds", BONUS_CARD)).body["id"]
    link = {"cardId": kind, "institutionId": store_id, "value": "77"}
    assert (await shopper.post("/shop/v1/loyalty-cards", link)).status == 201
    cart = await shopper.cart(store_id, BREAD, MILK)
    path = f"/shop/v1/carts/{cart['id']}"
    assert (await shopper.call("PUT", f"{path}/shipment", CHOICES["COURIER"])).status == 200
    cards = {"cards": [{"id": kind, "useBonusOnPayment": True}]}
    assert (await shopper.call("PUT", f"{path}/loyalty-cards", cards)).status == 200
    paid = await shopper.pay(await shopper.check_out(cart))
    assert paid.status == 200, paid.text
    return await made.moved(await made.look(paid.body["orderId"]), "CONFIRMED")


@pytest.mark.parametrize(
    ("bonus", "money", "bonus_used"),
    [("2.00", "3.39", "2.00"), ("5.39", "0", "5.39"), ("6.00", "0", "5.39"), ("6.63", "0", "5.39")],
)
async def test_what_is_missing_lowers_the_money_and_then_the_bonus(
    database_url: str, bonus: str, money: str, bonus_used: str
) -> None:
    """The milk for 1.24 is missing: purchase, order and the node's confirmation add up to the 5.39 that went out."""
    merchant = ClubThatDelivers()
    merchant.make = paid_with(bonus)
    async with delivering_world(database_url, merchant=merchant) as made, made.world.gateway.working():
        await made.world.change_store(switches=RECEIPTS)
        order = await ordered_with_bonus(made)
        sent = await made.by_staff(order, "SHIPPING", products=[{"barcode": BREAD, "amount": 1}])
        assert sent.status == 200, sent.text
        assert (await made.money(order))["charged"] == float(money)
        receipt = (await made.shopper.get(f"/shop/v1/purchases/{order['invoiceId']}")).body["receipt"]
        [card] = receipt["loyaltyCards"]
        assert (receipt["total"], card["bonusUsed"]) == (float(money), float(bonus_used))
        [told] = await until(lambda: merchant.confirmations)
        brought = await until(
            lambda: [each for each in merchant.updates if each.shipment.status == "SHIPPING"]
        )
        assert [row.barcode for row in brought[0].products] == [BREAD]
        worth = sum(row.row_price for row in brought[0].products) + brought[0].shipment.price
        assert (told.total, worth - told.total) == (Decimal(money), Decimal(bonus_used))


async def test_what_was_picked_is_shown_once_where_the_store_splits_rows(delivering: Delivering) -> None:
    """Of three pieces in three rows two were there: the pick list has them in two rows, as the bill has."""
    merchant, world = delivering.merchant, delivering.world
    merchant.make = split
    await world.change_store(switches=RECEIPTS)
    try:
        order = await delivering.order("COURIER", None, BREAD, BREAD, BREAD)
    finally:
        await world.change_store(switches=Switches())
    await delivering.moved(order, "CONFIRMED")
    packed = await delivering.by_staff(order, "ASSEMBLE_READY", products=[{"barcode": BREAD, "amount": 2}])
    assert [row["amount"] for row in packed.body["products"]] == [1, 1]
    opened = (await delivering.worker.get(f"/work/v1/orders/{order['id']}")).body
    rows = [row for shelf in opened["pickList"] for row in shelf["rows"]]
    assert [(row["ordered"], row["picked"]) for row in rows] == [(1, 1), (1, 1), (1, 0)]
