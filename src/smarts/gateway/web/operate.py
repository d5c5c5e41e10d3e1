"""The operator's page: all stores by the state of their nodes, the queues, and what was given up."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smarts.edge.problems import NOT_FOUND
from smarts.gateway.nodes.model import NodeRecord, NodeState
from smarts.gateway.nodes.states import States
from smarts.gateway.outbox import attempts_of, dead_letters, depth, replay
from smarts.gateway.parties import Role, Store
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import Stores
from smarts.gateway.web.forms import path_parameter, read_form
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Sessions

_MOST_STORES = 1000
_MOST_LETTERS = 100
_WORST_FIRST = (
    NodeState.DOWN,
    NodeState.UNREACHABLE,
    NodeState.WRONG,
    NodeState.REFUSED,
    NodeState.SLOW,
    NodeState.DEGRADED,
    NodeState.UNKNOWN,
    NodeState.UP,
)


@dataclass(frozen=True)
class _StoreRow:
    store: Store
    node: NodeRecord | None

    @property
    def state(self) -> NodeState:
        return self.node.state if self.node else NodeState.UNKNOWN


class Operating:
    """The handlers."""

    def __init__(self, database: Database, stores: Stores, states: States) -> None:
        self._database = database
        self._stores = stores
        self._states = states

    async def page(self, request: Request) -> Response:
        """GET /operate."""
        rows = await self._rows()
        async with self._database.connection() as connection:
            queue, letters = await depth(connection), await dead_letters(connection, limit=_MOST_LETTERS)
        names = {row.store.institution_id: row.store.name for row in rows}
        counts = [(state, sum(row.state is state for row in rows)) for state in _WORST_FIRST]
        return render(
            request,
            "operate/operate.html",
            rows=rows,
            counts=counts,
            queue=queue,
            letters=letters,
            names=names,
        )

    async def _rows(self) -> list[_StoreRow]:
        stores = await self._stores.page(_MOST_STORES, None)
        records = await self._states.records([store.institution_id for store in stores])
        rows = [_StoreRow(store, records.get(store.institution_id)) for store in stores]
        return sorted(rows, key=lambda row: (_WORST_FIRST.index(row.state), row.store.name.casefold()))

    async def letter(self, request: Request) -> Response:
        """GET /operate/dead-letters/{id}: what was tried, one after the other."""
        letter_id = path_parameter(request, "id")
        async with self._database.connection() as connection:
            attempts = await attempts_of(connection, letter_id)
        if not attempts:
            raise NOT_FOUND.error()
        return render(request, "operate/letter.html", letter_id=letter_id, attempts=attempts)

    async def replay(self, request: Request) -> Response:
        """POST /operate/replay: delivers the ticked dead letters again."""
        ticked = (await read_form(request)).getlist("letter")
        async with self._database.transaction() as tx:
            count = await replay(tx, ticked)
        return RedirectResponse(f"/operate?replayed={count}#dead-letters", 303)


def routes(pages: Operating, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    guard = sessions.guard
    return (
        Route("/operate", guard(Role.OPERATOR, pages.page), methods=["GET"]),
        Route("/operate/dead-letters/{id}", guard(Role.OPERATOR, pages.letter), methods=["GET"]),
        Route("/operate/replay", guard(Role.OPERATOR, pages.replay), methods=["POST"]),
    )
