"""The life of an order: which change is allowed to whom, and what it means for the money. Pure functions.

`docs/explanation/delivery-rules.md` says of each rule where it comes from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec.structs import replace

from smarts.edge.problems import invalid
from smarts.gateway import errors
from smarts.gateway.orders.model import Actor, Capturing, Change, LoggedChange, OrderRecord, PickedRow
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.shipments import Shipment, ShipmentMethod, ShipmentStatus

_DRAFT = ShipmentStatus.DRAFT
_FAILED = ShipmentStatus.PAYMENT_FAILED
_WAITING = ShipmentStatus.WAITING_FOR_CONFIRMATION
_CONFIRMED = ShipmentStatus.CONFIRMED
_ASSEMBLED = ShipmentStatus.ASSEMBLE_READY
_SHIPPING = ShipmentStatus.SHIPPING
_PICKUP = ShipmentStatus.READY_TO_PICKUP
_BY_CLIENT = ShipmentStatus.CANCELLED_BY_CLIENT
_BY_STORE = ShipmentStatus.CANCELLED_BY_INSTITUTION
_COMPLETED = ShipmentStatus.COMPLETED
_MISSED = ShipmentStatus.MISSED


class Money(StrEnum):
    """Where the money is whenever nothing is under way; given back is also what was never taken."""

    NONE = "NONE"
    HELD = "HELD"
    TAKEN = "TAKEN"
    GIVEN_BACK = "GIVEN_BACK"


class Movement(StrEnum):
    """What a change does to the money."""

    NOTHING = "NOTHING"
    AUTHORISE = "AUTHORISE"
    CAPTURE = "CAPTURE"
    RELEASE = "RELEASE"
    REFUND = "REFUND"


MONEY: Mapping[ShipmentStatus, Money] = {
    _DRAFT: Money.NONE,
    _FAILED: Money.NONE,
    _WAITING: Money.HELD,
    _CONFIRMED: Money.HELD,
    _ASSEMBLED: Money.HELD,
    _SHIPPING: Money.TAKEN,
    _PICKUP: Money.TAKEN,
    _COMPLETED: Money.TAKEN,
    _BY_CLIENT: Money.GIVEN_BACK,
    _BY_STORE: Money.GIVEN_BACK,
    _MISSED: Money.GIVEN_BACK,
}
_MOVEMENTS = {
    (Money.NONE, Money.HELD): Movement.AUTHORISE,
    (Money.HELD, Money.TAKEN): Movement.CAPTURE,
    (Money.HELD, Money.GIVEN_BACK): Movement.RELEASE,
    (Money.TAKEN, Money.GIVEN_BACK): Movement.REFUND,
}


@dataclass(frozen=True)
class Permission:
    """Who may make a change, and with which ways of delivery."""

    actor: Actor
    methods: frozenset[ShipmentMethod]


_HELD = (_WAITING, _CONFIRMED, _ASSEMBLED)
_ANY = tuple(ShipmentMethod)
_CARRIED = (ShipmentMethod.COURIER, ShipmentMethod.PARCEL)

# From any of these, to any of those, by whom, and with which ways of delivery.
_ROWS = (
    ((_DRAFT,), (_WAITING, _FAILED), Actor.SYSTEM, _ANY),
    ((_FAILED,), (_DRAFT,), Actor.SYSTEM, _ANY),
    ((_WAITING,), (_CONFIRMED,), Actor.MERCHANT, _ANY),
    ((_CONFIRMED,), (_ASSEMBLED,), Actor.MERCHANT, _ANY),
    ((_CONFIRMED, _ASSEMBLED), (_SHIPPING,), Actor.MERCHANT, _CARRIED),
    ((_CONFIRMED, _ASSEMBLED), (_PICKUP,), Actor.MERCHANT, (ShipmentMethod.PICKUP,)),
    ((_SHIPPING,), (_PICKUP,), Actor.MERCHANT, (ShipmentMethod.PARCEL,)),
    ((_SHIPPING, _PICKUP), (_COMPLETED, _BY_STORE, _MISSED), Actor.MERCHANT, _ANY),
    ((_DRAFT, _FAILED, *_HELD), (_BY_STORE,), Actor.MERCHANT, _ANY),
    ((_FAILED, *_HELD), (_BY_CLIENT,), Actor.CLIENT, _ANY),
    (_HELD, (_MISSED,), Actor.SYSTEM, _ANY),
)
TABLE: Mapping[tuple[ShipmentStatus, ShipmentStatus], Permission] = {
    (before, after): Permission(actor, frozenset(methods))
    for befores, afters, actor, methods in _ROWS
    for before in befores
    for after in afters
}
FINAL = frozenset(ShipmentStatus) - {before for before, _ in TABLE}


def movement(before: ShipmentStatus, after: ShipmentStatus) -> Movement:
    """What the change from one status to another does to the money."""
    return _MOVEMENTS.get((MONEY[before], MONEY[after]), Movement.NOTHING)


def allowed(status: ShipmentStatus, method: ShipmentMethod, actor: Actor) -> tuple[ShipmentStatus, ...]:
    """What `actor` may make of an order that has this status."""
    return tuple(
        after
        for (before, after), permission in TABLE.items()
        if before is status and permission.actor is actor and method in permission.methods
    )


def require_allowed(order: OrderRecord, change: Change) -> None:
    """The one gate for changes.

    Raises:
        ProblemError: 409, the table does not have it, or (worth a retry) money is being taken for another change.
    """
    if order.details.capturing:
        raise errors.ORDER_UNDER_WAY.error("Its payment is being taken; ask again in a moment", retry_after=2)
    _require_in_table(order, change)


def _require_in_table(order: OrderRecord, change: Change) -> None:
    if change.status not in allowed(order.status, order.details.shipment.method, change.actor):
        raise errors.ORDER_CHANGE_REFUSED.error(
            f"An order that is {order.status} cannot become {change.status}"
        )


def takes_picking(before: ShipmentStatus, after: ShipmentStatus) -> bool:
    """Whether what could be picked is told with this change; what lies in a parcel machine was told before."""
    return after in (_ASSEMBLED, _SHIPPING, _PICKUP) and before is not _SHIPPING


def picked_amounts(ordered: Iterable[ReceiptProduct], rows: Sequence[PickedRow]) -> dict[str, Decimal]:
    """What could be picked of what was ordered, by barcode; of what is not among the rows, nothing could.

    Raises:
        ProblemError: 422, it was not ordered, not so much of it, or nothing is left to bring.
    """
    most: dict[str, Decimal] = {}
    for each in ordered:
        most[each.barcode] = most.get(each.barcode, Decimal(0)) + each.amount
    picked: dict[str, Decimal] = {}
    for place, row in enumerate(rows):
        path = f"$.products[{place}]"
        if row.replaces is not None:
            continue
        if row.barcode not in most or row.barcode in picked:
            raise invalid(f"{path}.barcode", "Expected one of the order's barcodes, each once")
        if not 0 <= row.amount <= most[row.barcode]:
            raise invalid(f"{path}.amount", f"Expected an amount from 0 to {most[row.barcode]:f}")
        picked[row.barcode] = row.amount
    if not any(row.amount for row in rows):
        raise invalid(
            "$.products", "Expected something at least; cancel the order where nothing could be picked"
        )
    return picked


def capturing(order: OrderRecord, step: Capturing) -> OrderRecord:
    """The order while money is taken for a change."""
    return replace(order, details=replace(order.details, capturing=step))


def changed(order: OrderRecord, change: Change, now: datetime) -> OrderRecord:
    """The order after a change, which is in its log; raises a 409 where the table does not have it."""
    _require_in_table(order, change)
    details = replace(
        order.details, resolver_id=change.resolver_id or order.details.resolver_id, capturing=None
    )
    if change.picking:
        picking = change.picking
        details = replace(
            details,
            picked=picking.amounts,
            products=picking.products,
            total=picking.total,
            replacements=picking.replacements,
        )
    logged = LoggedChange(
        previous=order.status,
        status=change.status,
        actor=change.actor,
        person_name=change.person_name,
        resolver_id=change.resolver_id,
        at=now,
    )
    return replace(
        order,
        status=change.status,
        details=details,
        log=(*order.log, logged),
        closed_at=now if change.status in FINAL else None,
    )


def forgotten(order: OrderRecord) -> OrderRecord:
    """What is left of a finished order when its details are forgotten: not what it brought, nor to whom and where."""
    shipment = without_recipient(order.details.shipment)
    details = replace(order.details, shipment=shipment, ordered=(), products=(), picked=None, replacements=())
    return replace(order, details=details)


def without_recipient(shipment: Shipment) -> Shipment:
    """A shipment that does not say to whom and where."""
    return replace(shipment, parcel_id=None, name=None, contact_email=None, contact_phone=None, address=None)


def due(order: OrderRecord) -> datetime | None:
    """Until when the store has something to do for an order: to answer, or to bring it; None where nothing is late."""
    if order.status is _WAITING:
        return order.details.react_by
    if order.status in (_CONFIRMED, _ASSEMBLED, _SHIPPING):
        return order.details.shipment.expected_delivery_utc_time
    return None


def deadline(order: OrderRecord) -> datetime | None:
    """When Smarts gives the order up as MISSED, unless somebody moves it on before; None where it never does."""
    if MONEY[order.status] is not Money.HELD:
        return None
    moments = (order.details.lapses_at, order.details.react_by if order.status is _WAITING else None)
    return min((moment for moment in moments if moment), default=None)
