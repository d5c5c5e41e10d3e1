"""The worker's pages and what they send, without a browser's scripts."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import quote

import pytest
from zxingcpp import BarcodeFormat

from gateway.codes.drawn import code_picture
from gateway.journeys.club import Gate
from gateway.journeys.delivering import Delivering
from gateway.journeys.delivering import delivering_world as delivers
from gateway.journeys.world import APPLES, BREAD, MILK, Merchant, World, small_world
from gateway.web.browsing import Browser, add_person, browser, signed_in
from smarts.gateway.parties import Role
from smarts.wire.control import Decision
from smarts.wire.products import Product, ProductSearchRequest


class SlowMerchant(Merchant):
    """A node that waits before it tells what milk is."""

    def __init__(self) -> None:
        super().__init__()
        self.decision, self.gate = Decision.FULL, Gate()

    async def by_barcode(self, request: ProductSearchRequest) -> Product:
        if request.barcode == MILK:
            await self.gate()
        return await super().by_barcode(request)


@pytest.fixture
async def delivering_world(database_url: str) -> AsyncIterator[Delivering]:
    """A store that delivers."""
    async with delivers(database_url) as made, made.world.gateway.working():
        yield await made.anew()


def goods(barcode: str, amount: float) -> str:
    """What a page tells of the goods that it counted."""
    return json.dumps([{"barcode": barcode, "amount": amount}])


async def send(staff: Browser, path: str, **fields: str) -> tuple[int, str]:
    """Sends a form of the page that lists what waits."""
    fields["csrf"] = (await staff.get("/work")).csrf()
    seen = await staff.post(path, fields)
    return seen.status, seen.headers.get("Location", seen.text)


async def test_only_staff_see_what_waits(world: World) -> None:
    """Strangers are sent to sign in, and the live list and the decoder are closed to them."""
    async with browser(world) as stranger:
        assert (await stranger.get("/work")).location == "/sign-in?next=%2Fwork"
        assert (await stranger.get("/work/v1/events")).status == 401
        assert (await stranger.post("/work/codes", {}, Accept="application/json")).status == 401


async def test_forms_of_other_sites_are_refused(world: World) -> None:
    """Nothing is changed without the token of the session's own pages."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    async with signed_in(world, Role.WORKER) as staff:
        for path in ("/work/open", f"/work/checks/{cart['invoiceId']}/result", "/work/codes"):
            assert (await staff.post(path, {"code": cart["invoiceId"], "status": "PASSED"})).status == 403
    assert (await shopper.look(cart))["state"] == "LOCKED"


@pytest.mark.parametrize("store", ["€ 😀", "\0", "\r\nX: y", "x" * 5000])
async def test_a_store_that_is_none_is_no_choice(world: World, store: str) -> None:
    """Whatever stands in the address, the list is that of all stores, now and next time."""
    async with signed_in(world, Role.WORKER) as staff:
        chosen = await staff.get(f"/work?store={quote(store)}")
        assert (chosen.status, chosen.headers.get("X")) == (200, None)
        assert (await staff.get("/work/list")).status == 200


async def test_the_chosen_store_is_remembered(world: World) -> None:
    """A worker of several stores sees the chosen one's list until another choice."""
    other, _ = await world.add_store("http://127.0.0.1:9", name="Teine pood")
    person = await add_person(world, Role.OPERATOR)
    async with browser(world) as staff:
        await staff.sign_in(person)
        await staff.get(f"/work?store={other}")
        assert f'value="{other}" selected' in (await staff.get("/work")).text
        await staff.get("/work?store=")
        assert f'value="{other}" selected' not in (await staff.get("/work")).text


