"""Home delivery from the choice of a way to the goods at the door, by every way there is."""

import asyncio
from typing import Any

import aiohttp
import msgspec
import pytest

from gateway.journeys.delivering import CHOICES, SENT_OUT, TERMS, Delivering, with_delivery
from gateway.journeys.till import RECEIPTS
from gateway.journeys.world import BREAD, MILK, until
from smarts.gateway.parties import Role, Switches
from smarts.gateway.payments.sandbox import DECLINED_CARD
from smarts.wire.control import Decision

KEY = {"Idempotency-Key": "once"}


@pytest.mark.parametrize("method", list(CHOICES))
async def test_an_order_lives_to_its_end(delivering: Delivering, method: str) -> None:
    """Held, confirmed, packed, taken when it goes out, completed: shopper, store and node see the same all along."""
    order = await delivering.order(method)
    assert order["shipment"]["status"] == "WAITING_FOR_CONFIRMATION"
    assert await delivering.agrees(order)
    life = ["CONFIRMED", "ASSEMBLE_READY", SENT_OUT[method]]
    life += ["READY_TO_PICKUP"] if method == "PARCEL" else []
    for status in [*life, "COMPLETED"]:
        order = await delivering.moved(order, status)
        assert order["shipment"]["status"] == status
        assert await delivering.agrees(order)
    assert order == await delivering.look(order["id"])
    assert order["closed"] is not None
    told = ["WAITING_FOR_CONFIRMATION", *life, "COMPLETED"]
    assert [each["newStatus"] for each in order["statusChangelogs"]] == told
    await until(lambda: delivering.merchant.told(order["id"]) == told)
    (invoice,) = await until(lambda: delivering.invoices(order))
    assert float(invoice.total.total_to_pay) == order["orderTotalPrice"] == 6.63
    assert (invoice.id, invoice.shipment.status) == (order["invoiceId"], SENT_OUT[method])


async def test_what_the_shopper_chose_is_in_cart_and_order(delivering: Delivering) -> None:
    """The price of the delivery is in the total, and the courier is told where to and whom to call."""
    cart = await delivering.ready("COURIER")
    assert (cart["total"]["totalToPay"], cart["shipment"]["price"]) == (6.63, 3.9)
    paid = (await delivering.shopper.pay(cart)).body
    assert (paid["state"], paid["payment"]["status"]) == ("PAID", "AUTHORISED")
    order = await delivering.look(paid["orderId"])
    shipment = order["shipment"]
    assert (shipment["name"], shipment["contactPhone"]) == ("Mari", "+372 5555 5555")
    assert shipment["address"] == CHOICES["COURIER"]["address"]
    assert (order["invoiceId"], order["closed"]) == (cart["invoiceId"], None)
    assert [(row["barcode"], row["rowPrice"]) for row in order["products"]] == [(BREAD, 1.49), (MILK, 1.24)]
    machine = (await delivering.order("PARCEL"))["shipment"]
    assert (machine["parcelId"], machine["name"]) == ("locker-1", "Keskuse pakiautomaat")


BAD_CHOICES: list[tuple[dict[str, Any], str]] = [
    ({"method": "DRONE"}, "$.method"),
    ({"method": "COURIER", "contactPhone": "+3725555"}, "$.address"),
    ({"method": "COURIER", "address": {"level1": "Eesti"}}, "$.contactPhone"),
    ({"method": "COURIER", "contactPhone": "5555", "address": {"level1": "x" * 3000}}, "$.address"),
    ({"method": "COURIER", "contactPhone": "call me", "address": {"level1": "Eesti"}}, "$.contactPhone"),
    ({"method": "PARCEL", "contactPhone": "5555"}, "$.parcelId"),
    ({"method": "PARCEL", "contactPhone": "5555", "parcelId": "locker-2"}, "$.parcelId"),
    ({"method": "PARCEL", "parcelId": "locker-1"}, "$.contactPhone"),
    ({"method": "PICKUP"}, "$.contactPhone"),
    ({"method": "PICKUP", "contactEmail": "nobody"}, "$.contactEmail"),
]


async def test_a_choice_that_leads_nowhere_names_its_field(delivering: Delivering) -> None:
    """422, and the cart is as it was."""
    cart = await delivering.shopper.cart(delivering.world.institution_id, BREAD)
    for choice, path in BAD_CHOICES:
        reply = await delivering.shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/shipment", choice)
        assert (reply.status, reply.body["errors"][0]["path"]) == (422, path)
    assert await delivering.shopper.look(cart) == cart


