"""Who works in a merchant's stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.edge.problems import FORBIDDEN
from smarts.gateway.journeys.hire import ColleagueDescription, Hiring
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.parties import Store
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.people.store import Colleague
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import Stores
from smarts.gateway.web.forms import Form, path_parameter, read_form, shaped
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.sessions import Sessions, staff_of
from smarts.wire.errors import Problem, ProblemError

_MOST_STORES = 1000


@dataclass(frozen=True)
class StaffPages:
    """The handlers; what is shown once is on the very page that follows, since it is kept nowhere."""

    database: Database
    reach: Reach
    stores: Stores
    accounts: Accounts
    hiring: Hiring

    async def staff(self, request: Request) -> Response:
        """GET /manage/stores/{id}/staff."""
        store = await managed(self.reach, request)
        return await self._staff(request, store, {"role": "worker", "institutionIds": [store.institution_id]})

    async def _staff(
        self,
        request: Request,
        store: Store,
        typed: Mapping[str, Any],
        problem: Problem | None = None,
        **shown: Any,
    ) -> Response:
        values = {
            "colleagues": await self.accounts.colleagues(store.merchant_id),
            "places": await self._places(store),
            "typed": typed,
            "password": None,
        }
        return page(request, "manage/staff.html", store, problem, **(values | shown))

    async def hire(self, request: Request) -> Response:
        """POST /manage/stores/{id}/staff."""
        store, form = await managed(self.reach, request), await read_form(request)
        document = _document(form)
        try:
            new = shaped(document, ColleagueDescription)
            password = await self.hiring.hire(store.merchant_id, new)
        except ProblemError as error:
            return await self._staff(request, store, document, error.problem)
        typed = {"role": "worker", "institutionIds": [store.institution_id]}
        return await self._staff(request, store, typed, password=password, email=new.email)

    async def _places(self, store: Store) -> list[tuple[str, str]]:
        stores = await self.stores.page(_MOST_STORES, None, store.merchant_id)
        return sorted(((each.institution_id, each.name) for each in stores), key=lambda pair: pair[1].lower())

    async def _colleague(self, request: Request) -> tuple[Store, Colleague]:
        store = await managed(self.reach, request)
        return store, await self.accounts.colleague(store.merchant_id, path_parameter(request, "person"))

    async def person(self, request: Request) -> Response:
        """GET /manage/stores/{id}/staff/{person}."""
        store, colleague = await self._colleague(request)
        return await self._person(request, store, colleague)

    async def _person(
        self,
        request: Request,
        store: Store,
        colleague: Colleague,
        problem: Problem | None = None,
        **shown: Any,
    ) -> Response:
        values = {
            "colleague": colleague,
            "places": await self._places(store),
            "typed": _typed(colleague),
            "password": None,
            "token": None,
        }
        return page(request, "manage/colleague.html", store, problem, **(values | shown))

    async def change(self, request: Request) -> Response:
        """POST /manage/stores/{id}/staff/{person}."""
        store, colleague = await self._colleague(request)
        document = _document(await read_form(request))
        try:
            told = shaped(document, ColleagueDescription)
            await self.hiring.change(staff_of(request), colleague, told)
        except ProblemError as error:
            return await self._person(request, store, colleague, error.problem, typed=document)
        return back(store, "/staff?done=changed")

    async def new_password(self, request: Request) -> Response:
        """POST /manage/stores/{id}/staff/{person}/password."""
        store, colleague = await self._colleague(request)
        password = await self.hiring.new_password(colleague)
        return await self._person(request, store, colleague, password=password)

    async def new_token(self, request: Request) -> Response:
        """POST /manage/stores/{id}/staff/{person}/token."""
        store, colleague = await self._colleague(request)
        token = await self.hiring.new_token(colleague)
        return await self._person(request, store, colleague, token=token)

    async def dismiss(self, request: Request) -> Response:
        """POST /manage/stores/{id}/staff/{person}/dismiss."""
        store, person_id = await managed(self.reach, request), path_parameter(request, "person")
        if person_id == staff_of(request).person_id:
            raise FORBIDDEN.error("Nobody takes themself off the staff")
        async with self.database.transaction() as tx:
            await self.accounts.dismiss(tx, store.merchant_id, person_id)
        return back(store, "/staff?done=dismissed")


def _document(form: Form) -> dict[str, Any]:
    return {
        "name": form.get("name", "").strip(),
        "email": form.get("email", "").strip() or None,
        "role": form.get("role", ""),
        "institutionIds": form.getlist("institutionIds"),
    }


def _typed(colleague: Colleague) -> dict[str, Any]:
    staff = colleague.staff
    places = sorted(staff.institution_ids)
    return {
        "name": staff.name,
        "email": colleague.email,
        "role": staff.role.value,
        "institutionIds": places,
    }


def routes(pages: StaffPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(
        sessions,
        ("GET /staff", pages.staff),
        ("POST /staff", pages.hire),
        ("GET /staff/{person}", pages.person),
        ("POST /staff/{person}", pages.change),
        ("POST /staff/{person}/password", pages.new_password),
        ("POST /staff/{person}/token", pages.new_token),
        ("POST /staff/{person}/dismiss", pages.dismiss),
    )
