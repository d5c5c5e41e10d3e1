"""How the lanes are: what operators look at to see whose messages wait, and whether anybody delivers them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from smarts.gateway.storage.database import Connection

_QUEUES = """
    SELECT lane, count(*) AS waiting, count(*) FILTER (WHERE waiting_since <= now()) AS overdue,
           greatest(now() - min(waiting_since), '0') AS oldest
      FROM outbox_messages WHERE state = 'waiting' AND {which}
     GROUP BY lane ORDER BY overdue DESC, lane LIMIT $1
"""
_OF_LANES = _QUEUES.format(which="lane = ANY ($2)")
_LATE = _QUEUES.format(which="waiting_since <= now()")
_LATE_AFTER = timedelta(seconds=30)


@dataclass(frozen=True)
class Queue:
    """What waits in a lane; `overdue` is what could have been delivered by now, `oldest` how long the oldest waits."""

    lane: str
    waiting: int
    overdue: int
    oldest: timedelta


@dataclass(frozen=True)
class Pulse:
    """What is known of the workers: when one served a lane last, how many lanes they are at, how many nobody takes."""

    served_at: datetime | None
    in_hand: int
    untaken: int


async def queues(connection: Connection, lanes: Sequence[str]) -> Mapping[str, Queue]:
    """What waits in these lanes, by their names; empty ones are left out."""
    rows = await connection.fetch(_OF_LANES, len(lanes), lanes)
    return {row["lane"]: Queue(*row) for row in rows}


async def late(connection: Connection, limit: int) -> list[Queue]:
    """The lanes in which most is overdue."""
    return [Queue(*row) for row in await connection.fetch(_LATE, limit)]


async def pulse(connection: Connection) -> Pulse:
    """Whether anybody delivers; a lane is untaken that has been due for half a minute."""
    row = await connection.fetchrow(
        "SELECT max(nullif(served_at, '-infinity')), count(*) FILTER (WHERE lease_until > now()),"
        " count(*) FILTER (WHERE greatest(due, rests_until, lease_until, served_at) < now() - $1::interval"
        " AND EXISTS (SELECT FROM outbox_messages WHERE lane = name AND state = 'waiting'"
        " AND waiting_since < now() - $1::interval)) FROM outbox_lanes",
        _LATE_AFTER,
    )
    assert row is not None
    return Pulse(*row)
