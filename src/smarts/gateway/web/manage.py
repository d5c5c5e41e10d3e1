"""The manager's pages: stores, their nodes and settings, campaigns, cards, delivery, staff, what goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

from msgspec import Meta
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smarts.caller import Target
from smarts.edge.problems import FORBIDDEN, invalid
from smarts.gateway.control.service import Control
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.nodes.states import States
from smarts.gateway.nodes.watching import Watcher
from smarts.gateway.orders.service import Orders
from smarts.gateway.parties import Role, Store, Switches
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.people.service import EmailAddress, People, PersonName
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import ROTATION_OVERLAP_SECONDS, Stores
from smarts.gateway.web.forms import field_errors, filled, path_parameter, read_form
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Sessions, staff_of
from smarts.wire.errors import Problem, ProblemError
from smarts.wire.model import Model

_LATEST = 50
_MOST_KINDS = 100
_HIRED_BY_MANAGERS = (Role.WORKER, Role.MANAGER)


class StoreForm(Model, frozen=True, kw_only=True):
    """A store's settings as they are typed; switches that are off are not sent at all."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    node_url: Annotated[str, Meta(max_length=2000)] = ""
    node_token: Annotated[str, Meta(max_length=500)] = ""
    merchant_side_purchase_control: str = ""
    merchant_side_invoicing: str = ""


class ColleagueForm(Model, frozen=True, kw_only=True):
    """Somebody new in the staff."""

    name: PersonName
    email: EmailAddress
    role: Role


@dataclass(frozen=True)
class Managing:
    """The handlers; each looks whether the store is within the person's reach, and hides it otherwise."""

    database: Database
    stores: Stores
    reach: Reach
    registry: Registry
    states: States
    watcher: Watcher
    people: People
    accounts: Accounts
    orders: Orders
    loyalty: Loyalty
    control: Control
    invoices: Invoices

    async def _store(self, request: Request) -> Store:
        return await self.reach.store(staff_of(request), path_parameter(request, "id"))

    async def list(self, request: Request) -> Response:
        """GET /manage."""
        stores = await self.reach.stores_of(staff_of(request))
        records = await self.states.records([store.institution_id for store in stores])
        return render(request, "manage/stores.html", stores=stores, records=records)

    async def node(self, request: Request) -> Response:
        """GET /manage/stores/{id}: how its node is and was, and what does not work there."""
        return await self._node(request, await self._store(request))

    async def _node(
        self, request: Request, store: Store, problem: Problem | None = None, token: str | None = None
    ) -> Response:
        institution_id = store.institution_id
        return _page(
            request,
            "manage/node.html",
            store,
            problem,
            target=await self.registry.target(institution_id),
            record=(await self.states.records([institution_id])).get(institution_id),
            changes=await self.states.changes(institution_id),
            reports=await self.states.reports(institution_id, _LATEST, None),
            token=token,
        )

    async def ask_node(self, request: Request) -> Response:
        """POST /manage/stores/{id}/node: asks the node now."""
        store = await self._store(request)
        try:
            await self.watcher.ask(store.institution_id)
        except ProblemError as error:
            return await self._node(request, store, error.problem)
        return _back(store, "?done=asked")

    async def new_token(self, request: Request) -> Response:
        """POST /manage/stores/{id}/token: the page itself shows the token, since it is kept nowhere."""
        store = await self._store(request)
        async with self.database.transaction() as tx:
            issued = await self.stores.new_token(
                tx, store.institution_id, overlap_seconds=ROTATION_OVERLAP_SECONDS
            )
        return await self._node(request, store, token=issued.token)

    async def settings(self, request: Request) -> Response:
        """GET /manage/stores/{id}/settings."""
        store = await self._store(request)
        target = await self.registry.target(store.institution_id)
        typed = StoreForm(
            name=store.name,
            node_url=target.base_url if target else "",
            merchant_side_purchase_control="on" if store.switches.merchant_side_purchase_control else "",
            merchant_side_invoicing="on" if store.switches.merchant_side_invoicing else "",
        )
        return _page(request, "manage/settings.html", store, typed=typed)

    async def change_settings(self, request: Request) -> Response:
        """POST /manage/stores/{id}/settings."""
        store, form = await self._store(request), await read_form(request)
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
            return _page(request, "manage/settings.html", store, error.problem, typed=typed)
        return _back(store, "/settings?done=saved")

    async def campaigns(self, request: Request) -> Response:
        """GET /manage/stores/{id}/campaigns."""
        return _page(request, "manage/campaigns.html", await self._store(request))

    async def cards(self, request: Request) -> Response:
        """GET /manage/stores/{id}/cards."""
        store = await self._store(request)
        kinds = await self.loyalty.kinds(store.merchant_id, _MOST_KINDS, None)
        return _page(request, "manage/cards.html", store, kinds=kinds)

    async def delivery(self, request: Request) -> Response:
        """GET /manage/stores/{id}/delivery."""
        store = await self._store(request)
        methods = await self.orders.methods(store.institution_id)
        return _page(request, "manage/delivery.html", store, methods=methods)

    async def activity(self, request: Request) -> Response:
        """GET /manage/stores/{id}/activity: what waits, and the latest purchases."""
        store = await self._store(request)
        one = frozenset({store.institution_id})
        after = request.query_params.get("after")
        purchases = await self.invoices.in_store(store.institution_id, _LATEST, after)
        return _page(
            request,
            "manage/activity.html",
            store,
            checks=await self.control.waiting(one, _LATEST),
            orders=await self.orders.to_do(one, _LATEST),
            purchases=purchases,
            more=purchases[-1].invoice_id if len(purchases) == _LATEST else None,
        )

    async def staff(self, request: Request) -> Response:
        """GET /manage/stores/{id}/staff."""
        return await self._staff(request, await self._store(request))

    async def _staff(
        self,
        request: Request,
        store: Store,
        problem: Problem | None = None,
        password: str | None = None,
        email: str | None = None,
    ) -> Response:
        colleagues = await self.accounts.colleagues(store.merchant_id)
        typed = await read_form(request)
        return _page(
            request,
            "manage/staff.html",
            store,
            problem,
            colleagues=colleagues,
            typed=typed,
            password=password,
            email=email,
        )

    async def hire(self, request: Request) -> Response:
        """POST /manage/stores/{id}/staff: the page itself shows the password, since it is kept nowhere."""
        store = await self._store(request)
        try:
            new = filled(await read_form(request), ColleagueForm)
            if new.role not in _HIRED_BY_MANAGERS:
                raise invalid("$.role", "Expected worker or manager")
            places = frozenset({store.institution_id}) if new.role is Role.WORKER else frozenset[str]()
            person_id = str(uuid4())
            async with self.database.transaction() as tx:
                await self.people.add_staff(tx, new.name, new.role, store.merchant_id, places, person_id)
                password = await self.accounts.open(tx, person_id, new.email)
        except ProblemError as error:
            return await self._staff(request, store, error.problem)
        return await self._staff(request, store, password=password, email=new.email)

    async def new_password(self, request: Request) -> Response:
        """POST /manage/stores/{id}/staff/{person}/password."""
        store = await self._store(request)
        colleague = await self.accounts.colleague(store.merchant_id, path_parameter(request, "person"))
        if colleague.email is None:
            raise invalid("$.email", "This person acts with an API token only")
        async with self.database.transaction() as tx:
            password = await self.accounts.open(tx, colleague.staff.person_id, colleague.email)
        return await self._staff(request, store, password=password, email=colleague.email)

    async def dismiss(self, request: Request) -> Response:
        """POST /manage/stores/{id}/staff/{person}/dismiss."""
        store, person_id = await self._store(request), path_parameter(request, "person")
        if person_id == staff_of(request).person_id:
            raise FORBIDDEN.error("Nobody takes themself off the staff")
        async with self.database.transaction() as tx:
            await self.accounts.dismiss(tx, store.merchant_id, person_id)
        return _back(store, "/staff?done=dismissed")


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


