"""A store's settings: its name, where its node is, its switches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.caller import Target
from smarts.edge.problems import invalid
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.parties import Store, Switches
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import Stores
from smarts.gateway.web.forms import filled, read_form
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.sessions import Sessions
from smarts.wire.errors import ProblemError
from smarts.wire.model import Model


class StoreForm(Model, frozen=True, kw_only=True):
    """A store's settings as they are typed; switches that are off are not sent at all."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    node_url: Annotated[str, Meta(max_length=2000)] = ""
    node_token: Annotated[str, Meta(max_length=500)] = ""
    merchant_side_purchase_control: str = ""
    merchant_side_invoicing: str = ""


@dataclass(frozen=True)
class SettingsPages:
    """The handlers."""

    database: Database
    stores: Stores
    reach: Reach
    registry: Registry

    async def settings(self, request: Request) -> Response:
        """GET /manage/stores/{id}/settings."""
        store = await managed(self.reach, request)
        target = await self.registry.target(store.institution_id)
        typed = StoreForm(
            name=store.name,
            node_url=target.base_url if target else "",
            merchant_side_purchase_control="on" if store.switches.merchant_side_purchase_control else "",
            merchant_side_invoicing="on" if store.switches.merchant_side_invoicing else "",
        )
        return page(request, "manage/settings.html", store, typed=typed)

    async def change_settings(self, request: Request) -> Response:
        """POST /manage/stores/{id}/settings."""
        store, form = await managed(self.reach, request), await read_form(request)
        try:
            typed = filled(form, StoreForm)
            target = _new_target(typed, await self.registry.target(store.institution_id))
            async with self.database.transaction() as tx:
                await self.stores.change(tx, store.institution_id, lambda now: _changed(now, typed))
                if target:
                    await self.registry.set(tx, store.institution_id, target)
            self.stores.forget(store.institution_id)
        except ProblemError as error:
            typed = StoreForm(**{name: form.get(key, "") for name, key in _FIELDS.items()})
            return page(request, "manage/settings.html", store, error.problem, typed=typed)
        return back(store, "/settings?done=saved")


_FIELDS = {
    "name": "name",
    "node_url": "nodeUrl",
    "merchant_side_purchase_control": "merchantSidePurchaseControl",
    "merchant_side_invoicing": "merchantSideInvoicing",
}


def _changed(store: Store, typed: StoreForm) -> Store:
    switches = Switches(
        merchant_side_purchase_control=bool(typed.merchant_side_purchase_control),
        merchant_side_invoicing=bool(typed.merchant_side_invoicing),
    )
    return replace(store, name=typed.name, switches=switches)


def _new_target(typed: StoreForm, before: Target | None) -> Target | None:
    """Where the node is from now on, or None where that stays; the token is typed anew with every other address.

    Otherwise whoever is signed in could have the token, which no page shows, sent to an address of their own.
    """
    if before and not typed.node_token and typed.node_url == before.base_url:
        return None
    if before is None and not typed.node_url and not typed.node_token:
        return None
    if not typed.node_token:
        raise invalid("$.nodeToken", "Expected the node's token with its new address")
    return Target(typed.node_url, typed.node_token)


def routes(pages: SettingsPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(sessions, ("GET /settings", pages.settings), ("POST /settings", pages.change_settings))