async def test_the_delivery_is_free_from_so_much_on(delivering: Delivering) -> None:
    """Whatever is scanned or taken out, before and after the choice, the price follows the goods."""
    await delivering.set("COURIER", freeFrom=2.5)
    shopper = delivering.shopper
    cart = await shopper.cart(delivering.world.institution_id, BREAD)
    shipment = f"/shop/v1/carts/{cart['id']}/shipment"
    cart = (await shopper.call("PUT", shipment, CHOICES["COURIER"])).body
    assert cart["total"]["totalToPay"] == 5.39
    cart = await shopper.scan(cart, MILK)
    assert (cart["total"]["totalToPay"], cart["shipment"]["price"]) == (2.73, 0)
    line = f"/shop/v1/carts/{cart['id']}/lines/{cart['lines'][0]['lineId']}"
    cart = (await shopper.call("DELETE", line)).body
    assert (cart["total"]["totalToPay"], cart["shipment"]["price"]) == (5.14, 3.9)


async def test_a_shopper_may_take_the_goods_along_after_all(delivering: Delivering) -> None:
    """Without a shipment the cart is paid at once, costs what its goods cost, and makes no order."""
    cart = await delivering.ready()
    cart = (await delivering.shopper.call("DELETE", f"/shop/v1/carts/{cart['id']}/shipment")).body
    assert (cart["state"], cart["shipment"]) == ("OPEN", None)
    paid = (await delivering.shopper.pay(await delivering.shopper.check_out(cart))).body
    assert (paid["payment"]["status"], paid["payment"]["amount"], paid["orderId"]) == ("CAPTURED", 2.73, None)
    assert (await delivering.shopper.get("/shop/v1/orders")).body == []


async def test_what_the_store_offers_says_when(delivering: Delivering) -> None:
    """With all terms and the moments for an order made now; what is switched off is the manager's alone to see."""
    await delivering.set("PICKUP", active=False)
    path = f"/shop/v1/stores/{delivering.world.institution_id}/delivery-methods"
    offers = {each["method"]: each for each in (await delivering.shopper.get(path)).body}
    assert set(offers) == {"PARCEL", "COURIER"}
    assert offers["PARCEL"]["parcelMachines"][0]["parcelId"] == "locker-1"
    courier = offers["COURIER"]
    assert (courier["price"], courier["currency"], courier["hoursFrom"]) == (3.9, "EUR", "00:00:00")
    assert courier["reactByUTCTime"] < courier["expectedDeliveryUTCTime"]
    managed = f"/manage/v1/stores/{delivering.world.institution_id}/delivery"
    assert len((await delivering.manager.get(managed)).body) == 3
    cart = await delivering.shopper.cart(delivering.world.institution_id, BREAD)
    gone = await delivering.shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/shipment", CHOICES["PICKUP"])
    assert (gone.status, gone.body["errors"][0]["path"]) == (422, "$.method")


async def test_a_way_that_the_store_has_given_up_meanwhile_is_not_paid_for(delivering: Delivering) -> None:
    """409 before any money is held; with another way the cart is paid for."""
    cart = await delivering.ready("COURIER")
    await delivering.set("COURIER", active=False)
    refused = await delivering.shopper.pay(cart)
    assert (refused.status, refused.body["type"]) == (409, "delivery-not-offered")
    shipment = f"/shop/v1/carts/{cart['id']}/shipment"
    cart = (await delivering.shopper.call("PUT", shipment, CHOICES["PICKUP"])).body
    assert (await delivering.shopper.pay(await delivering.shopper.check_out(cart))).status == 200


async def test_a_declined_card_and_another_one(delivering: Delivering) -> None:
    """The order is the same one: PAYMENT_FAILED, and again a draft that the next card pays for; then the node hears."""
    cart = await delivering.ready()
    assert (await delivering.shopper.pay(cart, DECLINED_CARD)).status == 402
    order_id = (await delivering.shopper.look(cart))["orderId"]
    assert (await delivering.look(order_id))["shipment"]["status"] == "PAYMENT_FAILED"
    assert (await delivering.shopper.pay(cart)).body["orderId"] == order_id
    order = await delivering.look(order_id)
    assert [each["newStatus"] for each in order["statusChangelogs"]] == [
        "PAYMENT_FAILED",
        "DRAFT",
        "WAITING_FOR_CONFIRMATION",
    ]
    await until(lambda: delivering.merchant.told(order_id) == ["WAITING_FOR_CONFIRMATION"])


