"""Putting messages into the outbox, and taking them back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from smarts.edge.context import context_to_keep
from smarts.gateway.storage.database import Transaction
from smarts.gateway.storage.telling import tell
from smarts.gateway.storage.writes import Write

CHANNEL = "outbox"
"""The channel of the notices that wake workers: `Notices.open` of a worker's process must listen to it."""

# The lane's row is locked before the message gets its sequence number, and stays locked until the commit: so within
# a lane the numbers follow the commits. Workers are woken only when the lane becomes due sooner than it was.
_PUT = """
    lane_before AS MATERIALIZED (
        SELECT due FROM outbox_lanes WHERE name = $2 FOR UPDATE
    ), lane_after AS (
        INSERT INTO outbox_lanes AS lane (name, due)
        SELECT $2, coalesce($6::timestamptz, '-infinity') FROM (SELECT count(*) FROM lane_before) AS locked
        ON CONFLICT (name) DO UPDATE SET generation = lane.generation + 1, due = least(lane.due, excluded.due)
        RETURNING name
    ), message AS (
        INSERT INTO outbox_messages (id, lane, kind, order_key, payload, due, waiting_since, context)
        SELECT $1, name, $3, $4, $5, coalesce($6, '-infinity'), greatest($6, clock_timestamp()), $7
        FROM lane_after
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    ), woken AS (
        SELECT WHERE NOT EXISTS (SELECT FROM lane_before WHERE due <= coalesce($6::timestamptz, '-infinity'))
    )
"""
_PUT_ALONE = f"WITH {_PUT} SELECT EXISTS (SELECT FROM message) AS new, EXISTS (SELECT FROM woken) AS woken"  # noqa: S608 - a constant
_CANCEL = (
    "UPDATE outbox_messages SET state = 'cancelled', finished_at = now()"
    " WHERE id = $1 AND state = 'waiting' RETURNING true"
)


@dataclass(frozen=True)
class Message:
    """What is to be delivered.

    Attributes:
        id: the same for as long as the message lives; putting it twice is putting it once.
        lane: whose delivery must not be held up by others, such as a store's id.
        kind: which handler delivers it.
        order_key: messages of one lane with the same key are delivered in order.
        payload: the bytes to deliver.
        due: not before this moment; None is at once.
        sent_anew: how often it was sent again as another message, to a receiver that had it and has lost it.
    """

    id: str
    lane: str
    kind: str
    order_key: str
    payload: bytes
    due: datetime | None = None
    sent_anew: int = 0

    @property
    def id_for_receiver(self) -> str:
        """What the receiver tells it from others by: the same at every try."""
        return f"{self.id}:anew-{self.sent_anew}" if self.sent_anew else self.id


def putting(message: Message) -> Write:
    """What puts a message; of several that are put by one statement, each has a lane of its own."""
    return Write(_PUT, _values(message), tells=(CHANNEL, message.lane), tells_if="woken")


async def put(tx: Transaction, message: Message) -> bool:
    """Put a message, to be delivered if and only if the transaction is committed.

    What it is about, for the log and for traces, goes along (`smarts.edge.context`).

    Returns:
        Whether it is new: False when a message of this id was put before (and is still remembered).
    """
    row = await tx.fetchrow(_PUT_ALONE, *_values(message))
    assert row is not None
    if row["woken"]:
        tell(tx, CHANNEL, message.lane)
    return bool(row["new"])


def _values(message: Message) -> tuple[Any, ...]:
    return (
        message.id,
        message.lane,
        message.kind,
        message.order_key,
        message.payload,
        message.due,
        msgspec.json.encode(context_to_keep()).decode(),
    )


def cancelling(message_id: str) -> Write:
    """What takes back a message, where it is still waiting."""
    return Write(f"taken_back AS ({_CANCEL})", (message_id,))


async def cancel(tx: Transaction, message_id: str) -> bool:
    """Take back a message that has not been delivered yet.

    A worker may be delivering it at this very moment, so a timer's handler must look whether it still has work to do.

    Returns:
        Whether the message was still waiting.
    """
    return bool(await tx.fetchval(_CANCEL, message_id))
