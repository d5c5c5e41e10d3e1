"""What was sent to a store's node and how it answered, for the store's manager; sending it again."""

from datetime import UTC, datetime
from typing import Any

from smarts.edge.problems import NOT_FOUND
from smarts.gateway import errors
from smarts.gateway.journeys.searches import MessageQuery, message_search
from smarts.gateway.outbox import Attempt, attempts_of
from smarts.gateway.outbox.outcomes import State
from smarts.gateway.outbox.sent import (
    MessageSearch,
    SentMessage,
    Window,
    message_of,
    resend,
    resend_all,
    sent,
)
from smarts.gateway.parties import Store
from smarts.gateway.storage.database import Database
from smarts.wire.model import Model
from smarts.wire.times import UtcMillis

_MOST_RESENT = 1000
_MOST_ABOUT = 50
EVER = datetime(1970, 1, 1, tzinfo=UTC)


class StoreMessage(Model, frozen=True, kw_only=True):
    """A message to the store's node, about the purchase or order `about`; `detail` is the last answer."""

    id: str
    kind: str
    about: str
    state: State
    since: UtcMillis
    attempts: int
    detail: str | None = None
    finished_at: UtcMillis | None = None


class AttemptDocument(Model, frozen=True, kw_only=True):
    """One attempt: `delivered`, `retry`, `lane` (the node takes nothing now), `refused`, `exhausted`.

    `status` is what the node answered, if it did, `answer` how that began where it was a failure.
    """

    started_at: UtcMillis
    seconds: float
    outcome: str
    detail: str
    status: int | None = None
    answer: str = ""


class StoreMessageInDetail(StoreMessage, frozen=True, kw_only=True):
    """A message with every attempt, the first one first, and the document that is sent."""

    tried: tuple[AttemptDocument, ...]
    document: str


class Resent(Model, frozen=True):
    """How many messages are sent again."""

    resent: int


class Sent:
    """The verbs; whoever calls them has looked whether the store is within reach."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def messages(self, store: Store, query: MessageQuery) -> tuple[StoreMessage, ...]:
        """A store's messages, the latest first."""
        sought = message_search(query, store.time_zone)
        async with self._database.connection() as connection:
            found = await sent(connection, store.institution_id, sought, query.limit, query.after)
        return tuple(StoreMessage(**_fields(each)) for each in found)

    async def about(self, store: Store, *ids: str) -> tuple[StoreMessage, ...]:
        """What was sent about a purchase or an order, the latest first."""
        async with self._database.connection() as connection:
            sought = MessageSearch(about=ids)
            found = await sent(connection, store.institution_id, sought, _MOST_ABOUT, None)
        return tuple(StoreMessage(**_fields(each)) for each in found)

    async def message(self, store: Store, message_id: str) -> StoreMessageInDetail:
        """A store's message in detail, or a 404."""
        async with self._database.connection() as connection:
            found = await message_of(connection, store.institution_id, message_id)
            if found is None:
                raise NOT_FOUND.error("There is no such message, or it is no longer kept")
            tried = await attempts_of(connection, message_id)
        document = found[1].decode(errors="replace")
        return StoreMessageInDetail(
            **_fields(found[0]), tried=tuple(_tried(each) for each in tried), document=document
        )

    async def resend(self, store: Store, message_id: str, *, anew: bool = False) -> None:
        """Has a message sent again, or now where it waits; `anew` is for a node that lost it but remembers its id.

        Raises:
            ProblemError: 404 there is no such message; 409 it was delivered, and something later about it was put.
        """
        async with self._database.transaction() as tx:
            if await resend(tx, store.institution_id, [message_id], anew=anew):
                return
            known = await message_of(tx, store.institution_id, message_id)
        if known is None:
            raise NOT_FOUND.error("There is no such message, or it is no longer kept")
        raise errors.MESSAGE_SUPERSEDED.error("The node knows more about it by now")

    async def resend_all(self, store: Store, window: Window) -> int:
        """Has what ended in a window sent again; how many messages that are."""
        async with self._database.transaction() as tx:
            return await resend_all(tx, store.institution_id, window, _MOST_RESENT)


def _fields(found: SentMessage) -> dict[str, Any]:
    return {
        "id": found.id,
        "kind": found.kind,
        "about": found.order_key,
        "state": found.state,
        "since": UtcMillis.of(found.waiting_since),
        "attempts": found.attempts,
        "detail": found.detail or None,
        "finished_at": UtcMillis.of(found.finished_at) if found.finished_at else None,
    }


def _tried(attempt: Attempt) -> AttemptDocument:
    return AttemptDocument(
        started_at=UtcMillis.of(attempt.started_at),
        seconds=round(attempt.took.total_seconds(), 3),
        outcome=attempt.outcome,
        detail=attempt.detail,
        status=attempt.status,
        answer=attempt.answer,
    )
