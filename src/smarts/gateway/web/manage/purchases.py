"""A store's purchases: looked for, looked at, and paid back."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.edge.problems import invalid
from smarts.gateway.journeys.activity import Activity
from smarts.gateway.journeys.purchases import DetailedPurchaseDocument, PurchaseDocument
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.refunds import Refunding, taken
from smarts.gateway.journeys.searches import PurchaseQuery
from smarts.gateway.journeys.sent import Sent
from smarts.gateway.parties import Store
from smarts.gateway.storage.answers import Claim
from smarts.gateway.web.forms import path_parameter, read_form
from smarts.gateway.web.manage.listing import Column, Listing
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.sessions import Sessions, staff_of
from smarts.wire.errors import Problem, ProblemError
from smarts.wire.text import Translatable

_SUM = re.compile(r"\d{1,9}(\.\d{1,2})?", re.ASCII)
COLUMNS: Sequence[Column[PurchaseDocument]] = (
    Column("invoiceId", lambda row: row.invoice_id),
    Column("institutionInvoiceId", lambda row: row.institution_invoice_id),
    Column("paidAt", lambda row: row.paid_at),
    Column("total", lambda row: row.total),
    Column("vatSum", lambda row: row.vat_sum),
    Column("charged", lambda row: row.charged),
    Column("currency", lambda row: row.currency.value),
)


@dataclass(frozen=True)
class SoldRow:
    """A row of an invoice or a receipt."""

    name: Translatable | str
    barcode: str
    amount: Decimal
    price: Decimal


@dataclass(frozen=True)
class PurchasePages:
    """The handlers."""

    reach: Reach
    activity: Activity
    refunding: Refunding
    sent: Sent

    def listing(self) -> Listing[PurchaseQuery, PurchaseDocument]:
        """GET /manage/stores/{id}/purchases, and the same as a table."""
        return Listing(
            self.reach,
            "purchases",
            PurchaseQuery,
            self.activity.purchases,
            lambda row: row.invoice_id,
            COLUMNS,
        )

    async def purchase(self, request: Request) -> Response:
        """GET /manage/stores/{id}/purchases/{invoice}: all that is known of a purchase."""
        return await self._show(request, await managed(self.reach, request))

    async def refund(self, request: Request) -> Response:
        """POST /manage/stores/{id}/purchases/{invoice}/refund; the form's key makes pressing twice pressing once."""
        store, invoice_id = await managed(self.reach, request), path_parameter(request, "invoice")
        form = await read_form(request)
        try:
            amount = _amount(form.get("amount", ""))
            what = f"refund page {store.institution_id} {invoice_id} {amount}"
            claim = Claim(
                staff_of(request).person_id,
                f"page:{form.get('key', '')[:200]}",
                sha256(what.encode()).digest(),
            )
            books = await self.refunding.books(store.institution_id, invoice_id)
            await self.refunding.refund(books, amount, claim)
        except ProblemError as error:
            return await self._show(request, store, error.problem, form.get("amount", ""))
        return back(store, f"/purchases/{invoice_id}?done=refund#payments")

    async def _show(
        self, request: Request, store: Store, problem: Problem | None = None, typed: str | None = None
    ) -> Response:
        invoice_id = path_parameter(request, "invoice")
        purchase = await self.activity.purchase(store, invoice_id)
        order = await self.activity.order_of(store, invoice_id)
        return page(
            request,
            "manage/purchase.html",
            store,
            problem,
            purchase=purchase,
            sold=tuple(_sold(purchase)),
            check=await self.activity.check_of(store, invoice_id),
            order=order,
            sent=await self.sent.about(store, invoice_id, *([order.id] if order else [])),
            key=str(uuid4()),
            typed=typed,
            **await self._paid(store, invoice_id),
        )

    async def _paid(self, store: Store, invoice_id: str) -> dict[str, Any]:
        try:
            books = await self.refunding.books(store.institution_id, invoice_id)
        except ProblemError:
            return {"payments": (), "steps": (), "left": Decimal(0)}
        return {"payments": books.payments, "steps": books.steps, "left": books.left(taken(books))}


def _sold(purchase: DetailedPurchaseDocument) -> Iterator[SoldRow]:
    if purchase.invoice:
        for product in purchase.invoice.products:
            price = product.price.vat.sum_with_vat
            amount = product.quantity.value if product.quantity else Decimal(1)
            yield SoldRow(product.translatable_name, product.barcode, amount, price)
    if purchase.receipt:
        for row in purchase.receipt.products:
            yield SoldRow(row.product_name, row.barcode, row.amount, row.row_price)


def _amount(text: str) -> Decimal:
    """The sum that was typed, with a decimal comma or point."""
    if not _SUM.fullmatch(typed := text.strip().replace(",", ".")):
        raise invalid("$.amount", "Expected a sum above nothing, with at most two decimals")
    return Decimal(typed)


def routes(pages: PurchasePages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    listing = pages.listing()
    return rows(
        sessions,
        ("GET /purchases", listing.page),
        ("GET /purchases.csv", listing.table),
        ("GET /purchases/{invoice}", pages.purchase),
        ("POST /purchases/{invoice}/refund", pages.refund),
    )
