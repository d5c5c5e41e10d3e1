"""What the requests ask PostgreSQL: calls, time, pages, write-ahead log of each statement, and how it is planned."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg

from smarts.gateway.storage.database import Connection, Database
from smarts.gateway.storage.fence import ROLE

SETTINGS = {
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "top",
    "pg_stat_statements.max": "5000",
}
_MANY_ROWS = 1_000  # a table so long is not read from end to end
_READ = """
SELECT query, rolname AS role, calls, total_exec_time AS milliseconds, rows,
       shared_blks_hit + shared_blks_read AS pages, shared_blks_read AS pages_read, wal_bytes, wal_fpi
  FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
# A driver would ask for the values of a statement that is planned without them; inside PostgreSQL nobody does.
_PLAN = """
CREATE OR REPLACE FUNCTION generic_plan(statement text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
    EXECUTE 'EXPLAIN (GENERIC_PLAN, FORMAT JSON) ' || statement INTO plan;
    RETURN plan;
END $$
"""
_UTILITIES = (
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SET",
    "RESET",
    "LISTEN",
    "CREATE",
    "EXPLAIN",
    "CLOSE",
    "DEALLOCATE",
)


@dataclass(frozen=True)
class Statement:
    """A statement, whatever its values, and what all its calls together came to."""

    query: str
    role: str
    calls: int
    milliseconds: float
    rows: int
    pages: int
    pages_read: int
    wal_bytes: float
    wal_fpi: int

    @property
    def key(self) -> tuple[str, str]:
        """What is the same in another run."""
        return self.query, self.role

    @property
    def pages_a_call(self) -> float:
        """Pages of 8 kB that one call looks at."""
        return self.pages / self.calls


async def prepare(database: Database) -> None:
    """Makes the view that statements are counted in."""
    async with database.connection() as connection:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        await connection.execute(_PLAN)


async def begin(database: Database) -> None:
    """Counts from zero."""
    async with database.connection() as connection:
        await connection.fetchval("SELECT pg_stat_statements_reset() IS NULL")


async def counted(database: Database) -> list[Statement]:
    """What was asked since then, by others than this benchmark."""
    async with database.connection() as connection:
        rows = await connection.fetch(_READ)
    return [
        Statement(**dict(row) | {"wal_bytes": float(row["wal_bytes"])})
        for row in rows
        if "pg_stat_statements" not in row["query"]
    ]


async def full_reads(connection: Connection, statement: Statement) -> list[str]:
    """The long tables that a statement's plan, whatever its values, reads from end to end, and how."""
    if statement.query.lstrip().upper().startswith(_UTILITIES):
        return []
    plan = await _plan(connection, statement)
    if plan is None:
        return []
    found = []
    for node in _nodes(plan):
        table, kind = node.get("Relation Name"), node["Node Type"]
        if (
            table
            and "Scan" in kind
            and "Index Cond" not in node
            and "Bitmap" not in kind
            and "Tid" not in kind
        ):
            rows = await connection.fetchval("SELECT reltuples FROM pg_class WHERE oid = $1::regclass", table)
            if rows > _MANY_ROWS:
                index = f" by {node['Index Name']}" if "Index Name" in node else ""
                found.append(f"{kind} of {table}{index} ({rows:.0f} rows)")
    return found


async def _plan(connection: Connection, statement: Statement) -> Any:
    """The generic plan; None for what cannot be planned without its values."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        if statement.role == ROLE:
            await connection.execute(
                "SELECT set_config('smarts.actor', '', true), set_config('smarts.stores', '{store-0}', true),"
                " set_config('smarts.merchant', '', true)"
            )
            await connection.execute(f"SET LOCAL ROLE {ROLE}")
        with suppress(asyncpg.PostgresError):
            text = await connection.fetchval("SELECT generic_plan($1)", statement.query)
            return json.loads(text)[0]["Plan"]
        return None
    finally:
        await transaction.rollback()


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