async def test_an_order_that_was_never_paid_for_ends_with_the_wish_for_it(delivering: Delivering) -> None:
    """The cart given up, or its goods taken along: the order is cancelled, and the store never hears of it."""
    for path in ("", "/shipment"):
        cart = await delivering.ready()
        await delivering.shopper.pay(cart, DECLINED_CARD)
        order_id = (await delivering.shopper.look(cart))["orderId"]
        assert (await delivering.shopper.call("DELETE", f"/shop/v1/carts/{cart['id']}{path}")).status == 200
        order = await delivering.look(order_id)
        assert (order["shipment"]["status"], order["closed"] is None) == ("CANCELLED_BY_CLIENT", False)
        assert await delivering.agrees(order)
        assert delivering.merchant.told(order_id) == []


async def test_a_cancelled_order_does_not_keep_the_cart_from_another_one(delivering: Delivering) -> None:
    """The store or the shopper cancelled what was never paid for: the delivery is chosen anew, and a new order made."""
    for cancel in (delivering.cancel, lambda order: delivering.by_api(order, "CANCELLED_BY_INSTITUTION")):
        cart = await delivering.ready()
        await delivering.shopper.pay(cart, DECLINED_CARD)
        old = await delivering.look(await delivering.order_of(cart) or "")
        assert (await cancel(old)).status == 200
        refused = await delivering.shopper.pay(cart)
        assert (refused.status, refused.body["type"]) == (409, "order-cancelled")
        shipment = f"/shop/v1/carts/{cart['id']}/shipment"
        cart = (await delivering.shopper.call("PUT", shipment, CHOICES["PICKUP"])).body
        paid = await delivering.shopper.pay(await delivering.shopper.check_out(cart))
        assert paid.body["orderId"] != old["id"]
        assert await delivering.agrees(await delivering.look(paid.body["orderId"]))


async def test_money_that_is_held_is_let_go_by_either_side(delivering: Delivering) -> None:
    """The shopper cancels, or the store does: released, nothing charged, no invoice, and the node hears of it."""
    for before in ([], ["CONFIRMED"], ["CONFIRMED", "ASSEMBLE_READY"]):
        by_shopper, by_store = [await delivering.moved(await delivering.order(), *before) for _ in range(2)]
        assert (await delivering.cancel(by_shopper)).body["shipment"]["status"] == "CANCELLED_BY_CLIENT"
        await delivering.moved(by_store, "CANCELLED_BY_INSTITUTION")
        for order, end in ((by_shopper, "CANCELLED_BY_CLIENT"), (by_store, "CANCELLED_BY_INSTITUTION")):
            ended = await delivering.becomes(order, end)
            assert (await delivering.money(ended))["status"] == "RELEASED"
            log = [each["newStatus"] for each in ended["statusChangelogs"]]
            await until(lambda log=log, order=order: delivering.merchant.told(order["id"]) == log)
            assert delivering.invoices(order) == []


async def test_money_that_was_taken_is_given_back_in_full(delivering: Delivering) -> None:
    """The courier never found the door, or nobody came: refunded, whatever the manager had given back before."""
    for end in ("CANCELLED_BY_INSTITUTION", "MISSED"):
        order = await delivering.moved(await delivering.order(), "CONFIRMED", "SHIPPING")
        path = f"/manage/v1/stores/{delivering.world.institution_id}/payments/{order['invoiceId']}/refunds"
        assert (await delivering.manager.post(path, {"amount": 1})).status == 201
        assert (await delivering.cancel(order)).status == 409
        ended = await delivering.becomes(await delivering.moved(order, end), end)
        money = await delivering.money(ended)
        assert (money["status"], money["refunded"], money["charged"]) == ("REFUNDED", 6.63, 0)


