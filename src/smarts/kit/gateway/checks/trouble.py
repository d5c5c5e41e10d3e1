"""Checks of what shoppers are told of a node in trouble: never 500, always in bounded time."""

import time
from typing import Any

from smarts.kit.exchange import Answer
from smarts.kit.gateway.goods import golden
from smarts.kit.gateway.looks import check
from smarts.kit.gateway.played_node import PlayedNode, Reply
from smarts.kit.gateway.stage import PATIENCE, Stage, require, require_status
from smarts.kit.subject import Case

_OFTEN = 10
_BARCODE = "/product/search/barcode"


async def _scan(stage: Stage, reply: Reply) -> Answer:
    """The answer to a scan that the node answers so, however often it is asked."""
    shopper = await stage.shopper()
    barcode = stage.node.goods.sell()
    stage.node.answer(_BARCODE, barcode, reply, times=_OFTEN)
    return await shopper.tries_to_scan(await shopper.cart(), barcode)


@check("gateway.trouble.error")
async def error(case: Case) -> None:
    """Answers 500."""
    require_status(await _scan(Stage(case), Reply(500, body=b"Oops", content_type="text/plain")), 502, 503)


@check("gateway.trouble.wrong-shape")
async def wrong_shape(case: Case) -> None:
    """Answers a product without a price, a list, null."""
    stage = Stage(case)
    documents: tuple[Any, ...] = (golden("Product", price=None), [], "bread")
    for document in documents:
        require_status(await _scan(stage, Reply(document=document)), 502)


@check("gateway.trouble.not-json")
async def not_json(case: Case) -> None:
    """Answers a page, and one that says it is JSON."""
    stage = Stage(case)
    for told in ("text/html", "application/json"):
        require_status(await _scan(stage, Reply(body=b"<html>Welcome</html>", content_type=told)), 502)


@check("gateway.trouble.down")
async def down(case: Case) -> None:
    """Answers 503."""
    answer = await _scan(Stage(case), Reply(503, headers={"Retry-After": "30"}))
    require_status(answer, 503)
    require(answer.headers.get("retry-after"), "Retry-After", sorted(answer.headers))


@check("gateway.trouble.hangs")
async def hangs(case: Case) -> None:
    """Never answers."""
    began = time.monotonic()
    answer = await _scan(Stage(case), Reply(hangs=True))
    require_status(answer, 504)
    require(time.monotonic() - began < PATIENCE, f"an answer within {PATIENCE:g} s", time.monotonic() - began)


@check("gateway.trouble.endless")
async def endless(case: Case) -> None:
    """Answers without an end."""
    require_status(await _scan(Stage(case), Reply(endless=True)), 502, 504)


@check("gateway.trouble.redirect")
async def redirect(case: Case) -> None:
    """Redirects to another node of the kit's."""
    stage = Stage(case)
    async with PlayedNode("elsewhere") as elsewhere:
        reply = Reply(307, headers={"Location": elsewhere.address + _BARCODE})
        answer = await _scan(stage, reply)
        seen = [received.name for received in elsewhere.received]
        require(not seen, "no request where the redirect led", seen)
    require_status(answer, 502)


@check("gateway.trouble.check")
async def undecided(case: Case) -> None:
    """Fails to decide on a check."""
    stage = Stage(case)
    shopper = await stage.shopper()
    cart = await shopper.cart(stage.node.goods.sell())
    for reply in (Reply(document={"decision": "PERHAPS"}), Reply(document={}), Reply(500)):
        stage.node.answer("/control/check", shopper.person_id, reply, times=1)
        require_status(await shopper.send("POST", f"/carts/{cart['id']}/checkout"), 200, 502)
        require_status(await shopper.tries_to_pay(cart), 409)


@check("gateway.trouble.recovers")
async def recovers(case: Case) -> None:
    """Scans again after a node's trouble."""
    stage = Stage(case)
    shopper = await stage.shopper()
    barcode = stage.node.goods.sell()
    cart = await shopper.cart(stage.node.goods.sell())
    stage.node.answer(_BARCODE, barcode, Reply(500), times=1)
    require_status(await shopper.tries_to_scan(cart, barcode), 502, 503)
    cart = await shopper.scan(cart, barcode)
    require(len(cart["lines"]) == 2, "two lines in the cart", len(cart["lines"]))