def _page(
    request: Request, template: str, store: Store, problem: Problem | None = None, **values: Any
) -> Response:
    status = problem.status if problem else 200
    errors = field_errors(problem)
    return render(request, template, status, store=store, problem=problem, errors=errors, **values)


def _back(store: Store, rest: str) -> Response:
    return RedirectResponse(f"/manage/stores/{store.institution_id}{rest}", 303)


def routes(pages: Managing, sessions: Sessions) -> Sequence[Route]:
    """The rows."""

    def row(line: str, endpoint: Any) -> Route:
        method, path = line.split()
        return Route(f"/manage{path}", sessions.guard(Role.MANAGER, endpoint), methods=[method])

    return (
        Route("/manage", sessions.guard(Role.MANAGER, pages.list), methods=["GET"]),
        row("GET /stores/{id}", pages.node),
        row("POST /stores/{id}/node", pages.ask_node),
        row("POST /stores/{id}/token", pages.new_token),
        row("GET /stores/{id}/settings", pages.settings),
        row("POST /stores/{id}/settings", pages.change_settings),
        row("GET /stores/{id}/campaigns", pages.campaigns),
        row("GET /stores/{id}/cards", pages.cards),
        row("GET /stores/{id}/delivery", pages.delivery),
        row("GET /stores/{id}/activity", pages.activity),
        row("GET /stores/{id}/staff", pages.staff),
        row("POST /stores/{id}/staff", pages.hire),
        row("POST /stores/{id}/staff/{person}/password", pages.new_password),
        row("POST /stores/{id}/staff/{person}/dismiss", pages.dismiss),
    )
