"""The nodes' SQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from smarts.caller import Target
from smarts.gateway.nodes.model import (
    HourOfCalls,
    NodeChange,
    NodeRecord,
    NodeReport,
    NodeState,
    OperationTally,
    Question,
    Rhythm,
    Said,
    Signing,
    SpanOfCalls,
)
from smarts.gateway.storage.database import Connection, Database, Transaction
from smarts.gateway.storage.steps import remove_in_steps
from smarts.wire.codec import decode, encode
from smarts.wire.nodes import NodeHealthResponse, NodeVersionResponse
from smarts.wire.times import UtcMillis

MOST_CHANGES = 50
MOST_REPORTS = 200

_SECRETS = """
    array_remove(ARRAY[signing_secret, CASE WHEN former_signs_until > now() THEN former_signing_secret END], NULL)
        AS signing_secrets
"""
_CLAIM = """
    WITH claimed AS MATERIALIZED (SELECT institution_id FROM node_states WHERE {which})
    UPDATE node_states AS node SET asked_at = now(), due = now() + $1::interval
    FROM claimed JOIN nodes USING (institution_id) WHERE node.institution_id = claimed.institution_id
    RETURNING node.institution_id, url, token, {secrets}, node.asked_at, state, version_due <= now() AS version_too
"""
_CLAIM_DUE = _CLAIM.format(
    secrets=_SECRETS, which="due <= now() ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED"
)
_CLAIM_ONE = _CLAIM.format(secrets=_SECRETS, which="institution_id = $2 FOR UPDATE")

# The next turn is a fifth sooner or later, so that nodes which were due at once are not asked at once for ever.
_WRITE = """
    WITH written AS (
        UPDATE node_states SET
            state = $3,
            since = CASE WHEN $4 THEN now() ELSE since END,
            answered_at = CASE WHEN $5::json IS NULL THEN answered_at ELSE now() END,
            health = coalesce($5::json, health),
            version = coalesce($6::json, version),
            lost = CASE WHEN $6::json IS NULL THEN lost ELSE ARRAY(
                SELECT json_array_elements_text(version -> 'features') UNION SELECT unnest(lost)
                EXCEPT SELECT json_array_elements_text($6::json -> 'features')) END,
            lost_at = CASE WHEN EXISTS (
                SELECT json_array_elements_text(version -> 'features')
                EXCEPT SELECT json_array_elements_text(coalesce($6::json, version) -> 'features')
            ) THEN now() ELSE lost_at END,
            failure = coalesce($7, failure),
            failed_at = CASE WHEN $7::text IS NULL THEN failed_at ELSE now() END,
            due = now() + $8::interval * (0.8 + 0.4 * random()),
            version_due = CASE WHEN $6::json IS NULL THEN version_due ELSE now() + $9::interval END
        WHERE institution_id = $1 AND asked_at = $2
        RETURNING institution_id
    ), changed AS (
        INSERT INTO node_changes (institution_id, state, detail) SELECT institution_id, $3, $10 FROM written WHERE $4
    )
    SELECT EXISTS (SELECT FROM written)
"""


async def has_lost(connection: Connection, institution_id: str, feature: str, within: timedelta) -> bool:
    """Whether a store's node named a feature and does not any more, and last named fewer within this time."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM node_states WHERE institution_id = $1 AND $2 = ANY(lost)"
            " AND lost_at > now() - $3::interval)",
            institution_id,
            feature,
            within,
        )
    )


async def load(connection: Connection, institution_id: str) -> Target | None:
    """A store's node."""
    row = await connection.fetchrow(
        f"SELECT url, token, {_SECRETS} FROM nodes WHERE institution_id = $1",
        institution_id,
    )
    return _target(row) if row else None


def _target(row: Any) -> Target:
    return Target(row["url"], row["token"], tuple(row["signing_secrets"]))


