"""What the requests ask PostgreSQL: calls, time, pages, write-ahead log of each statement, and tables read in order."""

import asyncio
from dataclasses import dataclass

from smarts.gateway.storage.database import Database

SETTINGS = {
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "top",
    "pg_stat_statements.max": "5000",
}
_MANY_ROWS = 1_000  # a table so long is not read from end to end
_COUNTED_AFTER = 11.0  # seconds after which an idle connection has told what it has read
_READ = """
SELECT query, rolname AS role, calls, total_exec_time AS milliseconds, rows,
       shared_blks_hit + shared_blks_read AS pages, shared_blks_read AS pages_read, wal_bytes, wal_fpi
  FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True)
class Reads:
    """How often a table was read from end to end, and how many rows that were."""

    times: int
    rows: int


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


async def read_in_order(database: Database) -> dict[str, Reads]:
    """How often each long table was read from end to end, and how many rows that were, in all."""
    await asyncio.sleep(_COUNTED_AFTER)
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT relname, seq_scan AS times, seq_tup_read AS rows FROM pg_stat_user_tables"
            " WHERE n_live_tup > $1 AND seq_scan > 0",
            _MANY_ROWS,
        )
    return {row["relname"]: Reads(row["times"], row["rows"]) for row in rows}


async def updated(database: Database) -> dict[str, tuple[int, int]]:
    """How many rows of each table were changed since the database was made, and how many of them without any index."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE n_tup_upd > 0"
        )
    return {row[0]: (row[1], row[2]) for row in rows}