async def test_only_what_could_be_picked_is_paid_for(delivering: Delivering) -> None:
    """One bread of two and no milk: told while packing, taken and invoiced when it goes out."""
    order = await delivering.order("PICKUP", None, BREAD, BREAD, MILK)
    assert order["orderTotalPrice"] == 8.12
    await delivering.moved(order, "CONFIRMED")
    picked = [{"barcode": BREAD, "amount": 1}]
    packed = (await delivering.by_staff(order, "ASSEMBLE_READY", products=picked)).body
    assert [(row["barcode"], row["amount"], row["rowPrice"]) for row in packed["products"]] == [
        (BREAD, 1, 1.49)
    ]
    assert (packed["orderTotalPrice"], (await delivering.money(packed))["amount"]) == (5.39, 8.12)
    sent = await delivering.moved(packed, "READY_TO_PICKUP")
    money = await delivering.money(sent)
    assert (money["captured"], money["charged"]) == (5.39, 5.39)
    (invoice,) = await until(lambda: delivering.invoices(order))
    assert float(invoice.total.total_to_pay) == 5.39
    assert [(each.barcode, each.quantity.value) for each in invoice.products] == [(BREAD, 1)]
    await delivering.becomes(await delivering.moved(sent, "MISSED"), "MISSED")
    assert (await delivering.money(sent))["refunded"] == 5.39


async def test_the_merchant_tells_what_was_picked_through_the_api(delivering: Delivering) -> None:
    """With the rows of the order as they go out; what is told with the last change counts."""
    order = await delivering.moved(await delivering.order(), "CONFIRMED")
    row = order["products"][0]
    assert (await delivering.by_api(order, "ASSEMBLE_READY", products=[row])).body["orderTotalPrice"] == 5.39
    sent = await delivering.by_api(order, "SHIPPING", products=order["products"])
    assert sent.body["orderTotalPrice"] == 6.63
    assert await delivering.agrees(sent.body)


BAD_PICKS: list[tuple[str, list[Any], str]] = [
    ("SHIPPING", [], "$.products"),
    ("SHIPPING", [{"barcode": BREAD, "amount": 0}], "$.products"),
    ("SHIPPING", [{"barcode": BREAD, "amount": 2}], "$.products[0].amount"),
    ("SHIPPING", [{"barcode": BREAD, "amount": -1}], "$.products[0].amount"),
    ("SHIPPING", [{"barcode": BREAD, "amount": 0.5}], "$.products[0].amount"),
    ("SHIPPING", [{"barcode": "0", "amount": 1}], "$.products[0].barcode"),
    ("SHIPPING", [{"barcode": BREAD, "amount": 1}] * 2, "$.products[1].barcode"),
    ("CANCELLED_BY_INSTITUTION", [{"barcode": BREAD, "amount": 1}], "$.products"),
]


async def test_what_cannot_have_been_picked_is_refused(delivering: Delivering) -> None:
    """422 that names the row, and nothing has changed."""
    order = await delivering.moved(await delivering.order(), "CONFIRMED")
    for status, products, path in BAD_PICKS:
        reply = await delivering.by_staff(order, status, products=products)
        assert (reply.status, reply.body["errors"][0]["path"]) == (422, path)
    assert await delivering.look(order["id"]) == order
    assert await delivering.agrees(order)


async def test_names_in_the_log_are_short(delivering: Delivering) -> None:
    """They are kept for good and sent with every change: 422 that names the field."""
    order = await delivering.order()
    for field in ("personName", "resolverId"):
        reply = await delivering.by_api(order, "CONFIRMED", **{field: "x" * 201})
        assert (reply.status, reply.body["errors"][0]["path"]) == (422, f"$.{field}")


