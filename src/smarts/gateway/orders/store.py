"""The orders' SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from smarts.gateway.orders.delivery import DeliveryMethod
from smarts.gateway.orders.model import Details, LoggedChange, OrderRecord, OrderSearch
from smarts.gateway.storage.conditions import Conditions
from smarts.gateway.storage.database import Connection, Transaction
from smarts.wire.codec import decode, encode
from smarts.wire.shipments import ShipmentMethod, ShipmentStatus

_COLUMNS = (
    "id, institution_id, person_id, cart_id, invoice_id, institution_invoice_id, status, details,"
    " created_at, closed_at"
)
_LOG = """(
    SELECT coalesce(json_agg(json_build_object(
        'previous', previous, 'status', change.status, 'actor', actor, 'personName', person_name,
        'resolverId', resolver_id, 'at', at) ORDER BY number), '[]')
      FROM order_changes AS change WHERE order_id = orders.id
) AS log"""


def _order(row: Any) -> OrderRecord:
    return OrderRecord(
        id=row["id"],
        institution_id=row["institution_id"],
        person_id=row["person_id"],
        cart_id=row["cart_id"],
        invoice_id=row["invoice_id"],
        institution_invoice_id=row["institution_invoice_id"],
        status=ShipmentStatus(row["status"]),
        details=decode(row["details"].encode(), Details),
        log=decode(row["log"].encode(), tuple[LoggedChange, ...]),
        created_at=row["created_at"],
        closed_at=row["closed_at"],
    )


async def _found(connection: Connection, condition: str, *values: object) -> list[OrderRecord]:
    rows = await connection.fetch(f"SELECT {_COLUMNS}, {_LOG} FROM orders WHERE {condition}", *values)
    return [_order(row) for row in rows]


async def find(connection: Connection, order_id: str) -> OrderRecord | None:
    """Reads an order."""
    return next(iter(await _found(connection, "id = $1", order_id)), None)


async def lock(tx: Transaction, order_id: str) -> OrderRecord | None:
    """Reads an order that nobody else can change until the end of the transaction."""
    # Two statements: the second one's snapshot holds the log of whatever change was waited for.
    await tx.execute("SELECT FROM orders WHERE id = $1 FOR UPDATE", order_id)
    return await find(tx, order_id)


async def unpaid_of(connection: Connection, cart_id: str) -> str | None:
    """The order of a cart that nobody has paid for, and nobody is paying for."""
    found: str | None = await connection.fetchval(
        "SELECT id FROM orders WHERE cart_id = $1 AND status = 'PAYMENT_FAILED'", cart_id
    )
    return found


async def by_capture(connection: Connection, step_id: str) -> OrderRecord | None:
    """The order for which a payment's step takes the money."""
    return next(iter(await _found(connection, "capture_step = $1", step_id)), None)


async def by_invoice(connection: Connection, institution_id: str, invoice_id: str) -> OrderRecord | None:
    """A store's order by the gateway's invoice id."""
    condition = "institution_id = $1 AND invoice_id = $2 ORDER BY created_at DESC LIMIT 1"
    return next(iter(await _found(connection, condition, institution_id, invoice_id)), None)


async def by_institution_invoice(
    connection: Connection, institution_id: str, invoice_id: str
) -> OrderRecord | None:
    """A store's order by the store's own invoice id."""
    condition = "institution_id = $1 AND institution_invoice_id = $2 ORDER BY created_at DESC LIMIT 1"
    return next(iter(await _found(connection, condition, institution_id, invoice_id)), None)


async def page(connection: Connection, person_id: str, limit: int, after: str | None) -> list[OrderRecord]:
    """A person's orders, newest first, those after the order `after`."""
    return await _found(
        connection,
        "person_id = $1 AND ($3::text IS NULL OR (created_at, id) <"
        " (SELECT created_at, id FROM orders WHERE id = $3 AND person_id = $1))"
        " ORDER BY created_at DESC, id DESC LIMIT $2",
        person_id,
        limit,
        after,
    )


async def to_do(
    connection: Connection,
    institution_ids: Sequence[str],
    statuses: Sequence[str],
    limit: int,
    after: str | None,
) -> list[OrderRecord]:
    """Orders of some stores in some statuses: those first that wait for an answer, soonest due first, then by age.

    Where one status is asked for, an order `after` that has another one by now still has the place that it had.
    """
    return await _found(
        connection,
        "institution_id = ANY($1) AND status = ANY($2) AND closed_at IS NULL AND ($4::text IS NULL OR"
        f" ({_turn('status')}) > (SELECT {_turn('coalesce($5, status)')} FROM orders"
        f" WHERE id = $4 AND institution_id = ANY($1))) ORDER BY {_turn('status')} LIMIT $3",
        institution_ids,
        statuses,
        limit,
        after,
        statuses[0] if len(statuses) == 1 else None,
    )


