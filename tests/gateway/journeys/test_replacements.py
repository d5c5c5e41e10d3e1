"""Goods that are out are replaced by others, if the shopper wants that: for no more money, and nothing is hidden."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.journeys.delivering import CHOICES, Delivering, with_delivery
from gateway.journeys.till import RECEIPTS
from gateway.journeys.world import APPLES, BEER, BREAD, MILK, Reply, product, until
from smarts.gateway.parties import Switches
from smarts.wire.codec import encode
from smarts.wire.orders import OrderProduct
from smarts.wire.products import Campaign, InspectionAction, MaxAmount, MinAge
from smarts.wire.shipments import ShipmentStatus

RYE, ROLL, CIDER, WINE, FEW = (
    "4740000000106",
    "4740000000113",
    "4740000000120",
    "4740000000137",
    "4740000000144",
)
ADULTS, GROWN = (MinAge(age=18),), (MinAge(age=21),)
AT_MOST = MaxAmount(action=InspectionAction.RESTRICT, amount=Decimal(1))


@pytest.fixture
async def store(delivering: Delivering) -> Delivering:
    """A store with a few more goods."""
    delivering.merchant.add(
        product(RYE, "Seemneleib", "1.89", rate="9"),
        product(ROLL, "Kukkel", "0.45"),
        product(BEER, "Õlu", "1.80", inspections=ADULTS),
        product(CIDER, "Siider", "2.10", inspections=ADULTS),
        product(WINE, "Viin", "9.00", inspections=GROWN),
        product(FEW, "Erileib", "1.00", inspections=(AT_MOST,)),
    )
    return delivering


async def ordered(store: Delivering, *barcodes: str, welcome: bool = True) -> dict[str, Any]:
    """A confirmed order to be picked up, whose shopper welcomes replacements."""
    cart = await store.shopper.cart(store.world.institution_id, *barcodes)
    choice = CHOICES["PICKUP"] | {"replacementsWelcome": welcome}
    chosen = await store.shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/shipment", choice)
    assert chosen.body["replacementsWelcome"] is welcome
    cart = await store.shopper.check_out(chosen.body)
    if cart["state"] == "LOCKED":
        await store.worker.post(f"/work/v1/checks/{cart['invoiceId']}/result", {"status": "PASSED"})
    paid = await store.shopper.pay(cart)
    return await store.moved(await store.look(paid.body["orderId"]), "CONFIRMED")


def told(*rows: tuple[str, float] | tuple[str, float, str]) -> list[dict[str, Any]]:
    """Rows of what was picked: barcode, amount, and what it replaces."""
    names = ("barcode", "amount", "replaces")
    return [dict(zip(names, row, strict=False)) for row in rows]


def lines(order: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (row["barcode"], row["amount"], row["rowPrice"], row.get("replaces")) for row in order["products"]
    ]


async def test_a_dearer_replacement_costs_what_was_ordered(store: Delivering) -> None:
    """One bread of two is out: the seed bread for 1.89 costs 1.49, and order, money and invoice say the same."""
    order = await ordered(store, BREAD, BREAD, MILK)
    assert (order["replacementsWelcome"], order["orderTotalPrice"]) == (True, 8.12)
    picked = told((BREAD, 1), (MILK, 1), (RYE, 1, BREAD))
    packed = (await store.by_staff(order, "ASSEMBLE_READY", products=picked)).body
    assert lines(packed) == [(BREAD, 1, 1.49, None), (MILK, 1, 1.24, None), (RYE, 1, 1.49, BREAD)]
    row = packed["products"][2]
    assert (row["productName"], row["replacedName"]) == ("Seemneleib", "Rukkileib")
    sent = await store.moved(packed, "READY_TO_PICKUP")
    assert sent["orderTotalPrice"] == 8.12
    assert await store.agrees(sent)
    (invoice,) = await until(lambda: store.invoices(order))
    assert float(invoice.total.total_to_pay) == 8.12
    [rye] = [each for each in invoice.products if each.barcode == RYE]
    assert (rye.price.total, rye.price.vat.vat_rate, rye.price.vat.vat_sum) == (
        Decimal("1.49"),
        9,
        Decimal("0.12"),
    )
    assert rye.price.addition
    assert (rye.price.addition.sum, rye.campaigns) == (Decimal("0.40"), ())
    assert lines(await store.look(order["id"])) == lines(packed)
    updates = await until(lambda: [each for each in store.merchant.updates if each.id == order["id"]][-1:])
    assert updates[0].products[2].replaces == BREAD


async def test_a_cheaper_replacement_costs_less(store: Delivering) -> None:
    """Two rolls for one bread: 0.90 instead of 1.49 is taken, the rest of what was held is let go."""
    order = await ordered(store, BREAD)
    sent = await store.by_staff(order, "READY_TO_PICKUP", products=told((ROLL, 2, BREAD)))
    assert (sent.status, lines(sent.body)) == (200, [(ROLL, 2, 0.9, BREAD)])
    assert (await store.money(order))["charged"] == 4.8
    assert await store.agrees(sent.body)


async def test_the_campaign_of_what_is_out_counts_for_the_shopper(store: Delivering) -> None:
    """What was ordered at half price is replaced for half of it at most; the replacement's own campaign counts, too."""
    half = Campaign("Leivapäev", "B00000000002", "amount >= 1 ? unitPrice * 0.5 : unitPrice")
    store.merchant.add(
        product("1001", "Odav leib", "1.00", campaigns=(half,)),
        product("1002", "Odav sai", "0.80", campaigns=(half,)),
    )
    order = await ordered(store, "1001", "1001")
    picked = told((BREAD, 1, "1001"), ("1002", 1, "1001"))
    packed = await store.by_staff(order, "ASSEMBLE_READY", products=picked)
    assert lines(packed.body) == [(BREAD, 1, 0.5, "1001"), ("1002", 1, 0.4, "1001")]