async def put(tx: Transaction, institution_id: str, target: Target) -> None:
    """Writes a store's node, new or changed; what was there before said counts no longer."""
    await tx.execute(
        "INSERT INTO nodes (institution_id, url, token) VALUES ($1, $2, $3) ON CONFLICT (institution_id)"
        " DO UPDATE SET url = excluded.url, token = excluded.token, updated_at = now()",
        institution_id,
        target.base_url,
        target.token,
    )
    await tx.execute("DELETE FROM node_states WHERE institution_id = $1", institution_id)
    await tx.execute("INSERT INTO node_states (institution_id) VALUES ($1)", institution_id)


async def exchange_secret(tx: Transaction, institution_id: str, secret: str, overlap: timedelta) -> bool:
    """Has requests signed with another secret, and with the one before for a while; False where there is no node."""
    return bool(
        await tx.fetchval(
            "UPDATE nodes SET signing_secret = $2, former_signing_secret = signing_secret, former_signs_until ="
            " CASE WHEN signing_secret IS NULL THEN '-infinity' ELSE now() + $3::interval END"
            " WHERE institution_id = $1 RETURNING true",
            institution_id,
            secret,
            overlap,
        )
    )


async def remove_secrets(tx: Transaction, institution_id: str) -> bool:
    """Has requests signed no longer; False where there is no node."""
    return bool(
        await tx.fetchval(
            "UPDATE nodes SET signing_secret = NULL, former_signing_secret = NULL, former_signs_until = '-infinity'"
            " WHERE institution_id = $1 RETURNING true",
            institution_id,
        )
    )


async def signing(connection: Connection, institution_id: str) -> Signing | None:
    """Whether a store's requests are signed; None where it has no node."""
    row = await connection.fetchrow(
        "SELECT signing_secret IS NOT NULL AS signed, CASE WHEN former_signs_until > now()"
        " THEN former_signs_until END AS until FROM nodes WHERE institution_id = $1",
        institution_id,
    )
    return Signing(signed=row["signed"], former_signs_until=_moment(row["until"])) if row else None


async def claim_due(connection: Connection, lease: timedelta, most: int) -> list[Question]:
    """Nodes to be asked now, those that are due longest first; nobody else claims them during the lease."""
    return [_question(row) for row in await connection.fetch(_CLAIM_DUE, lease, most)]


async def claim(connection: Connection, lease: timedelta, institution_id: str) -> Question | None:
    """A store's node to be asked now, due or not; None where the store has none."""
    row = await connection.fetchrow(_CLAIM_ONE, lease, institution_id)
    return _question(row) if row else None


def _question(row: Any) -> Question:
    return Question(
        institution_id=row["institution_id"],
        target=_target(row),
        asked_at=row["asked_at"],
        state=NodeState(row["state"]),
        version_too=row["version_too"],
    )


async def seconds_until_due(connection: Connection) -> float | None:
    """How long until some node is due: 0 or less is now, None is that there are no nodes."""
    seconds = await connection.fetchval(
        "SELECT extract(epoch FROM greatest(min(due), now()) - now()) FROM node_states"
    )
    return None if seconds is None else float(seconds)


async def write(connection: Connection, question: Question, said: Said, detail: str, rhythm: Rhythm) -> bool:
    """Writes what came of a question and when the next turn is; False where the node was asked, or set, anew since.

    A change of the state is written too, with the detail; of a node's changes only the latest are kept.
    """
    changed = said.state is not question.state
    written: bool = await connection.fetchval(
        _WRITE,
        question.institution_id,
        question.asked_at,
        said.state,
        changed,
        encode(said.health).decode() if said.health else None,
        encode(said.version).decode() if said.version else None,
        said.failure,
        rhythm.health,
        rhythm.version,
        detail,
    )
    if written and changed:
        await connection.execute(
            "DELETE FROM node_changes WHERE institution_id = $1 AND id <= (SELECT id FROM node_changes"
            " WHERE institution_id = $1 ORDER BY id DESC OFFSET $2 LIMIT 1)",
            question.institution_id,
            MOST_CHANGES,
        )
    return written