async def test_each_finds_their_own_orders_and_nobody_elses(delivering: Delivering) -> None:
    """The merchant in two ways (the third one is for receipts), the shopper newest first, the staff oldest first."""
    world, first = delivering.world, await delivering.order()
    second = await delivering.order("PICKUP")
    store = world.as_store()
    for path in (f"{first['id']}", f"invoice/{first['invoiceId']}"):
        assert (await store.get(f"/v1/pickup/order/{path}")).body == first
    listed = await delivering.shopper.get("/shop/v1/orders?limit=1")
    assert [order["id"] for order in listed.body] == [second["id"]]
    rest = await delivering.shopper.get(f"/shop/v1/orders?after={second['id']}")
    assert [order["id"] for order in rest.body] == [first["id"]]
    waiting = (await delivering.worker.get("/work/v1/orders?limit=200")).body
    ours = [order["id"] for order in waiting if order["id"] in (first["id"], second["id"])]
    assert ours == [first["id"], second["id"]]

    stranger = await world.shopper()
    another, token = await world.add_store("http://127.0.0.1:9")
    elsewhere, worker = world.as_store(token), await world.staff(Role.WORKER, another)
    body = {"orderId": first["id"], "institutionId": world.institution_id, "status": "CONFIRMED"}
    refused = {
        "stranger looks": (await stranger.get(f"/shop/v1/orders/{first['id']}"), 404),
        "stranger watches": (await stranger.get(f"/shop/v1/orders/{first['id']}/events"), 404),
        "stranger cancels": (await stranger.post(f"/shop/v1/orders/{first['id']}/cancel"), 404),
        "store looks": (await elsewhere.get(f"/v1/pickup/order/{first['id']}"), 404),
        "by invoice": (await elsewhere.get(f"/v1/pickup/order/invoice/{first['invoiceId']}"), 404),
        "store changes": (await elsewhere.post("/v1/pickup/order/status", body), 403),
        "by its own id": (
            await elsewhere.post("/v1/pickup/order/status", body | {"institutionId": another}),
            404,
        ),
        "worker looks": (await worker.get(f"/work/v1/orders/{first['id']}"), 404),
        "worker changes": (
            await worker.post(f"/work/v1/orders/{first['id']}/status", {"status": "CONFIRMED"}),
            404,
        ),
        "no such order": (await store.get("/v1/pickup/order/none"), 404),
    }
    assert {who: reply.status for who, (reply, _) in refused.items()} == {
        who: status for who, (_, status) in refused.items()
    }
    assert (await worker.get("/work/v1/orders")).body == []
    assert await delivering.look(first["id"]) == first


async def test_staff_see_what_to_do_until_when_and_what_to_pick(delivering: Delivering) -> None:
    """What may become of an order, what was ordered and picked; the log says who it was, through which door."""
    order = await delivering.order("PICKUP")
    opened = (await delivering.worker.get(f"/work/v1/orders/{order['id']}")).body
    assert opened["mayBecome"] == ["CONFIRMED", "CANCELLED_BY_INSTITUTION"]
    assert opened["reactBy"] > opened["createdAt"]
    assert [(row["barcode"], row["ordered"]) for shelf in opened["pickList"] for row in shelf["rows"]] == [
        (BREAD, 1),
        (MILK, 1),
    ]
    await delivering.by_api(order, "CONFIRMED", personName="Jüri", resolverId="emp-7")
    await delivering.by_staff(order, "READY_TO_PICKUP", products=[{"barcode": MILK, "amount": 1}])
    opened = (await delivering.worker.get(f"/work/v1/orders/{order['id']}")).body
    assert [row["picked"] for shelf in opened["pickList"] for row in shelf["rows"]] == [0, 1]
    changes = opened["order"]["statusChangelogs"]
    assert [change.get("personName") for change in changes] == [None, "Jüri", "Someone"]
    assert opened["order"]["resolverId"] not in (None, "emp-7")


async def test_the_shopper_sees_changes_as_they_happen(delivering: Delivering) -> None:
    """The stream begins with the order as it is and goes on by itself."""
    order = await delivering.order()
    url = f"{delivering.world.url}/shop/v1/orders/{order['id']}/events"
    async with delivering.world.session.get(url, headers=delivering.shopper.headers) as stream:
        assert await _next_status(stream) == "WAITING_FOR_CONFIRMATION"
        await delivering.moved(order, "CONFIRMED")
        assert await _next_status(stream) == "CONFIRMED"
        await delivering.cancel(order)
        assert await _next_status(stream) == "CANCELLED_BY_CLIENT"


async def _next_status(stream: aiohttp.ClientResponse) -> str:
    async for line in stream.content:
        if line.startswith(b"data: "):
            status: str = msgspec.json.decode(line[6:])["shipment"]["status"]
            return status
    raise AssertionError("the stream ended")


