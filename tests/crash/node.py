"""The merchant's connection node: it keeps every document that comes, and does what it says once."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from smarts.edge.server import Server
from smarts.node import Inbox, Node, NotFound, SQLiteFile
from smarts.wire.control import Decision, PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.invoices import Invoice
from smarts.wire.money import Currency, rounded
from smarts.wire.orders import Order
from smarts.wire.products import (
    VAT,
    Category,
    Inspection,
    MinAge,
    Pageable,
    PageRequest,
    Price,
    Product,
    ProductSearchRequest,
    Quantity,
    Unit,
    net_and_vat,
)
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptPaymentConfirmationRequest
from smarts.wire.text import Translatable

from .node_books import NodeBooks
from .office import Office
from .steps import TO_NODE
from .stores import BEER, BREAD, MERCHANT_CHECKS, MILK, Kind, Surroundings, share

_CHECKED_SHARE = 35


def _product(barcode: str, name: str, total: str, *inspections: Inspection) -> Product:
    gross, rate = Decimal(total), Decimal(24)
    net, vat = net_and_vat(gross, rate)
    return Product(
        id=f"p-{barcode}",
        barcode=barcode,
        translatable_name=Translatable.of(name),
        price=Price(VAT(sum_without_vat=net, vat_sum=vat, sum_with_vat=gross, vat_rate=rate), gross),
        weight_item=False,
        quantity=Quantity(Unit.PIECE, Decimal(1)),
        inspections=inspections,
    )


PRODUCTS = {
    each.barcode: each
    for each in (
        _product(BREAD, "Rukkileib", "1.49"),
        _product(MILK, "Piim", "1.24"),
        _product(BEER, "Õlu", "1.99", MinAge(age=18)),
    )
}


class Shelves:
    """What all the stores sell."""

    def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        return Pageable(tuple(PRODUCTS.values())[: page.limit], 1, len(PRODUCTS))

    def by_barcode(self, request: ProductSearchRequest) -> Product:
        if request.barcode not in PRODUCTS:
            raise NotFound("Not sold here")
        return PRODUCTS[request.barcode]

    def by_name(self, request: ProductSearchRequest) -> Sequence[Product]:
        return []

    def categories(self, request: ProductSearchRequest) -> Sequence[Category]:
        return []


class Till:
    """The rest of the store; what must be done once is done in the inbox's transaction, and counts every time."""

    def __init__(self, books: NodeBooks, kinds: Mapping[str, Kind]) -> None:
        self._books = books
        self._kinds = kinds

    def receive_invoice(self, invoice: Invoice, tx: Connection) -> None:
        _book(tx, "invoice", invoice.id, invoice.total.total_to_pay)

    def confirm_receipt(self, confirmation: ReceiptPaymentConfirmationRequest, tx: Connection) -> None:
        _book(tx, "confirmation", confirmation.invoice_id, confirmation.total)

    def receive_order(self, order: Order, tx: Connection) -> None:
        number = len(order.status_changelogs)
        _book(tx, "order", f"{order.id}/{number}", order.order_total_price)
        tx.execute(
            "insert into orders (id, institution_id) values (?, ?) on conflict do nothing",
            (order.id, order.institution_id),
        )

    def receive_order_update(self, order: Order, tx: Connection) -> None:
        self.receive_order(order, tx)

    def check_purchase(self, request: PurchaseControlCheckRequest) -> PurchaseControlCheckResponse:
        decision = self._decide(request)
        self._books.write(
            "insert into checks (invoice_id, institution_id, decision) values (?, ?, ?) on conflict do nothing",
            request.invoice_id, request.institution_id, decision.value,
        )  # fmt: skip
        return PurchaseControlCheckResponse(decision)

    def _decide(self, request: PurchaseControlCheckRequest) -> Decision:
        if self._kinds.get(request.institution_id) not in MERCHANT_CHECKS:
            return Decision.NO
        return Decision.FULL if share(request.invoice_id) < _CHECKED_SHARE else Decision.NO

    def create_receipt(self, request: CreateReceiptRequest) -> Receipt:
        return _receipt(request)


def _book(tx: Connection, kind: str, about: str | None, total: Decimal | None) -> None:
    tx.execute("insert into effects (kind, id, total) values (?, ?, ?)", (kind, about, str(total)))


def _receipt(request: CreateReceiptRequest) -> Receipt:
    goods = sum((row.row_price for row in request.products), Decimal(0))
    gross = goods + ((request.shipment.price or Decimal(0)) if request.shipment else Decimal(0))
    vat = rounded(gross * 24 / 124, Currency.EUR)
    return Receipt(
        institution_invoice_id=f"R-{request.invoice_id}",
        invoice_id=request.invoice_id,
        institution_id=request.institution_id,
        customer_id=request.person_id,
        products=request.products,
        shipment=request.shipment,
        currency=Currency.EUR,
        total_without_addition=gross,
        addition_sum=Decimal(0),
        total_without_vat=gross - vat,
        vat_sum=vat,
        total=gross,
    )


class Door:
    """Writes every document down as it comes in, before the node looks whether it knows it."""

    def __init__(self, node: Node, books: NodeBooks) -> None:
        self._node = node
        self._books = books

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        kind, message_id = TO_NODE.get(scope.get("path", "")), headers.get(b"webhook-id", b"").decode()
        if kind is None or not message_id:
            await self._node(scope, receive, send)
            return
        came = [await receive()]
        while came[-1]["type"] == "http.request" and came[-1].get("more_body"):
            came.append(await receive())
        if came[-1]["type"] == "http.request":
            body = b"".join(message.get("body", b"") for message in came)
            await asyncio.to_thread(self._books.receive, kind, message_id, body)

        async def again() -> Any:
            return came.pop(0) if came else await receive()

        await self._node(scope, again, send)

    def end_streams(self) -> None:
        """There are none."""


def main(inbox_of: Callable[[SQLiteFile], Inbox] = Inbox) -> None:
    """Serves until it is told to stop."""
    around = Surroundings.read(Path(os.environ["CRASH_SURROUNDINGS"]))
    books = NodeBooks(Path(around.books))
    till = Till(books, {store.institution_id: store.kind for store in around.stores})

    @asynccontextmanager
    async def office_open(*_: object) -> AsyncIterator[None]:
        working = asyncio.create_task(Office(books, around).work())
        yield
        working.cancel()

    node = Node(
        Shelves(),
        till,
        token=around.node_token,
        name="crash test",
        version="1",
        lifespan=office_open,
        inbox=inbox_of(SQLiteFile(around.books)),
    )
    Server(Door(node, books), around.node_host, around.node_port).run()
