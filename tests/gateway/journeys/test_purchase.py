"""A purchase from the first scan to the paid invoice."""

import asyncio
from decimal import Decimal

import msgspec

from gateway.journeys.world import APPLES, BREAD, MILK, World, product, until
from smarts.wire.products import Campaign


async def test_a_whole_purchase_ends_with_its_invoice_at_the_node(world: World) -> None:
    """Two breads and a milk are paid with what they cost, and the node receives the invoice."""
    shopper = await world.shopper(langCode="EN")
    cart = await shopper.cart(world.institution_id, BREAD, MILK, BREAD)
    assert [(line["quantity"], line["rowTotal"]) for line in cart["lines"]] == [(2, 2.98), (1, 1.24)]
    assert cart["total"]["totalToPay"] == 4.22

    cart = await shopper.check_out(cart)
    assert (cart["state"], cart["check"]) == ("READY", None)
    paid = (await shopper.pay(cart)).body
    assert (paid["state"], paid["payment"]["status"], paid["payment"]["amount"]) == ("PAID", "CAPTURED", 4.22)

    invoice = (await until(lambda: world.merchant.invoices))[0]
    assert invoice.id == paid["invoiceId"]
    assert invoice.total.total_to_pay == Decimal("4.22")
    assert sum(row.price.total for row in invoice.products) == Decimal("4.22")
    assert [row.quantity and row.quantity.value for row in invoice.products] == [2, 1]

    purchases = (await shopper.get("/shop/v1/purchases")).body
    assert [(each["invoiceId"], each["total"]) for each in purchases] == [(invoice.id, 4.22)]
    detail = (await shopper.get(f"/shop/v1/purchases/{invoice.id}")).body
    assert detail["invoice"]["status"] == "PAYED"
    assert detail["invoice"]["total"]["totalToPay"] == 4.22


async def test_vat_is_told_per_rate_and_adds_up(world: World) -> None:
    """2.98 at 24 % holds 0.58 of VAT, 1.24 at 9 % holds 0.10."""
    shopper = await world.shopper()
    total = (await shopper.cart(world.institution_id, BREAD, MILK, BREAD))["total"]
    rates = {rate["VATRate"]: rate["VATSum"] for rate in total["rates"]}
    assert rates == {24: 0.58, 9: 0.10}
    assert total["vat"] == {"sumWithVAT": 4.22, "sumWithoutVAT": 3.54, "VATSum": 0.68}


async def test_quantities_change_and_lines_go(world: World) -> None:
    """A line's quantity is what it was last set to; a removed line costs nothing."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD, MILK)
    bread, milk = (f"/shop/v1/carts/{cart['id']}/lines/{line['lineId']}" for line in cart["lines"])
    cart = (await shopper.call("PATCH", bread, {"quantity": 5})).body
    assert cart["total"]["totalToPay"] == 8.69
    cart = (await shopper.call("DELETE", milk)).body
    assert [(line["product"]["barcode"], line["rowTotal"]) for line in cart["lines"]] == [(BREAD, 7.45)]


async def test_weighed_goods_cost_what_they_weigh(world: World) -> None:
    """0.345 kg at 2.99 a kilogram are 1.03, half up."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)
    cart = await shopper.scan(cart, APPLES, quantity="0.345")
    assert cart["lines"][0]["rowTotal"] == 1.03


async def test_campaigns_of_product_and_store_are_told_in_words_and_amounts(world: World) -> None:
    """Every second piece free on a product, and 10 % off the whole invoice without VAT."""
    free = Campaign(
        "Every second piece free",
        "B00000000001",
        "amount >= 2 ? amount - (Math.floor(amount / 2) * 1) : amount",
    )
    world.merchant.add(product("4740000000052", "Sai", "1.24", campaigns=(free,)))
    await world.change_store(campaigns=(Campaign("Tenth off", "B00000000501", "total * 0.9"),))
    await asyncio.sleep(0)
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, *["4740000000052"] * 4)
    (line,) = cart["lines"]
    assert (line["priceBefore"], line["rowTotal"]) == (4.96, 2.48)
    assert [(each["name"], each["struck"]) for each in line["campaigns"]] == [
        ("Every second piece free", True)
    ]
    assert "2" in line["campaigns"][0]["words"]
    assert cart["total"]["totalToPay"] == 2.23
    assert [each["name"] for each in cart["campaigns"]] == ["Tenth off"]

    cart = await shopper.check_out(cart)
    await shopper.pay(cart)
    invoice = (await until(lambda: world.merchant.invoices))[0]
    assert invoice.total.total_to_pay == Decimal("2.23")
    assert sum(row.price.total for row in invoice.products) == Decimal("2.23")
    assert [each.name for each in invoice.institution_campaigns] == ["Tenth off"]


