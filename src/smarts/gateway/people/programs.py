"""The verbs of tokens for programs: a person's own have names, ends, and may do as little as is needed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import uuid4

from msgspec import Meta

from smarts.edge.problems import CONFLICT, FORBIDDEN, NOT_FOUND, invalid
from smarts.edge.tokens import hashed, new_token
from smarts.gateway.parties import Role, Staff
from smarts.gateway.people import token_store as store
from smarts.gateway.storage.database import Database
from smarts.wire.model import Model
from smarts.wire.times import UtcMillis

MOST_TOKENS = 20  # of one person

TokenName = Annotated[str, Meta(min_length=1, max_length=100)]
Days = Annotated[int, Meta(ge=1, le=366)]


class NewProgramToken(Model, frozen=True, kw_only=True):
    """What a token is for: without a role it may do what the person may, with stores it acts as a worker there."""

    name: TokenName
    role: Role | None = None
    institution_ids: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    reads_only: bool = False
    days: Days = 90


class ProgramToken(Model, frozen=True, kw_only=True, omit_defaults=False):
    """A token for programs, without the token itself."""

    id: str
    name: str
    role: Role
    institution_ids: tuple[str, ...]
    reads_only: bool
    created_at: UtcMillis
    expires_at: UtcMillis
    used_at: UtcMillis | None = None


class IssuedProgramToken(Model, frozen=True):
    """A new token, which is shown now and never again."""

    id: str
    token: str
    expires_at: UtcMillis


class Programs:
    """Tokens for programs in the database; only hashes are kept. `clock` tells the time in UTC."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def add(self, staff: Staff, new: NewProgramToken) -> IssuedProgramToken:
        """A new token; that the stores are within the person's reach is looked at before.

        Raises:
            ProblemError: 403 a program asks, 409 there are too many, 422 the role is more than the person's or lacks
                stores.
        """
        if staff.by_program:
            raise FORBIDDEN.error("A token for programs makes no others")
        role, now = _role(staff, new), self._clock()
        token, token_id = new_token("sm_program"), str(uuid4())
        ends = now + timedelta(days=new.days)
        stores = sorted(set(new.institution_ids))
        row = store.TokenRow(token_id, new.name, role, stores, new.reads_only, now, ends)
        async with self._database.transaction() as tx:
            if not await store.add_program_token(tx, staff.person_id, row, hashed(token), MOST_TOKENS):
                raise CONFLICT.error(f"There are {MOST_TOKENS} tokens already; end one first")
        return IssuedProgramToken(token_id, token, UtcMillis.of(ends))

    async def all_of(self, person_id: str) -> list[ProgramToken]:
        """A person's tokens, the newest first, also such as have ended lately."""
        async with self._database.connection() as connection:
            return [_token(row) for row in await store.program_tokens(connection, person_id)]

    async def end(self, person_id: str, token_id: str) -> None:
        """Ends a token, at once.

        Raises:
            ProblemError: 404, the person has no such token.
        """
        async with self._database.connection() as connection:
            if not await store.end_program_token(connection, person_id, token_id):
                raise NOT_FOUND.error("There is no such token")


def _role(staff: Staff, new: NewProgramToken) -> Role:
    role = new.role or (Role.WORKER if new.institution_ids else staff.role)
    roles = list(Role)
    if roles.index(role) < roles.index(staff.role):
        raise invalid("$.role", f"Expected a role that may do no more than a {staff.role}")
    if role is Role.MANAGER and staff.merchant_id is None:
        raise invalid("$.role", "A manager belongs to a merchant; expected an operator or a worker")
    if (role is Role.WORKER) != bool(new.institution_ids):
        raise invalid("$.institutionIds", "Expected stores for a worker, and for nobody else")
    return role


def _token(row: store.TokenRow) -> ProgramToken:
    return ProgramToken(
        id=row.token_id,
        name=row.name,
        role=Role(row.role),
        institution_ids=tuple(row.institution_ids),
        reads_only=row.reads_only,
        created_at=UtcMillis.of(row.created_at),
        expires_at=UtcMillis.of(row.expires_at),
        used_at=None if row.used_at is None else UtcMillis.of(row.used_at),
    )
