"""The table of operations holds exactly what section 2 of the contract lists."""

from typing import Any

import msgspec
import pytest

from smarts.wire import operations as table
from smarts.wire.control import (
    PurchaseControlCheckRequest,
    PurchaseControlCheckResendRequest,
    PurchaseControlCheckResponse,
    PurchaseControlResult,
)
from smarts.wire.invoices import Invoice
from smarts.wire.loyalty import (
    LoyaltyCardBonusRequest,
    LoyaltyCardBonusResponse,
    LoyaltyCardRegistrationRequest,
    LoyaltyCardRegistrationResponse,
)
from smarts.wire.nodes import Feature, NodeHealthResponse, NodeVersionResponse
from smarts.wire.offers import Offer, OfferSearchRequest
from smarts.wire.operations import OPERATIONS, TO_GATEWAY, TO_NODE, TOKEN_HEADER, Direction, Operation
from smarts.wire.orders import Order, PickupOrderStatusChangeRequest
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptPaymentConfirmationRequest

# Method and path: request, response, whether a node must have it.
NODE_ROWS: dict[str, tuple[Any, Any, bool]] = {
    "GET /version": (None, NodeVersionResponse, True),
    "GET /health": (None, NodeHealthResponse, True),
    "POST /product/search": (PageRequest[ProductSearchRequest], Pageable[Product], True),
    "POST /product/search/barcode": (ProductSearchRequest, Product, True),
    "POST /product/search/name": (ProductSearchRequest, tuple[Product, ...], True),
    "POST /product/search/category": (ProductSearchRequest, tuple[Category, ...], True),
    "POST /invoice": (Invoice, None, False),
    "POST /receipt": (CreateReceiptRequest, Receipt, False),
    "POST /receipt/confirm": (ReceiptPaymentConfirmationRequest, None, False),
    "POST /control/check": (PurchaseControlCheckRequest, PurchaseControlCheckResponse, False),
    "POST /card/loyalty": (LoyaltyCardRegistrationRequest, LoyaltyCardRegistrationResponse, False),
    "POST /card/loyalty/bonus": (LoyaltyCardBonusRequest, LoyaltyCardBonusResponse, False),
    "POST /pickup/order": (Order, None, False),
    "POST /pickup/order/update": (Order, None, False),
    "POST /offer/search": (OfferSearchRequest, tuple[Offer, ...], False),
}
GATEWAY_ROWS: dict[str, tuple[Any, Any, bool]] = {
    "POST /control/result": (PurchaseControlResult, None, False),
    "POST /control/resend": (PurchaseControlCheckResendRequest, PurchaseControlCheckRequest, False),
    "POST /pickup/order/status": (PickupOrderStatusChangeRequest, Order, False),
    "GET /pickup/order/{id}": (None, Order, False),
    "GET /pickup/order/invoice/{invoiceId}": (None, Order, False),
    "GET /pickup/order/institution-invoice/{institutionInvoiceId}": (None, Order, False),
}
OPTIONAL_FEATURES = {
    Feature.INVOICES,
    Feature.RECEIPTS,
    Feature.PURCHASE_CONTROL,
    Feature.LOYALTY_CARDS,
    Feature.LOYALTY_BONUS,
    Feature.ORDERS,
    Feature.OFFERS,
}


def rows(operations: tuple[Operation, ...]) -> dict[str, tuple[Any, Any, bool]]:
    return {f"{row.method} {row.path}": (row.request, row.response, row.required) for row in operations}


def test_the_node_has_the_contracts_endpoints() -> None:
    """From the gateway to the node: each endpoint with its method, path, bodies and need, and no other."""
    assert rows(TO_NODE) == NODE_ROWS
    assert len(TO_NODE) == len(NODE_ROWS)


def test_the_gateway_has_the_contracts_endpoints() -> None:
    """From the merchant to the gateway: each endpoint with its method, path and bodies, and no other."""
    assert rows(TO_GATEWAY) == GATEWAY_ROWS
    assert len(TO_GATEWAY) == len(GATEWAY_ROWS)


def test_each_operation_goes_one_way() -> None:
    """The two directions make the whole table, in which each operation of the module stands once."""
    assert {*TO_NODE, *TO_GATEWAY} == set(OPERATIONS)
    assert all(row.direction is Direction.TO_NODE for row in TO_NODE)
    assert all(row.direction is Direction.TO_GATEWAY for row in TO_GATEWAY)
    assert {row for row in vars(table).values() if isinstance(row, Operation)} == set(OPERATIONS)


def test_names_are_unique() -> None:
    """Names, and in each direction methods with paths, name one operation."""
    assert len({row.name for row in OPERATIONS}) == len(OPERATIONS)
    assert len({(row.direction, row.method, row.path) for row in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_rows_are_whole(row: Operation) -> None:
    """Each row has words for people and a patience that a shopper can bear; GET has no body."""
    assert row.summary
    assert not row.summary.endswith(".")
    assert 0 < row.deadline <= 10
    assert (row.method == "GET") == (row.request is None)


def test_only_registering_a_card_is_not_repeated() -> None:
    """All operations but the registration of a card have the same effect when done twice."""
    assert [row.name for row in OPERATIONS if not row.repeatable] == ["card.loyalty"]


def test_features_are_required_as_a_whole() -> None:
    """A feature is required or optional with all its operations; the optional ones are those of the contract."""
    optional = {row.feature for row in TO_NODE if not row.required}
    required = {row.feature for row in TO_NODE if row.required}
    assert optional == OPTIONAL_FEATURES
    assert optional.isdisjoint(required)
    assert optional | required == set(Feature)


def test_the_token_travels_in_its_header() -> None:
    """The token's header is the documentation's."""
    assert TOKEN_HEADER == "accessToken"


def test_schemas_can_be_made() -> None:
    """For every request and response there is a JSON schema, from the types alone."""
    kinds = [kind for row in OPERATIONS for kind in (row.request, row.response) if kind is not None]
    schemas, components = msgspec.json.schema_components(kinds, schema_hook=lambda _: {"type": "string"})
    assert len(schemas) == len(kinds)
    assert {
        "Product",
        "Invoice",
        "PurchaseControlCheckRequest",
        "Order",
        "DiscountOffer",
    } <= components.keys()
    assert "sumWithoutVAT" in components["VAT"]["properties"]
