"""Whatever comes in, a clear answer goes out and nothing is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.journeys.world import APPLES, BREAD, NODE_TOKEN, Client, Merchant, World, small_world
from smarts.node import Node


def is_problem(reply: Any, status: int) -> bool:
    """Whether an answer is the problem document of this status."""
    return (
        reply.status == status
        and reply.headers["Content-Type"] == "application/problem+json"
        and reply.body["status"] == status
        and bool(reply.body["title"])
    )


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b"{", 400, None),
        (b"", 400, None),
        (b"\xff\xfe", 400, None),
        (b"[]", 422, "$"),
        (b"null", 422, "$"),
        (b"{}", 422, "$"),
        (b'{"barcode": 4}', 422, "$.barcode"),
        (b'{"barcode": ""}', 422, "$.barcode"),
        (b'{"barcode": "a\\u0000b"}', 422, "$.barcode"),
        (b'{"barcode": "%s"}' % (b"9" * 101), 422, "$.barcode"),
        (b'{"barcode": "4740000000014", "quantity": -1}', 422, "$.quantity"),
        (b'{"barcode": "4740000000014", "quantity": 0}', 422, "$.quantity"),
        (b'{"barcode": "4740000000014", "quantity": 1e400}', 422, "$.quantity"),
        (b'{"barcode": "4740000000014", "quantity": 1e14}', 422, "$.quantity"),
        (b'{"barcode": "4740000000014", "quantity": 0.5}', 422, "$.quantity"),
        (b'{"barcode": "4740000000014", "quantity": "NaN"}', 422, "$.quantity"),
        (b'{"barcode": "4740000000014", "quantity": "1_0"}', 422, "$.quantity"),
        (b'{"barcode": "4740000000014", "quantity": true}', 422, "$.quantity"),
        (b'{"barcode": "2000000000015", "quantity": 0.0001}', 422, "$.quantity"),
    ],
)
async def test_a_bad_scan_is_answered_with_the_field_and_leaves_the_cart(
    world: World, body: bytes, status: int, path: str | None
) -> None:
    """Not JSON is 400, a wrong shape 422 that names the field; the cart is as it was."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD)
    reply = await shopper.post(f"/shop/v1/carts/{cart['id']}/lines", body)
    assert is_problem(reply, status), reply.text
    if path:
        assert reply.body["errors"][0]["path"] == path
    assert await shopper.look(cart) == cart


async def test_unknown_fields_are_ignored_and_unknown_barcodes_are_404(world: World) -> None:
    """A newer app may send more than we know; a barcode that is not sold is not found."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)
    await shopper.scan(cart, BREAD, colour="red")
    unknown = await shopper.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": "0000000000000"})
    assert is_problem(unknown, 404)
    assert unknown.body["type"] == "product-unknown"
    assert is_problem(await shopper.get("/shop/v1/carts/no-such-cart"), 404)
    assert is_problem(await shopper.post("/shop/v1/carts", {"institutionId": "none"}), 404)
    assert is_problem(await shopper.get("/shop/v1/stores/none/products"), 404)
    assert is_problem(await shopper.get("/shop/v1/nothing"), 404)


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer nonsense", "Basic YTpi", "Bearer " + "x" * 5000])
async def test_without_a_right_token_nothing_is_answered(world: World, token: str) -> None:
    """401 for shoppers, staff and stores alike."""
    stranger = Client(world.session, world.url, {"Authorization": token})
    assert is_problem(await stranger.get("/shop/v1/stores"), 401)
    assert is_problem(await stranger.get("/work/v1/checks"), 401)
    assert is_problem(await world.as_store("wrong").post("/v1/control/resend", {}), 401)


async def test_one_shopper_never_sees_anothers_cart(world: World) -> None:
    """Neither looking, scanning, checking out nor paying works with somebody else's cart."""
    one, other = await world.shopper(), await world.shopper()
    cart = await one.cart(world.institution_id, BREAD)
    path = f"/shop/v1/carts/{cart['id']}"
    line = f"{path}/lines/{cart['lines'][0]['lineId']}"
    replies = [
        await other.get(path),
        await other.get(f"{path}/events"),
        await other.post(f"{path}/lines", {"barcode": BREAD}),
        await other.call("PATCH", line, {"quantity": 2}),
        await other.call("DELETE", line),
        await other.post(f"{path}/checkout"),
        await other.post(f"{path}/unlock"),
        await other.pay(cart),
        await other.call("DELETE", path),
    ]
    assert [reply.status for reply in replies] == [404] * len(replies)
    assert await one.look(cart) == cart


