"""The SQL of check policies, version by version, and of what decisions came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from smarts.control import Inputs, Outcome, Policy
from smarts.gateway.control.findings import Difference, missing
from smarts.gateway.storage.database import Connection, Database, Transaction
from smarts.gateway.storage.steps import in_steps
from smarts.gateway.storage.writes import Write
from smarts.wire.codec import decode, encode


@dataclass(frozen=True)
class SavedPolicy:
    """A version of a store's policy, when it was saved (UTC) and by whom; version 0 is there before all others."""

    version: int
    policy: Policy
    saved_at: datetime | None = None
    saved_by: str | None = None


FIRST = SavedPolicy(0, Policy())


@dataclass(frozen=True)
class Decided:
    """A decision with all that it came from; `person_id` and `inputs` are there until they are forgotten."""

    policy_version: int
    inputs: Inputs
    outcome: Outcome
    digest: bytes
    person_id: str
    decided_at: datetime


@dataclass(frozen=True)
class KeptDecision:
    """What is kept of a decision: with `inputs` it can be made again, without them the digest tells what they were."""

    invoice_id: str
    policy_version: int
    digest: bytes
    inputs: Inputs | None
    outcome: Outcome | None


@dataclass(frozen=True)
class DecisionOfShopper:
    """A decision on a cart of a shopper, and how its check ended."""

    invoice_id: str
    decided_at: datetime
    pieces: int
    by_chance: bool
    decision: str
    status: str
    outcome: Outcome
    missing: Decimal


_POLICY = "version, policy, saved_at, saved_by"
_KEPT = "invoice_id, policy_version, digest, inputs, outcome"


async def current(connection: Connection, institution_id: str) -> SavedPolicy:
    """A store's policy as it is now."""
    row = await connection.fetchrow(
        f"SELECT {_POLICY} FROM check_policies WHERE institution_id = $1 ORDER BY version DESC LIMIT 1",
        institution_id,
    )
    return _saved(row) if row else FIRST


async def version(connection: Connection, institution_id: str, number: int) -> SavedPolicy | None:
    """A version of a store's policy."""
    if number == FIRST.version:
        return FIRST
    row = await connection.fetchrow(
        f"SELECT {_POLICY} FROM check_policies WHERE institution_id = $1 AND version = $2",
        institution_id,
        number,
    )
    return _saved(row) if row else None


async def versions(
    connection: Connection, institution_id: str, limit: int, before: int | None
) -> list[SavedPolicy]:
    """A store's versions, newest first, those before a version."""
    rows = await connection.fetch(
        f"SELECT {_POLICY} FROM check_policies WHERE institution_id = $1 AND ($3::int IS NULL OR version < $3)"
        " ORDER BY version DESC LIMIT $2",
        institution_id,
        limit,
        before,
    )
    return [_saved(row) for row in rows]


async def save(tx: Transaction, institution_id: str, saved: SavedPolicy) -> bool:
    """Writes a new version; False where somebody has written it meanwhile."""
    written = await tx.fetchval(
        f"INSERT INTO check_policies (institution_id, {_POLICY}) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING RETURNING 1",
        institution_id,
        saved.version,
        encode(saved.policy).decode(),
        saved.saved_at,
        saved.saved_by,
    )
    return written is not None


def keeping(institution_id: str, invoice_id: str, decided: Decided) -> Write:
    """What writes what a decision came from."""
    return Write(
        "made AS (INSERT INTO check_decisions (invoice_id, institution_id, person_id, inputs, outcome, policy_version,"
        " digest, by_chance, pieces, decided_at, probe, estimate_chance)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))",
        (
            invoice_id,
            institution_id,
            decided.person_id,
            encode(decided.inputs).decode(),
            encode(decided.outcome).decode(),
            decided.policy_version,
            decided.digest,
            decided.outcome.by_chance,
            decided.inputs.cart.pieces,
            decided.decided_at,
            decided.outcome.probe,
            decided.outcome.chances.estimate,
        ),
    )


