"""The statements by which workers share the lanes.

Losing the end of any of them in a crash of the database only means that messages are sent again, so none that writes
waits for the disk (`synchronous_commit`). What `put` promised is durable by the transaction it was put in; `fetch`
waits until that is so, since nobody outside may be told of what a lost primary takes along.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from smarts.caller import Answered
from smarts.gateway.outbox.messages import Message
from smarts.gateway.outbox.outcomes import Verdict
from smarts.gateway.storage.database import CONFIRMED, NOT_WAITING_FOR_DISK, Database

_CLAIM = f"""
    WITH {NOT_WAITING_FOR_DISK}, claimable AS MATERIALIZED (
        SELECT name FROM outbox_lanes
        WHERE greatest(due, rests_until, lease_until) <= now()
        ORDER BY served_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    UPDATE outbox_lanes AS lane SET holder = gen_random_uuid(), lease_until = now() + $2::interval
    FROM claimable, no_wait WHERE lane.name = claimable.name
    RETURNING lane.name, holder, failures
"""  # noqa: S608 - constants

_FETCH = f"""
    SELECT id, lane, kind, order_key, payload, nullif(due, '-infinity') AS due, sent_anew, failures, context,
           {CONFIRMED}
    FROM outbox_messages
    WHERE lane = $1 AND state = 'waiting' AND due <= now() AND order_key NOT IN (
        SELECT order_key FROM outbox_messages WHERE lane = $1 AND state = 'waiting' AND retry_at > now()
    )
    ORDER BY sequence LIMIT $2
"""  # noqa: S608 - a constant

_RECORD = f"""
    WITH {NOT_WAITING_FOR_DISK}, attempt AS (
        SELECT * FROM unnest(
            $1::text[], $2::timestamptz[], $3::interval[], $4::text[], $5::text[],
            $6::text[], $7::boolean[], $8::interval[], $9::smallint[], $10::text[]
        ) AS attempt (id, started_at, took, outcome, detail, state, counts, pause, status, answer)
    ), recorded AS (
        UPDATE outbox_messages AS message SET
            attempts = attempts + 1,
            failures = failures + attempt.counts::integer,
            detail = attempt.detail,
            retry_at = coalesce(now() + attempt.pause, retry_at),
            state = CASE message.state WHEN 'waiting' THEN attempt.state ELSE message.state END,
            finished_at = CASE WHEN message.state = 'waiting' AND attempt.state <> 'waiting' THEN now()
                          ELSE finished_at END
        FROM attempt, no_wait WHERE message.id = attempt.id
        RETURNING message.id, attempts, started_at, took, outcome, attempt.detail, status, answer
    )
    INSERT INTO outbox_attempts (message_id, number, started_at, took, outcome, detail, status, answer)
    SELECT * FROM recorded
"""  # noqa: S608 - constants

# A message put while we look is not in our snapshot. Its put raised the generation before it was committed, and our
# update waits for that commit and then reads the raised one: the lane stays due, and nothing is left behind.
_RELEASE = f"""
    WITH {NOT_WAITING_FOR_DISK}, held_up AS MATERIALIZED (
        SELECT order_key, retry_at FROM outbox_messages WHERE lane = $1 AND state = 'waiting' AND retry_at > now()
    ), seen AS MATERIALIZED (
        SELECT generation, least(
            (SELECT min(retry_at) FROM held_up),
            (SELECT min(due) FROM outbox_messages WHERE lane = $1 AND state = 'waiting'
                AND order_key NOT IN (SELECT order_key FROM held_up)),
            'infinity'
        ) AS next_due
        FROM outbox_lanes WHERE name = $1
    )
    UPDATE outbox_lanes AS lane SET
        holder = NULL,
        lease_until = '-infinity',
        served_at = now(),
        failures = $3,
        rests_until = coalesce(now() + $4::interval, '-infinity'),
        due = CASE WHEN lane.generation = seen.generation THEN seen.next_due ELSE '-infinity' END
    FROM seen, no_wait WHERE lane.name = $1 AND lane.holder = $2
"""  # noqa: S608 - constants

_CONTEXT = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True)
class Claim:
    """A lane that is ours until the lease ends."""

    lane: str
    holder: UUID
    failures: int


@dataclass(frozen=True)
class Waiting:
    """A message to be sent, how often it failed, and what it is about."""

    message: Message
    failures: int
    context: Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """An attempt and what it means for its message."""

    waiting: Waiting
    started_at: datetime
    seconds: float
    detail: str
    answered: Answered | None
    verdict: Verdict


async def claim(database: Database, most: int, lease: timedelta) -> list[Claim]:
    """Claim lanes that are due, passing over those that someone is putting a message into at this moment."""
    async with database.connection() as connection:
        rows = await connection.fetch(_CLAIM, most, lease)
    return [Claim(row["name"], row["holder"], row["failures"]) for row in rows]


async def seconds_until_due(database: Database) -> float | None:
    """How long until some lane can be claimed: 0 is now, None is until something is put."""
    async with database.connection() as connection:
        seconds = await connection.fetchval(
            # Before PostgreSQL 17 nothing can be subtracted from an infinite time.
            "SELECT extract(epoch FROM greatest(due, now()) - now())"
            " FROM (SELECT min(greatest(due, rests_until, lease_until)) AS due FROM outbox_lanes) AS next"
            " WHERE due < 'infinity'"
        )
    return None if seconds is None else float(seconds)


async def renew(database: Database, holders: Sequence[UUID], lease: timedelta) -> set[UUID]:
    """Begin the leases of these holders anew and return those that still had theirs."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            "UPDATE outbox_lanes SET lease_until = now() + $2::interval WHERE holder = ANY ($1) RETURNING holder",
            holders,
            lease,
        )
    return {row["holder"] for row in rows}


async def fetch(database: Database, lane: str, most: int) -> list[Waiting]:
    """The lane's next messages in their order, without those whose order key has to wait for a retry."""
    async with database.connection() as connection:
        rows = await connection.fetch(_FETCH, lane, most)
    return [Waiting(Message(*row[:7]), row["failures"], _context(row["context"])) for row in rows]


def _context(kept: str | None) -> Mapping[str, str]:
    return _CONTEXT.decode(kept) if kept else {}


async def record(database: Database, results: Sequence[Result]) -> None:
    """Write down attempts and what follows from them."""
    columns = zip(
        *(
            (
                result.waiting.message.id,
                result.started_at,
                timedelta(seconds=result.seconds),
                result.verdict.outcome,
                result.detail,
                result.verdict.state,
                result.verdict.counts,
                result.verdict.pause,
                result.answered.status if result.answered else None,
                result.answered.excerpt if result.answered else "",
            )
            for result in results
        ),
        strict=True,
    )
    async with database.connection() as connection:
        await connection.execute(_RECORD, *columns)


async def give_up_older(database: Database, lane: str, patience: timedelta, detail: str) -> int:
    """Make dead letters of the messages that have been waiting for longer than this, and return how many."""
    async with database.connection() as connection:
        return int(
            await connection.fetchval(
                "WITH given_up AS (UPDATE outbox_messages SET state = 'dead', finished_at = now(), detail = $3"
                " WHERE lane = $1 AND state = 'waiting' AND waiting_since < now() - $2::interval RETURNING 1)"
                " SELECT count(*) FROM given_up",
                lane,
                patience,
                detail,
            )
        )


async def release(database: Database, claim: Claim, failures: int, rest: timedelta | None) -> None:
    """Give a lane back, to be claimed again when its next message is due, and not before the rest is over."""
    async with database.connection() as connection:
        await connection.execute(_RELEASE, claim.lane, claim.holder, failures, rest)
