"""An order as it is kept, and as shoppers, stores and nodes are told of it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from msgspec.structs import replace

from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.orders import Order, OrderProduct, OrderStatusChangeLog
from smarts.wire.products import Product
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.shipments import Shipment, ShipmentStatus
from smarts.wire.times import TimeZone


class Actor(StrEnum):
    """Who changes an order: the shopper, the store (through the API or the worker app), or Smarts by itself."""

    CLIENT = "CLIENT"
    MERCHANT = "MERCHANT"
    SYSTEM = "SYSTEM"


class PickedRow(Protocol):
    """How much of a barcode could be picked."""

    @property
    def barcode(self) -> str:
        """Which of the order's rows, or what goes out in place of one."""
        ...

    @property
    def amount(self) -> Decimal:
        """In pieces or units."""
        ...

    @property
    def replaces(self) -> str | None:
        """The barcode of the order's row in whose place it goes out; None for the order's own goods."""
        ...


class Replacement(Model, frozen=True):
    """Goods in place of ordered ones that were out, whose barcode `replaces` is; they cost `price` in all."""

    replaces: str
    product: Product
    amount: Number
    price: Number


class Picking(Model, frozen=True):
    """What could really be picked: amounts by barcode, the rows that go out, and what they cost with the delivery."""

    amounts: dict[str, Number]
    products: tuple[OrderProduct, ...]
    total: Number
    replacements: tuple[Replacement, ...] = none()


class Change(Model, frozen=True, kw_only=True):
    """A status that somebody wants an order to have; `resolver_id` is the store's employee."""

    status: ShipmentStatus
    actor: Actor
    person_name: str | None = None
    resolver_id: str | None = None
    picking: Picking | None = None


class LoggedChange(Model, frozen=True, kw_only=True):
    """A change that happened; `at` is UTC."""

    previous: ShipmentStatus
    status: ShipmentStatus
    actor: Actor
    person_name: str | None = None
    resolver_id: str | None = None
    at: datetime


class Request(Model, frozen=True):
    """The request that asked for a change under an Idempotency-Key, so that whoever makes the change answers it."""

    scope: str
    key: str
    fingerprint: bytes


class Capturing(Model, frozen=True):
    """The money is being taken for a change, which is made once that is known; `step_id` is the payment's step."""

    step_id: str
    change: Change
    request: Request | None = None


class Details(Model, frozen=True, kw_only=True):
    """What an order says beside its status.

    `ordered` are the rows as they were ordered, `products` those that go out: all of them, until the store tells what
    it picked (`picked`, by barcode, and the `replacements` of what was out, where the shopper welcomes them). `total`
    is the price of these and of the delivery. `react_by` is when the store must have answered, `lapses_at` when the
    hold on the money is let go, since it would end by itself soon after.
    """

    shipment: Shipment
    ordered: tuple[ReceiptProduct, ...] = none()
    products: tuple[OrderProduct, ...] = none()
    picked: dict[str, Number] | None = None
    replacements_welcome: bool = False
    replacements: tuple[Replacement, ...] = none()
    currency: Currency
    total: Number
    time_zone: TimeZone
    payment_id: str
    resolver_id: str | None = None
    react_by: datetime | None = None
    lapses_at: datetime | None = None
    capturing: Capturing | None = None


class OrderRecord(Model, frozen=True, kw_only=True):
    """An order with the log of all its changes; times are UTC."""

    id: str
    institution_id: str
    person_id: str
    cart_id: str
    invoice_id: str
    institution_invoice_id: str | None = None
    status: ShipmentStatus
    details: Details
    log: tuple[LoggedChange, ...] = none()
    created_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OrderSearch:
    """Which orders of a store: made not before one moment and before another, of so much at least and at most.

    `text` is how the order's id, the invoice's, or the store's own number of it begins.
    """

    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    status: ShipmentStatus | None = None
    least: Decimal | None = None
    most: Decimal | None = None


def shipment_of(order: OrderRecord) -> Shipment:
    """The shipment as it stands now."""
    return replace(order.details.shipment, status=order.status)


def order_document(order: OrderRecord) -> Order:
    """The order as the contract writes it; its days are those of the store's time zone."""
    details = order.details
    return Order(
        id=order.id,
        customer_id=order.person_id,
        institution_id=order.institution_id,
        institution_invoice_id=order.institution_invoice_id,
        invoice_id=order.invoice_id,
        resolver_id=details.resolver_id,
        shipment=shipment_of(order),
        products=details.products,
        currency=details.currency,
        order_total_price=details.total,
        created=_day(order.created_at, details.time_zone),
        closed=_day(order.closed_at, details.time_zone) if order.closed_at else None,
        status_changelogs=tuple(_logged(change, details.time_zone) for change in order.log),
        replacements_welcome=details.replacements_welcome,
    )


def _logged(change: LoggedChange, zone: TimeZone) -> OrderStatusChangeLog:
    return OrderStatusChangeLog(
        person_name=change.person_name,
        previous_status=change.previous,
        new_status=change.status,
        created=_day(change.at, zone),
    )


def _day(moment: datetime, zone: TimeZone) -> date:
    return moment.astimezone(zone.zone).date()
