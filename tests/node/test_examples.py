"""The examples work as they say: alone, of functions, and mounted in other frameworks."""

import contextlib
import importlib
import sys
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from msgspec.structs import replace
from yarl import URL

from node.stores import golden
from serving import serving
from smarts.caller import Caller, Refused, Target
from smarts.edge.app import EdgeApp
from smarts.edge.routes import Call, serve
from smarts.edge.signatures import new_secret
from smarts.node import Gateway
from smarts.wire import operations
from smarts.wire.codec import decode
from smarts.wire.control import Decision, PurchaseControlCheckRequest
from smarts.wire.examples import example
from smarts.wire.invoices import Invoice
from smarts.wire.loyalty import (
    ClientCard,
    LoyaltyCard,
    LoyaltyCardBonusRequest,
    LoyaltyCardRegistrationRequest,
)
from smarts.wire.money import Currency
from smarts.wire.offers import OfferClassification, OfferSearchRequest
from smarts.wire.orders import Order, PickupOrderStatusChangeRequest
from smarts.wire.products import PageRequest, ProductSearchRequest
from smarts.wire.receipts import CreateReceiptRequest, ReceiptPaymentConfirmationRequest, ReceiptProduct
from smarts.wire.shipments import Shipment, ShipmentMethod

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
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
        bread = await call(operations.PRODUCT_BY_BARCODE, ProductSearchRequest(barcode="4740000000018"))
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
        for barcode, decision in (("4740000000032", Decision.AGE), ("4740000000018", Decision.NO)):
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


async def test_a_list_of_products_is_a_shop() -> None:
    """The shop of a list sells by barcode, finds names in each language, counts what is below, and orders by price."""
    async with calling("from_a_list") as (_, call):
        bread = await call(operations.PRODUCT_BY_BARCODE, ProductSearchRequest(barcode="4740000000018"))
        assert await call(operations.PRODUCTS_BY_NAME, ProductSearchRequest(name="ХЛЕБ")) == (bread,)
        categories = await call(operations.CATEGORIES, ProductSearchRequest())
        assert {each.id: each.number_of_products for each in categories} == {"bakery": 1, "food": 3}
        page = await call(
            operations.PRODUCT_SEARCH,
            PageRequest(
                limit=1, order_field_name="price", request=ProductSearchRequest(category_name="Food")
            ),
        )
        assert (page.result[0].translatable_name.in_language("EN"), page.last_page) == ("Chocolate", 3)


@pytest.fixture
async def more() -> AsyncIterator[Any]:
    """Calls the shop with all features; each test has a new one."""
    sys.modules.pop("more_features", None)
    async with calling("more_features") as (_, call):
        yield call


async def test_the_shop_has_every_feature_but_two(more: Any) -> None:
    """Beside the products it has all features except for invoices and the check, which others show."""
    features = set((await more(operations.VERSION)).features)
    assert features == {"receipts", "loyalty-cards", "loyalty-bonus", "orders", "offers"}


async def test_a_card_is_linked(more: Any) -> None:
    """A card is its first shopper's, who is told the bonus; others and unknown numbers are refused with words."""
    kind = decode(example("LoyaltyCard"), LoyaltyCard)
    request = LoyaltyCardRegistrationRequest(loyalty_card=kind, value="9200000770018", person_id="p")
    linked = await more(operations.REGISTER_CARD, request)
    assert (linked.card_number, linked.bonus) == ("9200000770018", Decimal("3.40"))
    assert await more(operations.REGISTER_CARD, request) == linked
    for change, words in (({"person_id": "other"}, "already linked"), ({"value": "1"}, "no such card")):
        with pytest.raises(Refused, match=words):
            await more(operations.REGISTER_CARD, replace(request, **change))
    card = ClientCard(kind.id, linked.card_number)
    bonus = await more(operations.CARD_BONUS, LoyaltyCardBonusRequest("s", "p", card))
    assert bonus.bonus == Decimal("3.40")
    with pytest.raises(Refused, match="no such card"):
        await more(operations.CARD_BONUS, LoyaltyCardBonusRequest("s", "other", card))


