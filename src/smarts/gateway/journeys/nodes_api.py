"""The stores' nodes over HTTP: their state, version and health, and what they did wrong."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.journeys.paging import Page
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.nodes.board import Board, BreakerRecord
from smarts.gateway.nodes.model import NodeChange, NodeRecord, NodeReport, Signing
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.nodes.states import States
from smarts.gateway.nodes.watching import Watcher
from smarts.gateway.parties import Staff
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import ROTATION_OVERLAP_SECONDS, Stores
from smarts.wire.model import Model, none

StaffCall = Call[Any, Staff]
ROTATION_OVERLAP = timedelta(seconds=ROTATION_OVERLAP_SECONDS)
_MOST_BREAKERS = 1000


class StoreNode(Model, frozen=True, kw_only=True):
    """A store and what is known of its node; one that was never given a node has none.

    `breakers` are those that are not closed, in whichever process: what they stand before is not asked for now.
    """

    institution_id: str
    name: str
    node: NodeRecord | None = None
    breakers: tuple[BreakerRecord, ...] = none()


class TroubledStore(Model, frozen=True, kw_only=True):
    """A store before whose node breakers are not closed."""

    institution_id: str
    name: str
    breakers: tuple[BreakerRecord, ...]


class NodeInDetail(Model, frozen=True, kw_only=True):
    """What is known of a store's node: the changes of its state, the latest first, its breakers that are not closed."""

    institution_id: str
    node: NodeRecord
    breakers: tuple[BreakerRecord, ...] = none()
    changes: tuple[NodeChange, ...]
    signing: Signing


class NewSigningSecret(Model, frozen=True):
    """A secret with which requests are signed, shown now and never again; the one before signs for a day, too."""

    institution_id: str
    signing_secret: str


class NodesApi:
    """The handlers; no decisions here."""

    def __init__(
        self,
        database: Database,
        stores: Stores,
        reach: Reach,
        registry: Registry,
        states: States,
        board: Board,
        watcher: Watcher,
    ) -> None:
        self._database = database
        self._registry = registry
        self._stores = stores
        self._reach = reach
        self._states = states
        self._board = board
        self._watcher = watcher

    async def nodes(self, call: StaffCall) -> Any:
        """GET /operate/v1/nodes."""
        found = await self._stores.page(call.query.limit, call.query.after)
        ids = [store.institution_id for store in found]
        records, breakers = await self._states.records(ids), await self._board.of(ids)
        return tuple(
            StoreNode(
                institution_id=store.institution_id,
                name=store.name,
                node=records.get(store.institution_id),
                breakers=breakers.get(store.institution_id, ()),
            )
            for store in found
        )

    async def breakers(self, call: StaffCall) -> Any:
        """GET /operate/v1/breakers."""
        found = await self._board.all(_MOST_BREAKERS)
        names = await self._stores.names_of(list(found))
        return tuple(
            TroubledStore(institution_id=each, name=names[each], breakers=breakers)
            for each, breakers in found.items()
        )

    async def node(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores/{id}/node."""
        store = await self._reach.store(call.who, call.path["id"])
        return await self._in_detail(store.institution_id)

    async def ask_node(self, call: StaffCall) -> Any:
        """POST /manage/v1/stores/{id}/node/ask."""
        store = await self._reach.store(call.who, call.path["id"])
        await self._watcher.ask(store.institution_id)
        return await self._in_detail(store.institution_id)

    async def _in_detail(self, institution_id: str) -> NodeInDetail:
        record = (await self._states.records([institution_id])).get(institution_id)
        if record is None:
            raise NOT_FOUND.error("The store has no node")
        changes = await self._states.changes(institution_id)
        breakers = (await self._board.of([institution_id])).get(institution_id, ())
        signing = await self._registry.signing(institution_id)
        return NodeInDetail(
            institution_id=institution_id, node=record, breakers=breakers, changes=changes, signing=signing
        )

    async def new_signing_secret(self, call: StaffCall) -> Any:
        """POST /manage/v1/stores/{id}/signing-secret; without an Idempotency-Key, since its answer is not kept."""
        store = await self._reach.store(call.who, call.path["id"])
        async with self._database.transaction() as tx:
            secret = await self._registry.new_signing_secret(tx, store.institution_id, ROTATION_OVERLAP)
        return NewSigningSecret(store.institution_id, secret)

    async def stop_signing(self, call: StaffCall) -> None:
        """DELETE /manage/v1/stores/{id}/signing-secret."""
        store = await self._reach.store(call.who, call.path["id"])
        async with self._database.transaction() as tx:
            await self._registry.stop_signing(tx, store.institution_id)

    async def store_reports(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores/{id}/reports."""
        store = await self._reach.store(call.who, call.path["id"])
        return await self._states.reports(store.institution_id, call.query.limit, call.query.after)


def routes(api: NodesApi, manager: Authenticate[Staff], operator: Authenticate[Staff]) -> Sequence[Route]:
    """The staff's rows about nodes."""

    def row(
        who: Authenticate[Staff], line: str, handler: Any, response: Any, summary: str, **more: Any
    ) -> Route:
        method, path = line.split()
        return Route(method, path, handler, None, response, summary, path.split("/")[1], who, **more)  # fmt: skip

    # fmt: off
    return (
        row(operator, "GET /operate/v1/nodes", api.nodes, tuple[StoreNode, ...],
            "All stores' nodes, the newest store first", query=Page),
        row(operator, "GET /operate/v1/breakers", api.breakers, tuple[TroubledStore, ...],
            f"Stores whose nodes are spared now, the latest first; of {_MOST_BREAKERS} breakers at most"),
        row(manager, "GET /manage/v1/stores/{id}/node", api.node, NodeInDetail, "The store's node, as it said"),
        row(manager, "POST /manage/v1/stores/{id}/node/ask", api.ask_node, NodeInDetail,
            "Ask the store's node now how it is and what it can do"),
        row(manager, "POST /manage/v1/stores/{id}/signing-secret", api.new_signing_secret, NewSigningSecret,
            "A new secret with which requests to the node are signed; the one before signs them for a day, too",
            status=201, problems=(NOT_FOUND,)),
        row(manager, "DELETE /manage/v1/stores/{id}/signing-secret", api.stop_signing, None,
            "Sign requests to the node no more", problems=(NOT_FOUND,)),
        row(manager, "GET /manage/v1/stores/{id}/reports", api.store_reports, tuple[NodeReport, ...],
            "What does not work at the store's node, or with its campaigns, the latest first", query=Page),
    )
    # fmt: on
