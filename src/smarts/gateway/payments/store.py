"""The payments' SQL, and that of the books which the two providers keep here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from smarts.gateway.payments.rules import Account, Entry, PaymentStatus, StepKind, StepStatus
from smarts.gateway.storage.database import Connection, Transaction

_COLUMNS = (
    "id, institution_id, cart_id, invoice_id, method, status, amount, captured, refunded, currency, capture,"
    " detail, expires_at"
)
_STEP_COLUMNS = "id, payment_id, kind, amount, status, detail, begun_at, ended_at"


@dataclass(frozen=True, kw_only=True)
class Payment:
    """What was asked of a provider, and how it stands.

    `amount` is what the shopper agreed to, `captured` what was taken of it, `refunded` what was given back of that, all
    in `currency`. With `capture` the money is taken at once; otherwise it is held, until `expires_at` at the latest.
    """

    id: str
    institution_id: str
    cart_id: str
    invoice_id: str
    method: str
    status: str = PaymentStatus.PENDING
    amount: Decimal
    captured: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    currency: str
    capture: bool
    detail: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentStep:
    """One thing that a provider was asked to do; the first step of a payment has the payment's id."""

    id: str
    payment_id: str
    kind: StepKind
    amount: Decimal
    status: StepStatus = StepStatus.PENDING
    detail: str | None = None
    begun_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class LedgerEntry(Entry):
    """An entry as it stands in the ledger."""

    step_id: str
    currency: str
    written_at: datetime


def _payment(row: Any) -> Payment:
    return Payment(**dict(row))


def _step(row: Any) -> PaymentStep:
    return PaymentStep(**dict(row) | {"kind": StepKind(row["kind"]), "status": StepStatus(row["status"])})


async def add(connection: Connection, payment: Payment) -> bool:
    """Writes a new payment; False where another one of the cart is under way, or holds or has taken money."""
    added = await connection.fetchval(
        f"INSERT INTO payments ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        " ON CONFLICT (cart_id) WHERE status IN ('PENDING', 'UNKNOWN', 'AUTHORISED', 'CAPTURED') DO NOTHING"
        " RETURNING 1",
        payment.id,
        payment.institution_id,
        payment.cart_id,
        payment.invoice_id,
        payment.method,
        payment.status,
        payment.amount,
        payment.captured,
        payment.refunded,
        payment.currency,
        payment.capture,
        payment.detail,
        payment.expires_at,
    )
    return added is not None


async def find(connection: Connection, payment_id: str) -> Payment | None:
    """Reads a payment."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM payments WHERE id = $1", payment_id)
    return _payment(row) if row else None


async def lock(tx: Transaction, payment_id: str) -> Payment | None:
    """Reads a payment that nobody else changes before the end of the transaction."""
    row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM payments WHERE id = $1 FOR UPDATE", payment_id)
    return _payment(row) if row else None


async def of_invoice(connection: Connection, institution_id: str, invoice_id: str) -> list[Payment]:
    """A purchase's payments in a store, the newest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM payments WHERE institution_id = $1 AND invoice_id = $2"
        " ORDER BY created_at DESC, id",
        institution_id,
        invoice_id,
    )
    return [_payment(row) for row in rows]


