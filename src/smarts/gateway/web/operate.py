"""The operator's page: all stores by the state of their nodes, the queues, and what was given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smarts.edge.problems import NOT_FOUND
from smarts.gateway.journeys.searches import LetterQuery, letters_of
from smarts.gateway.nodes.board import Board, BreakerRecord
from smarts.gateway.nodes.model import NodeRecord, NodeState
from smarts.gateway.nodes.states import States
from smarts.gateway.outbox import attempts_of, dead_letters, depth, replay, replay_all
from smarts.gateway.outbox.queues import Queue, late, pulse, queues
from smarts.gateway.parties import Role, Store
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import Stores
from smarts.gateway.web.forms import path_parameter, read_form
from smarts.gateway.web.manage.listing import asked, typed_in
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Sessions
from smarts.wire.errors import ProblemError

_ON_A_PAGE = 50
_LATEST_LETTERS = 20
_MOST_LETTERS = 100
_MOST_REPLAYED = 1000
_LATE_LANES = 10
_MOST_BREAKERS = 1000
_LANES = ("", "payments:", "receipts:", "timers:")


@dataclass(frozen=True)
class _StoreRow:
    store: Store
    node: NodeRecord | None
    waiting: int
    overdue: int
    oldest: timedelta
    breakers: tuple[BreakerRecord, ...]

    @property
    def state(self) -> NodeState:
        return self.node.state if self.node else NodeState.UNKNOWN


class Operating:
    """The handlers."""

    def __init__(self, database: Database, stores: Stores, states: States, board: Board) -> None:
        self._database = database
        self._stores = stores
        self._states = states
        self._board = board

    async def page(self, request: Request) -> Response:
        """GET /operate: a page of the stores, the worst first, by name and state where asked for."""
        typed = typed_in(request)
        state, number = _state(typed.get("state")), _number(typed.get("page"))
        skipped = (number - 1) * _ON_A_PAGE
        found = await self._stores.watched(typed.get("text", ""), state, _ON_A_PAGE + 1, skipped)
        kept = {name: typed[name] for name in ("text", "state") if name in typed}
        return render(
            request,
            "operate/operate.html",
            rows=await self._rows(found[:_ON_A_PAGE]),
            typed=typed,
            chosen=state,
            counts=await self._stores.counts_by_state(),
            spared=len(await self._board.all(_MOST_BREAKERS)),
            earlier=urlencode(kept | {"page": number - 1}) if number > 1 else None,
            later=urlencode(kept | {"page": number + 1}) if len(found) > _ON_A_PAGE else None,
            **await self._queues(),
        )

    async def _rows(self, stores: Sequence[Store]) -> list[_StoreRow]:
        ids = [store.institution_id for store in stores]
        records = await self._states.records(ids)
        async with self._database.connection() as connection:
            waiting = await queues(connection, [f"{prefix}{each}" for each in ids for prefix in _LANES])
        breakers = await self._board.of(ids)
        return [
            _row(
                store,
                records.get(store.institution_id),
                waiting,
                breakers.get(store.institution_id, ()),
            )
            for store in stores
        ]

    async def _queues(self) -> dict[str, Any]:
        async with self._database.connection() as connection:
            letters = await dead_letters(connection, limit=_LATEST_LETTERS)
            lanes = await late(connection, _LATE_LANES)
            found = {"queue": await depth(connection), "pulse": await pulse(connection)}
        names = await self._names([*(each.lane for each in letters), *(each.lane for each in lanes)])
        return {**found, "letters": letters, "lanes": lanes, "names": names}

    async def _names(self, lanes: Sequence[str]) -> Mapping[str, str]:
        return await self._stores.names_of({lane.rpartition(":")[2] for lane in lanes})

    async def letters(self, request: Request) -> Response:
        """GET /operate/dead-letters: those of a store, of a kind, or of some days."""
        typed, problem, found = typed_in(request), None, []
        after = typed.pop("after", None)
        try:
            letters = letters_of(asked(typed, LetterQuery))
            async with self._database.connection() as connection:
                found = await dead_letters(connection, letters, after=after, limit=_MOST_LETTERS + 1)
        except ProblemError as error:
            problem = error.problem
        shown = found[:_MOST_LETTERS]
        return render(
            request,
            "operate/letters.html",
            problem.status if problem else 200,
            letters=shown,
            names=await self._names([each.lane for each in shown]),
            typed=typed,
            errors={each.path.rpartition(".")[2]: each.message for each in problem.errors} if problem else {},
            later=urlencode(typed | {"after": shown[-1].id}) if len(found) > len(shown) else None,
        )

    async def letter(self, request: Request) -> Response:
        """GET /operate/dead-letters/{id}: what was tried, one after the other."""
        letter_id = path_parameter(request, "id")
        async with self._database.connection() as connection:
            attempts = await attempts_of(connection, letter_id)
        if not attempts:
            raise NOT_FOUND.error()
        return render(request, "operate/letter.html", letter_id=letter_id, attempts=attempts)

    async def replay(self, request: Request) -> Response:
        """POST /operate/replay: delivers the ticked dead letters again, or all that a search found."""
        form = await read_form(request)
        async with self._database.transaction() as tx:
            if form.get("all"):
                wanted = {name: form[name] for name in ("store", "kind", "from", "to") if form.get(name)}
                count = await replay_all(tx, letters_of(asked(wanted, LetterQuery)), _MOST_REPLAYED)
            else:
                count = await replay(tx, form.getlist("letter"))
        where = "/operate/dead-letters" if form.get("all") else "/operate"
        return RedirectResponse(f"{where}?replayed={count}#dead-letters", 303)


def _row(
    store: Store,
    node: NodeRecord | None,
    waiting: Mapping[str, Queue],
    breakers: tuple[BreakerRecord, ...],
) -> _StoreRow:
    lanes = [waiting[lane] for prefix in _LANES if (lane := f"{prefix}{store.institution_id}") in waiting]
    return _StoreRow(
        store,
        node,
        sum(lane.waiting for lane in lanes),
        sum(lane.overdue for lane in lanes),
        max((lane.oldest for lane in lanes if lane.overdue), default=timedelta()),
        breakers,
    )


def _state(text: str | None) -> NodeState | None:
    return NodeState(text) if text in {each.value for each in NodeState} else None


def _number(text: str | None) -> int:
    return (
        int(text) if text and text.isascii() and text.isdecimal() and 0 < len(text) < 5 and int(text) else 1
    )


def routes(pages: Operating, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    guard = sessions.guard
    return (
        Route("/operate", guard(Role.OPERATOR, pages.page), methods=["GET"]),
        Route("/operate/dead-letters", guard(Role.OPERATOR, pages.letters), methods=["GET"]),
        Route("/operate/dead-letters/{id}", guard(Role.OPERATOR, pages.letter), methods=["GET"]),
        Route("/operate/replay", guard(Role.OPERATOR, pages.replay), methods=["POST"]),
    )
