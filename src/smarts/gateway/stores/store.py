"""The stores' SQL."""

from collections.abc import Sequence
from typing import Any

from smarts.gateway.parties import NodeLimits, Place, Store, Switches
from smarts.gateway.storage.database import Connection, Transaction
from smarts.wire.codec import decode, encode
from smarts.wire.invoices import SellerParty
from smarts.wire.money import Currency
from smarts.wire.products import Campaign
from smarts.wire.times import TimeZone

_COLUMNS = "id, merchant_id, name, seller, currency, time_zone, switches, campaigns, latitude, longitude, node_limits"
_INSERT = (
    f"INSERT INTO institutions ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " ON CONFLICT (id) DO"
)


def _store(row: Any) -> Store:
    latitude, longitude = row["latitude"], row["longitude"]
    return Store(
        institution_id=row["id"],
        merchant_id=row["merchant_id"],
        name=row["name"],
        seller=decode(row["seller"].encode(), SellerParty),
        currency=Currency(row["currency"]),
        time_zone=TimeZone(row["time_zone"]),
        switches=decode(row["switches"].encode(), Switches),
        campaigns=decode(row["campaigns"].encode(), tuple[Campaign, ...]),
        place=None if latitude is None else Place(latitude=latitude, longitude=longitude),
        node_limits=decode(row["node_limits"].encode(), NodeLimits),
    )


def _values(store: Store) -> tuple[Any, ...]:
    return (
        store.institution_id,
        store.merchant_id,
        store.name,
        encode(store.seller).decode(),
        store.currency,
        store.time_zone,
        encode(store.switches).decode(),
        encode(store.campaigns).decode(),
        store.place and store.place.latitude,
        store.place and store.place.longitude,
        encode(store.node_limits).decode(),
    )


async def add_merchant(connection: Connection, merchant_id: str, name: str) -> None:
    """Writes a merchant; one that is there already stays."""
    await connection.execute(
        "INSERT INTO merchants (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", merchant_id, name
    )


async def merchant_of(connection: Connection, name: str) -> str | None:
    """The merchant's id by its name."""
    found: str | None = await connection.fetchval("SELECT id FROM merchants WHERE name = $1", name)
    return found


async def merchants(connection: Connection, limit: int) -> list[str]:
    """The merchants' names, in their order."""
    rows = await connection.fetch("SELECT name FROM merchants ORDER BY lower(name), id LIMIT $1", limit)
    return [row["name"] for row in rows]


async def add(connection: Connection, store: Store) -> bool:
    """Writes a new store; False where there is one of this id, which stays as it is."""
    added = await connection.fetchval(f"{_INSERT} NOTHING RETURNING id", *_values(store))
    return added is not None


async def put(connection: Connection, store: Store) -> None:
    """Writes a store, new or changed."""
    await connection.execute(
        f"{_INSERT} UPDATE SET name = excluded.name, seller = excluded.seller,"
        " currency = excluded.currency, time_zone = excluded.time_zone, switches = excluded.switches,"
        " campaigns = excluded.campaigns, latitude = excluded.latitude, longitude = excluded.longitude,"
        " node_limits = excluded.node_limits",
        *_values(store),
    )


async def load(connection: Connection, institution_id: str) -> Store | None:
    """Reads a store."""
    return await _load(connection, institution_id)


async def lock(tx: Transaction, institution_id: str) -> Store | None:
    """Reads a store that nobody else changes until the end of the transaction."""
    return await _load(tx, institution_id, "FOR NO KEY UPDATE")


async def _load(connection: Connection, institution_id: str, lock: str = "") -> Store | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM institutions WHERE id = $1 {lock}", institution_id
    )
    return _store(row) if row else None


async def page(connection: Connection, limit: int, after: str | None, merchant_id: str | None) -> list[Store]:
    """Stores, newest first, those after a store, of one merchant or all."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM institutions WHERE ($2::text IS NULL OR (created_at, id) <"
        " (SELECT created_at, id FROM institutions WHERE id = $2)) AND ($3::text IS NULL OR merchant_id = $3)"
        " ORDER BY created_at DESC, id DESC LIMIT $1",
        limit,
        after,
        merchant_id,
    )
    return [_store(row) for row in rows]


async def of_merchant(connection: Connection, merchant_id: str) -> list[str]:
    """The ids of a merchant's stores."""
    rows = await connection.fetch("SELECT id FROM institutions WHERE merchant_id = $1", merchant_id)
    return [row["id"] for row in rows]


async def add_token(connection: Connection, institution_id: str, token_hash: bytes) -> None:
    """Writes a new access token's hash."""
    await connection.execute(
        "INSERT INTO institution_tokens (hash, institution_id) VALUES ($1, $2)", token_hash, institution_id
    )


async def end_tokens(connection: Connection, institution_id: str, overlap_seconds: float) -> None:
    """Lets the store's tokens end after the overlap; one that ends sooner still does."""
    await connection.execute(
        "UPDATE institution_tokens SET expires_at = now() + make_interval(secs => $2)"
        " WHERE institution_id = $1 AND (expires_at IS NULL OR expires_at > now() + make_interval(secs => $2))",
        institution_id,
        overlap_seconds,
    )


async def institution_by_token(connection: Connection, token_hash: bytes) -> str | None:
    """The store that a token belongs to, while the token has not ended."""
    found: str | None = await connection.fetchval(
        "SELECT institution_id FROM institution_tokens WHERE hash = $1 AND (expires_at IS NULL OR expires_at > now())",
        token_hash,
    )
    return found


async def watched(
    connection: Connection, text: str, state: str | None, worst_first: Sequence[str], limit: int, skipped: int
) -> list[Store]:
    """Stores with a text in their names, in a state of their nodes or all, the worst state first, then by name."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM institutions LEFT JOIN node_states ON institution_id = id"
        " WHERE ($1 = '' OR strpos(lower(name), lower($1)) > 0 OR id = $1)"
        " AND ($2::text IS NULL OR coalesce(state, 'UNKNOWN') = $2)"
        " ORDER BY array_position($3::text[], coalesce(state, 'UNKNOWN')), lower(name), id LIMIT $4 OFFSET $5",
        text,
        state,
        worst_first,
        limit,
        skipped,
    )
    return [_store(row) for row in rows]


async def counts_by_state(connection: Connection) -> dict[str, int]:
    """How many stores there are by the states of their nodes; those without a node were never asked."""
    rows = await connection.fetch(
        "SELECT coalesce(state, 'UNKNOWN'), count(*) FROM institutions LEFT JOIN node_states"
        " ON institution_id = id GROUP BY 1"
    )
    return {row[0]: row[1] for row in rows}


async def names_of(connection: Connection, institution_ids: Sequence[str]) -> dict[str, str]:
    """What stores are called, by their ids."""
    rows = await connection.fetch("SELECT id, name FROM institutions WHERE id = ANY ($1)", institution_ids)
    return {row["id"]: row["name"] for row in rows}