async def of_carts(connection: Connection, cart_ids: Sequence[str]) -> list[Payment]:
    """The payments of some carts, the newest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM payments WHERE cart_id = ANY($1) ORDER BY created_at DESC, id", cart_ids
    )
    return [_payment(row) for row in rows]


async def put(tx: Transaction, payment: Payment) -> None:
    """Writes how a payment stands."""
    await tx.execute(
        "UPDATE payments SET status = $2, captured = $3, refunded = $4, detail = $5, expires_at = $6,"
        " updated_at = now() WHERE id = $1",
        payment.id,
        payment.status,
        payment.captured,
        payment.refunded,
        payment.detail,
        payment.expires_at,
    )


async def add_step(tx: Transaction, step: PaymentStep) -> None:
    """Writes a new step."""
    await tx.execute(
        f"INSERT INTO payment_steps ({_STEP_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        step.id,
        step.payment_id,
        step.kind,
        step.amount,
        step.status,
        step.detail,
        step.begun_at,
        step.ended_at,
    )


async def find_step(connection: Connection, step_id: str) -> PaymentStep | None:
    """Reads a step."""
    row = await connection.fetchrow(f"SELECT {_STEP_COLUMNS} FROM payment_steps WHERE id = $1", step_id)
    return _step(row) if row else None


async def steps_of(connection: Connection, payment_ids: Iterable[str]) -> list[PaymentStep]:
    """The steps of payments, in the order in which they were begun."""
    rows = await connection.fetch(
        f"SELECT {_STEP_COLUMNS} FROM payment_steps WHERE payment_id = ANY($1) ORDER BY begun_at, id",
        list(payment_ids),
    )
    return [_step(row) for row in rows]


async def put_step(tx: Transaction, step: PaymentStep) -> None:
    """Writes how a step stands."""
    await tx.execute(
        "UPDATE payment_steps SET status = $2, detail = $3, ended_at = $4 WHERE id = $1",
        step.id,
        step.status,
        step.detail,
        step.ended_at,
    )


async def enter(
    tx: Transaction, payment: Payment, step_id: str, entries: Iterable[Entry], now: datetime
) -> None:
    """Writes a step's entries into the ledger; the database refuses those that do not balance."""
    await tx.executemany(
        "INSERT INTO ledger_entries (step_id, invoice_id, account, amount, currency, written_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (step_id, payment.invoice_id, entry.account, entry.amount, payment.currency, now)
            for entry in entries
        ],
    )


async def entries_of(connection: Connection, step_ids: Iterable[str]) -> list[LedgerEntry]:
    """What steps wrote into the ledger, in the order in which it was written."""
    rows = await connection.fetch(
        "SELECT account, amount, step_id, currency, written_at FROM ledger_entries"
        " WHERE step_id = ANY($1) ORDER BY number",
        list(step_ids),
    )
    return [LedgerEntry(**dict(row) | {"account": Account(row["account"])}) for row in rows]


async def charged(connection: Connection, invoice_ids: Iterable[str]) -> dict[str, Decimal]:
    """What purchases were charged by now, refunds taken off; those that cost nothing are left out."""
    rows = await connection.fetch(
        "SELECT invoice_id, -sum(amount) AS charged FROM ledger_entries"
        " WHERE invoice_id = ANY($1) AND account = 'sales' GROUP BY invoice_id",
        list(invoice_ids),
    )
    return {row["invoice_id"]: row["charged"] for row in rows}


@dataclass(frozen=True)
class SandboxCharge:
    """A charge in the sandbox's books; `conduct` is what its test card makes of it."""

    id: str
    outcome: str
    amount: Decimal
    captured: Decimal
    currency: str
    conduct: str
    released: bool
    expires_at: datetime
    expired: bool


_CHARGE_COLUMNS = (
    "id, outcome, amount, captured, currency, conduct, released, expires_at, expires_at <= now() AS expired"
)


async def sandbox_keep(
    connection: Connection,
    charge_id: str,
    outcome: str,
    amount: Decimal,
    captured: Decimal,
    currency: str,
    conduct: str,
    held_for: timedelta,
) -> SandboxCharge:
    """Writes a sandbox charge, or leaves the one that is there; answers what is there now."""
    row = await connection.fetchrow(
        "INSERT INTO sandbox_charges (id, outcome, amount, captured, currency, conduct, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, now() + $7) ON CONFLICT (id) DO UPDATE SET id = excluded.id"
        f" RETURNING {_CHARGE_COLUMNS}",
        charge_id,
        outcome,
        amount,
        captured,
        currency,
        conduct,
        held_for,
    )
    assert row
    return SandboxCharge(**dict(row))


