"""A store's node: how it is and was, what does not work there, and the token for the way back."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.journeys.nodes_api import ROTATION_OVERLAP
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.nodes.board import Board
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.nodes.states import States
from smarts.gateway.nodes.watching import Watcher
from smarts.gateway.parties import Store
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import ROTATION_OVERLAP_SECONDS, Stores
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.sessions import Sessions
from smarts.wire.errors import Problem, ProblemError

_LATEST = 50


@dataclass(frozen=True)
class NodePages:
    """The handlers."""

    database: Database
    stores: Stores
    reach: Reach
    registry: Registry
    states: States
    board: Board
    watcher: Watcher

    async def node(self, request: Request) -> Response:
        """GET /manage/stores/{id}: how its node is and was, and what does not work there."""
        return await self.shown(request, await managed(self.reach, request))

    async def shown(
        self,
        request: Request,
        store: Store,
        problem: Problem | None = None,
        token: str | None = None,
        *,
        secret: str | None = None,
        fresh: bool = False,
    ) -> Response:
        """The page; with the access token or signing secret that was made just now, perhaps with a `fresh` store."""
        institution_id = store.institution_id
        return page(
            request,
            "manage/node.html",
            store,
            problem,
            target=await self.registry.target(institution_id),
            record=(await self.states.records([institution_id])).get(institution_id),
            breakers=(await self.board.of([institution_id])).get(institution_id, ()),
            changes=await self.states.changes(institution_id),
            reports=await self.states.reports(institution_id, _LATEST, None),
            signing=await self.registry.signing(institution_id),
            token=token,
            secret=secret,
            fresh=fresh,
        )

    async def ask_node(self, request: Request) -> Response:
        """POST /manage/stores/{id}/node: asks the node now."""
        store = await managed(self.reach, request)
        try:
            await self.watcher.ask(store.institution_id)
        except ProblemError as error:
            return await self.shown(request, store, error.problem)
        return back(store, "?done=asked")

    async def new_token(self, request: Request) -> Response:
        """POST /manage/stores/{id}/token: the page itself shows the token, since it is kept nowhere."""
        store = await managed(self.reach, request)
        async with self.database.transaction() as tx:
            issued = await self.stores.new_token(
                tx, store.institution_id, overlap_seconds=ROTATION_OVERLAP_SECONDS
            )
        return await self.shown(request, store, token=issued.token)

    async def new_secret(self, request: Request) -> Response:
        """POST /manage/stores/{id}/signing-secret: shows the secret, now and never again."""
        store = await managed(self.reach, request)
        try:
            async with self.database.transaction() as tx:
                secret = await self.registry.new_signing_secret(tx, store.institution_id, ROTATION_OVERLAP)
        except ProblemError as error:
            return await self.shown(request, store, error.problem)
        return await self.shown(request, store, secret=secret)

    async def stop_signing(self, request: Request) -> Response:
        """POST /manage/stores/{id}/signing-secret/remove: signs no more."""
        store = await managed(self.reach, request)
        try:
            async with self.database.transaction() as tx:
                await self.registry.stop_signing(tx, store.institution_id)
        except ProblemError as error:
            return await self.shown(request, store, error.problem)
        return back(store, "?done=unsigned")


def routes(pages: NodePages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(
        sessions,
        ("GET ", pages.node),
        ("POST /node", pages.ask_node),
        ("POST /token", pages.new_token),
        ("POST /signing-secret", pages.new_secret),
        ("POST /signing-secret/remove", pages.stop_signing),
    )
