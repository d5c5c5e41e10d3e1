"""The SQL of ages that staff have seen."""

from datetime import datetime

from smarts.control import AgeSeen
from smarts.gateway.storage.database import Connection, Database, Transaction
from smarts.gateway.storage.steps import remove_in_steps
from smarts.gateway.storage.writes import Write
from smarts.wire.model import Model
from smarts.wire.times import UtcMillis


class AgeRecord(Model, frozen=True, kw_only=True):
    """An age as its shopper is told of it: whose staff saw it and when, and until when that counts and is kept."""

    merchant: str
    age: int
    at: UtcMillis
    until: UtcMillis


async def seen(connection: Connection, merchant_id: str, person_id: str, now: datetime) -> list[AgeSeen]:
    """What counts of the ages that a merchant's staff have seen somebody to be of, newest first."""
    rows = await connection.fetch(
        "SELECT seen_at, age FROM ages_seen WHERE person_id = $1 AND merchant_id = $2 AND until > $3"
        " ORDER BY seen_at DESC, age",
        person_id,
        merchant_id,
        now,
    )
    return [AgeSeen(at=UtcMillis.of(row["seen_at"]), age=row["age"]) for row in rows]


def keeping(merchant_id: str, person_id: str, seen: AgeSeen, until: datetime) -> Write:
    """What writes that a merchant's staff have seen an age; of the same age the latest moment stays."""
    return Write(
        "seen AS (INSERT INTO ages_seen VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, merchant_id, age) DO UPDATE"
        " SET seen_at = excluded.seen_at, until = excluded.until WHERE ages_seen.seen_at <= excluded.seen_at)",
        (merchant_id, person_id, seen.age, seen.at, until),
    )


async def of_person(connection: Connection, person_id: str, now: datetime) -> list[AgeRecord]:
    """All that counts of what staff of any merchant have seen somebody to be of, newest first."""
    rows = await connection.fetch(
        "SELECT name, age, seen_at, until FROM ages_seen JOIN merchants ON id = merchant_id"
        " WHERE person_id = $1 AND until > $2 ORDER BY seen_at DESC, name, age",
        person_id,
        now,
    )
    return [
        AgeRecord(
            merchant=row["name"],
            age=row["age"],
            at=UtcMillis.of(row["seen_at"]),
            until=UtcMillis.of(row["until"]),
        )
        for row in rows
    ]


async def forget_person(tx: Transaction, person_id: str) -> None:
    """Forgets which ages somebody was seen to be of."""
    await tx.execute("DELETE FROM ages_seen WHERE person_id = $1", person_id)


async def forget(database: Database, now: datetime) -> None:
    """Forgets what counts no longer."""
    key = "merchant_id, person_id, age"
    await remove_in_steps(database, "ages_seen", key, "until <= $1", "until", now)