async def test_another_stores_checks_are_hidden(world: World) -> None:
    """A worker neither sees nor opens, takes or ends what waits in a store of others."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    stranger = await add_person(world, Role.WORKER)
    async with world.gateway.database.transaction() as tx:
        await tx.execute("UPDATE staff SET institution_ids = '{}' WHERE id = $1", stranger.person_id)
    async with browser(world) as staff:
        await staff.sign_in(stranger)
        invoice = cart["invoiceId"]
        assert cart["invoiceId"] not in (await staff.get("/work")).text
        assert (await staff.get(f"/work/checks/{invoice}")).status == 404
        assert (await staff.get(f"/work/checks/{quote('no such', safe='')}")).status == 404


async def test_the_list_is_told_live(world: World) -> None:
    """The stream says what waits at once, and again when a cart is locked, taken, and done with."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD)
    async with (
        signed_in(world, Role.WORKER) as staff,
        staff.session.get(f"{world.url}/work/v1/events") as stream,
    ):

        async def told() -> dict[str, list[str]]:
            async for line in stream.content:
                if line.startswith(b"data: "):
                    found: dict[str, list[str]] = json.loads(line[6:])
                    return found
            raise EOFError

        assert await told() == {"checks": [], "free": [], "orders": []}
        invoice = (await shopper.check_out(cart))["invoiceId"]
        assert await told() == {"checks": [invoice], "free": [invoice], "orders": []}
        await send(staff, "/work/open", code=invoice)
        assert await told() == {"checks": [invoice], "free": [], "orders": []}
        await send(staff, f"/work/checks/{invoice}/result", status="PASSED")
        assert await told() == {"checks": [], "free": [], "orders": []}


async def test_a_check_that_is_taken_over_meanwhile_is_not_ended(database_url: str) -> None:
    """While the node is asked about goods, a colleague takes over: the result of the one before no longer counts."""
    merchant = SlowMerchant()
    async with small_world(database_url, merchant=merchant) as world:
        shopper = await world.shopper()
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        here = f"/work/checks/{cart['invoiceId']}"
        one, other = await add_person(world, Role.WORKER), await add_person(world, Role.WORKER, "Teine")
        async with browser(world) as first, browser(world) as second:
            await first.sign_in(one)
            await second.sign_in(other)
            await send(first, f"{here}/take", holder="")
            found = {"status": "FAILED_ALLOW_PAYMENT", "goods": goods(MILK, 1)}
            result = asyncio.create_task(send(first, f"{here}/result", **found))
            await merchant.gate.reached.wait()
            assert (await send(second, f"{here}/take", holder=one.person_id))[0] == 303
            merchant.gate.open.set()
            status, page = await result
            assert (status, "Teine" in page) == (409, True)
            assert (await shopper.look(cart))["state"] == "LOCKED"
            assert (await send(second, f"{here}/result", status="PASSED"))[0] == 303


