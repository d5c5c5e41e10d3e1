"""The outbox over HTTP for operators (`/operate/v1`): how deep it is, what was given up, and to deliver that again."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.journeys.paging import LongPage
from smarts.gateway.outbox import DeadLetter, Letters, dead_letters, depth, replay, replay_all
from smarts.gateway.parties import Staff
from smarts.gateway.storage.database import Database
from smarts.wire.model import Model
from smarts.wire.times import UtcMillis

_MOST_REPLAYED = 1000
_Word = Annotated[str, Meta(min_length=1, max_length=200)]


class OutboxDocument(Model, frozen=True, kw_only=True):
    """How many messages wait, are late, and were given up."""

    waiting: int
    overdue: int
    dead: int


class LetterPaging(LongPage, frozen=True):
    """A page of dead letters, of a lane (a store's id, or a timer's) or a kind where named: those after `after`."""

    lane: _Word | None = None
    kind: _Word | None = None


class DeadLetterDocument(Model, frozen=True, kw_only=True):
    """A message that was given up, and why."""

    id: str
    lane: str
    kind: str
    attempts: int
    detail: str
    died_at: UtcMillis


class Replay(Model, frozen=True, kw_only=True):
    """Which dead letters to deliver again; those that died at `diedFrom` or later, and before `diedTo`."""

    lane: _Word | None = None
    kind: _Word | None = None
    died_from: UtcMillis | None = None
    died_to: UtcMillis | None = None


class Replayed(Model, frozen=True):
    """How many dead letters will be delivered again."""

    replayed: int


class OperateApi:
    """The handlers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outbox(self, _: Call[None, Staff]) -> Any:
        """GET /operate/v1/outbox."""
        async with self._database.connection() as connection:
            now = await depth(connection)
        return OutboxDocument(waiting=now.waiting, overdue=now.overdue, dead=now.dead)

    async def dead_letters(self, call: Call[None, Staff]) -> Any:
        """GET /operate/v1/dead-letters."""
        query = call.query
        async with self._database.connection() as connection:
            found = await dead_letters(
                connection, Letters(query.lane, query.kind), after=query.after, limit=query.limit
            )
        return tuple(_document(letter) for letter in found)

    async def replay(self, call: Call[None, Staff]) -> Any:
        """POST /operate/v1/dead-letters/{id}/replay."""
        async with self._database.transaction() as tx:
            replayed = await replay(tx, [call.path["id"]])
        if not replayed:
            raise NOT_FOUND.error("There is no such dead letter")
        return Replayed(replayed)

    async def replay_many(self, call: Call[Replay, Staff]) -> Any:
        """POST /operate/v1/dead-letters/replay."""
        body = call.body
        letters = Letters(body.lane, body.kind, body.died_from, body.died_to)
        async with self._database.transaction() as tx:
            return Replayed(await replay_all(tx, letters, _MOST_REPLAYED))


def _document(letter: DeadLetter) -> DeadLetterDocument:
    return DeadLetterDocument(
        id=letter.id,
        lane=letter.lane,
        kind=letter.kind,
        attempts=letter.attempts,
        detail=letter.detail,
        died_at=UtcMillis.of(letter.died_at),
    )


def routes(api: OperateApi, operator: Authenticate[Staff]) -> Sequence[Route]:
    """The operators' rows."""
    letters = "/operate/v1/dead-letters"
    return (
        Route("GET", "/operate/v1/outbox", api.outbox, None, OutboxDocument, "How deep the outbox is", "operate",
              operator),
        Route("GET", letters, api.dead_letters, None, tuple[DeadLetterDocument, ...],
              "Messages that were given up, the latest first", "operate", operator, query=LetterPaging),
        Route("POST", f"{letters}/replay", api.replay_many, Replay, Replayed,
              f"Deliver dead letters again, {_MOST_REPLAYED} at most, those that died first", "operate", operator),
        Route("POST", f"{letters}/{{id}}/replay", api.replay, None, Replayed, "Deliver a dead letter again",
              "operate", operator, problems=(NOT_FOUND,)),
    )  # fmt: skip