async def records(connection: Connection, institution_ids: Sequence[str]) -> dict[str, NodeRecord]:
    """What is known of these stores' nodes, by the stores' ids; those without a node are left out."""
    rows = await connection.fetch(
        "SELECT institution_id, state, since, asked_at, answered_at, version, health, failure, failed_at"
        " FROM node_states WHERE institution_id = ANY ($1)",
        institution_ids,
    )
    return {row["institution_id"]: _record(row) for row in rows}


def _record(row: Any) -> NodeRecord:
    return NodeRecord(
        state=NodeState(row["state"]),
        since=UtcMillis.of(row["since"]),
        asked_at=_moment(row["asked_at"]),
        answered_at=_moment(row["answered_at"]),
        version=_version(row["version"]),
        health=decode(row["health"].encode(), NodeHealthResponse) if row["health"] else None,
        failure=row["failure"],
        failed_at=_moment(row["failed_at"]),
    )


def _moment(value: Any) -> UtcMillis | None:
    return UtcMillis.of(value) if value else None


def _version(text: str | None) -> NodeVersionResponse | None:
    return decode(text.encode(), NodeVersionResponse) if text else None


async def counts(connection: Connection) -> dict[NodeState, int]:
    """How many nodes there are in each state."""
    rows = await connection.fetch("SELECT state, count(*) FROM node_states GROUP BY state")
    return dict.fromkeys(NodeState, 0) | {NodeState(row["state"]): row["count"] for row in rows}


async def versions(
    connection: Connection, institution_ids: Sequence[str]
) -> dict[str, NodeVersionResponse | None]:
    """What these stores' nodes said of their versions, by the stores' ids."""
    rows = await connection.fetch(
        "SELECT institution_id, version FROM node_states WHERE institution_id = ANY ($1)", institution_ids
    )
    return {row["institution_id"]: _version(row["version"]) for row in rows}


async def changes(connection: Connection, institution_id: str) -> list[NodeChange]:
    """The latest changes of a node's state, the latest first."""
    rows = await connection.fetch(
        "SELECT state, detail, at FROM node_changes WHERE institution_id = $1 ORDER BY id DESC LIMIT $2",
        institution_id,
        MOST_CHANGES,
    )
    return [
        NodeChange(state=NodeState(row["state"]), detail=row["detail"], at=UtcMillis.of(row["at"]))
        for row in rows
    ]


async def add_report(connection: Connection, institution_id: str, operation: str, detail: str) -> None:
    """Writes what does not work, or counts it where it is known; of a store's only the latest are kept."""
    new: bool = await connection.fetchval(
        "INSERT INTO node_reports (institution_id, operation, detail) VALUES ($1, $2, $3)"
        " ON CONFLICT (institution_id, operation, detail)"
        " DO UPDATE SET times = node_reports.times + 1, last_at = now() RETURNING times = 1",
        institution_id,
        operation,
        detail,
    )
    if new:
        await connection.execute(
            "DELETE FROM node_reports WHERE institution_id = $1 AND (last_at, id) <= (SELECT last_at, id"
            " FROM node_reports WHERE institution_id = $1 ORDER BY last_at DESC, id DESC OFFSET $2 LIMIT 1)",
            institution_id,
            MOST_REPORTS,
        )


async def forget_reports(connection: Connection, before: datetime) -> None:
    """Deletes reports of what has not happened again since a moment."""
    await connection.execute("DELETE FROM node_reports WHERE last_at < $1", before)


