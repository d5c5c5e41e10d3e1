"""Writes that are made together, all of them or none, by one statement: one round trip, and by itself one commit.

The parts of a statement see the database as it was before it (PostgreSQL's data-modifying `WITH`), so that no two may
write the same row. Rows are written, and locked, in the order of the parts whose queries `must` give a row; then come
all others.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg

from smarts.gateway.storage.database import Connection
from smarts.gateway.storage.telling import tell

_VALUE = re.compile(r"\$(\d+)")
_NOTHING_WRITTEN = "SM001"  # raised by require_written, migration 37


@dataclass(frozen=True)
class Write:
    """A part of a statement.

    Attributes:
        queries: named queries as they stand after WITH; their values are `$1` and so on.
        values: these values.
        must: the names of queries each of which has to give a row, or else nothing at all is written.
        tells: the channel and key whose subscribers are to look then.
        tells_if: the name of a query that has to give a row for that, where it hangs on one.
        done: called once all of it is written, before the commit of a transaction around it.
    """

    queries: str = ""
    values: tuple[Any, ...] = ()
    must: tuple[str, ...] = ()
    tells: tuple[str, str] | None = None
    tells_if: str = ""
    done: Callable[[], None] = lambda: None


class NotWrittenError(Exception):
    """A query gave no row that had to give one, so that nothing is written; `query` is its name."""

    def __init__(self, query: str) -> None:
        super().__init__(f"nothing is written: {query} gives no row")
        self.query = query


async def write(connection: Connection, *writes: Write) -> None:
    """Makes some writes together.

    Raises:
        NotWrittenError: as it says; the transaction around it, if there is any, has to be given up.
    """
    values = [value for each in writes for value in each.values]
    must = [name for each in writes for name in each.must]
    parts = tuple((each.queries, each.must, each.tells_if) for each in writes if each.queries)
    try:
        row = await connection.fetchrow(_statement(parts), *values)
    except asyncpg.PostgresError as error:
        if error.sqlstate != _NOTHING_WRITTEN:
            raise
        raise NotWrittenError(must[int(error.detail or 0) - 1]) from None
    assert row is not None
    for each in writes:
        if each.tells and (not each.tells_if or row[each.tells_if]):
            tell(connection, *each.tells)
        each.done()


@lru_cache(maxsize=1024)
def _statement(parts: tuple[tuple[str, tuple[str, ...], str], ...]) -> str:
    """The text of a statement; there are as many as combinations of parts, so that PostgreSQL can keep their plans."""
    queries, before = [], 0
    for text, _, _ in parts:
        queries.append(_renumbered(text, before))
        before += max(map(int, _VALUE.findall(text)), default=0)
    exist = ", ".join(f"EXISTS (SELECT FROM {name})" for _, must, _ in parts for name in must)
    told = "".join(f", EXISTS (SELECT FROM {name}) AS {name}" for _, _, name in parts if name)
    return f"WITH {', '.join(queries)} SELECT require_written({exist or 'true'}){told}"


def _renumbered(text: str, before: int) -> str:
    return _VALUE.sub(lambda value: f"${int(value[1]) + before}", text)
