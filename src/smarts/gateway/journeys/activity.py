"""What went on in a store, for its manager: purchases, checks and orders, each by what it is searched by."""

from decimal import Decimal
from typing import Any

from msgspec.structs import asdict

from smarts.control import AgeSeen, Reason
from smarts.edge.problems import NOT_FOUND
from smarts.gateway.control.findings import Difference
from smarts.gateway.control.rescanned import Finding
from smarts.gateway.control.service import Control
from smarts.gateway.control.store import CheckState, PastCheck
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.journeys.purchases import DetailedPurchaseDocument, PurchaseDocument
from smarts.gateway.journeys.searches import (
    CheckQuery,
    OrderQuery,
    PurchaseQuery,
    check_search,
    order_search,
    purchase_search,
)
from smarts.gateway.orders.model import Actor, LoggedChange, OrderRecord, order_document
from smarts.gateway.orders.service import Orders
from smarts.gateway.parties import Store
from smarts.gateway.payments.service import Payments
from smarts.wire.codec import decode, encode
from smarts.wire.control import Decision
from smarts.wire.errors import ProblemError
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.orders import Order
from smarts.wire.shipments import ShipmentMethod, ShipmentStatus
from smarts.wire.times import UtcMillis

_NOTHING = Decimal(0)


class StoreCheck(Model, frozen=True, kw_only=True):
    """A check: what was decided and why, who looked (`takenBy`) and who ended it, and what staff changed in the cart.

    Nobody of the staff ended what the store's own system did, or time. `ageSeen` is the age that was not looked at
    again since staff had seen it, `findings` what a rescan found. These and `differences` are kept for two months.
    """

    invoice_id: str
    cart_id: str
    status: CheckState
    decision: Decision | None = None
    reasons: tuple[Reason, ...] = none()
    created_at: UtcMillis
    expires_at: UtcMillis | None = None
    closed_at: UtcMillis | None = None
    taken_by: str | None = None
    ended_by: str | None = None
    changed: bool
    differences: tuple[Difference, ...] = none()
    age_seen: AgeSeen | None = None
    findings: tuple[Finding, ...] = none()


class StoreOrder(Model, frozen=True, kw_only=True):
    """An order in a list."""

    id: str
    invoice_id: str
    institution_invoice_id: str | None = None
    status: ShipmentStatus
    method: ShipmentMethod
    total: Number
    currency: Currency
    created_at: UtcMillis
    closed_at: UtcMillis | None = None


class OrderStep(Model, frozen=True, kw_only=True):
    """A change of an order's status: who made it, and when."""

    previous: ShipmentStatus
    status: ShipmentStatus
    actor: Actor
    person_name: str | None = None
    at: UtcMillis


class StoreOrderInDetail(StoreOrder, frozen=True, kw_only=True):
    """An order with all its changes, the first one first, and as the store's node is told of it."""

    changes: tuple[OrderStep, ...]
    order: Order


class Activity:
    """The verbs; whoever calls them has looked whether the store is within reach."""

    def __init__(self, invoices: Invoices, control: Control, orders: Orders, payments: Payments) -> None:
        self._invoices = invoices
        self._control = control
        self._orders = orders
        self._payments = payments

    async def purchases(self, store: Store, query: PurchaseQuery) -> tuple[PurchaseDocument, ...]:
        """A store's purchases, newest first, with what they were charged by now."""
        sought = purchase_search(query, store.time_zone)
        found = await self._invoices.search(store.institution_id, sought, query.limit, query.after)
        charged = await self._payments.charged(each.invoice_id for each in found)
        return tuple(
            PurchaseDocument(**asdict(each), charged=charged.get(each.invoice_id, _NOTHING)) for each in found
        )

    async def purchase(self, store: Store, invoice_id: str) -> DetailedPurchaseDocument:
        """A store's purchase in detail, or a 404."""
        document = await self._invoices.in_store(store.institution_id, invoice_id)
        charged = (await self._payments.charged([invoice_id])).get(invoice_id, _NOTHING)
        return decode(document[:-1] + b',"charged":' + encode(charged) + b"}", DetailedPurchaseDocument)

    async def was_paid(self, store: Store, invoice_id: str) -> bool:
        """Whether there is a purchase of such an invoice."""
        try:
            await self._invoices.in_store(store.institution_id, invoice_id)
        except ProblemError:
            return False
        return True

    async def checks(self, store: Store, query: CheckQuery) -> tuple[StoreCheck, ...]:
        """A store's checks, newest first."""
        sought = check_search(query, store.time_zone)
        found = await self._control.search(store.institution_id, sought, query.limit, query.after)
        return tuple(_check(each) for each in found)

    async def check(self, store: Store, invoice_id: str) -> StoreCheck:
        """A store's check, or a 404."""
        found = await self._control.past(store.institution_id, invoice_id)
        if found is None:
            raise NOT_FOUND.error("There is no such check")
        return _check(found)

    async def orders(self, store: Store, query: OrderQuery) -> tuple[StoreOrder, ...]:
        """A store's orders, newest first."""
        sought = order_search(query, store.time_zone)
        found = await self._orders.search(store.institution_id, sought, query.limit, query.after)
        return tuple(StoreOrder(**_order(each)) for each in found)

    async def order(self, store: Store, order_id: str) -> StoreOrderInDetail:
        """A store's order, or a 404."""
        found = await self._orders.of_institution(store.institution_id, order_id)
        changes = tuple(_step(change) for change in found.log)
        return StoreOrderInDetail(**_order(found), changes=changes, order=order_document(found))

    async def check_of(self, store: Store, invoice_id: str) -> StoreCheck | None:
        """The check of a purchase, where the cart was checked out for one."""
        found = await self._control.past(store.institution_id, invoice_id)
        return _check(found) if found else None

    async def order_of(self, store: Store, invoice_id: str) -> StoreOrder | None:
        """The order of a purchase, where it was brought home."""
        try:
            found = await self._orders.by_invoice(store.institution_id, invoice_id)
        except ProblemError:
            return None
        return StoreOrder(**_order(found))


def _check(found: PastCheck) -> StoreCheck:
    return StoreCheck(
        invoice_id=found.invoice_id,
        cart_id=found.cart_id,
        status=found.status,
        decision=found.decision,
        reasons=found.reasons,
        created_at=UtcMillis.of(found.created_at),
        expires_at=UtcMillis.of(found.expires_at) if found.expires_at else None,
        closed_at=UtcMillis.of(found.closed_at) if found.closed_at else None,
        taken_by=found.taken_name,
        ended_by=found.decided_name,
        changed=found.changed,
        differences=found.differences,
        age_seen=found.age_seen,
        findings=found.findings,
    )


def _order(found: OrderRecord) -> dict[str, Any]:
    return {
        "id": found.id,
        "invoice_id": found.invoice_id,
        "institution_invoice_id": found.institution_invoice_id,
        "status": found.status,
        "method": found.details.shipment.method,
        "total": found.details.total,
        "currency": found.details.currency,
        "created_at": UtcMillis.of(found.created_at),
        "closed_at": UtcMillis.of(found.closed_at) if found.closed_at else None,
    }


def _step(change: LoggedChange) -> OrderStep:
    return OrderStep(
        previous=change.previous,
        status=change.status,
        actor=change.actor,
        person_name=change.person_name,
        at=UtcMillis.of(change.at),
    )
