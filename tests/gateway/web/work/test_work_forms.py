"""The worker's pages without scripts: stores, lateness, forms sent twice, goods by name and in place of others."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest

from gateway.journeys.delivering import CHOICES, Delivering, delivering_world
from gateway.journeys.world import APPLES, BREAD, MILK, World, product
from gateway.web.browsing import Browser, Person, add_person, browser, signed_in
from smarts.gateway.app import utc_now
from smarts.gateway.parties import Role
from smarts.wire.products import MinAge

RYE, WINE = "4740000000106", "4740000000113"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Delivering]:
    """A store that delivers."""
    async with delivering_world(database_url) as made, made.world.gateway.working():
        made.merchant.add(product(RYE, "Seemneleib", "1.89"))
        made.merchant.add(product(WINE, "Viin", "9.00", inspections=(MinAge(age=18),)))
        yield await made.anew()


async def welcoming(store: Delivering, *barcodes: str) -> dict[str, str]:
    """A confirmed order whose shopper welcomes replacements."""
    cart = await store.shopper.cart(store.world.institution_id, *barcodes)
    choice = CHOICES["PICKUP"] | {"replacementsWelcome": True}
    await store.shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/shipment", choice)
    paid = await store.shopper.pay(await store.shopper.check_out(cart))
    return await store.moved(await store.look(paid.body["orderId"]), "CONFIRMED")


async def sent(staff: Browser, path: str, **fields: str) -> tuple[int, str]:
    fields["csrf"] = (await staff.get("/work")).csrf()
    seen = await staff.post(path, fields)
    return seen.status, seen.headers.get("Location", seen.text)


def key_on(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


async def both_stores(world: World) -> tuple[Person, str]:
    """Somebody who works in two stores, and the second one."""
    other, _ = await world.add_store("http://127.0.0.1:9", name="Teine pood")
    person = await add_person(world, Role.WORKER)
    async with world.gateway.database.transaction() as tx:
        await tx.execute(
            "UPDATE staff SET institution_ids = $2 WHERE id = $1",
            person.person_id,
            [world.institution_id, other],
        )
    return person, other


async def test_what_waits_in_one_of_several_stores(world: World) -> None:
    """Who works in several stores chooses one, which is remembered until all are chosen; a strange one chooses none."""
    shopper = await world.shopper()
    invoice = (await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))["invoiceId"]
    person, other = await both_stores(world)
    async with browser(world) as staff:
        await staff.sign_in(person)
        assert invoice in (await staff.get("/work")).text
        assert invoice not in (await staff.get(f"/work?store={other}")).text
        assert invoice not in (await staff.get("/work/list")).text
        assert f'value="{other}" selected' in (await staff.get("/work")).text
        assert invoice in (await staff.get(f"/work?store={world.institution_id}")).text
        assert invoice in (await staff.get("/work?store=nowhere")).text
        assert invoice in (await staff.get("/work?store=")).text


async def test_who_works_in_one_store_chooses_none(world: World) -> None:
    """There is nothing to choose from."""
    async with signed_in(world, Role.WORKER) as staff:
        assert "All stores" not in (await staff.get("/work")).text


async def test_a_form_that_is_sent_twice_counts_once(world: World) -> None:
    """Its answer was lost, so it is pressed again: the same answer; another result of the same check is refused."""
    shopper = await world.shopper()
    invoice = (await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))["invoiceId"]
    async with signed_in(world, Role.WORKER) as staff:
        await sent(staff, "/work/open", code=invoice)
        key = key_on((await staff.get(f"/work/checks/{invoice}")).text)
        path = f"/work/checks/{invoice}/result"
        for _ in range(2):
            assert await sent(staff, path, key=key, status="PASSED") == (303, "/work?done=PASSED")
        status, page = await sent(staff, path, key=key, status="FAILED")
        assert status == 409
        assert "It was all right." in page
        assert (await sent(staff, path, key="another", status="PASSED"))[0] == 409


async def test_an_order_that_is_packed_twice_is_packed_once(store: Delivering) -> None:
    """The same form again leads on; what a colleague sends after that is told how the order stands."""
    order = await welcoming(store, BREAD)
    path = f"/work/orders/{order['id']}"
    goods = json.dumps([{"barcode": RYE, "amount": 1, "replaces": BREAD}])
    async with signed_in(store.world, Role.WORKER) as staff, signed_in(store.world, Role.WORKER) as colleague:
        key = key_on((await staff.get(path)).text)
        for _ in range(2):
            done = await sent(staff, f"{path}/status", key=key, status="ASSEMBLE_READY", goods=goods)
            assert done == (303, path)
        status, page = await sent(colleague, f"{path}/status", status="ASSEMBLE_READY")
        assert status == 409
        assert "Somebody else has moved this order on meanwhile." in page
        assert "instead of Rukkileib" in page
    after = await store.look(order["id"])
    assert [(row["barcode"], row["replaces"]) for row in after["products"]] == [(RYE, BREAD)]


async def test_late_orders_are_marked(store: Delivering) -> None:
    """An order whose time to answer is over, or whose goods should be there by now, says so."""
    order = await store.order("COURIER", None, BREAD)
    async with signed_in(store.world, Role.WORKER) as staff:
        assert "late:" not in (await staff.get("/work")).text
        past = (utc_now() - timedelta(minutes=5)).isoformat()
        async with store.world.gateway.database.connection() as connection:
            await connection.execute(
                "UPDATE orders SET details = jsonb_set(details::jsonb, '{reactBy}', to_jsonb($2::text))::json"
                " WHERE id = $1",
                order["id"],
                past.replace("+00:00", "Z"),
            )
        assert "late:" in (await staff.get("/work")).text


async def test_goods_are_found_by_name(world: World) -> None:
    """For goods whose barcode cannot be read; an empty name is refused, and others' checks are hidden."""
    shopper = await world.shopper()
    invoice = (await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))["invoiceId"]
    async with signed_in(world, Role.WORKER) as staff:
        status, text = await sent(staff, f"/work/checks/{invoice}/search", name="õun")
        assert status == 200
        assert {"barcode": APPLES, "name": "Õunad", "weighed": True, "quantity": 1} in json.loads(text)
        assert (await sent(staff, f"/work/checks/{invoice}/search", name=" "))[0] == 422
        assert (await sent(staff, "/work/checks/none/search", name="õun"))[0] == 404