async def test_a_receipt_is_made_and_paid(more: Any) -> None:
    """The receipt has the shop's prices and names, its sums add up, and it may be confirmed more than once."""
    shipment = Shipment(method=ShipmentMethod.COURIER, price=Decimal("2.99"), currency=Currency.EUR)
    rows = (
        ReceiptProduct("1", "4740000000018", "?", Decimal(2), Decimal(0)),
        ReceiptProduct("2", "4740000000032", "?", Decimal(1), Decimal(0)),
    )
    request = CreateReceiptRequest(
        invoice_id="i", products=rows, shipment=shipment, lang_code="EN", person_id="p", institution_id="s"
    )
    receipt = await more(operations.CREATE_RECEIPT, request)
    assert await more(operations.CREATE_RECEIPT, request) == receipt
    assert [(row.product_name, row.row_price) for row in receipt.products] == [
        ("Bread", Decimal("3.78")),
        ("Chocolate", Decimal("1.59")),
    ]
    assert receipt.total == receipt.total_without_vat + receipt.vat_sum == Decimal("8.36")
    confirmation = decode(example("ReceiptPaymentConfirmationRequest"), ReceiptPaymentConfirmationRequest)
    with pytest.raises(Refused, match="no such receipt"):
        await more(operations.CONFIRM_RECEIPT, confirmation)
    paid = replace(confirmation, institution_invoice_id=receipt.institution_invoice_id)
    for _ in range(2):
        await more(operations.CONFIRM_RECEIPT, paid)


@pytest.mark.parametrize("amount", [Decimal(0), Decimal("-0.5")])
async def test_nothing_is_not_sold(more: Any, amount: Decimal) -> None:
    """A row of nothing, or of less, gets no receipt."""
    row = ReceiptProduct("1", "4740000000018", "Leib", amount, Decimal(0))
    request = CreateReceiptRequest(
        invoice_id="i", products=(row,), lang_code="EN", person_id="p", institution_id="s"
    )
    with pytest.raises(Refused, match="Leib"):
        await more(operations.CREATE_RECEIPT, request)


async def test_offers_are_for_everybody(more: Any) -> None:
    """The shop's one offer is to everybody, and none is to one shopper."""
    (offer,) = await more(operations.FIND_OFFERS, OfferSearchRequest(institution_id="s"))
    assert offer.related_product.barcode == "4740000000032"
    personal = OfferSearchRequest(institution_id="s", classification=OfferClassification.PERSONAL)
    assert await more(operations.FIND_OFFERS, personal) == ()


async def test_an_order_goes_out_with_what_was_there(more: Any) -> None:
    """The shop tells its gateway of the goods that were picked, and keeps the order that comes back."""
    order = decode(example("Order"), Order)
    changes: list[PickupOrderStatusChangeRequest] = []
    updated = replace(order, order_total_price=Decimal("5.52"))

    async def change(asked: Call[PickupOrderStatusChangeRequest, None]) -> Order:
        changes.append(asked.body)
        return updated

    await more(operations.RECEIVE_ORDER, order)
    await more(operations.RECEIVE_ORDER, order)
    packing = importlib.import_module("more_features").packing
    routes = [serve(operations.CHANGE_ORDER_STATUS, change, None, "/v1")]
    async with serving(EdgeApp(routes)) as address, Gateway(address, "token", "s") as gateway:
        await packing.picked(gateway, order.id, missing={"2000160000207"})
    assert [row.barcode for row in changes[0].products or ()] == ["2000010000104"]
    assert packing.orders == {order.id: updated}


async def test_the_way_back() -> None:
    """Result, document and order go to and come from the gateway, in that order."""
    calls = []
    routes = []
    for row in operations.TO_GATEWAY:

        async def handle(call: Call[Any, None], row: operations.Operation = row) -> Any:
            calls.append(row)
            return None if row.response is None else golden(row.response)

        routes.append(serve(row, handle, None, "/v1"))
    way_back = importlib.import_module("way_back")
    async with serving(EdgeApp(routes)) as address:
        document = await way_back.let_pass_and_confirm(address, "token", "s", "i")
    assert document == golden(PurchaseControlCheckRequest)
    assert calls == [
        operations.SEND_CHECK_RESULT,
        operations.RESEND_CHECK,
        operations.FIND_ORDER_BY_INVOICE,
        operations.CHANGE_ORDER_STATUS,
    ]


async def test_a_sale_is_kept_once_and_only_signed_requests_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same message twice is one sale; without the signature nothing is answered."""
    secret = new_secret()
    monkeypatch.setenv("BOOKS", str(tmp_path / "books.sqlite3"))
    monkeypatch.setenv("NODE_SIGNING_SECRETS", secret)
    module = importlib.import_module("once")
    caller = Caller(allow_private_addresses=True)
    async with serving(module.node) as address:
        for _ in range(2):
            signed = Target(address, module.TOKEN, (secret,))
            await caller.call(signed, operations.RECEIVE_INVOICE, golden(Invoice), message_id="m-1")
        with pytest.raises(Refused) as stranger:
            await caller.call(Target(address, module.TOKEN), operations.RECEIVE_INVOICE, golden(Invoice))
    await caller.close()
    assert stranger.value.problem.type == "signature-refused"
    with module.books.transaction() as tx:
        assert len(tx.execute("select * from sales").fetchall()) == 1
