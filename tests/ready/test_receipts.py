"""Receipts: what a cart costs, under which number, and that it is paid."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import select

from ready.parts import (
    APPLES,
    BEER,
    BREAD,
    CHOCOLATE,
    UNPRICED,
    calling,
    cart,
    client_card,
    paid,
    ready_store,
    row,
)
from smarts.ready.tables import RECEIPTS
from smarts.wire.receipts import Receipt
from smarts.wire.shipments import Shipment, ShipmentMethod

CAMPAIGNS = """
[[campaigns]]
name = "Second free"
code = "B00000000001"
operation = "amount - Math.floor(amount / 2)"
barcodes = ["4740000000032"]
[[campaigns]]
name = "Bread for clients"
code = "C00000000002"
operation = "amount > 0 ? unitPrice * 0.9 : unitPrice"
categories = ["LEIB IN ENGLISH"]
[receipts]
[[receipts.campaigns]]
name = "Half"
code = "B00000000501"
operation = "total >= 50 ? total * 0.5 : total"
"""


def cents(amount):
    return amount == amount.quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    ("rows", "shipment", "total"),
    [
        ([row(BREAD, 2, "2.98")], None, "2.98"),
        ([row(APPLES, "0.537"), row(BEER, 3)], None, "8.21"),  # 1.605… is 1.61, and three times 2.20
        ([row(CHOCOLATE, 5)], None, "9.00"),  # two of five are free
        ([row(BREAD, 1, "1.49")], "3.49", "4.98"),
        ([row(CHOCOLATE, 40)], None, "60.00"),  # twenty are paid, and 48.39 without VAT is not yet 50
        ([row(CHOCOLATE, 42)], None, "31.50"),  # twenty-one are 63.00: 50.81 without VAT, of which half
    ],
)
async def test_what_a_cart_costs(tmp_path, rows, shipment, total):
    """Prices are the catalogue's less the campaigns', whatever the cart's rows say, and all sums add up in cents."""
    brought = shipment and Shipment(method=ShipmentMethod.COURIER, price=Decimal(shipment))
    async with calling(ready_store(tmp_path, CAMPAIGNS)) as node:
        receipt = await node.post("/receipt", cart(*rows, shipment=brought or None), Receipt)
    assert receipt.total == Decimal(total)
    assert [(each.barcode, each.amount) for each in receipt.products] == [(r.barcode, r.amount) for r in rows]
    assert sum(each.row_price for each in receipt.products) + Decimal(shipment or 0) == receipt.total
    assert receipt.total_without_vat + receipt.vat_sum == receipt.total
    assert receipt.total_without_addition + receipt.addition_sum == receipt.total
    assert all(map(cents, [receipt.total, receipt.vat_sum, *(each.row_price for each in receipt.products)]))


async def test_a_client_is_told_by_the_prices_on_the_phone(tmp_path):
    """A campaign for clients counts where the cart's own prices have it, since only the gateway knows who is one."""
    async with calling(ready_store(tmp_path, CAMPAIGNS)) as node:
        client = await node.post("/receipt", cart(row(BREAD, 10, "13.41"), invoice_id="a"), Receipt)
        stranger = await node.post("/receipt", cart(row(BREAD, 10, "14.90"), invoice_id="b"), Receipt)
    assert (client.total, stranger.total) == (Decimal("13.41"), Decimal("14.90"))


async def test_the_same_cart_gets_the_same_receipt(tmp_path, database_section):
    """Asked at once or later the receipt of a cart is one; a cart that changed is priced anew under its number."""
    store = ready_store(tmp_path, database_section + "[receipts]")
    async with calling(store) as node:
        same = await asyncio.gather(*(node.post("/receipt", cart(row(BREAD)), Receipt) for _ in range(10)))
        assert len(set(map(repr, same))) == 1
        changed = await node.post("/receipt", cart(row(BREAD, 2)), Receipt)
        assert changed.institution_invoice_id == same[0].institution_invoice_id
        assert changed.total == 2 * same[0].total


