"""Stores as merchants would write them, for the tests of the node starter."""

from decimal import Decimal
from typing import Any

from smarts.node import Node, NotFound, Refused
from smarts.node.features import METHODS
from smarts.wire.codec import decode
from smarts.wire.control import Decision, PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.examples import example
from smarts.wire.invoices import Invoice
from smarts.wire.loyalty import LoyaltyCardRegistrationRequest, LoyaltyCardRegistrationResponse
from smarts.wire.operations import Operation
from smarts.wire.products import VAT, Category, Pageable, PageRequest, Price, Product, ProductSearchRequest
from smarts.wire.text import Translatable

TOKEN = "node-token-of-the-tests"

MILK = Product(
    id="1",
    barcode="4740012345674",
    translatable_name=Translatable.of("Piim", EN="Milk"),
    price=Price(
        VAT(
            sum_without_vat=Decimal("1.00"),
            vat_sum=Decimal("0.24"),
            sum_with_vat=Decimal("1.24"),
            vat_rate=Decimal(24),
        ),
        Decimal("1.24"),
    ),
)


class Shop:
    """Product search in plain methods, one product."""

    def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        return Pageable((MILK,), 1, 1)

    def by_barcode(self, request: ProductSearchRequest) -> Product:
        if request.barcode != MILK.barcode:
            raise NotFound("Not sold here.")
        return MILK

    def by_name(self, request: ProductSearchRequest) -> list[Product]:
        return [MILK] if request.name == "Piim" else []

    def categories(self, request: ProductSearchRequest) -> list[Category]:
        return [Category("dairy", Translatable.of("Piimatooted"))]


class Control:
    """Purchase control in an `async` method."""

    async def check_purchase(self, request: PurchaseControlCheckRequest) -> PurchaseControlCheckResponse:
        return PurchaseControlCheckResponse(Decision.FULL if len(request.products) > 3 else Decision.NO)


class Books:
    """Invoices kept in memory."""

    def __init__(self) -> None:
        self.invoices: list[Invoice] = []

    async def receive_invoice(self, invoice: Invoice) -> None:
        self.invoices.append(invoice)


class Club:
    """Loyalty cards, of which only 123 is anybody's."""

    async def register_card(self, request: LoyaltyCardRegistrationRequest) -> LoyaltyCardRegistrationResponse:
        if request.value != "123":
            raise Refused("See kaart ei ole teie oma.")
        return LoyaltyCardRegistrationResponse(card_number="123")


def golden(kind: Any) -> Any:
    """The golden example of a type: of a list, a list of one."""
    if getattr(kind, "__origin__", None) is tuple:
        return (golden(kind.__args__[0]),)
    member = kind.__args__[0] if str(kind).startswith("typing.Union") else kind
    name = getattr(member, "__origin__", member).__name__
    return decode(example(name), kind)


class GoldenStore:
    """A store with all features, which answers golden examples and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def _answer(self, operation: Operation, request: Any) -> Any:
        self.asked[operation.name] = request
        return None if operation.response is None else golden(operation.response)


def _method(operation: Operation) -> Any:
    def method(self: GoldenStore, request: Any) -> Any:
        return self._answer(operation, request)

    return method


for _name, _operation in METHODS.items():
    setattr(GoldenStore, _name, _method(_operation))


def node_of(*stores: object, **more: Any) -> Node:
    """A node of these store objects."""
    return Node(*stores, **({"token": TOKEN, "name": "Test store", "version": "7.1"} | more))