async def test_a_huge_body_or_the_wrong_type_is_refused(world: World) -> None:
    """413 and 415, as problem documents."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)
    lines = f"/shop/v1/carts/{cart['id']}/lines"
    assert is_problem(await shopper.post(lines, b'"' + b"x" * 2_000_000 + b'"'), 413)
    assert is_problem(await shopper.post(lines, b"barcode=1", **{"Content-Type": "text/plain"}), 415)


def _answer(status: int, body: bytes, content_type: str = "application/json") -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        headers = [(b"content-type", content_type.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


async def _hang(scope: Any, receive: Any, send: Any) -> None:
    while scope["type"] == "http" and (await receive())["type"] != "http.disconnect":
        pass


BAD_NODES: list[tuple[str, Any, int]] = [
    ("no JSON", _answer(200, b"<html>"), 502),
    ("a wrong shape", _answer(200, b'{"id": 5}'), 502),
    ("a page", _answer(200, b"<html>", "text/html"), 502),
    ("an error of its own", _answer(500, b"{}"), 502),
    ("a refusal", _answer(400, b"{}"), 502),
    ("a redirect", _answer(302, b""), 502),
    ("that it is down", _answer(503, b"{}"), 503),
    ("nothing in time", _hang, 504),
]


@pytest.mark.parametrize(
    ("node", "status"), [pytest.param(app, status, id=name) for name, app, status in BAD_NODES]
)
async def test_a_bad_node_is_a_clear_problem_and_the_cart_stays_whole(
    database_url: str, node: Callable[..., Awaitable[None]], status: int
) -> None:
    """Garbage, errors, silence: 502, 503 or 504 that say whether to try again, never a 500; the staff look instead."""
    switch: list[Any] = []
    good = Node(Merchant(), token=NODE_TOKEN, name="good", version="1")

    async def sometimes(scope: Any, receive: Any, send: Any) -> None:
        await (switch[0] if switch else good)(scope, receive, send)

    async with small_world(database_url, node=sometimes) as world:
        shopper = await world.shopper()
        cart = await shopper.cart(world.institution_id, BREAD)
        switch.append(node)
        lines = f"/shop/v1/carts/{cart['id']}/lines"
        replies = await asyncio.gather(
            shopper.post(lines, {"barcode": APPLES}),
            shopper.get(f"/shop/v1/stores/{world.institution_id}/categories"),
        )
        assert any(is_problem(reply, status) for reply in replies), replies
        for reply in replies:  # whichever came second may have found the node given up already
            assert is_problem(reply, status) or is_problem(reply, 503), reply.text
            assert reply.body["retryable"] is True
        seen = await shopper.look(cart)
        assert (seen["state"], seen["lines"]) == ("OPEN", cart["lines"])
        unasked = await shopper.check_out(cart)
        assert (unasked["state"], unasked["check"]["decision"]) == ("LOCKED", "FULL")
        assert unasked["lines"] == cart["lines"]
        await world.node_returned(switch.clear)
        other = await shopper.cart(world.institution_id, BREAD)
        assert (await shopper.check_out(other))["state"] == "READY"


async def test_a_node_that_is_not_there_is_a_503_with_when_to_try_again(world: World) -> None:
    """Nobody listens at the store's address."""
    institution_id, _ = await world.add_store("http://127.0.0.1:9")
    shopper = await world.shopper()
    cart = await shopper.cart(institution_id)
    reply = await shopper.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": BREAD})
    assert is_problem(reply, 503)
    assert int(reply.headers["Retry-After"]) >= 1


async def test_payment_methods_and_cards_that_do_not_exist(world: World) -> None:
    """An unknown method is named; an unknown card is declined; nothing to pay for is refused."""
    shopper = await world.shopper()
    empty = await shopper.cart(world.institution_id)
    assert is_problem(await shopper.post(f"/shop/v1/carts/{empty['id']}/checkout"), 422)
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    unknown = await shopper.post(f"/shop/v1/carts/{cart['id']}/payment", {"method": "GOLD"})
    assert (unknown.status, unknown.body["errors"][0]["path"]) == (422, "$.method")
    assert is_problem(await shopper.pay(cart, "1234"), 402)
    assert is_problem(await shopper.post(f"/shop/v1/carts/{empty['id']}/payment", {"method": "SANDBOX"}), 409)