async def test_what_may_replace_goods_is_told_in_the_readers_words(store: Delivering) -> None:
    """A code is looked up as a replacement; why another may not be one is said in the worker's language."""
    order = await welcoming(store, BREAD, MILK)
    path = f"/work/orders/{order['id']}"
    async with signed_in(store.world, Role.WORKER) as staff:
        status, text = await sent(staff, f"{path}/products", barcode=RYE, replaces=BREAD)
        assert (status, json.loads(text)["name"]) == (200, "Seemneleib")
        await staff.get("/work?lang=et")
        status, text = await sent(staff, f"{path}/products", barcode=WINE, replaces=BREAD)
        assert (status, json.loads(text)["words"]) == (
            422,
            "Sellel kaubal on piiranguid, mida tellitul ei ole.",
        )
        assert (await sent(staff, f"{path}/products", barcode=RYE, replaces="1"))[0] == 422
        assert (await sent(staff, f"{path}/products", barcode="1", replaces=BREAD))[0] == 404
        assert (await sent(staff, f"{path}/products", barcode=RYE))[0] == 422
        assert (await sent(staff, f"{path}/search", name="leib"))[0] == 200
    unwelcome = await store.moved(await store.order("PICKUP", None, BREAD), "CONFIRMED")
    async with signed_in(store.world, Role.WORKER) as staff:
        path = f"/work/orders/{unwelcome['id']}"
        assert (await sent(staff, f"{path}/products", barcode=RYE, replaces=BREAD))[0] == 422
        assert "Replace<" not in (await staff.get(path)).text
