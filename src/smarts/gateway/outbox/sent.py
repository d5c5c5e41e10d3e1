"""What was sent to a store's node, or waits to be, for the store's manager; and sending it again.

A store's lane has its id as its name. What is delivered can be seen, and sent again, as long as it is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smarts.gateway.outbox.books import resume
from smarts.gateway.outbox.outcomes import State
from smarts.gateway.storage.conditions import Conditions
from smarts.gateway.storage.database import Connection, Transaction

_COLUMNS = "id, kind, order_key, state, waiting_since, attempts, detail, finished_at"
_OF_STORE = "lane = $1 AND position(':' IN lane) = 0"  # as its index has it

# A delivered message goes again only where nothing later about the same thing was put: what the node knows by now must
# not be overwritten by what was before. One that was emptied, since a person was erased, is not there to be sent.
_RESEND = f"""
    WITH latest AS MATERIALIZED (
        SELECT max(sequence) AS sequence FROM outbox_messages WHERE {_OF_STORE} GROUP BY order_key
    )
    UPDATE outbox_messages SET state = 'waiting', failures = 0, finished_at = NULL, due = '-infinity',
        retry_at = '-infinity', waiting_since = CASE state WHEN 'waiting' THEN waiting_since ELSE now() END,
        sent_anew = sent_anew + ($3 AND state = 'delivered')::integer
    WHERE {_OF_STORE} AND id = ANY ($2) AND (state IN ('waiting', 'dead')
        OR state = 'delivered' AND payload <> '' AND sequence IN (SELECT sequence FROM latest))
    RETURNING id
"""  # noqa: S608 - constants
_FINISHED = f"""
    SELECT id FROM outbox_messages WHERE {_OF_STORE} AND state = ANY ($2) AND finished_at >= $3
    AND finished_at < coalesce($4::timestamptz, 'infinity') ORDER BY sequence LIMIT $5
"""  # noqa: S608 - constants


@dataclass(frozen=True, kw_only=True)
class MessageSearch:
    """Which messages of a store: put not before one moment and before another, in a state.

    `text` is how the message's id begins, or that of the purchase or order that it is about; `about` are such ids.
    """

    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    state: State | None = None
    about: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class SentMessage:
    """A message to a store's node; `order_key` is the purchase or order that it is about, `detail` the last answer."""

    id: str
    kind: str
    order_key: str
    state: State
    waiting_since: datetime
    attempts: int
    detail: str | None
    finished_at: datetime | None


def _message(row: Any) -> SentMessage:
    return SentMessage(**dict(row) | {"state": State(row["state"])})


async def sent(
    connection: Connection, store_id: str, sought: MessageSearch, limit: int, after: str | None
) -> list[SentMessage]:
    """Messages of a store, the latest first, those after a message."""
    which = (
        Conditions()
        .add("lane = {} AND position(':' IN lane) = 0", store_id)
        .add("waiting_since >= {}", sought.since)
        .add("waiting_since < {}", sought.until)
        .add_prefix(("id", "order_key"), sought.text)
        .add("state = {}", sought.state)
        .add("order_key = ANY ({})", sought.about)
        .add("sequence < (SELECT sequence FROM outbox_messages WHERE id = {} AND lane = $1)", after)
    )
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM outbox_messages WHERE {which} ORDER BY sequence DESC"  # noqa: S608 - constants
        f" LIMIT {which.placeholder(limit)}",
        *which.values,
    )
    return [_message(row) for row in rows]


async def message_of(
    connection: Connection, store_id: str, message_id: str
) -> tuple[SentMessage, bytes] | None:
    """A store's message, and what it says."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS}, payload FROM outbox_messages WHERE {_OF_STORE} AND id = $2",  # noqa: S608 - constants
        store_id,
        message_id,
    )
    if row is None:
        return None
    values = dict(row)
    payload = bytes(values.pop("payload"))
    return _message(values), payload


async def resend(tx: Transaction, store_id: str, message_ids: Sequence[str], *, anew: bool = False) -> int:
    """Has messages of a store sent again, or now where they wait, with all retries; answers of how many that is so.

    Delivered ones are passed over where something later was put about the same thing, or where they were emptied. With
    `anew` they get another id for the receiver, so that one which remembers having done them does them once more.
    """
    rows = await tx.fetch(_RESEND, store_id, message_ids, anew)
    if rows:
        await resume(tx, store_id)
    return len(rows)


@dataclass(frozen=True, kw_only=True)
class Window:
    """What ended in a time: dead letters, and with `delivered` what arrived, too; `anew` as `resend` has it."""

    since: datetime
    until: datetime | None = None
    delivered: bool = False
    anew: bool = False


async def resend_all(tx: Transaction, store_id: str, window: Window, at_most: int) -> int:
    """Has all of a window sent again as `resend` does, those that were put first."""
    states = [State.DEAD, State.DELIVERED] if window.delivered else [State.DEAD]
    rows = await tx.fetch(_FINISHED, store_id, states, window.since, window.until, at_most)
    return await resend(tx, store_id, [row["id"] for row in rows], anew=window.anew)
