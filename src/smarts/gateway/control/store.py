"""The checks' SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from smarts.control import AgeSeen, Outcome, Reason, RescanPiece
from smarts.gateway.control.findings import Difference
from smarts.gateway.control.rescanned import Finding
from smarts.gateway.parties import Staff
from smarts.gateway.storage.conditions import Conditions
from smarts.gateway.storage.database import Connection, Database
from smarts.gateway.storage.steps import in_steps
from smarts.gateway.storage.writes import Write
from smarts.wire.codec import decode, encode
from smarts.wire.control import Decision

_OPEN = "status IN ('WAITING', 'PENDING')"
_COLUMNS = "invoice_id, institution_id, cart_id, status, decision, request, created_at, expires_at"
_LATER = "taken_by, taken_name, taken_at, reasons, differences, age_seen, findings, rescan, grown_at"
_FORGOTTEN = (
    "request = NULL, facts = NULL, differences = '[]', age_seen = NULL, findings = '[]', rescan = NULL"
)


class CheckState(StrEnum):
    """ASKED: the node is to decide; NOT_NEEDED: it decided NO; the rest as results say, or given up."""

    ASKED = "ASKED"
    NOT_NEEDED = "NOT_NEEDED"
    WAITING = "WAITING"
    PENDING = "PENDING"
    PASSED = "PASSED"
    FAILED = "FAILED"
    FAILED_ALLOW_PAYMENT = "FAILED_ALLOW_PAYMENT"
    EXPIRED = "EXIPRED"
    CANCELLED = "CANCELLED"


OPEN_STATES = frozenset({CheckState.WAITING, CheckState.PENDING})


@dataclass(frozen=True)
class Check:
    """A check; `request` is the document as it was sent to the node the first time, until it is forgotten.

    `differences` are what it changed in the cart, `findings` what a rescan found, `age_seen` the age that was not
    looked at again, as long. Staff rescan `rescan`, or everything where that is None, and once it has grown. Times are
    UTC.
    """

    invoice_id: str
    institution_id: str
    cart_id: str
    status: CheckState
    decision: Decision | None
    request: bytes | None
    created_at: datetime
    expires_at: datetime | None
    holder: "Holder | None" = None
    reasons: tuple[Reason, ...] = ()
    differences: tuple[Difference, ...] = ()
    age_seen: AgeSeen | None = None
    findings: tuple[Finding, ...] = ()
    rescan: tuple[RescanPiece, ...] | None = None
    grown_at: datetime | None = None

    @property
    def part(self) -> tuple[RescanPiece, ...] | None:
        """The pieces to rescan; None where everything is to be, from the first or since it has grown."""
        return None if self.grown_at else self.rescan


@dataclass(frozen=True)
class Holder:
    """Who of the staff looks at a cart, and since when (UTC)."""

    person_id: str
    name: str
    since: datetime


def check_of(row: Any) -> Check:
    """The check in a row of `find_row`."""
    return Check(
        row["invoice_id"],
        row["institution_id"],
        row["cart_id"],
        CheckState(row["status"]),
        Decision(row["decision"]) if row["decision"] else None,
        row["request"],
        row["created_at"],
        row["expires_at"],
        Holder(row["taken_by"], row["taken_name"], row["taken_at"]) if row["taken_by"] else None,
        rescan=decode(row["rescan"].encode(), tuple[RescanPiece, ...]) if row["rescan"] else None,
        grown_at=row["grown_at"],
        **_findings(row),
    )


def _findings(row: Any) -> dict[str, Any]:
    return {
        "reasons": decode(row["reasons"].encode(), tuple[Reason, ...]),
        "differences": decode(row["differences"].encode(), tuple[Difference, ...]),
        "age_seen": decode(row["age_seen"].encode(), AgeSeen) if row["age_seen"] else None,
        "findings": decode(row["findings"].encode(), tuple[Finding, ...]),
    }


MOVED = "moved"
"""The name of the query that moves a check on, which has to give a row."""
_MOVE = f"""
    {MOVED} AS (
        UPDATE checks SET status = $2, closed_at = CASE WHEN $4 THEN $3::timestamptz END{{more}}
         WHERE invoice_id = $1 AND {_OPEN} AND ($5::text IS NULL OR coalesce(taken_by, $5) = $5) RETURNING 1
    )
