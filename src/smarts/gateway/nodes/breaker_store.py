"""The SQL of breakers that are not closed."""

from collections.abc import Mapping, Sequence

from smarts.gateway.nodes.breaker import Position
from smarts.gateway.nodes.bulkhead import BreakerNow
from smarts.gateway.storage.database import Connection, Transaction
from smarts.gateway.storage.telling import tell
from smarts.wire.model import Model
from smarts.wire.nodes import Feature
from smarts.wire.times import UtcMillis

CHANNEL = "breakers"
"""The channel of the notices that a store's breakers are to be closed; every process that calls nodes listens."""

# Processes that see the same trouble tell of it once, with the worst position: `OPEN` sorts after `HALF_OPEN`.
_OF = """
    SELECT institution_id, feature, max(position) AS position, min(since) AS since, max(why) AS why,
           count(*)::integer AS processes
      FROM node_breakers
     WHERE ($1::text[] IS NULL OR institution_id = ANY ($1)) AND seen_at > now() - make_interval(secs => $2)
     GROUP BY institution_id, feature ORDER BY min(since) DESC, institution_id, feature LIMIT $3
"""
_MOST = 10_000


class BreakerRecord(Model, frozen=True, kw_only=True):
    """A breaker that is not closed, in so many processes; the feature `node` stands for the whole node."""

    feature: Feature
    position: Position
    since: UtcMillis
    why: str
    processes: int


async def put(tx: Transaction, process: str, institution_id: str, breakers: Sequence[BreakerNow]) -> None:
    """Writes a process' breakers before a store's node in place of those before; what stays keeps its beginning."""
    features = [each.feature.value for each in breakers]
    await tx.execute(
        "DELETE FROM node_breakers WHERE process = $1 AND institution_id = $2 AND NOT feature = ANY ($3)",
        process,
        institution_id,
        features,
    )
    await tx.executemany(
        "INSERT INTO node_breakers (process, institution_id, feature, position, why) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (process, institution_id, feature) DO UPDATE SET position = excluded.position,"
        " why = excluded.why, seen_at = now()",
        [(process, institution_id, each.feature, each.position, each.why[:500]) for each in breakers],
    )


async def has(connection: Connection, process: str, institution_id: str) -> bool:
    """Whether a process' breakers before a store's node are written."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM node_breakers WHERE process = $1 AND institution_id = $2)",
            process,
            institution_id,
        )
    )


async def clear(tx: Transaction, institution_id: str) -> None:
    """Deletes all that is written of a store, and has the processes look again."""
    if await tx.fetch("DELETE FROM node_breakers WHERE institution_id = $1 RETURNING 1", institution_id):
        tell(tx, CHANNEL, institution_id)


async def leave(connection: Connection, process: str) -> None:
    """Deletes all that a process wrote, and what processes that are gone did."""
    await connection.execute(
        "DELETE FROM node_breakers WHERE process = $1 OR seen_at < now() - interval '1 day'", process
    )


async def of(
    connection: Connection, institution_ids: Sequence[str] | None, seconds: float, limit: int = _MOST
) -> Mapping[str, tuple[BreakerRecord, ...]]:
    """What was written within so many seconds of these stores, or of all, by the stores' ids, the latest first."""
    found: dict[str, tuple[BreakerRecord, ...]] = {}
    for row in await connection.fetch(_OF, institution_ids, seconds, limit):
        record = BreakerRecord(
            feature=Feature(row["feature"]),
            position=Position(row["position"]),
            since=UtcMillis.of(row["since"]),
            why=row["why"],
            processes=row["processes"],
        )
        found[row["institution_id"]] = (*found.get(row["institution_id"], ()), record)
    return found