async def test_a_campaign_for_clients_strikes_only_for_those_with_an_email(world: World) -> None:
    """`C` campaigns are for clients, `U` ones for the others."""
    for_clients = Campaign("Clients", "C00000000002", "unitPrice / 2")
    for_others = Campaign("Others", "U00000000002", "unitPrice * 2")
    world.merchant.add(product("4740000000052", "Sai", "2.00", campaigns=(for_clients, for_others)))
    client, other = await world.shopper(email="a@example.org"), await world.shopper()
    assert (await client.cart(world.institution_id, "4740000000052"))["total"]["totalToPay"] == 1
    assert (await other.cart(world.institution_id, "4740000000052"))["total"]["totalToPay"] == 4


async def test_a_hostile_campaign_never_stops_a_sale(world: World) -> None:
    """An operation that is no expression of the standard leaves the price, and the shopper sees nothing of it."""
    hostile = Campaign("Trouble", "B00000000002", "(function(){while(true){}})()")
    world.merchant.add(product("4740000000052", "Sai", "2.00", campaigns=(hostile,)))
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, "4740000000052")
    assert cart["total"]["totalToPay"] == 2
    assert cart["lines"][0]["campaigns"] == []


async def test_many_scans_at_once_are_all_counted(world: World) -> None:
    """Scans from two tabs at the same instant are neither lost nor doubled."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)
    await asyncio.gather(*(shopper.scan(cart, barcode) for barcode in [BREAD, MILK] * 8))
    cart = await shopper.look(cart)
    assert {line["product"]["barcode"]: line["quantity"] for line in cart["lines"]} == {BREAD: 8, MILK: 8}


async def test_a_change_takes_a_ready_cart_back_to_open(world: World) -> None:
    """What was checked out is no longer ready when another thing is scanned."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    cart = await shopper.scan(cart, MILK)
    assert cart["state"] == "OPEN"
    assert (await shopper.pay(cart)).status == 409


async def test_a_cart_given_up_is_closed(world: World) -> None:
    """Nothing can be scanned into a cancelled cart, nor can it be paid for."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD)
    gone = await shopper.call("DELETE", f"/shop/v1/carts/{cart['id']}")
    assert gone.body["state"] == "CANCELLED"
    scan = await shopper.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": BREAD})
    assert (scan.status, scan.body["type"]) == (409, "cart-closed")
    assert (await shopper.pay(cart)).status == 409


async def test_stores_products_and_categories_come_by_way_of_the_node(world: World) -> None:
    """A shopper finds the store, what it sells and in which categories."""
    shopper = await world.shopper()
    stores = (await shopper.get("/shop/v1/stores")).body
    assert [store["institutionId"] for store in stores] == [world.institution_id]
    page = (await shopper.get(f"/shop/v1/stores/{world.institution_id}/products?limit=2")).body
    assert (len(page["result"]), page["totalCount"]) == (2, 3)
    categories = (await shopper.get(f"/shop/v1/stores/{world.institution_id}/categories")).body
    assert [each["id"] for each in categories] == ["food"]


async def test_the_cart_is_told_live(world: World) -> None:
    """Each change of a cart reaches whoever listens to its events, without asking."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)
    url = f"{world.url}/shop/v1/carts/{cart['id']}/events"
    async with world.session.get(url, headers=shopper.headers) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        totals: list[float] = []

        async def listen() -> None:
            async for line in stream.content:
                if line.startswith(b"data:"):
                    totals[:] = [msgspec.json.decode(line[5:])["total"]["totalToPay"]]

        listening = asyncio.ensure_future(listen())
        await until(lambda: totals == [0])
        await shopper.scan(cart, BREAD)
        await until(lambda: totals == [1.49])
        await shopper.scan(cart, BREAD)
        await until(lambda: totals == [2.98])
        listening.cancel()
