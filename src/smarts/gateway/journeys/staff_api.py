"""The staff's API: checks for workers (`/work/v1`), stores for managers (`/manage/v1`)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from smarts.caller import Target
from smarts.edge.problems import NOT_FOUND, invalid
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import CartDocument, cart_document
from smarts.gateway.control.service import Control
from smarts.gateway.control.store import Check, CheckState
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.paging import LongPage
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.parties import Staff, Store, Switches
from smarts.gateway.storage.answers import claim_of, once
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import ROTATION_OVERLAP_SECONDS, Stores
from smarts.wire.control import CheckStatus, Decision, PurchaseControlResult
from smarts.wire.model import Model, none
from smarts.wire.products import Campaign
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.times import UtcMillis

StaffCall = Call[Any, Staff]


class WaitingCheck(Model, frozen=True, kw_only=True):
    """A cart that waits for staff."""

    invoice_id: str
    institution_id: str
    decision: Decision | None = None
    status: CheckState
    created_at: UtcMillis
    expires_at: UtcMillis | None = None


class OpenedCheck(WaitingCheck, frozen=True, kw_only=True):
    """A check and the cart as its shopper sees it."""

    cart: CartDocument


class StaffResult(Model, frozen=True, kw_only=True):
    """What staff found; `products` are the whole new cart where they changed it."""

    status: CheckStatus
    products: tuple[ReceiptProduct, ...] | None = None


class ManagedStore(Model, frozen=True, kw_only=True):
    """A store as its manager sees it."""

    institution_id: str
    name: str
    time_zone: str
    currency: str
    node_url: str | None = None
    switches: Switches
    campaigns: tuple[Campaign, ...] = none()


class SwitchesChange(Model, frozen=True, kw_only=True):
    """The switches to turn; those that are not named stay as they are."""

    merchant_side_purchase_control: bool | None = None
    merchant_side_invoicing: bool | None = None


class StoreChange(Model, frozen=True, kw_only=True):
    """What shall be different: what is not there stays; the node's address and token go together."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    switches: SwitchesChange | None = None
    campaigns: Annotated[tuple[Campaign, ...], msgspec.Meta(max_length=200)] | None = None
    node_url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    node_token: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None


class NewAccessToken(Model, frozen=True):
    """An access token, shown now and never again; those before it go on for a day."""

    institution_id: str
    access_token: str


def _waiting(check: Check) -> dict[str, Any]:
    return {
        "invoice_id": check.invoice_id,
        "institution_id": check.institution_id,
        "decision": check.decision,
        "status": check.status,
        "created_at": UtcMillis.of(check.created_at),
        "expires_at": UtcMillis.of(check.expires_at) if check.expires_at else None,
    }


