"""The payments' SQL, and that of the sandbox's own books."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from smarts.gateway.storage.database import Connection

_COLUMNS = "id, cart_id, invoice_id, method, status, amount, currency, detail"


@dataclass(frozen=True)
class Payment:
    """What was asked of a provider, and how it stands; `amount` in `currency`."""

    id: str
    cart_id: str
    invoice_id: str
    method: str
    status: str
    amount: Decimal
    currency: str
    detail: str | None = None


def _payment(row: Any) -> Payment:
    return Payment(**dict(row))


async def add(connection: Connection, payment: Payment) -> bool:
    """Writes a new payment; False where another one of the cart is under way or approved."""
    added = await connection.fetchval(
        f"INSERT INTO payments ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (cart_id) WHERE status <> 'DECLINED' DO NOTHING RETURNING 1",
        payment.id,
        payment.cart_id,
        payment.invoice_id,
        payment.method,
        payment.status,
        payment.amount,
        payment.currency,
        payment.detail,
    )
    return added is not None


async def find(connection: Connection, payment_id: str) -> Payment | None:
    """Reads a payment."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM payments WHERE id = $1", payment_id)
    return _payment(row) if row else None


async def finish(connection: Connection, payment_id: str, status: str, detail: str | None) -> bool:
    """Writes how a payment stands now; False where its end is written already."""
    finished = await connection.fetchval(
        "UPDATE payments SET status = $2, detail = $3, updated_at = now()"
        " WHERE id = $1 AND status IN ('PENDING', 'UNKNOWN') RETURNING 1",
        payment_id,
        status,
        detail,
    )
    return finished is not None


async def sandbox_keep(
    connection: Connection, charge_id: str, outcome: str, amount: Decimal, currency: str
) -> str:
    """Writes the outcome of a sandbox charge, or leaves the one that is there; answers what is there now."""
    kept: str = await connection.fetchval(
        "INSERT INTO sandbox_charges (id, outcome, amount, currency) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING outcome",
        charge_id,
        outcome,
        amount,
        currency,
    )
    return kept
