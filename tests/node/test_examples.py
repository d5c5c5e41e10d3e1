"""The examples work as they say: alone, of functions, and mounted in other frameworks."""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from yarl import URL

from serving import serving
from smarts.caller import Caller, Refused, Target
from smarts.wire import operations
from smarts.wire.control import Decision, PurchaseControlCheckRequest
from smarts.wire.products import PageRequest, ProductSearchRequest
from smarts.wire.receipts import ReceiptProduct

EXAMPLES = Path(__file__).parents[2] / "examples"
MOUNTED = ["in_fastapi", "in_starlette", "in_django"]


@pytest.fixture(scope="module", autouse=True)
def _examples_on_the_path() -> Iterator[None]:
    sys.path.insert(0, str(EXAMPLES))
    yield
    sys.path.remove(str(EXAMPLES))


@contextlib.asynccontextmanager
async def calling(name: str) -> Any:
    """Serves an example; gives its address, and a function that calls its node with its token."""
    module = importlib.import_module(name)
    app, prefix = (module.app, "/smarts") if name in MOUNTED else (module.node, "")
    caller = Caller(allow_private_addresses=True)
    async with serving(app) as address:

        async def call(operation: operations.Operation, body: Any = None, token: str = module.TOKEN) -> Any:
            return await caller.call(Target(address + prefix, token), operation, body)

        yield address + prefix, call
    await caller.close()


def cart_of(barcode: str) -> PurchaseControlCheckRequest:
    line = ReceiptProduct("1", barcode, "x", Decimal(1), Decimal(1))
    return PurchaseControlCheckRequest(
        invoice_id="i", lang_code="ET", person_id="p", institution_id="s", products=(line,)
    )


@pytest.mark.parametrize("name", ["alone", "functions", *MOUNTED])
async def test_the_node_answers_wherever_it_is(name: str) -> None:
    """The same store answers the same, alone, made of functions, and below a path of another application."""
    async with calling(name) as (_, call):
        bread = await call(operations.PRODUCT_BY_BARCODE, ProductSearchRequest(barcode="4740000000017"))
        assert bread.translatable_name.original_text == "Leib"
        page = await call(
            operations.PRODUCT_SEARCH, PageRequest(request=ProductSearchRequest(), limit=2, page=2)
        )
        assert (len(page.result), page.last_page, page.total_count) == (1, 2, 3)
        with pytest.raises(Refused) as unknown:
            await call(operations.PRODUCT_BY_BARCODE, ProductSearchRequest(barcode="1"))
        assert (unknown.value.problem.status, unknown.value.problem.detail) == (404, "We do not sell this.")
        with pytest.raises(Refused) as stranger:
            await call(operations.VERSION, token="wrong")
        assert stranger.value.problem.status == 401


@pytest.mark.parametrize("name", ["alone", *MOUNTED])
async def test_beer_asks_for_the_age(name: str) -> None:
    """The shop's own rule is asked: beer leads to a check of the age, bread to none."""
    async with calling(name) as (_, call):
        for barcode, decision in (("4740000000031", Decision.AGE), ("4740000000017", Decision.NO)):
            assert (await call(operations.CHECK_PURCHASE, cart_of(barcode))).decision is decision


@pytest.mark.parametrize("name", MOUNTED)
async def test_the_application_around_it_still_serves(name: str) -> None:
    """Mounting the node takes nothing from the application that it is mounted in."""
    async with calling(name) as (address, _), ClientSession() as http:
        async with http.get(address.removesuffix("/smarts") + "/stock") as response:
            assert await response.json() == {"products": 3}
        async with http.get(address.removesuffix("/smarts") + "/nothing") as response:
            assert response.status == 404


@pytest.mark.parametrize("name", ["alone", *MOUNTED])
async def test_the_document_leads_to_the_node(name: str) -> None:
    """The OpenAPI document's server, resolved against the document's address, is where the node answers."""
    async with calling(name) as (address, _), ClientSession() as http:
        async with http.get(f"{address}/openapi.json") as response:
            document = await response.json()
        base = response.url.join(URL(document["servers"][0]["url"]))
        assert str(base).rstrip("/") == address
        async with http.get(f"{address}/docs") as response:
            assert (response.status, response.content_type) == (200, "text/html")