class StaffApi:
    """The handlers; each looks whether the store is within the person's reach, and hides it otherwise."""

    def __init__(
        self,
        database: Database,
        carts: Carts,
        stores: Stores,
        reach: Reach,
        registry: Registry,
        control: Control,
        checking_out: CheckingOut,
    ) -> None:
        self._database = database
        self._carts = carts
        self._stores = stores
        self._reach = reach
        self._registry = registry
        self._control = control
        self._checking_out = checking_out

    async def waiting(self, call: StaffCall) -> Any:
        """GET /work/v1/checks."""
        reach = frozenset(store.institution_id for store in await self._reach.stores_of(call.who))
        found = await self._control.waiting(reach, call.query.limit, call.query.after)
        return tuple(WaitingCheck(**_waiting(check)) for check in found)

    async def _check(self, call: StaffCall) -> Check:
        check = await self._control.find(call.path["invoiceId"])
        if check is None:
            raise NOT_FOUND.error("There is no such check")
        await self._reach.store(call.who, check.institution_id)
        return check

    async def open_check(self, call: StaffCall) -> Any:
        """GET /work/v1/checks/{invoiceId}."""
        check = await self._check(call)
        return OpenedCheck(**_waiting(check), cart=cart_document(await self._carts.get(check.cart_id)))

    async def result(self, call: Call[StaffResult, Staff]) -> Any:
        """POST /work/v1/checks/{invoiceId}/result."""
        check = await self._check(call)
        claim = claim_of(call, call.who.person_id, "result")
        result = PurchaseControlResult(
            invoice_id=check.invoice_id,
            institution_id=check.institution_id,
            status=call.body.status,
            products=call.body.products,
        )
        return await once(
            self._database,
            claim,
            lambda: self._checking_out.take_result(check.institution_id, result, claim),
            204,
        )

    async def managed_stores(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores."""
        return tuple([await self._managed(store) for store in await self._reach.stores_of(call.who)])

    async def managed_store(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores/{id}."""
        return await self._managed(await self._reach.store(call.who, call.path["id"]))

    async def _managed(self, store: Store) -> ManagedStore:
        target = await self._registry.target(store.institution_id)
        return ManagedStore(
            institution_id=store.institution_id,
            name=store.name,
            time_zone=store.time_zone,
            currency=store.currency,
            node_url=target.base_url if target else None,
            switches=store.switches,
            campaigns=store.campaigns,
        )

    async def change_store(self, call: Call[StoreChange, Staff]) -> Any:
        """PATCH /manage/v1/stores/{id}."""
        institution_id = (await self._reach.store(call.who, call.path["id"])).institution_id
        body = call.body
        async with self._database.transaction() as tx:
            store = await self._stores.change(tx, institution_id, lambda before: _changed(before, body))
            if body.node_url is not None or body.node_token is not None:
                await self._registry.set(tx, institution_id, _target(body))
        self._stores.forget(institution_id)
        return await self._managed(store)

    async def new_token(self, call: StaffCall) -> Any:
        """POST /manage/v1/stores/{id}/token; without an Idempotency-Key, since tokens are not kept."""
        store = await self._reach.store(call.who, call.path["id"])
        async with self._database.transaction() as tx:
            issued = await self._stores.new_token(
                tx, store.institution_id, overlap_seconds=ROTATION_OVERLAP_SECONDS
            )
        return NewAccessToken(issued.institution_id, issued.token)


def _changed(store: Store, change: StoreChange) -> Store:
    turned = msgspec.structs.asdict(change.switches) if change.switches else {}
    switches = msgspec.structs.replace(store.switches, **_given(turned))
    own = _given({"name": change.name, "campaigns": change.campaigns})
    return msgspec.structs.replace(store, **own, switches=switches)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _target(change: StoreChange) -> Target:
    if change.node_url is None or change.node_token is None:
        raise invalid("$.nodeUrl", "Expected nodeUrl and nodeToken together")
    return Target(change.node_url, change.node_token)


def routes(api: StaffApi, worker: Authenticate[Staff], manager: Authenticate[Staff]) -> Sequence[Route]:
    """The workers' and the managers' rows."""

    def row(who: Authenticate[Staff], line: str, handler: Any, request: Any, response: Any, summary: str,
            *problems: Any, **more: Any) -> Route:  # fmt: skip
        method, path = line.split()
        return Route(method, path, handler, request, response, summary, path.split("/")[1], who,
                     problems=problems, **more)  # fmt: skip

    # fmt: off
    return (
        row(worker, "GET /work/v1/checks", api.waiting, None, tuple[WaitingCheck, ...],
            "Carts that wait for a check, oldest first", query=LongPage),
        row(worker, "GET /work/v1/checks/{invoiceId}", api.open_check, None, OpenedCheck, "A check and its cart",
            NOT_FOUND),
        row(worker, "POST /work/v1/checks/{invoiceId}/result", api.result, StaffResult, None, "The result of a check",
            NOT_FOUND, errors.CHECK_CLOSED, errors.CHECK_NOT_BEGUN, errors.KEY_REUSED, takes_idempotency_key=True),
        row(manager, "GET /manage/v1/stores", api.managed_stores, None, tuple[ManagedStore, ...],
            "The merchant's stores"),
        row(manager, "GET /manage/v1/stores/{id}", api.managed_store, None, ManagedStore, "A store", NOT_FOUND),
        row(manager, "PATCH /manage/v1/stores/{id}", api.change_store, StoreChange, ManagedStore, "Change a store",
            NOT_FOUND),
        row(manager, "POST /manage/v1/stores/{id}/token", api.new_token, None, NewAccessToken,
            "A new access token; the ones before go on for a day", NOT_FOUND, status=201),
    )
    # fmt: on
