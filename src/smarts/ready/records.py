"""Invoices and orders as the gateway sends them: kept once, however often they come."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from smarts.edge.problems import CONFLICT, invalid
from smarts.ready.calendar import Calendar
from smarts.ready.database import Database
from smarts.ready.sales import Sales
from smarts.ready.tables import INVOICES, LONGEST_ID, ORDERS, add, change, find
from smarts.wire.codec import decode, encode
from smarts.wire.invoices import Invoice
from smarts.wire.nodes import PartHealth
from smarts.wire.orders import Order
from smarts.wire.shipments import ShipmentStatus


def cents(amount: Decimal) -> int:
    """An amount as it is kept."""
    return int((amount * 100).to_integral_value())


def require_id(text: str, path: str) -> str:
    """Refuses an id that is longer than the database takes; raises `ProblemError` with its path."""
    if not 0 < len(text) <= LONGEST_ID:
        raise invalid(path, f"Expected from 1 to {LONGEST_ID} characters")
    return text


class Invoices:
    """The feature invoices: a paid invoice is kept once; another one under the same id is refused."""

    def __init__(self, database: Database, calendar: Calendar, sales: Sequence[Sales] = ()) -> None:
        self._database = database
        self._calendar = calendar
        self._sales = sales

    def receive_invoice(self, invoice: Invoice) -> None:
        """Keeps a paid invoice.

        Raises:
            ProblemError: 409, another one is kept under this id; 503, the database is away.
        """
        require_id(invoice.id, "$.id")
        self._database.write(lambda tx: self._keep(tx, invoice))
        for each in self._sales:
            each.invoice_paid(invoice)

    def health(self) -> Mapping[str, PartHealth]:
        """Whether anything could be kept now."""
        return {"database": self._database.health()}

    def _keep(self, tx: Connection, invoice: Invoice) -> None:
        document = encode(invoice).decode()
        kept = find(tx, INVOICES, invoice.id, for_change=True)
        if kept is None:
            add(tx, INVOICES, **self._values(invoice), document=document)
        elif kept["document"] != document:
            raise CONFLICT.error(f"Another invoice is kept under the id {invoice.id}.")
        else:
            change(tx, INVOICES, invoice.id, {"times_received": kept["times_received"] + 1})

    def _values(self, invoice: Invoice) -> Mapping[str, Any]:
        return {
            "id": invoice.id,
            "store": invoice.seller.unique_code,
            "shopper": invoice.buyer.unique_code,
            "number": invoice.institution_invoice_id,
            "day": self._calendar.day(invoice.closed_at or invoice.created_at),
            "total_cents": cents(invoice.total.total_to_pay),
            "vat_cents": cents(invoice.total.vat.vat_sum),
            "currency": invoice.currency.value,
            "received_at": self._calendar.now(),
            "times_received": 1,
        }


class Orders:
    """The feature orders: a newer document of an order takes the place of an older one, never the other way round."""

    def __init__(self, database: Database, calendar: Calendar, sales: Sequence[Sales] = ()) -> None:
        self._database = database
        self._calendar = calendar
        self._sales = sales

    def receive_order(self, order: Order) -> None:
        """Keeps a new order; raises `ProblemError` where the database is away."""
        self._receive(order)

    def receive_order_update(self, order: Order) -> None:
        """Keeps an order that has changed; raises `ProblemError` where the database is away."""
        self._receive(order)

    def _receive(self, order: Order) -> None:
        require_id(order.id, "$.id")
        is_newest = self._database.write(lambda tx: self._keep(tx, order))
        for each in self._sales if is_newest else ():
            each.order_changed(order)

    def _keep(self, tx: Connection, order: Order) -> bool:
        """Whether it is the newest document of the order, be it a repeated one."""
        kept = find(tx, ORDERS, order.id, for_change=True)
        if kept is None:
            now = {"received_at": self._calendar.now(), "day": self._calendar.day()}
            add(tx, ORDERS, id=order.id, **now, **self._values(order))
            return True
        if _is_older(order, decode(kept["document"].encode(), Order)):
            return False
        change(tx, ORDERS, order.id, self._values(order))
        return True

    def _values(self, order: Order) -> Mapping[str, Any]:
        return {
            "store": order.institution_id,
            "shopper": order.customer_id,
            "status": (order.shipment.status or ShipmentStatus.DRAFT).value,
            "total_cents": cents(order.order_total_price),
            "currency": order.currency.value,
            "changed_at": self._calendar.now(),
            "document": encode(order).decode(),
        }


def _is_older(order: Order, kept: Order) -> bool:
    """The log of an order's changes only grows."""
    return len(order.status_changelogs) < len(kept.status_changelogs)
