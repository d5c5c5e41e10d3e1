"""A store's orders: looked for, and each with everything that happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.journeys.activity import Activity, StoreOrder
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.searches import OrderQuery
from smarts.gateway.journeys.sent import Sent
from smarts.gateway.web.forms import path_parameter
from smarts.gateway.web.manage.listing import Column, Listing
from smarts.gateway.web.manage.tabs import managed, page, rows
from smarts.gateway.web.sessions import Sessions
from smarts.wire.shipments import ShipmentStatus

COLUMNS: Sequence[Column[StoreOrder]] = (
    Column("id", lambda row: row.id),
    Column("invoiceId", lambda row: row.invoice_id),
    Column("institutionInvoiceId", lambda row: row.institution_invoice_id),
    Column("createdAt", lambda row: row.created_at),
    Column("closedAt", lambda row: row.closed_at),
    Column("status", lambda row: row.status),
    Column("method", lambda row: row.method),
    Column("total", lambda row: row.total),
    Column("currency", lambda row: row.currency.value),
)


@dataclass(frozen=True)
class OrderPages:
    """The handlers."""

    reach: Reach
    activity: Activity
    sent: Sent

    def listing(self) -> Listing[OrderQuery, StoreOrder]:
        """GET /manage/stores/{id}/orders, and the same as a table."""
        return Listing(
            self.reach,
            "orders",
            OrderQuery,
            self.activity.orders,
            lambda row: row.id,
            COLUMNS,
            {"statuses": tuple(ShipmentStatus)},
        )

    async def order(self, request: Request) -> Response:
        """GET /manage/stores/{id}/orders/{order}: the goods, and every change of the status."""
        store = await managed(self.reach, request)
        order = await self.activity.order(store, path_parameter(request, "order"))
        paid = await self.activity.was_paid(store, order.invoice_id)
        sent = await self.sent.about(store, order.id, order.invoice_id)
        return page(request, "manage/order.html", store, order=order, paid=paid, sent=sent)


def routes(pages: OrderPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    listing = pages.listing()
    return rows(
        sessions,
        ("GET /orders", listing.page),
        ("GET /orders.csv", listing.table),
        ("GET /orders/{order}", pages.order),
    )
