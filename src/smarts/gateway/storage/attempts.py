"""Attempts that may be guessing, counted by who makes them, so that nobody makes many in a while."""

from dataclasses import dataclass
from datetime import datetime

from smarts.gateway.storage.database import Connection

_RECENT = "ARRAY(SELECT each FROM unnest(attempts.tried_at) AS each WHERE each > $3)"


@dataclass(frozen=True)
class Tally:
    """A room's table of attempts: `subject` is the column that says who, `tried_at` the one that says when."""

    table: str
    subject: str

    async def count(
        self, connection: Connection, who: str | bytes, now: datetime, since: datetime, most: int
    ) -> bool:
        """Counts an attempt; False where there were `most` of them since a moment, and then nothing is written."""
        counted = await connection.fetchval(
            f"INSERT INTO {self.table} AS attempts ({self.subject}, tried_at)"  # noqa: S608 - names of our own
            f" VALUES ($1, ARRAY[$2::timestamptz]) ON CONFLICT ({self.subject})"
            f" DO UPDATE SET tried_at = {_RECENT} || $2::timestamptz"
            f" WHERE cardinality({_RECENT}) < $4 RETURNING true",
            who,
            now,
            since,
            most,
        )
        return counted is not None

    async def take_back(self, connection: Connection, who: str | bytes, tried_at: datetime) -> None:
        """Takes an attempt back, since it was no guess."""
        await connection.execute(
            f"UPDATE {self.table} SET tried_at = array_remove(tried_at, $2)"  # noqa: S608 - names of our own
            f" WHERE {self.subject} = $1",
            who,
            tried_at,
        )