async def test_the_same_request_again_does_nothing_again(delivering: Delivering) -> None:
    """With a key, shopper, merchant and staff are answered alike; another body is refused; without one it is 409."""
    order = await delivering.order()
    body = {"orderId": order["id"], "institutionId": delivering.world.institution_id, "status": "CONFIRMED"}
    store, path = delivering.world.as_store(), "/v1/pickup/order/status"
    replies = await asyncio.gather(*(store.post(path, body, **KEY) for _ in range(5)))
    assert {(reply.status, reply.text) for reply in replies} == {(200, replies[0].text)}
    assert (await store.post(path, body | {"status": "SHIPPING"}, **KEY)).body[
        "type"
    ] == "idempotency-key-reused"
    assert (await store.post(path, body)).body["type"] == "order-change-refused"
    work = f"/work/v1/orders/{order['id']}/status"
    sent = [await delivering.worker.post(work, {"status": "SHIPPING"}, **KEY) for _ in range(3)]
    assert {(reply.status, reply.text) for reply in sent} == {(200, sent[0].text)}
    assert await delivering.agrees(sent[0].body)
    other = await delivering.order()
    gone = [await delivering.cancel(other, **KEY) for _ in range(3)]
    assert {(reply.status, reply.text) for reply in gone} == {(200, gone[0].text)}
    told = ["WAITING_FOR_CONFIRMATION", "CONFIRMED", "SHIPPING"]
    await until(lambda: delivering.merchant.told(order["id"]) == told)


async def test_only_managers_set_how_the_store_delivers(delivering: Delivering) -> None:
    """Workers are forbidden, others unknown; what makes no sense names its field."""
    path = f"/manage/v1/stores/{delivering.world.institution_id}/delivery/COURIER"
    assert (await delivering.worker.call("PUT", path, TERMS)).status == 403
    assert (await delivering.shopper.call("PUT", path, TERMS)).status == 401
    wrong = await delivering.manager.call("PUT", path, TERMS | {"hoursTo": "00:30"})
    assert (wrong.status, wrong.body["errors"][0]["path"]) == (422, "$.hoursTo")
    unknown = await delivering.manager.call("PUT", path.replace("COURIER", "DRONE"), TERMS)
    assert unknown.status == 404


async def test_a_store_that_makes_its_own_receipts_finds_the_order_by_them(delivering: Delivering) -> None:
    """The order names the receipt's id; what is confirmed is what went out, when it does, and no invoice is made."""
    merchant, world = delivering.merchant, delivering.world
    merchant.make = with_delivery
    await world.change_store(switches=RECEIPTS)
    try:
        order = await delivering.order("COURIER", None, BREAD, BREAD, MILK)
    finally:
        await world.change_store(switches=Switches())
    assert (order["orderTotalPrice"], order["institutionInvoiceId"][:2]) == (8.12, "R-")
    path = f"/v1/pickup/order/institution-invoice/{order['institutionInvoiceId']}"
    assert (await world.as_store().get(path)).body == order
    assert (await world.as_store().get(f"{path}0")).status == 404
    await delivering.moved(order, "CONFIRMED")
    sent = await delivering.by_staff(order, "SHIPPING", products=[{"barcode": BREAD, "amount": 2}])
    assert await delivering.agrees(sent.body)
    assert sent.body["orderTotalPrice"] == 6.88
    (confirmed,) = await until(
        lambda: [each for each in merchant.confirmations if each.invoice_id == order["invoiceId"]]
    )
    assert (str(confirmed.total), confirmed.payment_method) == ("6.88", "SANDBOX")
    assert delivering.invoices(order) == []


async def test_an_order_that_was_never_paid_for_ends_when_staff_cancel_its_cart(
    delivering: Delivering,
) -> None:
    """The card was declined, the shopper checks out anew, is checked, and the store's staff take everything away."""
    cart = await delivering.ready()
    assert (await delivering.shopper.pay(cart, DECLINED_CARD)).status == 402
    order_id = await delivering.order_of(cart)
    assert order_id
    delivering.merchant.decision = Decision.FULL
    cart = await delivering.shopper.scan(cart, BREAD)
    cart = await delivering.shopper.check_out(cart)
    assert cart["state"] == "LOCKED"
    result = {"status": "PASSED", "products": []}
    path = f"/work/v1/checks/{cart['invoiceId']}/result"
    assert (await delivering.worker.post(path, result)).status == 204
    assert (await delivering.shopper.look(cart))["state"] == "CANCELLED"
    assert (await delivering.look(order_id))["shipment"]["status"] == "CANCELLED_BY_INSTITUTION"
    delivering.merchant.decision = Decision.NO