async def test_goods_of_the_order_may_replace_others_of_it(store: Delivering) -> None:
    """One more milk in place of the bread is a row of its own."""
    order = await ordered(store, BREAD, MILK)
    packed = await store.by_staff(order, "ASSEMBLE_READY", products=told((MILK, 1), (MILK, 1, BREAD)))
    assert lines(packed.body) == [(MILK, 1, 1.24, None), (MILK, 1, 1.24, BREAD)]
    opened = (await store.worker.get(f"/work/v1/orders/{order['id']}")).body
    rows = {row["barcode"]: row for shelf in opened["pickList"] for row in shelf["rows"]}
    assert (rows[BREAD]["picked"], rows[MILK]["picked"]) == (0, 1)
    assert rows[BREAD]["replacedBy"] == [{"barcode": MILK, "productName": "Piim", "amount": 1}]


async def test_the_merchant_replaces_through_the_api(store: Delivering) -> None:
    """The starter's client tells replacements, and they stay until they are told anew."""
    order = await ordered(store, BREAD)
    row = OrderProduct("", RYE, "", Decimal(1), Decimal(0), replaces=BREAD)
    packed = await store.world.back.change_order_status(
        order["id"], ShipmentStatus.ASSEMBLE_READY, products=[row]
    )
    assert [(each.barcode, each.replaces) for each in packed.products] == [(RYE, BREAD)]
    assert lines(await store.moved(order, "READY_TO_PICKUP")) == [(RYE, 1, 1.49, BREAD)]


REFUSED: list[tuple[tuple[Any, ...], str]] = [
    ((RYE, 1, APPLES), "replaces"),
    ((RYE, 1, MILK), "replaces"),
    ((BREAD, 1, BREAD), "barcode"),
    ((RYE, 0, BREAD), "amount"),
    ((RYE, 0.5, BREAD), "amount"),
    ((RYE, 10_001, BREAD), "amount"),
    (("4749999999999", 1, BREAD), "barcode"),
    ((BEER, 1, BREAD), "barcode"),
    ((FEW, 1, BREAD), "barcode"),
]