"""
_FOUND = ", decided_by = $6, decided_name = $7, changed = $8, differences = $9"


def beginning(check: Check) -> Write:
    """What writes a new check."""
    return Write(
        f"asked AS (INSERT INTO checks ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8))",
        (
            check.invoice_id,
            check.institution_id,
            check.cart_id,
            check.status,
            check.decision,
            check.request,
            check.created_at,
            check.expires_at,
        ),
    )


async def find(connection: Connection, invoice_id: str) -> Check | None:
    """Reads a check."""
    row = await find_row(connection, invoice_id)
    return check_of(row) if row else None


async def find_row(connection: Connection, invoice_id: str, beside: str = "") -> Any:
    """The row with a check, if there is one, for `check_of`; `beside` are more columns, each after a comma."""
    return await connection.fetchrow(
        f"SELECT {_COLUMNS}, {_LATER}{beside} FROM checks WHERE invoice_id = $1", invoice_id
    )


@dataclass(frozen=True)
class Found:
    """What a check that has ended found, and who ended it; None is the store's own system, or nobody."""

    by: Staff | None
    differences: Sequence[Difference]


def deciding(
    invoice_id: str,
    status: CheckState,
    outcome: Outcome,
    expires_at: datetime | None,
    age_seen: AgeSeen | None,
) -> Write:
    """What writes what was decided of a check that was asked for."""
    return Write(
        "decided AS (UPDATE checks SET status = $2, decision = $3, expires_at = $4, reasons = $5, rescan = $6,"
        " age_seen = $7 WHERE invoice_id = $1)",
        (
            invoice_id,
            status,
            outcome.decision,
            expires_at,
            encode(outcome.reasons).decode(),
            None if outcome.rescan is None else encode(outcome.rescan).decode(),
            None if age_seen is None else encode(age_seen).decode(),
        ),
    )


def moving(
    invoice_id: str,
    status: CheckState,
    now: datetime,
    *,
    ends: bool,
    person_id: str | None,
    found: Found | None,
) -> Write:
    """What moves a check on that is open, and that nobody else than this person, if any, looks at."""
    values = (invoice_id, status, now, ends, person_id)
    if found is None:
        return Write(_MOVE.format(more=""), values, (MOVED,))
    by = (found.by.person_id, found.by.name) if found.by else (None, None)
    more = (*by, bool(found.differences), encode(found.differences).decode())
    return Write(_MOVE.format(more=_FOUND), values + more, (MOVED,))


async def take(connection: Connection, invoice_id: str, holder: Holder, before: str | None) -> bool:
    """Writes who looks at an open check, where it is the one `before` (or nobody) until then."""
    taken = await connection.fetchval(
        "UPDATE checks SET taken_by = $2, taken_name = $3, taken_at = $4"
        f" WHERE invoice_id = $1 AND taken_by IS NOT DISTINCT FROM $5 AND {_OPEN} RETURNING 1",
        invoice_id,
        holder.person_id,
        holder.name,
        holder.since,
        before,
    )
    return taken is not None


async def give_up(connection: Connection, cart_id: str, now: datetime) -> str | None:
    """Ends what is asked for or open of a cart's checks; the store where that was something."""
    institution_id: str | None = await connection.fetchval(
        "UPDATE checks SET status = 'CANCELLED', closed_at = $2"
        " WHERE cart_id = $1 AND status IN ('ASKED', 'WAITING', 'PENDING') RETURNING institution_id",
        cart_id,
        now,
    )
    return institution_id


async def abandon(connection: Connection, invoice_id: str, now: datetime) -> None:
    """Ends a check that was asked for and never decided."""
    await connection.execute(
        "UPDATE checks SET status = 'CANCELLED', closed_at = $2 WHERE invoice_id = $1 AND status = 'ASKED'",
        invoice_id,
        now,
    )


async def waiting(
    connection: Connection, institution_ids: list[str], limit: int, after: str | None
) -> list[Check]:
    """Open checks of some stores, oldest first, those after a check."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, {_LATER} FROM checks WHERE institution_id = ANY($1) AND {_OPEN} AND ($3::text IS NULL OR"
        " (created_at, invoice_id) > (SELECT created_at, invoice_id FROM checks WHERE invoice_id = $3"
        " AND institution_id = ANY($1))) ORDER BY created_at, invoice_id LIMIT $2",
        institution_ids,
        limit,
        after,
    )
    return [check_of(row) for row in rows]


async def of_carts(connection: Connection, cart_ids: Sequence[str]) -> list[Check]:
    """The checks of some carts, newest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, {_LATER} FROM checks WHERE cart_id = ANY($1) ORDER BY created_at DESC, invoice_id",
        cart_ids,
    )
    return [check_of(row) for row in rows]


async def forget_documents_of(connection: Connection, cart_ids: Sequence[str]) -> None:
    """Forgets what was sent to the node about some carts, what was decided on, and what was found."""
    await connection.execute(f"UPDATE checks SET {_FORGOTTEN} WHERE cart_id = ANY($1)", cart_ids)


async def forget_documents(database: Database, before: datetime) -> None:
    """Forgets what was sent to the node before a moment, and what was decided on."""
    await in_steps(
        database,
        f"UPDATE checks SET {_FORGOTTEN} WHERE invoice_id = ANY (ARRAY(SELECT invoice_id FROM checks"
        " WHERE request IS NOT NULL AND created_at < $1 ORDER BY created_at LIMIT $2))",
        before,
    )