def _turn(status: str) -> str:
    """What orders to do are sorted by."""
    waits = f"{status} = 'WAITING_FOR_CONFIRMATION'"
    due = "coalesce((details->>'reactBy')::timestamptz, created_at)"
    return f"NOT {waits}, CASE WHEN {waits} THEN {due} ELSE created_at END, id"


async def search(
    connection: Connection, institution_id: str, sought: OrderSearch, limit: int, after: str | None
) -> list[OrderRecord]:
    """A store's orders, newest first, those after the order `after`."""
    total = "(details ->> 'total')::numeric"
    which = (
        Conditions()
        .add("institution_id = {}", institution_id)
        .add("created_at >= {}", sought.since)
        .add("created_at < {}", sought.until)
        .add_prefix(("id", "invoice_id", "institution_invoice_id"), sought.text)
        .add("status = {}", sought.status)
        .add(f"{total} >= {{}}", sought.least)
        .add(f"{total} <= {{}}", sought.most)
        .add(
            "(created_at, id) < (SELECT created_at, id FROM orders WHERE id = {} AND institution_id = $1)",
            after,
        )
    )
    condition = f"{which} ORDER BY created_at DESC, id DESC LIMIT {which.placeholder(limit)}"
    return await _found(connection, condition, *which.values)


async def put(tx: Transaction, order: OrderRecord) -> None:
    """Writes an order, new or changed, without its log."""
    capturing = order.details.capturing
    await tx.execute(
        f"INSERT INTO orders ({_COLUMNS}, capture_step) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (id) DO UPDATE SET invoice_id = excluded.invoice_id,"
        " institution_invoice_id = excluded.institution_invoice_id, status = excluded.status,"
        " details = excluded.details, closed_at = excluded.closed_at, capture_step = excluded.capture_step",
        order.id,
        order.institution_id,
        order.person_id,
        order.cart_id,
        order.invoice_id,
        order.institution_invoice_id,
        order.status,
        encode(order.details).decode(),
        order.created_at,
        order.closed_at,
        capturing.step_id if capturing else None,
    )


async def lock_of_person(tx: Transaction, person_id: str) -> list[OrderRecord]:
    """All of a person's orders, which nobody else changes until the end of the transaction."""
    await tx.execute("SELECT FROM orders WHERE person_id = $1 ORDER BY id FOR UPDATE", person_id)
    return await _found(tx, "person_id = $1", person_id)


async def closed(connection: Connection, before: datetime, limit: int) -> list[OrderRecord]:
    """Orders that were finished before a moment and whose details are not forgotten yet."""
    return await _found(
        connection, "forgotten_at IS NULL AND closed_at < $1 ORDER BY closed_at LIMIT $2", before, limit
    )


async def forget(connection: Connection, order: OrderRecord) -> None:
    """Writes what is left of an order."""
    await connection.execute(
        "UPDATE orders SET details = $2, person_id = $3, forgotten_at = now() WHERE id = $1",
        order.id,
        encode(order.details).decode(),
        order.person_id,
    )


async def log(tx: Transaction, order: OrderRecord) -> None:
    """Writes the newest change of an order into its log."""
    change = order.log[-1]
    await tx.execute(
        "INSERT INTO order_changes (order_id, number, previous, status, actor, person_name, resolver_id, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        order.id,
        len(order.log),
        change.previous,
        change.status,
        change.actor,
        change.person_name,
        change.resolver_id,
        change.at,
    )


async def put_method(tx: Transaction, institution_id: str, method: DeliveryMethod) -> None:
    """Writes one of a store's ways of delivery, new or changed."""
    await tx.execute(
        "INSERT INTO delivery_methods (institution_id, method, terms) VALUES ($1, $2, $3)"
        " ON CONFLICT (institution_id, method) DO UPDATE SET terms = excluded.terms, updated_at = now()",
        institution_id,
        method.method,
        encode(method).decode(),
    )


async def methods(connection: Connection, institution_id: str) -> tuple[DeliveryMethod, ...]:
    """A store's ways of delivery, in the contract's order."""
    rows = await connection.fetch(
        "SELECT terms FROM delivery_methods WHERE institution_id = $1", institution_id
    )
    found = [decode(row["terms"].encode(), DeliveryMethod) for row in rows]
    return tuple(sorted(found, key=lambda each: list(ShipmentMethod).index(each.method)))