async def kept(connection: Connection, institution_id: str, invoice_id: str) -> KeptDecision | None:
    """What is kept of a decision of a store."""
    row = await connection.fetchrow(
        f"SELECT {_KEPT} FROM check_decisions WHERE institution_id = $1 AND invoice_id = $2",
        institution_id,
        invoice_id,
    )
    return _kept(row) if row else None


async def latest(connection: Connection, institution_id: str, limit: int) -> list[KeptDecision]:
    """A store's latest decisions that can be made again, the last one of each cart, newest first."""
    rows = await connection.fetch(
        f"SELECT {_KEPT} FROM check_decisions AS made JOIN checks USING (invoice_id, institution_id)"
        " WHERE institution_id = $1 AND inputs IS NOT NULL AND NOT EXISTS (SELECT FROM checks AS later"
        " JOIN check_decisions USING (invoice_id) WHERE later.cart_id = checks.cart_id"
        " AND later.created_at > checks.created_at)"
        " ORDER BY decided_at DESC, invoice_id LIMIT $2",
        institution_id,
        limit,
    )
    return [_kept(row) for row in rows]


async def of_shopper(
    connection: Connection, institution_id: str, person_id: str, since: datetime, limit: int
) -> list[DecisionOfShopper]:
    """The decisions on a shopper's carts in a store since a moment, newest first."""
    rows = await connection.fetch(
        "SELECT invoice_id, decided_at, pieces, by_chance, decision, status, outcome, differences"
        " FROM check_decisions JOIN checks USING (invoice_id)"
        " WHERE person_id = $1 AND check_decisions.institution_id = $2 AND decided_at > $3 AND outcome IS NOT NULL"
        " ORDER BY decided_at DESC, invoice_id LIMIT $4",
        person_id,
        institution_id,
        since,
        limit,
    )
    return [_of_shopper(row) for row in rows]


async def inputs_of(connection: Connection, invoice_ids: Sequence[str]) -> dict[str, Inputs]:
    """What decisions came from, by their invoices, where that is kept."""
    rows = await connection.fetch(
        "SELECT invoice_id, inputs FROM check_decisions WHERE invoice_id = ANY($1) AND inputs IS NOT NULL",
        invoice_ids,
    )
    return {row["invoice_id"]: decode(row["inputs"].encode(), Inputs) for row in rows}


async def forget_of(tx: Transaction, person_id: str) -> None:
    """Forgets whose carts were decided on, and what the decisions came from."""
    await tx.execute(
        "UPDATE check_decisions SET person_id = NULL, inputs = NULL, outcome = NULL WHERE person_id = $1",
        person_id,
    )


async def forget(database: Database, before: datetime) -> None:
    """Forgets whose carts were decided on before a moment, and what the decisions came from."""
    await in_steps(
        database,
        "UPDATE check_decisions SET person_id = NULL, inputs = NULL, outcome = NULL WHERE invoice_id"
        " = ANY (ARRAY(SELECT invoice_id FROM check_decisions WHERE inputs IS NOT NULL AND decided_at < $1"
        " ORDER BY decided_at LIMIT $2))",
        before,
    )


def _saved(row: Any) -> SavedPolicy:
    policy = decode(row["policy"].encode(), Policy)
    return SavedPolicy(row["version"], policy, row["saved_at"], row["saved_by"])


def _kept(row: Any) -> KeptDecision:
    return KeptDecision(
        row["invoice_id"],
        row["policy_version"],
        row["digest"],
        decode(row["inputs"].encode(), Inputs) if row["inputs"] else None,
        decode(row["outcome"].encode(), Outcome) if row["outcome"] else None,
    )


def _of_shopper(row: Any) -> DecisionOfShopper:
    found = decode(row["differences"].encode(), tuple[Difference, ...])
    return DecisionOfShopper(
        row["invoice_id"],
        row["decided_at"],
        row["pieces"],
        row["by_chance"],
        row["decision"],
        row["status"],
        decode(row["outcome"].encode(), Outcome),
        missing(found),
    )
