"""What a store can do: one Protocol a feature, each method one operation of the contract.

Methods may be plain functions, which are run in threads, or `async` ones. A feature is there when all its methods are.
"""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol, TypeVar, Union

from smarts.wire import operations
from smarts.wire.control import PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.invoices import Invoice
from smarts.wire.loyalty import (
    LoyaltyCardBonusRequest,
    LoyaltyCardBonusResponse,
    LoyaltyCardRegistrationRequest,
    LoyaltyCardRegistrationResponse,
)
from smarts.wire.nodes import Feature, PartHealth
from smarts.wire.offers import Offer, OfferSearchRequest
from smarts.wire.operations import Operation
from smarts.wire.orders import Order
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptPaymentConfirmationRequest

T = TypeVar("T")
NowOrLater = Union[T, Awaitable[T]]  # noqa: UP007 - a generic alias needs it


class ProductSearch(Protocol):
    """Every node has this: what the store sells, at this shopper's prices."""

    def search(self, page: PageRequest[ProductSearchRequest], /) -> NowOrLater[Pageable[Product]]:
        """One page of the products that fit."""
        ...

    def by_barcode(self, request: ProductSearchRequest, /) -> NowOrLater[Product]:
        """The product with `request.barcode`; raises `NotFound` where the store does not sell it."""
        ...

    def by_name(self, request: ProductSearchRequest, /) -> NowOrLater[Sequence[Product]]:
        """The products whose names fit `request.name`."""
        ...

    def categories(self, request: ProductSearchRequest, /) -> NowOrLater[Sequence[Category]]:
        """The categories of products; those that fit `request.category_name` where there is one."""
        ...


class Invoices(Protocol):
    """The store is told of paid purchases."""

    def receive_invoice(self, invoice: Invoice, /) -> NowOrLater[None]:
        """Keeps a paid invoice; the same one may come again."""
        ...


class Receipts(Protocol):
    """Merchant side invoicing: the store makes the receipts that shoppers pay."""

    def create_receipt(self, request: CreateReceiptRequest, /) -> NowOrLater[Receipt]:
        """The receipt of a cart; the same cart may come again, and changed."""
        ...

    def confirm_receipt(self, confirmation: ReceiptPaymentConfirmationRequest, /) -> NowOrLater[None]:
        """The shopper has paid; the same confirmation may come again."""
        ...


class PurchaseControl(Protocol):
    """The store decides whose goods are checked before they pay."""

    def check_purchase(
        self, request: PurchaseControlCheckRequest, /
    ) -> NowOrLater[PurchaseControlCheckResponse]:
        """Whether this cart is checked; the answer to AGE and FULL goes back through `Gateway.send_check_result`."""
        ...


class LoyaltyCards(Protocol):
    """Shoppers link the store's loyalty cards."""

    def register_card(
        self, request: LoyaltyCardRegistrationRequest, /
    ) -> NowOrLater[LoyaltyCardRegistrationResponse]:
        """Links a card; raises `Refused` with words for the shopper where it is not theirs."""
        ...


class LoyaltyBonus(Protocol):
    """Loyalty cards collect a bonus."""

    def card_bonus(self, request: LoyaltyCardBonusRequest, /) -> NowOrLater[LoyaltyCardBonusResponse]:
        """The bonus on a card."""
        ...


class Orders(Protocol):
    """Home delivery: the store gets orders and what becomes of them."""

    def receive_order(self, order: Order, /) -> NowOrLater[None]:
        """Takes a new order; the same one may come again."""
        ...

    def receive_order_update(self, order: Order, /) -> NowOrLater[None]:
        """Takes an order that has changed; the same one may come again."""
        ...


class Offers(Protocol):
    """Offers to all shoppers or to one."""

    def find_offers(self, request: OfferSearchRequest, /) -> NowOrLater[Sequence[Offer]]:
        """The offers that are shown to a shopper."""
        ...


class Health(Protocol):
    """No feature: a store object may tell how its parts are."""

    def health(self) -> NowOrLater[Mapping[str, PartHealth]]:
        """How each part of the store's own system is, by its name."""
        ...


METHODS: Mapping[str, Operation] = {
    "search": operations.PRODUCT_SEARCH,
    "by_barcode": operations.PRODUCT_BY_BARCODE,
    "by_name": operations.PRODUCTS_BY_NAME,
    "categories": operations.CATEGORIES,
    "receive_invoice": operations.RECEIVE_INVOICE,
    "create_receipt": operations.CREATE_RECEIPT,
    "confirm_receipt": operations.CONFIRM_RECEIPT,
    "check_purchase": operations.CHECK_PURCHASE,
    "register_card": operations.REGISTER_CARD,
    "card_bonus": operations.CARD_BONUS,
    "receive_order": operations.RECEIVE_ORDER,
    "receive_order_update": operations.RECEIVE_ORDER_UPDATE,
    "find_offers": operations.FIND_OFFERS,
}


def methods_of(feature: Feature) -> list[str]:
    """The names of the methods that make a feature."""
    return [name for name, operation in METHODS.items() if operation.feature is feature]
