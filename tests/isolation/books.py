"""All that the database holds, row by row: whatever was there before must be there after, and nothing new about it."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from smarts.gateway.storage.database import Database

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# How long nodes took is counted by the hour, whoever made the gateway ask; who is erased waits in one lane for all.
NOT_THEIRS = {"node_timings"}
_SHARED_LANE = "(persons,"
# When somebody was last seen is written a minute later, whatever was asked.
_TOLD = {"staff_sessions": "to_jsonb(t) - 'last_seen'"}

Rows = Counter[tuple[str, str]]


async def rows_of(database: Database) -> Rows:
    """Every row of every table, as text."""
    async with database.connection() as connection:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted({row["tablename"] for row in names} - NOT_THEIRS)
        every = " UNION ALL ".join(
            f"SELECT '{name}' AS name, ({_TOLD.get(name, 't')})::text AS row FROM \"{name}\" t"
            for name in tables
        )
        rows: list[Any] = await connection.fetch(every)
    return Counter(
        (row["name"], row["row"])
        for row in rows
        if not (row["name"] == "outbox_lanes" and row["row"].startswith(_SHARED_LANE))
    )


def ids_about(rows: Rows, ids: Iterable[str]) -> set[str]:
    """All ids in the rows that name one of these: those of payments, steps, messages too."""
    wanted = tuple(ids)
    return {found for _, row in rows if any(each in row for each in wanted) for found in _UUID.findall(row)}


def naming(rows: Rows, ids: Iterable[str]) -> list[tuple[str, str]]:
    """The rows that name one of these."""
    wanted = tuple(ids)
    return [(table, row) for table, row in rows if any(each in row for each in wanted)]