async def test_numbers_have_no_gap(tmp_path, database_section):
    """Each store counts from one; refused carts and carts that come together leave out no number and double none."""
    store = ready_store(tmp_path, database_section + '[receipts]\nprefix = "A/"')

    async def ask(node, place):
        sold = cart(
            row(BREAD if place % 3 else "unknown"), invoice_id=f"inv-{place}", store=f"store-{place % 2}"
        )
        return await node.post("/receipt", sold, status=200 if place % 3 else 422)

    async with calling(store) as node:
        await asyncio.gather(*(ask(node, place) for place in range(30)))
        rows = store.database.read(lambda tx: list(tx.execute(select(RECEIPTS)).mappings()))
    for name in ("store-0", "store-1"):
        assert sorted(each["number"] for each in rows if each["store"] == name) == list(range(1, 11))
    assert "A/000010" in "".join(each["document"] for each in rows)


@pytest.mark.parametrize(("language", "word"), [("EN", "no longer"), ("ET", "ei müü"), ("RU", "не продаём")])
async def test_a_product_that_is_not_sold(tmp_path, language, word):
    """The shopper is told in their language which product the store does not sell."""
    async with calling(ready_store(tmp_path, "[receipts]")) as node:
        asked = cart(row(BREAD), row("unknown", name="Kama"), language=language)
        problem = await node.post("/receipt", asked, status=422)
    assert problem["type"] == "refused"
    assert word in problem["detail"]
    assert "Kama" in problem["detail"]


async def test_what_has_lost_its_price_is_not_given_away(tmp_path):
    """Goods that are shown without a price are not for sale, though their price reads as nothing."""
    async with calling(ready_store(tmp_path, "[receipts]")) as node:
        problem = await node.post("/receipt", cart(row(BREAD), row(UNPRICED, name="Kama")), status=422)
    assert "Kama" in problem["detail"]


async def test_a_receipt_is_paid_once(tmp_path, database_section):
    """The same confirmation may come again; another sum, another cart or an unknown receipt is refused."""
    store = ready_store(tmp_path, database_section + "[receipts]")
    async with calling(store) as node:
        receipt = await node.post("/receipt", cart(row(BREAD)), Receipt)
        unknown = paid(receipt).__class__(**{**_fields(paid(receipt)), "institution_invoice_id": "R-9"})
        await node.post("/receipt/confirm", unknown, status=404)
        await node.post("/receipt/confirm", paid(receipt))
        await node.post("/receipt/confirm", paid(receipt))
        await node.post("/receipt/confirm", paid(receipt, Decimal("0.50")), status=409)
        problem = await node.post("/receipt", cart(row(BREAD, 2)), status=422)
        assert "paid" in problem["detail"]
        assert await node.post("/receipt", cart(row(BREAD)), Receipt) == receipt
        (kept,) = store.database.read(lambda tx: list(tx.execute(select(RECEIPTS)).mappings()))
    assert (kept["paid_cents"], kept["day"]) == (149, "2026-11-30")


def _fields(struct):
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


async def test_a_cards_campaign_counts_for_its_holder_only(tmp_path):
    """A campaign for a card with a code lowers the receipt of who has linked it, and of nobody who only shows it."""
    (tmp_path / "cards.csv").write_text("number,code\n100,77\n")
    text = """
    [[campaigns]]
    name = "Friends"
    code = "C00000077002"
    operation = "unitPrice * 0.5"
    [receipts]
    [loyalty]
    file = "cards.csv"
    """
    store = ready_store(tmp_path, text)
    async with calling(store) as node:
        asked = {"loyaltyCard": {"id": "k", "type": "DEFAULT", "name": {"originalText": "x"}}}
        await node.post("/card/loyalty", asked | {"value": "100", "personId": "friend"})
        totals = {}
        for person in ("friend", "stranger"):
            bought = cart(
                row(BEER, 1, "1.10"), invoice_id=person, cards=(client_card("100"),), person_id=person
            )
            totals[person] = (await node.post("/receipt", bought, Receipt)).total
    assert totals == {"friend": Decimal("1.10"), "stranger": Decimal("2.20")}
