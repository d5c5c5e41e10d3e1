"""What is really sent to PostgreSQL, out of its own log, and which rows each statement looks for."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psycopg

from gateway.journeys.world import until
from postgres_fixtures import QUICK
from smarts.gateway.storage.embedded import SUPERUSER, EmbeddedPostgres, embedded_postgres

_LOGS = {"logging_collector": "on", "log_destination": "jsonlog", "log_statement": "all"}
_SENT = re.compile(r"(?:execute [^:]*|statement): (?P<sql>.*)", re.DOTALL)
_CONDITIONS = ("Index Cond", "Recheck Cond", "Filter", "Join Filter", "Hash Cond", "Merge Cond")
# So that a condition stands with the table that it is about, not where it happened to be cheaper for so few rows.
_PLAINLY = ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "enable_material")


@asynccontextmanager
async def told_server(directory: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server that writes down every statement."""
    async with embedded_postgres(directory, settings=QUICK | _LOGS, on_progress=lambda _: None) as server:
        yield server


class Log:
    """The statements that were sent since it was last looked at."""

    def __init__(self, server: EmbeddedPostgres, directory: Path) -> None:
        self._server = server
        self._folder = directory / "data" / "log"
        self._marks = 0
        self._read = 0

    async def statements(self) -> set[str]:
        """Each once; those of the tests' own looks are not among them."""
        self._marks += 1
        mark = f"SELECT 'look {self._marks}'"
        connection = await asyncpg.connect(self._server.url(SUPERUSER))
        try:
            await connection.execute(mark)
        finally:
            await connection.close()
        found = await until(lambda: self._until_mark(mark))
        return {sql for sql in found if not sql.startswith("SELECT 'look ")}

    def _until_mark(self, mark: str) -> list[str]:
        every = list(self._sent())
        if mark not in every:
            return []
        new = every[self._read : every.index(mark)]
        self._read = every.index(mark) + 1
        return new or [mark]

    def _sent(self) -> Iterator[str]:
        for file in sorted(self._folder.glob("*.json")):
            for line in file.read_text("utf-8").splitlines():
                if line.endswith("}") and (sent := _SENT.fullmatch(json.loads(line).get("message", ""))):
                    yield sent["sql"].strip()


@dataclass(frozen=True)
class Look:
    """A statement looks for rows of a table, by these conditions of its own and of the joins above it."""

    table: str
    alias: str
    conditions: str

    def is_by(self, *columns: str) -> bool:
        """Whether one of the columns must be equal to something."""
        names = "|".join(map(re.escape, columns))
        column = rf"\(?\b(?:{re.escape(self.alias)}\.)?(?:{names})\)?(?:::\w+)?"
        return bool(
            re.search(rf"{column} = |= {column}(?=[\s)]|$)|\bhashed SubPlan\b.*{column}", self.conditions)
        )


@asynccontextmanager
async def planner(url: str) -> AsyncIterator[psycopg.AsyncClientCursor[tuple[Any, ...]]]:
    """Who can be asked for plans; sends statements with parameters as plain text, which asyncpg does not."""
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    async with connection, psycopg.AsyncClientCursor(connection) as cursor:
        for name in _PLAINLY:
            await cursor.execute(f"SET {name} = off".encode())
        yield cursor


async def looks(cursor: psycopg.AsyncClientCursor[tuple[Any, ...]], statement: str) -> list[Look]:
    """What a statement looks for, as PostgreSQL plans it whatever its parameters are."""
    await cursor.execute(f"EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) {statement}".encode())
    row = await cursor.fetchone()
    assert row
    return list(_looks(row[0][0]["Plan"], ""))


def _looks(node: dict[str, Any], above: str) -> Iterator[Look]:
    conditions = " ".join([above, *(str(node[name]) for name in _CONDITIONS if name in node)])
    if "Relation Name" in node and node["Node Type"] != "ModifyTable":
        yield Look(node["Relation Name"], node["Alias"], conditions)
    joins = conditions if "Join" in node["Node Type"] or node["Node Type"] == "Nested Loop" else ""
    for child in node.get("Plans", ()):
        yield from _looks(child, joins)
