"""Who works in a merchant's stores."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.edge.problems import FORBIDDEN, invalid
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.parties import Role, Store
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.people.service import EmailAddress, People, PersonName
from smarts.gateway.storage.database import Database
from smarts.gateway.web.forms import filled, path_parameter, read_form
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.sessions import Sessions, staff_of
from smarts.wire.errors import Problem, ProblemError
from smarts.wire.model import Model

_HIRED_BY_MANAGERS = (Role.WORKER, Role.MANAGER)


class ColleagueForm(Model, frozen=True, kw_only=True):
    """Somebody new in the staff."""

    name: PersonName
    email: EmailAddress
    role: Role


@dataclass(frozen=True)
class StaffPages:
    """The handlers."""

    database: Database
    reach: Reach
    people: People
    accounts: Accounts

    async def staff(self, request: Request) -> Response:
        """GET /manage/stores/{id}/staff."""
        return await self._staff(request, await managed(self.reach, request))

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
        return page(
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
        store = await managed(self.reach, request)
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
        store = await managed(self.reach, request)
        colleague = await self.accounts.colleague(store.merchant_id, path_parameter(request, "person"))
        if colleague.email is None:
            raise invalid("$.email", "This person acts with an API token only")
        async with self.database.transaction() as tx:
            password = await self.accounts.open(tx, colleague.staff.person_id, colleague.email)
        return await self._staff(request, store, password=password, email=colleague.email)

    async def dismiss(self, request: Request) -> Response:
        """POST /manage/stores/{id}/staff/{person}/dismiss."""
        store, person_id = await managed(self.reach, request), path_parameter(request, "person")
        if person_id == staff_of(request).person_id:
            raise FORBIDDEN.error("Nobody takes themself off the staff")
        async with self.database.transaction() as tx:
            await self.accounts.dismiss(tx, store.merchant_id, person_id)
        return back(store, "/staff?done=dismissed")


def routes(pages: StaffPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(
        sessions,
        ("GET /staff", pages.staff),
        ("POST /staff", pages.hire),
        ("POST /staff/{person}/password", pages.new_password),
        ("POST /staff/{person}/dismiss", pages.dismiss),
    )
