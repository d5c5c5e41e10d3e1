"""The carts' SQL."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from smarts.gateway.carts.model import Cart
from smarts.gateway.storage.database import Connection, Transaction
from smarts.gateway.storage.telling import tell
from smarts.gateway.storage.writes import Write
from smarts.wire.codec import decode, encode

DOCUMENT = """
json_build_object(
    'id', carts.id, 'institutionId', carts.institution_id, 'personId', carts.person_id, 'state', carts.state,
    'version', carts.version, 'head', carts.head, 'createdAt', carts.created_at, 'updatedAt', carts.updated_at,
    'lines', (SELECT coalesce(json_agg(json_build_object('lineId', line_id, 'quantity', quantity, 'product', product)
                                       ORDER BY position), '[]')
                FROM cart_lines WHERE cart_id = carts.id)
) AS cart
"""
"""The column of a query of `carts` that `cart_of` reads."""
BESIDE = f"(SELECT {DOCUMENT} FROM carts WHERE id = cart_id) AS cart"
"""The same for a query of something that has a `cart_id`, so that its cart is read on the same way."""
_SELECT = f"SELECT {DOCUMENT} FROM carts"

CART = "cart"
"""The name of the query that writes a cart, which has to give a row."""
_ADD = f"""
    {CART} AS (
        INSERT INTO carts (id, institution_id, person_id, state, version, head, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id
    )
"""
_CHANGE = f"""
    {CART} AS (
        UPDATE carts SET state = $3, version = $4, head = $5, updated_at = $6
         WHERE id = $1 AND version = $2 RETURNING id
    )
"""
_PUT_LINES = """
    put AS (
        INSERT INTO cart_lines (cart_id, line_id, position, quantity, product)
        SELECT $1, line.* FROM unnest($2::text[], $3::int[], $4::numeric[], $5::json[]) AS line
        ON CONFLICT (cart_id, line_id) DO UPDATE SET quantity = excluded.quantity, product = excluded.product
    )
"""
_TAKE_OUT = "gone AS (DELETE FROM cart_lines WHERE cart_id = $1 AND line_id = ANY($2::text[]))"


def adding(cart: Cart) -> Write:
    """What writes a new cart without lines."""
    values = (
        cart.id,
        cart.institution_id,
        cart.person_id,
        cart.state,
        cart.version,
        encode(cart.head).decode(),
        cart.created_at,
    )
    return Write(_ADD, values, (CART,))


async def load(connection: Connection, cart_id: str) -> Cart | None:
    """Reads a cart with its lines in the order in which they were scanned first."""
    row = await connection.fetchrow(f"{_SELECT} WHERE id = $1", cart_id)
    return cart_of(row) if row else None


async def touched_since(
    connection: Connection, person_id: str, institution_ids: Sequence[str], since: datetime
) -> list[datetime]:
    """When a person's unfinished carts with goods in some stores were changed last, where after a moment."""
    rows = await connection.fetch(
        "SELECT updated_at FROM carts WHERE person_id = $1 AND institution_id = ANY($2) AND updated_at > $3"
        " AND state IN ('OPEN', 'LOCKED', 'READY') AND EXISTS (SELECT FROM cart_lines WHERE cart_id = carts.id)"
        " ORDER BY updated_at DESC LIMIT 10",
        person_id,
        institution_ids,
        since,
    )
    return [row["updated_at"] for row in rows]


async def any_in(connection: Connection, institution_id: str) -> bool:
    """Whether there is any cart of a store."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM carts WHERE institution_id = $1)", institution_id
    )
    return found


def cart_of(row: Any) -> Cart:
    """The cart that a row has in its column `cart`, with its lines in the order of their first scans."""
    return decode(row["cart"].encode(), Cart)


async def of_person(connection: Connection, person_id: str) -> list[Cart]:
    """A person's carts, newest first, without those whose details are forgotten."""
    rows = await connection.fetch(
        f"{_SELECT} WHERE person_id = $1 AND forgotten_at IS NULL ORDER BY created_at DESC, id", person_id
    )
    return [cart_of(row) for row in rows]


async def lock_of_person(tx: Transaction, person_id: str) -> list[Cart]:
    """The same, but nobody else changes them until the end of the transaction."""
    # Two statements: the second one's snapshot holds the lines of whatever change was waited for.
    await tx.execute(
        "SELECT FROM carts WHERE person_id = $1 AND forgotten_at IS NULL ORDER BY id FOR UPDATE", person_id
    )
    return await of_person(tx, person_id)


async def untouched(
    connection: Connection, since: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[Cart]:
    """Carts that nobody touched since a moment, oldest first, those after when and with which id one was begun."""
    begun, cart_id = after or (datetime.min.replace(tzinfo=UTC), "")
    rows = await connection.fetch(
        f"{_SELECT} WHERE forgotten_at IS NULL AND created_at < $1 AND updated_at < $1 AND (created_at, id) > ($2, $3)"
        " ORDER BY created_at, id LIMIT $4",
        since,
        begun,
        cart_id,
        limit,
    )
    return [cart_of(row) for row in rows]


async def past(
    connection: Connection, institution_id: str, limit: int, before: tuple[datetime, str] | None
) -> list[Cart]:
    """A store's paid carts, those begun last first, that were begun before when and with which id one was."""
    begun, cart_id = before or (datetime.max.replace(tzinfo=UTC), "")
    rows = await connection.fetch(
        f"{_SELECT} WHERE institution_id = $1 AND state = 'PAID' AND forgotten_at IS NULL"
        " AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4",
        institution_id,
        begun,
        cart_id,
        limit,
    )
    return [cart_of(row) for row in rows]


async def in_store(connection: Connection, institution_id: str, cart_ids: Sequence[str]) -> list[Cart]:
    """Those of some carts that are of a store."""
    rows = await connection.fetch(
        f"{_SELECT} WHERE id = ANY($2::text[]) AND institution_id = $1", institution_id, cart_ids
    )
    return [cart_of(row) for row in rows]


async def forget(connection: Connection, before: Cart, after: Cart) -> bool:
    """Writes what is left of a cart; False where somebody else changed it since `before` was read."""
    forgotten = await connection.fetchval(
        "WITH cart AS (UPDATE carts SET state = $3, version = $4, head = $5, forgotten_at = now()"
        " WHERE id = $1 AND version = $2 RETURNING id), gone AS (DELETE FROM cart_lines USING cart"
        " WHERE cart_id = cart.id) SELECT id FROM cart",
        before.id,
        before.version,
        after.state,
        after.version,
        encode(after.head).decode(),
    )
    if forgotten is None:
        return False
    tell(connection, "cart", after.id)
    return True


async def delete(connection: Connection, cart: Cart) -> bool:
    """Deletes a cart that was never checked out; False where somebody else changed it since it was read."""
    deleted = await connection.fetchval(
        "DELETE FROM carts WHERE id = $1 AND version = $2 RETURNING id", cart.id, cart.version
    )
    return deleted is not None


def saving(before: Cart, after: Cart) -> Iterator[Write]:
    """What writes the differences, and tells of them; nothing is written where `before` is not what is there."""
    head = encode(after.head).decode()
    values = (after.id, before.version, after.state, after.version, head, after.updated_at)
    yield Write(_CHANGE, values, (CART,), tells=("cart", after.id))
    old = {line.line_id: line for line in before.lines}
    put = [(place, line) for place, line in enumerate(after.lines) if old.get(line.line_id) is not line]
    if put:
        yield Write(
            _PUT_LINES,
            (
                after.id,
                [line.line_id for _, line in put],
                [after.version * 1000 + place for place, _ in put],
                [line.quantity for _, line in put],
                [encode(line.product).decode() for _, line in put],
            ),
        )
    gone = old.keys() - {line.line_id for line in after.lines}
    if gone:
        yield Write(_TAKE_OUT, (after.id, list(gone)))
