"""The second fence around stores: whoever acts for some of them is shown no others by the database itself.

What a request may do is decided where it is recognised and by every statement's own conditions. Should one of these be
wrong, the row security of the database (migration 21) still hides all stores but the ones named here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import asyncpg

from smarts.edge.failures import ExplainedError

if TYPE_CHECKING:
    from smarts.gateway.storage.database import Connection, Database

ROLE = "smarts_store"


class FenceMissingError(ExplainedError):
    """The database lacks what the fence is made of; the text says what to do."""


@dataclass(frozen=True)
class Fence:
    """What its inside is: these stores and, where there is one, all of a merchant's; `actor` is who acts."""

    actor: str
    stores: frozenset[str] = frozenset()
    merchant: str = ""

    @cached_property
    def begin(self) -> str:
        """Begins a transaction within, in one round trip; the end of the transaction ends all of it."""
        stores = "{" + ",".join(_element(each) for each in sorted(self.stores)) + "}"
        values = {"smarts.actor": self.actor, "smarts.stores": stores, "smarts.merchant": self.merchant}
        settings = ", ".join(f"set_config('{name}', {_text(value)}, true)" for name, value in values.items())
        return f"BEGIN; SET LOCAL ROLE {ROLE}; SELECT {settings}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _element(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


_fence: ContextVar[Fence | None] = ContextVar("fence", default=None)


def stay_within(fence: Fence | None) -> None:
    """Keeps the rest of this request, and what it begins beside it, within a fence; None is without one."""
    _fence.set(fence)


@contextmanager
def outside() -> Iterator[None]:
    """Begins without a fence, and leaves none behind: what one request is kept within is nothing to the next."""
    before = _fence.set(None)
    try:
        yield
    finally:
        _fence.reset(before)


def current() -> Fence | None:
    """The fence that this request is within."""
    return _fence.get()


# Another database of the same server may have made it already, or just now.
_MAKE_ROLE = f"""
    DO $$
    BEGIN
        IF to_regrole('{ROLE}') IS NULL THEN
            CREATE ROLE {ROLE} NOLOGIN;
        END IF;
        IF NOT pg_has_role(current_user, '{ROLE}', 'MEMBER') THEN
            EXECUTE format('GRANT {ROLE} TO %I', current_user);
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
"""


async def make_role(connection: "Connection") -> None:
    """Makes the role that is fenced in, which belongs to the whole server and is in no copy of a database.

    Raises:
        FenceMissingError: this account may not; says what an administrator has to run.
    """
    try:
        await connection.execute(_MAKE_ROLE)
    except asyncpg.InsufficientPrivilegeError:
        account = await connection.fetchval("SELECT quote_ident(current_user)")
        raise FenceMissingError(
            f"the account {account} may not make the role {ROLE}, which keeps stores apart. Have an administrator run,"
            f" once: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO {account};"
        ) from None


_IS_THERE = """
    SELECT CASE WHEN to_regrole($1) IS NULL THEN 'there is no such role'
                WHEN NOT pg_has_role(current_user, $1, 'MEMBER') THEN current_user || ' is no member of it'
                WHEN NOT has_table_privilege($1, 'carts', 'SELECT') THEN 'it may not use the tables' END, current_user
"""


async def require_fence(database: "Database") -> None:
    """Looks whether the database has what the fence is made of, as after a backup was put into another server.

    Raises:
        FenceMissingError: as it says.
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(_IS_THERE, ROLE)
    assert row is not None
    if row[0]:
        raise FenceMissingError(
            f"the role {ROLE}, which keeps stores apart, is not as it should be: {row[0]}. Have an administrator run"
            f" in this database: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO {row[1]}; SELECT grant_to_stores();"
        )
