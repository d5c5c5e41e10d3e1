"""The one table of the contract's operations (section 2): routers, clients, OpenAPI and the kit are made from it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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
from smarts.wire.orders import Order, PickupOrderStatusChangeRequest
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptPaymentConfirmationRequest

TOKEN_HEADER = "accessToken"  # noqa: S105 - the header's name, not a secret
MESSAGE_ID_HEADER = "webhook-id"


class Direction(StrEnum):
    """Who calls whom."""

    TO_NODE = "gateway to node"
    TO_GATEWAY = "merchant to gateway"


@dataclass(frozen=True)
class Operation:
    """One row: `deadline` is the caller's patience in seconds for all tries together.

    `repeatable` operations have the same effect when done twice, so a caller may try again after a lost answer.
    `path` is below the node's address, or below `/v1` at the gateway.
    """

    name: str
    feature: Feature
    direction: Direction
    method: str
    path: str
    request: Any
    response: Any
    required: bool
    deadline: float
    repeatable: bool
    summary: str


def _to_node(
    name: str,
    feature: Feature,
    line: str,
    request: Any,
    response: Any,
    summary: str,
    *,
    required: bool = False,
    deadline: float = 5.0,
    repeatable: bool = True,
) -> Operation:
    method, path = line.split()
    return Operation(
        name,
        feature,
        Direction.TO_NODE,
        method,
        path,
        request,
        response,
        required,
        deadline,
        repeatable,
        summary,
    )


def _to_gateway(
    name: str,
    feature: Feature,
    line: str,
    request: Any,
    response: Any,
    summary: str,
    *,
    repeatable: bool = True,
) -> Operation:
    method, path = line.split()
    return Operation(
        name, feature, Direction.TO_GATEWAY, method, path, request, response, False, 10.0, repeatable, summary
    )


# fmt: off
VERSION = _to_node(
    "version", Feature.NODE, "GET /version", None, NodeVersionResponse,
    "What the node is and can do", required=True)
HEALTH = _to_node(
    "health", Feature.NODE, "GET /health", None, NodeHealthResponse,
    "How the node is", required=True, deadline=2.0)
PRODUCT_SEARCH = _to_node(
    "product.search", Feature.PRODUCT_SEARCH, "POST /product/search",
    PageRequest[ProductSearchRequest], Pageable[Product], "Products, page by page", required=True)
PRODUCT_BY_BARCODE = _to_node(
    "product.search.barcode", Feature.PRODUCT_SEARCH, "POST /product/search/barcode",
    ProductSearchRequest, Product,
    "The product with a barcode; 404 where the store does not sell it", required=True, deadline=3.0)
PRODUCTS_BY_NAME = _to_node(
    "product.search.name", Feature.PRODUCT_SEARCH, "POST /product/search/name",
    ProductSearchRequest, tuple[Product, ...], "Products by name", required=True)
CATEGORIES = _to_node(
    "product.search.category", Feature.PRODUCT_SEARCH, "POST /product/search/category",
    ProductSearchRequest, tuple[Category, ...], "Categories of products", required=True)
RECEIVE_INVOICE = _to_node(
    "invoice", Feature.INVOICES, "POST /invoice", Invoice, None,
    "Receive a paid invoice", deadline=10.0)
CREATE_RECEIPT = _to_node(
    "receipt", Feature.RECEIPTS, "POST /receipt", CreateReceiptRequest, Receipt,
    "Make the receipt of a cart")
CONFIRM_RECEIPT = _to_node(
    "receipt.confirm", Feature.RECEIPTS, "POST /receipt/confirm", ReceiptPaymentConfirmationRequest, None,
    "A receipt is paid", deadline=10.0)
CHECK_PURCHASE = _to_node(
    "control.check", Feature.PURCHASE_CONTROL, "POST /control/check",
    PurchaseControlCheckRequest, PurchaseControlCheckResponse, "Decide whether a cart is checked")
REGISTER_CARD = _to_node(
    "card.loyalty", Feature.LOYALTY_CARDS, "POST /card/loyalty",
    LoyaltyCardRegistrationRequest, LoyaltyCardRegistrationResponse,
    "Link a shopper's loyalty card; 422 with words for the shopper where it is refused", repeatable=False)
CARD_BONUS = _to_node(
    "card.loyalty.bonus", Feature.LOYALTY_BONUS, "POST /card/loyalty/bonus",
    LoyaltyCardBonusRequest, LoyaltyCardBonusResponse, "The bonus on a card")
RECEIVE_ORDER = _to_node(
    "pickup.order", Feature.ORDERS, "POST /pickup/order", Order, None,
    "Receive an order", deadline=10.0)
RECEIVE_ORDER_UPDATE = _to_node(
    "pickup.order.update", Feature.ORDERS, "POST /pickup/order/update", Order, None,
    "Receive an order's change", deadline=10.0)
FIND_OFFERS = _to_node(
    "offer.search", Feature.OFFERS, "POST /offer/search", OfferSearchRequest, tuple[Offer, ...],
    "Offers to a shopper")

SEND_CHECK_RESULT = _to_gateway(
    "control.result", Feature.PURCHASE_CONTROL, "POST /control/result", PurchaseControlResult, None,
    "Send the result of a purchase check")
RESEND_CHECK = _to_gateway(
    "control.resend", Feature.PURCHASE_CONTROL, "POST /control/resend",
    PurchaseControlCheckResendRequest, PurchaseControlCheckRequest,
    "Ask for the document of a purchase check again")
CHANGE_ORDER_STATUS = _to_gateway(
    "pickup.order.status", Feature.ORDERS, "POST /pickup/order/status",
    PickupOrderStatusChangeRequest, Order, "Change an order's status")
FIND_ORDER = _to_gateway(
    "pickup.order.find", Feature.ORDERS, "GET /pickup/order/{id}", None, Order,
    "An order by its id")
FIND_ORDER_BY_INVOICE = _to_gateway(
    "pickup.order.find-by-invoice", Feature.ORDERS, "GET /pickup/order/invoice/{invoiceId}", None, Order,
    "An order by the gateway's invoice id")
FIND_ORDER_BY_INSTITUTION_INVOICE = _to_gateway(
    "pickup.order.find-by-institution-invoice", Feature.ORDERS,
    "GET /pickup/order/institution-invoice/{institutionInvoiceId}", None, Order,
    "An order by the store's own invoice id")

OPERATIONS: tuple[Operation, ...] = (
    VERSION, HEALTH, PRODUCT_SEARCH, PRODUCT_BY_BARCODE, PRODUCTS_BY_NAME, CATEGORIES,
    RECEIVE_INVOICE, CREATE_RECEIPT, CONFIRM_RECEIPT, CHECK_PURCHASE, REGISTER_CARD, CARD_BONUS,
    RECEIVE_ORDER, RECEIVE_ORDER_UPDATE, FIND_OFFERS,
    SEND_CHECK_RESULT, RESEND_CHECK, CHANGE_ORDER_STATUS, FIND_ORDER, FIND_ORDER_BY_INVOICE,
    FIND_ORDER_BY_INSTITUTION_INVOICE,
)
# fmt: on

MUST_ARRIVE: tuple[Operation, ...] = (RECEIVE_INVOICE, CONFIRM_RECEIPT, RECEIVE_ORDER, RECEIVE_ORDER_UPDATE)
"""What is sent until it has arrived, with an id in `MESSAGE_ID_HEADER` that is the same at every try."""
TO_NODE: tuple[Operation, ...] = tuple(row for row in OPERATIONS if row.direction is Direction.TO_NODE)
TO_GATEWAY: tuple[Operation, ...] = tuple(row for row in OPERATIONS if row.direction is Direction.TO_GATEWAY)
