"""What operators and metrics ask the outbox, and what they may do."""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from smarts.gateway.outbox.messages import CHANNEL
from smarts.gateway.outbox.outcomes import Attempt
from smarts.gateway.storage.database import Connection, Database, Transaction
from smarts.gateway.storage.steps import in_steps
from smarts.gateway.storage.telling import tell


@dataclass(frozen=True)
class Depth:
    """How much is in the outbox.

    Attributes:
        waiting: messages not delivered yet, timers included.
        overdue: those of them whose moment has passed.
        dead: dead letters.
        oldest: how long the oldest overdue message has been waiting.
    """

    waiting: int
    overdue: int
    dead: int
    oldest: timedelta


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up."""

    id: str
    lane: str
    kind: str
    order_key: str
    attempts: int
    detail: str
    died_at: datetime


@dataclass(frozen=True)
class Letters:
    """Which dead letters: of a lane, of a kind, that died not before one moment and before another; all by default."""

    lane: str | None = None
    kind: str | None = None
    died_from: datetime | None = None
    died_to: datetime | None = None


_EVERY = Letters()
_THESE = """
    state = 'dead' AND ($1::text IS NULL OR lane = $1) AND ($2::text IS NULL OR kind = $2)
    AND finished_at >= coalesce($3::timestamptz, '-infinity')
    AND finished_at < coalesce($4::timestamptz, 'infinity')
"""
_PAGE = f"""
    SELECT id, lane, kind, order_key, attempts, coalesce(detail, ''), finished_at FROM outbox_messages
    WHERE {_THESE} AND ($5::text IS NULL OR (finished_at, id) < (
        SELECT CASE state WHEN 'dead' THEN finished_at ELSE 'infinity' END, id FROM outbox_messages WHERE id = $5))
    ORDER BY finished_at DESC, id DESC LIMIT $6
"""  # noqa: S608 - the only thing put into the text is a constant
_FIRST_TO_DIE = f"""
    SELECT id FROM outbox_messages WHERE {_THESE} ORDER BY finished_at, id LIMIT $5 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - as above


async def depth(connection: Connection) -> Depth:
    """Count what is waiting, overdue and dead."""
    row = await connection.fetchrow(
        """
        SELECT count(*) AS waiting,
               count(*) FILTER (WHERE waiting_since <= now()) AS overdue,
               (SELECT count(*) FROM outbox_messages WHERE state = 'dead') AS dead,
               greatest(now() - min(waiting_since), '0') AS oldest
        FROM outbox_messages WHERE state = 'waiting'
        """
    )
    assert row is not None
    return Depth(row["waiting"], row["overdue"], row["dead"], row["oldest"])


async def overdue_by_kind(connection: Connection) -> dict[str, int]:
    """How many messages of each kind should have been delivered by now."""
    rows = await connection.fetch(
        "SELECT kind, count(*) FROM outbox_messages WHERE state = 'waiting' AND waiting_since <= now() GROUP BY kind"
    )
    return {row["kind"]: row["count"] for row in rows}


async def unserved(connection: Connection) -> int:
    """How many lanes have been due for a minute without any worker looking at them."""
    return int(
        await connection.fetchval(
            """
            SELECT count(*) FROM outbox_lanes AS lane
            WHERE greatest(due, rests_until, lease_until, served_at) <= now() - interval '1 minute' AND EXISTS (
                SELECT FROM outbox_messages WHERE lane = lane.name AND state = 'waiting'
                AND greatest(waiting_since, retry_at) <= now() - interval '1 minute')
            """
        )
    )


async def attempts_of(connection: Connection, message_id: str) -> list[Attempt]:
    """Every attempt to deliver a message, the first one first."""
    rows = await connection.fetch(
        "SELECT started_at, took, outcome, detail, status, answer FROM outbox_attempts"
        " WHERE message_id = $1 ORDER BY number",
        message_id,
    )
    return [Attempt(*row) for row in rows]