async def sandbox_lock(tx: Transaction, charge_id: str) -> SandboxCharge | None:
    """Reads a sandbox charge that nobody else changes before the end of the transaction."""
    row = await tx.fetchrow(
        f"SELECT {_CHARGE_COLUMNS} FROM sandbox_charges WHERE id = $1 FOR UPDATE", charge_id
    )
    return SandboxCharge(**dict(row)) if row else None


async def sandbox_put(tx: Transaction, charge: SandboxCharge) -> None:
    """Writes how a sandbox charge stands."""
    await tx.execute(
        "UPDATE sandbox_charges SET outcome = $2, captured = $3, conduct = $4, released = $5 WHERE id = $1",
        charge.id,
        charge.outcome,
        charge.captured,
        charge.conduct,
        charge.released,
    )


async def sandbox_step(tx: Transaction, step_id: str) -> str | None:
    """Why a sandbox step was refused, empty where it was done, None where it never arrived."""
    refusal: str | None = await tx.fetchval("SELECT refusal FROM sandbox_steps WHERE id = $1", step_id)
    return refusal


async def sandbox_add_step(
    tx: Transaction, step_id: str, charge_id: str, kind: str, amount: Decimal, refusal: str
) -> None:
    """Writes a sandbox step."""
    await tx.execute(
        "INSERT INTO sandbox_steps (id, charge_id, kind, amount, refusal) VALUES ($1, $2, $3, $4, $5)",
        step_id,
        charge_id,
        kind,
        amount,
        refusal,
    )


async def sandbox_refunded(connection: Connection, charge_id: str) -> Decimal:
    """What was given back of a sandbox charge."""
    refunded: Decimal = await connection.fetchval(
        "SELECT coalesce(sum(amount), 0) FROM sandbox_steps"
        " WHERE charge_id = $1 AND kind = 'REFUND' AND refusal = ''",
        charge_id,
    )
    return refunded


@dataclass(frozen=True)
class StripeIntent:
    """Which of Stripe's payment intents a payment is, and what was decided of it.

    Attributes:
        intent_id: None where the payment was closed before Stripe was asked.
        state: OPEN, HELD or CLOSED; never changed after HELD or CLOSED.
        age: how long ago it was made.
    """

    intent_id: str | None
    state: str
    age: timedelta


async def stripe_remember(connection: Connection, payment_id: str, intent_id: str) -> str | None:
    """Writes a payment's intent unless there is one, or it was closed without one; answers which there is now."""
    known: str | None = await connection.fetchval(
        "INSERT INTO stripe_intents AS known (payment_id, intent_id) VALUES ($1, $2)"
        " ON CONFLICT (payment_id) DO UPDATE SET payment_id = excluded.payment_id RETURNING known.intent_id",
        payment_id,
        intent_id,
    )
    return known


async def stripe_find(connection: Connection, payment_id: str) -> StripeIntent | None:
    """Reads a payment's intent."""
    row = await connection.fetchrow(
        "SELECT intent_id, state, now() - created_at AS age FROM stripe_intents WHERE payment_id = $1",
        payment_id,
    )
    return StripeIntent(**dict(row)) if row else None


async def stripe_decide(connection: Connection, payment_id: str, state: str) -> bool:
    """Decides that a payment holds money, or is closed; False where the other was decided before."""
    decided = await connection.fetchval(
        "INSERT INTO stripe_intents AS known (payment_id, state) VALUES ($1, $2)"
        " ON CONFLICT (payment_id) DO UPDATE SET state = excluded.state"
        " WHERE known.state IN ('OPEN', excluded.state) RETURNING 1",
        payment_id,
        state,
    )
    return decided is not None


async def stripe_payment(connection: Connection, intent_id: str) -> str | None:
    """The payment that one of Stripe's intents belongs to."""
    payment_id: str | None = await connection.fetchval(
        "SELECT payment_id FROM stripe_intents WHERE intent_id = $1", intent_id
    )
    return payment_id
