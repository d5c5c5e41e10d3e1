"""The stores of a manager, each with how its node is; and a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.edge.problems import invalid
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.set_up import SettingUp
from smarts.gateway.journeys.stores_api import AddedStore
from smarts.gateway.nodes.states import States
from smarts.gateway.parties import Role, Store
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import Stores
from smarts.gateway.web.forms import Form, field_errors, read_form, shaped
from smarts.gateway.web.manage import store_form
from smarts.gateway.web.manage.node import NodePages
from smarts.gateway.web.manage.tabs import back
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Sessions, staff_of
from smarts.wire.errors import Problem, ProblemError


@dataclass(frozen=True)
class StorePages:
    """The handlers; a new store's token is shown on its node's page."""

    database: Database
    stores: Stores
    reach: Reach
    states: States
    setting_up: SettingUp
    node: NodePages

    async def list(self, request: Request) -> Response:
        """GET /manage."""
        stores = await self.reach.stores_of(staff_of(request))
        records = await self.states.records([store.institution_id for store in stores])
        return render(request, "manage/stores.html", stores=stores, records=records)

    async def new(self, request: Request) -> Response:
        """GET /manage/new: the form has the new store's id, so that sending it twice makes one store."""
        return await self._form(request, store_form.typed_anew() | {"id": str(uuid4())})

    async def _form(
        self, request: Request, typed: Mapping[str, Any], problem: Problem | None = None
    ) -> Response:
        operates = staff_of(request).role is Role.OPERATOR
        return render(
            request,
            "manage/new_store.html",
            problem.status if problem else 200,
            typed=typed,
            problem=problem,
            errors=field_errors(problem),
            form=store_form,
            merchants=await self.stores.merchants() if operates else None,
        )

    async def add(self, request: Request) -> Response:
        """POST /manage/new: the page that follows shows the access token, since it is kept nowhere."""
        form = await read_form(request)
        try:
            institution_id = _new_id(form)
            before = await self._made_before(request, institution_id)
            if before:
                return back(before, "")
            store, token = await self._add(request, institution_id, shaped(_document(form), AddedStore))
        except ProblemError as error:
            return await self._form(request, store_form.typed(form), error.problem)
        return await self.node.shown(request, store, token=token, fresh=True)

    async def _made_before(self, request: Request, institution_id: str) -> Store | None:
        try:
            return await self.reach.store(staff_of(request), institution_id)
        except ProblemError:
            return None

    async def _add(self, request: Request, institution_id: str, new: AddedStore) -> tuple[Store, str]:
        async with self.database.transaction() as tx:
            merchant_id = await self.setting_up.merchant_of(tx, staff_of(request), new.merchant)
            store = await self.setting_up.add(tx, institution_id, merchant_id, new)
            issued = await self.stores.new_token(tx, institution_id, overlap_seconds=0)
        self.stores.forget(institution_id)
        return store, issued.token


def _new_id(form: Form) -> str:
    try:
        return str(UUID(form.get("id", "")))
    except ValueError:
        raise invalid("$.id", "Expected the id that the form came with") from None


def _document(form: Form) -> dict[str, Any]:
    also = {name: form.get(name, "").strip() or None for name in ("merchant", "nodeUrl", "nodeToken")}
    return store_form.document(form) | also


def routes(pages: StorePages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return (
        Route("/manage", sessions.guard(Role.MANAGER, pages.list), methods=["GET"]),
        Route("/manage/new", sessions.guard(Role.MANAGER, pages.new), methods=["GET"]),
        Route("/manage/new", sessions.guard(Role.MANAGER, pages.add), methods=["POST"]),
    )
