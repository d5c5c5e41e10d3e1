"""A store's settings: who it is and where, where its node is, what it uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.caller import Target
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.set_up import SettingUp, StoreChange
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.parties import Store
from smarts.gateway.web.forms import Form, read_form, shaped
from smarts.gateway.web.manage import store_form
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.sessions import Sessions
from smarts.wire.errors import Problem, ProblemError


@dataclass(frozen=True)
class SettingsPages:
    """The handlers."""

    reach: Reach
    registry: Registry
    setting_up: SettingUp

    async def settings(self, request: Request) -> Response:
        """GET /manage/stores/{id}/settings."""
        store = await managed(self.reach, request)
        target = await self.registry.target(store.institution_id)
        typed = store_form.typed_of(store, target.base_url if target else "")
        return await self._page(request, store, typed)

    async def _page(
        self, request: Request, store: Store, typed: Mapping[str, Any], problem: Problem | None = None
    ) -> Response:
        free = await self.setting_up.may_change_currency(store)
        return page(
            request, "manage/settings.html", store, problem, typed=typed, form=store_form, currency_free=free
        )

    async def change_settings(self, request: Request) -> Response:
        """POST /manage/stores/{id}/settings."""
        store, form = await managed(self.reach, request), await read_form(request)
        try:
            target = await self.registry.target(store.institution_id)
            told = store_form.document(form) | _new_node(form, target)
            await self.setting_up.change(store, shaped(told, StoreChange))
        except ProblemError as error:
            return await self._page(request, store, store_form.typed(form), error.problem)
        return back(store, "/settings?done=saved")


def _new_node(form: Form, before: Target | None) -> dict[str, str]:
    """Where the node is from now on, or nothing where that stays; the token is typed anew with every other address.

    Otherwise whoever is signed in could have the token, which no page shows, sent to an address of their own.
    """
    url, token = form.get("nodeUrl", "").strip(), form.get("nodeToken", "").strip()
    if not token and url == (before.base_url if before else ""):
        return {}
    return {"nodeUrl": url} | ({"nodeToken": token} if token else {})


def routes(pages: SettingsPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(sessions, ("GET /settings", pages.settings), ("POST /settings", pages.change_settings))