async def test_only_one_of_many_takes_a_check_over(world: World) -> None:
    """However many colleagues want a check at once, one has it, and the others are told so."""
    shopper = await world.shopper()
    invoice = (await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))["invoiceId"]
    async with AsyncExitStack() as exits:
        people = [await exits.enter_async_context(signed_in(world, Role.WORKER)) for _ in range(3)]
        tokens = [(await each.get("/work")).csrf() for each in people]
        seen = await asyncio.gather(
            *(
                each.post(f"/work/checks/{invoice}/take", {"csrf": token, "holder": ""})
                for each, token in zip(people, tokens, strict=True)
            )
        )
        assert sorted(each.status for each in seen) == [303, 409, 409]
        winner = people[[each.status for each in seen].index(303)]
        for person in people:
            status, _ = await send(person, f"/work/checks/{invoice}/result", status="PASSED")
            assert status == (303 if person is winner else 409)
            if person is winner:
                break


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "PENDING"},
        {"status": "EXIPRED"},
        {"status": ""},
        {"status": "FAILED_ALLOW_PAYMENT", "goods": "{}"},
        {"status": "FAILED_ALLOW_PAYMENT", "goods": goods(BREAD, -1)},
        {"status": "FAILED_ALLOW_PAYMENT", "goods": goods("4749999999999", 1)},
        {"status": "FAILED_ALLOW_PAYMENT", "goods": goods(BREAD, 0.5)},
    ],
)
async def test_results_that_make_no_sense(world: World, fields: dict[str, str]) -> None:
    """A result that is none, or goods that cannot be, leave the check as it is, and the page says why."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    async with signed_in(world, Role.WORKER) as staff:
        status, text = await send(staff, f"/work/checks/{cart['invoiceId']}/result", **fields)
    assert status == 422
    assert 'role="alert"' in text
    assert (await shopper.look(cart))["state"] == "LOCKED"


async def test_an_ended_check_can_still_be_looked_at(world: World) -> None:
    """The page of a check that is over says so, and offers nothing to press."""
    shopper = await world.shopper()
    invoice = (await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))["invoiceId"]
    async with signed_in(world, Role.WORKER) as staff:
        await send(staff, "/work/open", code=invoice)
        assert await send(staff, f"/work/checks/{invoice}/result", status="PASSED") == (
            303,
            "/work?done=PASSED",
        )
        status, text = await send(staff, f"/work/checks/{invoice}/result", status="FAILED")
        assert status == 409
        assert "This check is over." in text
        assert "/result" not in text


async def test_goods_that_are_not_in_the_cart_are_looked_up(world: World) -> None:
    """What is scanned and not in the cart is asked of the store's node, weighed goods with their weight."""
    shopper = await world.shopper()
    invoice = (await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))["invoiceId"]
    async with signed_in(world, Role.WORKER) as staff:
        path = f"/work/checks/{invoice}/products"
        status, text = await send(staff, path, barcode=APPLES)
        assert (status, json.loads(text)) == (
            200,
            {"barcode": APPLES, "name": "Õunad", "weighed": True, "quantity": 1},
        )
        assert (await send(staff, path, barcode="4749999999999"))[0] == 404
        assert (await send(staff, path, barcode=" "))[0] == 422


async def test_pictures_of_staff_are_decoded(world: World) -> None:
    """The camera of a worker's phone reads a shopper's code with the gateway's help."""
    async with signed_in(world, Role.WORKER) as staff:
        token = (await staff.get("/work")).csrf()
        picture = code_picture("0ffb5226-bde1-4809-9b77-92e008800911", BarcodeFormat.QRCode)
        headers = {"X-CSRF-Token": token, "Content-Type": "image/png"}
        async with staff.session.post(f"{world.url}/work/codes", data=picture, headers=headers) as reply:
            (code,) = (await reply.json())["codes"]
            assert code["text"] == "0ffb5226-bde1-4809-9b77-92e008800911"
        headers["Content-Type"] = "image/gif"
        async with staff.session.post(f"{world.url}/work/codes", data=picture, headers=headers) as reply:
            assert reply.status == 415


async def test_an_order_is_packed_and_handed_over(delivering_world: Delivering) -> None:
    """An order is confirmed, packed with one thing struck, and handed over, all by forms of its pages."""
    order = await delivering_world.order("PICKUP", None, BREAD, MILK)
    path = f"/work/orders/{order['id']}"
    async with signed_in(delivering_world.world, Role.WORKER) as staff:
        assert "New: confirm it" in (await staff.get("/work")).text
        assert await send(staff, f"{path}/status", status="CONFIRMED") == (303, path)
        page = (await staff.get(path)).text
        assert BREAD in page
        assert MILK in page
        assert await send(staff, f"{path}/status", status="ASSEMBLE_READY", goods=goods(BREAD, 1)) == (
            303,
            path,
        )
        done = (303, "/work?done=READY_TO_PICKUP")
        assert await send(staff, f"{path}/status", status="READY_TO_PICKUP") == done
        status, text = await send(staff, f"{path}/status", status="SHIPPING")
        assert status == 409
        assert 'role="alert"' in text
        assert await send(staff, "/work/open", code=order["id"]) == (303, path)
        assert await send(staff, "/work/open", code=order["invoiceId"]) == (303, path)
        assert (await send(staff, f"{path}/status", status="COMPLETED"))[1] == "/work?done=COMPLETED"
        assert "Handed over" in (await staff.get(path)).text
    after = await delivering_world.becomes(order, "COMPLETED")
    assert [row["barcode"] for row in after["products"]] == [BREAD]
