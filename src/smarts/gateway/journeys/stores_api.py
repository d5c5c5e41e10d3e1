"""Stores as their managers set them up, over HTTP (`/manage/v1/stores`)."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from smarts.campaigns import conflicts_in
from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.set_up import Name, NewStore, SettingUp, StoreChange
from smarts.gateway.journeys.trial_api import CampaignConflict, ListedFlaw, conflict_document, listed_flaws
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.parties import NodeLimits, Place, Staff, Store, Switches
from smarts.gateway.storage.answers import Claim, claim_of, keep, once
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import ROTATION_OVERLAP_SECONDS, Stores
from smarts.wire.codec import encode
from smarts.wire.model import Model, none
from smarts.wire.products import Campaign
from smarts.wire.shipments import Address

StaffCall = Call[Any, Staff]


class AddedStore(NewStore, frozen=True, kw_only=True):
    """A store to be; an operator tells whose by the `merchant`'s name, which may be new."""

    merchant: Name | None = None


class ManagedStore(Model, frozen=True, kw_only=True):
    """A store as its manager sees it; campaigns that cannot work or are odd are named, since they stop no sale."""

    institution_id: str
    name: str
    address: Address | None = None
    vat_number: str | None = None
    registration_number: str | None = None
    time_zone: str
    currency: str
    place: Place | None = None
    node_url: str | None = None
    switches: Switches
    campaigns: tuple[Campaign, ...] = none()
    campaign_flaws: tuple[ListedFlaw, ...] = none()
    campaign_conflicts: tuple[CampaignConflict, ...] = none()
    node_limits: NodeLimits


class NewAccessToken(Model, frozen=True):
    """An access token, shown now and never again; those before it go on for a day."""

    institution_id: str
    access_token: str


class StoresApi:
    """The handlers; each looks whether the store is within the person's reach, and hides it otherwise."""

    def __init__(
        self, database: Database, stores: Stores, reach: Reach, registry: Registry, setting_up: SettingUp
    ) -> None:
        self._database = database
        self._stores = stores
        self._reach = reach
        self._registry = registry
        self._setting_up = setting_up

    async def managed_stores(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores."""
        return tuple([await self._managed(store) for store in await self._reach.stores_of(call.who)])

    async def managed_store(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores/{id}."""
        return await self._managed(await self._reach.store(call.who, call.path["id"]))

    async def _managed(self, store: Store) -> ManagedStore:
        target = await self._registry.target(store.institution_id)
        return _document(store, target.base_url if target else None)

    async def add_store(self, call: Call[AddedStore, Staff]) -> Any:
        """POST /manage/v1/stores."""
        claim = claim_of(call, call.who.person_id, "add store")
        return await once(self._database, claim, lambda: self._add(call, claim), 201)

    async def _add(self, call: Call[AddedStore, Staff], claim: Claim | None) -> ManagedStore:
        async with self._database.transaction() as tx:
            merchant_id = await self._setting_up.merchant_of(tx, call.who, call.body.merchant)
            store = await self._setting_up.add(tx, str(uuid4()), merchant_id, call.body)
            document = _document(store, call.body.node_url)
            await keep(tx, claim, 201, encode(document))
        return document

    async def change_store(self, call: Call[StoreChange, Staff]) -> Any:
        """PATCH /manage/v1/stores/{id}."""
        store = await self._reach.store(call.who, call.path["id"])
        return await self._managed(await self._setting_up.change(store, call.body))

    async def new_token(self, call: StaffCall) -> Any:
        """POST /manage/v1/stores/{id}/token; without an Idempotency-Key, since tokens are not kept."""
        store = await self._reach.store(call.who, call.path["id"])
        async with self._database.transaction() as tx:
            issued = await self._stores.new_token(
                tx, store.institution_id, overlap_seconds=ROTATION_OVERLAP_SECONDS
            )
        return NewAccessToken(issued.institution_id, issued.token)


def _document(store: Store, node_url: str | None) -> ManagedStore:
    return ManagedStore(
        institution_id=store.institution_id,
        name=store.name,
        address=store.seller.address,
        vat_number=store.seller.vat_number,
        registration_number=store.seller.reg_number,
        time_zone=store.time_zone,
        currency=store.currency,
        place=store.place,
        node_url=node_url,
        switches=store.switches,
        campaigns=store.campaigns,
        campaign_flaws=listed_flaws(store),
        campaign_conflicts=tuple(map(conflict_document, conflicts_in(store.campaigns))),
        node_limits=store.node_limits,
    )


def routes(api: StoresApi, manager: Authenticate[Staff]) -> Sequence[Route]:
    """The managers' rows."""

    def row(line: str, handler: Any, request: Any, response: Any, summary: str, *problems: Any,
            **more: Any) -> Route:  # fmt: skip
        method, path = line.split()
        return Route(method, f"/manage/v1{path}", handler, request, response, summary, "manage", manager,
                     problems=problems, **more)  # fmt: skip

    # fmt: off
    return (
        row("GET /stores", api.managed_stores, None, tuple[ManagedStore, ...], "The merchant's stores"),
        row("POST /stores", api.add_store, AddedStore, ManagedStore, "Add a store; its access token is made beside it",
            errors.KEY_REUSED, status=201, takes_idempotency_key=True),
        row("GET /stores/{id}", api.managed_store, None, ManagedStore, "A store", NOT_FOUND),
        row("PATCH /stores/{id}", api.change_store, StoreChange, ManagedStore, "Change a store", NOT_FOUND),
        row("POST /stores/{id}/token", api.new_token, None, NewAccessToken,
            "A new access token; the ones before go on for a day", NOT_FOUND, status=201),
    )
    # fmt: on