async def dead_letters(
    connection: Connection, letters: Letters = _EVERY, *, after: str | None = None, limit: int = 100
) -> list[DeadLetter]:
    """Some dead letters, the latest first, at most `limit`, those after the letter `after`.

    Where that one was replayed meanwhile they begin anew: it is not known any more when it died.
    """
    rows = await connection.fetch(_PAGE, *astuple(letters), after, limit)
    return [DeadLetter(*row) for row in rows]


async def replay(tx: Transaction, message_ids: Sequence[str]) -> int:
    """Let dead letters be delivered again, with all their retries, and return how many they were.

    Messages of the same order key that were delivered meanwhile stay delivered: a replayed one comes after them.
    """
    lanes = await tx.fetch(
        """
        UPDATE outbox_messages SET state = 'waiting', failures = 0, waiting_since = now(), finished_at = NULL,
            due = '-infinity', retry_at = '-infinity'
        WHERE id = ANY ($1) AND state = 'dead' RETURNING lane
        """,
        message_ids,
    )
    for lane in sorted({row["lane"] for row in lanes}):
        await resume(tx, lane)
    return len(lanes)


async def replay_all(tx: Transaction, letters: Letters, at_most: int) -> int:
    """Let some dead letters be delivered again as `replay` does, those that died first, and return how many they were.

    Those that somebody else is replaying at this moment are passed over.
    """
    rows = await tx.fetch(_FIRST_TO_DIE, *astuple(letters), at_most)
    return await replay(tx, [row["id"] for row in rows])


async def resume(tx: Transaction, lane: str) -> None:
    """Try a lane at once that is resting, because its node has shown to be back."""
    await tx.execute(
        "UPDATE outbox_lanes SET generation = generation + 1, due = '-infinity', rests_until = '-infinity'"
        " WHERE name = $1",
        lane,
    )
    tell(tx, CHANNEL, lane)


async def end_rests(connection: Connection, lanes: Sequence[str]) -> None:
    """Try those of these lanes at once that are resting; without a resting one nothing is written."""
    ended = await connection.fetch(
        "UPDATE outbox_lanes SET generation = generation + 1, due = '-infinity', rests_until = '-infinity'"
        " WHERE name = ANY ($1) AND rests_until > now() RETURNING name",
        lanes,
    )
    for row in ended:
        tell(connection, CHANNEL, row["name"])


async def forget(database: Database, before: datetime) -> int:
    """Remove messages delivered or cancelled before a moment, with their attempts, and return how many they were.

    Dead letters are kept. An id that is forgotten can be put again, so keep messages longer than anybody repeats a put.
    """
    return await in_steps(
        database,
        """
        WITH old AS MATERIALIZED (
            SELECT id FROM outbox_messages
            WHERE state IN ('delivered', 'cancelled') AND finished_at < $1 LIMIT $2
        ), their_attempts AS (
            DELETE FROM outbox_attempts WHERE message_id IN (SELECT id FROM old)
        )
        DELETE FROM outbox_messages WHERE id IN (SELECT id FROM old)
        """,
        before,
    )


async def rewrite(tx: Transaction, message_ids: Sequence[str], anew: Callable[[str, bytes], bytes]) -> None:
    """Take out of messages what shall no longer be known: of delivered ones all, of others what `anew` leaves out.

    `anew` makes of a message's kind and payload what is to be delivered instead. A message whose delivery is being
    recorded at this moment is passed over.
    """
    rows = await tx.fetch(
        "SELECT id, kind, payload, state IN ('waiting', 'dead') AS undelivered FROM outbox_messages"
        " WHERE id = ANY ($1) FOR UPDATE SKIP LOCKED",
        message_ids,
    )
    await tx.executemany(
        "UPDATE outbox_messages SET payload = $2, detail = NULL WHERE id = $1",
        [(row["id"], anew(row["kind"], row["payload"]) if row["undelivered"] else b"") for row in rows],
    )
    await tx.execute(
        "UPDATE outbox_attempts SET detail = '', answer = '' WHERE message_id = ANY ($1)",
        [row["id"] for row in rows],
    )
