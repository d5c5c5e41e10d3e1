"""Who works in a merchant's stores: hired, changed, with what they sign in and act."""

from typing import Annotated
from uuid import uuid4

from msgspec import Meta

from smarts.edge.problems import FORBIDDEN, invalid
from smarts.gateway.parties import Role, Staff
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.people.service import EmailAddress, People, PersonName
from smarts.gateway.people.store import Colleague
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import Stores
from smarts.wire.errors import ProblemError
from smarts.wire.model import Model, none
from smarts.wire.text import Identifier

_HIRED_BY_MANAGERS = (Role.WORKER, Role.MANAGER)


class ColleagueDescription(Model, frozen=True, kw_only=True):
    """Somebody of the staff; stores count for workers alone, a manager has all of the merchant's."""

    name: PersonName
    email: EmailAddress | None = None
    role: Role
    institution_ids: Annotated[tuple[Identifier, ...], Meta(max_length=1000)] = none()


class Hiring:
    """The staff of merchants."""

    def __init__(self, database: Database, stores: Stores, people: People, accounts: Accounts) -> None:
        self._database = database
        self._stores = stores
        self._people = people
        self._accounts = accounts

    async def hire(self, merchant_id: str, told: ColleagueDescription) -> str:
        """Adds a person, and answers the password with which the person signs in, now and never again.

        Raises:
            ProblemError: 422 that names the field.
        """
        if told.email is None:
            raise invalid("$.email", "Expected with what the person signs in")
        person_id, places = str(uuid4()), await self._places(merchant_id, told)
        async with self._database.transaction() as tx:
            await self._people.add_staff(tx, told.name, told.role, merchant_id, places, person_id)
            return await self._accounts.open(tx, person_id, told.email)

    async def change(self, by: Staff, before: Colleague, told: ColleagueDescription) -> None:
        """Changes a person, from whose next request on it counts.

        Raises:
            ProblemError: 422 that names the field, 403 it is the role of whoever asks.
        """
        staff = before.staff
        if staff.person_id == by.person_id and told.role is not staff.role:
            raise FORBIDDEN.error("Nobody changes their own role")
        if before.email is not None and told.email is None:
            raise invalid("$.email", "Expected with what the person signs in")
        places = await self._places(staff.merchant_id, told)
        changed = Staff(staff.person_id, told.name, told.role, staff.merchant_id, places)
        async with self._database.transaction() as tx:
            await self._accounts.change(tx, changed, told.email)

    async def _places(self, merchant_id: str | None, told: ColleagueDescription) -> frozenset[str]:
        if told.role not in _HIRED_BY_MANAGERS:
            raise invalid("$.role", "Expected worker or manager")
        if told.role is Role.MANAGER:
            return frozenset()
        if not told.institution_ids:
            raise invalid("$.institutionIds", "Expected a store at least: a worker works somewhere")
        for institution_id in told.institution_ids:
            if await self._merchant_of(institution_id) != merchant_id:
                raise invalid("$.institutionIds", "Expected stores of the merchant")
        return frozenset(told.institution_ids)

    async def _merchant_of(self, institution_id: str) -> str | None:
        try:
            return (await self._stores.get(institution_id)).merchant_id
        except ProblemError:
            return None

    async def new_password(self, colleague: Colleague) -> str:
        """A new password for a person, who is signed out everywhere; answered now and never again.

        Raises:
            ProblemError: 422, the person acts with an API token only.
        """
        if colleague.email is None:
            raise invalid("$.email", "This person acts with an API token only")
        async with self._database.transaction() as tx:
            return await self._accounts.open(tx, colleague.staff.person_id, colleague.email)

    async def new_token(self, colleague: Colleague) -> str:
        """A new API token for a person in place of the one before; answered now and never again."""
        async with self._database.transaction() as tx:
            return await self._accounts.new_token(tx, colleague.staff)