async def test_what_cannot_be_a_replacement(store: Delivering) -> None:
    """422 that names the field, and the order is as it was: nobody gets beer for bread."""
    order = await ordered(store, BREAD, MILK)
    for row, field in REFUSED:
        reply = await store.by_staff(order, "ASSEMBLE_READY", products=told((MILK, 1), row))
        assert (reply.status, reply.body["errors"][0]["path"]) == (422, f"$.products[1].{field}"), row
    twice = await store.by_staff(order, "ASSEMBLE_READY", products=told((RYE, 1, BREAD), (RYE, 1, BREAD)))
    assert (twice.status, twice.body["errors"][0]["path"]) == (422, "$.products[1].barcode")
    many = told(*((RYE, 1, BREAD) for _ in range(101)))
    assert (await store.by_staff(order, "ASSEMBLE_READY", products=many)).status == 422
    assert await store.look(order["id"]) == order


async def test_goods_for_adults_replace_only_goods_for_adults(store: Delivering) -> None:
    """Cider for beer, both from 18 on; nothing that is kept from those who may have the beer."""
    order = await ordered(store, BEER)
    refused = await store.by_staff(order, "ASSEMBLE_READY", products=told((WINE, 1, BEER)))
    assert refused.status == 422
    packed = await store.by_staff(order, "ASSEMBLE_READY", products=told((CIDER, 1, BEER)))
    assert lines(packed.body) == [(CIDER, 1, 1.8, BEER)]


async def test_nothing_is_replaced_that_the_shopper_did_not_agree_to(store: Delivering) -> None:
    """Without the wish for it a replacement is refused, and the documents say nothing of one."""
    order = await ordered(store, BREAD, welcome=False)
    assert "replacementsWelcome" not in order
    reply = await store.by_staff(order, "ASSEMBLE_READY", products=told((RYE, 1, BREAD)))
    assert (reply.status, reply.body["errors"][0]["path"]) == (422, "$.products[0].replaces")


async def test_a_stores_own_receipt_is_not_changed(store: Delivering) -> None:
    """Where the store makes the receipt the wish is not offered, and refused by the name of its field."""
    store.merchant.make = with_delivery
    await store.world.change_store(switches=RECEIPTS)
    try:
        path = f"/shop/v1/stores/{store.world.institution_id}/delivery-methods"
        assert {each["replacesGoods"] for each in (await store.shopper.get(path)).body} == {False}
        cart = await store.shopper.cart(store.world.institution_id, BREAD)
        choice = CHOICES["PICKUP"] | {"replacementsWelcome": True}
        refused = await store.shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/shipment", choice)
        assert (refused.status, refused.body["errors"][0]["path"]) == (422, "$.replacementsWelcome")
        order = await store.moved(await store.order("PICKUP", None, BREAD), "CONFIRMED")
    finally:
        await store.world.change_store(switches=Switches())
    reply = await store.by_staff(order, "ASSEMBLE_READY", products=told((RYE, 1, BREAD)))
    assert reply.status == 422
    assert "own receipt" in reply.text


async def test_the_same_request_again_is_answered_as_before(store: Delivering) -> None:
    """A lost answer is asked for again: the price that was agreed stays, whatever the shelf says by now."""
    order = await ordered(store, BREAD)

    async def pack() -> Reply:
        body = {"status": "ASSEMBLE_READY", "products": told((ROLL, 1, BREAD))}
        path = f"/work/v1/orders/{order['id']}/status"
        return await store.worker.post(path, body, **{"Idempotency-Key": "once"})

    first = await pack()
    store.merchant.add(product(ROLL, "Kukkel", "0.99"))
    again = await pack()
    assert (again.status, again.body) == (first.status, first.body)
    assert lines(await store.moved(order, "READY_TO_PICKUP")) == [(ROLL, 1, 0.45, BREAD)]


async def test_orders_of_before_are_read(store: Delivering) -> None:
    """An order that was kept before there were replacements goes on as it would have."""
    order = await ordered(store, BREAD, MILK)
    async with store.world.gateway.database.connection() as connection:
        await connection.execute(
            "UPDATE orders SET details = (details::jsonb - 'replacements' - 'replacementsWelcome')::json"
            " WHERE id = $1",
            order["id"],
        )
    packed = await store.by_staff(order, "READY_TO_PICKUP", products=told((BREAD, 1)))
    assert lines(packed.body) == [(BREAD, 1, 1.49, None)]
    refused = await store.by_staff(order, "COMPLETED", products=told((RYE, 1, MILK)))
    assert refused.status == 422
    assert b"replaces" not in encode(packed.body)
