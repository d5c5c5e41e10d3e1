"""What operators and metrics ask the outbox, and what they may do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from smarts.gateway.outbox.messages import CHANNEL
from smarts.gateway.outbox.outcomes import Attempt
from smarts.gateway.storage.database import Connection, Database, Transaction
from smarts.gateway.storage.notices import notify

FORGET_AT_A_TIME = 5_000


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


async def attempts_of(connection: Connection, message_id: str) -> list[Attempt]:
    """Every attempt to deliver a message, the first one first."""
    rows = await connection.fetch(
        "SELECT started_at, took, outcome, detail FROM outbox_attempts WHERE message_id = $1 ORDER BY number",
        message_id,
    )
    return [Attempt(*row) for row in rows]


async def dead_letters(
    connection: Connection, *, lane: str | None = None, after: datetime | None = None, limit: int = 100
) -> list[DeadLetter]:
    """Dead letters, the latest first: of one lane or all, and only those that died before `after` (the next page)."""
    rows = await connection.fetch(
        """
        SELECT id, lane, kind, order_key, attempts, coalesce(detail, ''), finished_at
        FROM outbox_messages
        WHERE state = 'dead' AND ($1::text IS NULL OR lane = $1) AND finished_at < coalesce($2::timestamptz, 'infinity')
        ORDER BY finished_at DESC, id LIMIT $3
        """,
        lane,
        after,
        limit,
    )
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


async def resume(tx: Transaction, lane: str) -> None:
    """Try a lane at once that is resting, because its node has shown to be back."""
    await tx.execute(
        "UPDATE outbox_lanes SET generation = generation + 1, due = '-infinity', rests_until = '-infinity'"
        " WHERE name = $1",
        lane,
    )
    await notify(tx, CHANNEL, lane)


async def forget(database: Database, before: datetime) -> int:
    """Remove messages delivered or cancelled before a moment, with their attempts, and return how many they were.

    Dead letters are kept. An id that is forgotten can be put again, so keep messages longer than anybody repeats a put.
    """
    forgotten = 0
    while batch := await _forget_some(database, before):
        forgotten += batch
    return forgotten


async def _forget_some(database: Database, before: datetime) -> int:
    async with database.connection() as connection:
        return int(
            await connection.fetchval(
                """
                WITH old AS (
                    DELETE FROM outbox_messages WHERE id IN (
                        SELECT id FROM outbox_messages
                        WHERE state IN ('delivered', 'cancelled') AND finished_at < $1 LIMIT $2
                    ) RETURNING id
                ), their_attempts AS (
                    DELETE FROM outbox_attempts WHERE message_id IN (SELECT id FROM old)
                )
                SELECT count(*) FROM old
                """,
                before,
                FORGET_AT_A_TIME,
            )
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
        "UPDATE outbox_attempts SET detail = '' WHERE message_id = ANY ($1)", [row["id"] for row in rows]
    )
