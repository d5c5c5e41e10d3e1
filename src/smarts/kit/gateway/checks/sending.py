"""Checks of all that reaches the node, and of the documents of a purchase's check."""

from collections.abc import Iterator
from typing import Any

from smarts.kit.check import Unmet
from smarts.kit.gateway.looks import check, money, require_document
from smarts.kit.gateway.played_node import Received
from smarts.kit.gateway.stage import Shopper, Stage, require
from smarts.kit.gateway.stories import an_order_sent, invoiced, purchase
from smarts.kit.subject import JSON_CONTENT, Case
from smarts.wire.operations import TO_NODE, TOKEN_HEADER

_PATHS = {(row.method, row.path) for row in TO_NODE}
_NUMBERS = {
    "amount",
    "rowPrice",
    "total",
    "totalToPay",
    "orderTotalPrice",
    "sumWithVAT",
    "sumWithoutVAT",
    "VATSum",
    "VATRate",
    "vatSum",
    "value",
    "price",
    "page",
    "limit",
}
_NAMES_OF_OBJECTS = {"total", "price"}  # in an invoice and its products these are objects, elsewhere amounts


async def _everything(stage: Stage) -> list[Received]:
    """All that has reached the node, once a purchase and an order have."""
    await invoiced(stage)
    await an_order_sent(stage)
    return list(stage.node.received)


@check("gateway.sends.token")
async def token(case: Case) -> None:
    """Looks at every request."""
    stage = Stage(case)
    for received in await _everything(stage):
        shown = received.headers.get(TOKEN_HEADER.lower())
        seen = "another one" if shown else "none"
        require(shown == stage.node.token, f"the node's token in {TOKEN_HEADER} of {received.name}", seen)


@check("gateway.sends.content-type")
async def content_type(case: Case) -> None:
    """Looks at every request with a body."""
    for received in await _everything(Stage(case)):
        told = received.headers.get("content-type", "none")
        if received.body and told.replace(" ", "").lower() != JSON_CONTENT.lower():
            raise Unmet(f"{JSON_CONTENT} in {received.name}", told)


@check("gateway.sends.paths")
async def paths(case: Case) -> None:
    """Looks at every request's method and path."""
    for received in await _everything(Stage(case)):
        require((received.method, received.path) in _PATHS, "an operation of the contract", received.name)


@check("gateway.sends.numbers")
async def numbers(case: Case) -> None:
    """Looks at every amount in every document."""
    for received in await _everything(Stage(case)):
        for name, value in _amounts(received.json() if received.body else None):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            require(is_number, f"a JSON number as {name} in {received.name}", repr(value))


def _amounts(document: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(document, list):
        for each in document:
            yield from _amounts(each)
    elif isinstance(document, dict):
        for name, value in document.items():
            if name in _NUMBERS and value is not None and not _is_object(name, value):
                yield name, value
            yield from _amounts(value)


def _is_object(name: str, value: Any) -> bool:
    return name in _NAMES_OF_OBJECTS and isinstance(value, dict)


@check("gateway.sends.languages")
async def languages(case: Case) -> None:
    """Scans as somebody who reads Estonian."""
    stage = Stage(case)
    shopper = await stage.shopper(langCode="ET")
    await shopper.cart(stage.node.goods.sell())
    told = (await _scanned(stage, shopper)).json().get("langCode")
    require(told == "ET", "langCode ET", told)


@check("gateway.sends.version")
async def version(case: Case) -> None:
    """Waits until the node is asked what it is."""
    node = Stage(case).node
    await node.wait_for("/version", "")


async def _scanned(stage: Stage, shopper: Shopper) -> Received:
    found = await stage.node.wait_for("/product/search/barcode", shopper.person_id)
    return found[-1]


@check("gateway.scan.request")
async def scan(case: Case) -> None:
    """Looks at the request for a scanned barcode."""
    stage = Stage(case)
    shopper = await stage.shopper()
    barcode = stage.node.goods.sell()
    await shopper.cart(barcode)
    received = await _scanned(stage, shopper)
    told = received.json()
    require_document("ProductSearchRequest", told, received.name)
    wanted = {
        "type": "SELF_SERVICE",
        "barcode": barcode,
        "langCode": "EN",
        "personId": shopper.person_id,
        "institutionId": stage.subject.store.institution_id,
    }
    seen = {name: told.get(name) for name in wanted}
    require(seen == wanted, str(wanted), seen)


@check("gateway.scan.barcode")
async def odd_barcodes(case: Case) -> None:
    """Scans barcodes with zeros in front, and with letters."""
    stage = Stage(case)
    shopper = await stage.shopper()
    cart = await shopper.cart()
    for barcode in ("0000040000014", "00000017", "ABC-1234 /x"):
        await shopper.tries_to_scan(cart, barcode)
        told = (await _scanned(stage, shopper)).json().get("barcode")
        require(told == barcode, repr(barcode), repr(told))


@check("gateway.check.request")
async def check_request(case: Case) -> None:
    """Looks at the cart as the node was asked to decide on it."""
    story = await purchase(Stage(case))
    require_document("PurchaseControlCheckRequest", story.asked.json(), story.asked.name)


@check("gateway.check.goods")
async def check_goods(case: Case) -> None:
    """Compares the check's products with the cart's lines."""
    story = await purchase(Stage(case))
    asked = sorted(
        (row["barcode"], row["amount"], money(row["rowPrice"])) for row in story.asked.json()["products"]
    )
    lines = sorted(
        (line["product"]["barcode"], line["quantity"], money(line["rowTotal"]))
        for line in story.cart["lines"]
    )
    require(asked == lines, f"the cart's {lines}", asked)


@check("gateway.check.ids")
async def check_ids(case: Case) -> None:
    """Compares the check's ids with the cart's."""
    stage = Stage(case)
    story = await purchase(stage)
    told = story.asked.json()
    seen = {name: told.get(name) for name in ("invoiceId", "personId", "institutionId")}
    wanted = {
        "invoiceId": story.invoice_id,
        "personId": story.shopper.person_id,
        "institutionId": stage.subject.store.institution_id,
    }
    require(seen == wanted, str(wanted), seen)