@dataclass(frozen=True, kw_only=True)
class CheckSearch:
    """Which checks of a store: asked for not before one moment and before another, by what was decided and found.

    `text` is how the invoice's id begins.
    """

    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    decision: Decision | None = None
    status: CheckState | None = None
    changed: bool | None = None


@dataclass(frozen=True, kw_only=True)
class PastCheck:
    """A check as the store's manager sees it.

    `taken_name` looked at the cart, `decided_name` ended the check: nobody of the staff where the store's own system
    did, or its time was over. What staff changed (`changed`) is in `differences` until it is forgotten. Times are UTC.
    """

    invoice_id: str
    cart_id: str
    status: CheckState
    decision: Decision | None
    reasons: tuple[Reason, ...]
    created_at: datetime
    expires_at: datetime | None
    closed_at: datetime | None
    taken_name: str | None
    decided_name: str | None
    changed: bool
    differences: tuple[Difference, ...]
    age_seen: AgeSeen | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class CheckTally:
    """Carts that were checked out in a span of time, how many of them were checked, and how those checks ended.

    `full` were checked wholly, `age` only for the shopper's age. Staff corrected the cart in a `corrected` check, and
    found it wrong without that in a `failed` one; `undone` ones ended without staff.
    """

    carts: int = 0
    full: int = 0
    age: int = 0
    fine: int = 0
    corrected: int = 0
    failed: int = 0
    undone: int = 0


_PAST = (
    "invoice_id, cart_id, status, decision, reasons, created_at, expires_at, closed_at, taken_name, decided_name,"
    " changed, differences, age_seen, findings"
)
_TALLIES = """
    SELECT width_bucket(created_at, $2::timestamptz[]) AS span,
           count(DISTINCT cart_id) FILTER (WHERE decision IS NOT NULL) AS carts,
           count(DISTINCT cart_id) FILTER (WHERE decision = 'FULL') AS full,
           count(DISTINCT cart_id) FILTER (WHERE decision IN ('AGE', 'FULL'))
               - count(DISTINCT cart_id) FILTER (WHERE decision = 'FULL') AS age,
           count(*) FILTER (WHERE status = 'PASSED' AND NOT changed) AS fine,
           count(*) FILTER (WHERE status <> 'FAILED' AND changed) AS corrected,
           count(*) FILTER (WHERE status = 'FAILED' OR status = 'FAILED_ALLOW_PAYMENT' AND NOT changed) AS failed,
           count(*) FILTER (WHERE decision IS NOT NULL AND status IN ('EXIPRED', 'CANCELLED')) AS undone
      FROM checks WHERE institution_id = $1 AND created_at >= $3 AND created_at < $4
     GROUP BY span
"""


def _past(row: Any) -> PastCheck:
    read = {
        "status": CheckState(row["status"]),
        "decision": Decision(row["decision"]) if row["decision"] else None,
    }
    return PastCheck(**dict(row) | read | _findings(row))


async def past(connection: Connection, institution_id: str, invoice_id: str) -> PastCheck | None:
    """Reads a store's check for its manager."""
    row = await connection.fetchrow(
        f"SELECT {_PAST} FROM checks WHERE institution_id = $1 AND invoice_id = $2",
        institution_id,
        invoice_id,
    )
    return _past(row) if row else None


async def search(
    connection: Connection, institution_id: str, sought: CheckSearch, limit: int, after: str | None
) -> list[PastCheck]:
    """Checks of a store, newest first, those after a check."""
    which = (
        Conditions()
        .add("institution_id = {}", institution_id)
        .add("created_at >= {}", sought.since)
        .add("created_at < {}", sought.until)
        .add_prefix(("invoice_id",), sought.text)
        .add("decision = {}", sought.decision)
        .add("status = {}", sought.status)
        .add("changed = {}", sought.changed)
        .add(
            "(created_at, invoice_id) < (SELECT created_at, invoice_id FROM checks"
            " WHERE invoice_id = {} AND institution_id = $1)",
            after,
        )
    )
    rows = await connection.fetch(
        f"SELECT {_PAST} FROM checks WHERE {which} ORDER BY created_at DESC, invoice_id DESC"
        f" LIMIT {which.placeholder(limit)}",
        *which.values,
    )
    return [_past(row) for row in rows]


async def tallies(
    connection: Connection, institution_id: str, moments: Sequence[datetime]
) -> list[CheckTally]:
    """Counts a store's checks from each of some moments to the next one."""
    rows = await connection.fetch(_TALLIES, institution_id, moments, moments[0], moments[-1])
    found = {row[0]: CheckTally(*row[1:]) for row in rows}
    return [found.get(number, CheckTally()) for number in range(1, len(moments))]