async def reports(
    connection: Connection, institution_id: str, limit: int, after: str | None
) -> list[NodeReport]:
    """A store's reports, the latest first, those after the report `after`."""
    rows = await connection.fetch(
        "SELECT id::text, operation, detail, times, first_at, last_at FROM node_reports WHERE institution_id = $1"
        " AND ($3::text IS NULL OR (last_at, id) <"
        " (SELECT last_at, id FROM node_reports WHERE institution_id = $1 AND id::text = $3))"
        " ORDER BY last_at DESC, id DESC LIMIT $2",
        institution_id,
        limit,
        after,
    )
    return [
        NodeReport(
            id=row["id"],
            operation=row["operation"],
            detail=row["detail"],
            times=row["times"],
            first_at=UtcMillis.of(row["first_at"]),
            last_at=UtcMillis.of(row["last_at"]),
        )
        for row in rows
    ]


_ADD_TIMINGS = """
    INSERT INTO node_timings AS kept (institution_id, hour, operation, calls, failures, slowest, buckets)
    SELECT institution_id, hour, operation, calls, failures, slowest, string_to_array(buckets, ',')::integer[]
      FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::integer[], $5::integer[], $6::float8[], $7::text[])
           AS new (institution_id, hour, operation, calls, failures, slowest, buckets)
    ON CONFLICT (institution_id, hour, operation) DO UPDATE SET
        calls = kept.calls + excluded.calls,
        failures = kept.failures + excluded.failures,
        slowest = greatest(kept.slowest, excluded.slowest),
        buckets = ARRAY(SELECT old + new FROM unnest(kept.buckets, excluded.buckets) WITH ORDINALITY
                        AS both_of (old, new, place) ORDER BY place)
"""
# Each bucket is summed by itself, then the sums are put together again in their order.
_SUMS = """
    WITH hours AS MATERIALIZED (
        SELECT {key} AS key, calls, failures, slowest, buckets FROM node_timings WHERE institution_id = $1 AND {which}
    ), summed AS (
        SELECT key, place, sum(count)::integer AS count
          FROM hours, unnest(buckets) WITH ORDINALITY AS bucket (count, place) GROUP BY key, place
    )
    SELECT key, sum(calls)::integer, sum(failures)::integer, max(slowest),
           (SELECT array_agg(count ORDER BY place) FROM summed WHERE summed.key = hours.key)
      FROM hours GROUP BY key ORDER BY key
"""
_SPANS = _SUMS.format(key="width_bucket(hour, $2::timestamptz[])", which="hour >= $3 AND hour < $4")
_OPERATIONS = _SUMS.format(key="operation", which="hour >= $2 AND hour < $3")


async def add_timings(connection: Connection, rows: Sequence[HourOfCalls]) -> None:
    """Adds calls to the hours that are kept."""
    columns = zip(
        *(
            (
                row.institution_id,
                row.hour,
                row.operation,
                row.calls,
                row.failures,
                row.slowest,
                ",".join(
                    map(str, row.buckets)
                ),  # there are no arrays of arrays of different lengths to unnest
            )
            for row in rows
        ),
        strict=True,
    )
    await connection.execute(_ADD_TIMINGS, *columns)


async def spans_of_calls(
    connection: Connection, institution_id: str, moments: Sequence[datetime]
) -> list[SpanOfCalls]:
    """A store's calls from each of some moments to the next one."""
    rows = await connection.fetch(_SPANS, institution_id, moments, moments[0], moments[-1])
    found = {row[0]: _span(row) for row in rows}
    return [found.get(number, SpanOfCalls()) for number in range(1, len(moments))]


async def operation_tallies(
    connection: Connection, institution_id: str, since: datetime, until: datetime
) -> list[OperationTally]:
    """A store's calls by their operations."""
    rows = await connection.fetch(_OPERATIONS, institution_id, since, until)
    return [OperationTally(row[0], _span(row)) for row in rows]


def _span(row: Any) -> SpanOfCalls:
    return SpanOfCalls(row[1], row[2], row[3], tuple(row[4]))


async def forget_timings(database: Database, before: datetime) -> None:
    """Deletes the hours before a moment."""
    key = "institution_id, hour, operation"
    await remove_in_steps(database, "node_timings", key, "hour < $1", "hour", before)
