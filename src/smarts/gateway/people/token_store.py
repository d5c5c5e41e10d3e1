"""The SQL of the tokens with which people of the staff act."""

from dataclasses import dataclass
from datetime import datetime

from smarts.gateway.parties import Role, Staff
from smarts.gateway.people.rules import scoped
from smarts.gateway.people.store import staff_of
from smarts.gateway.storage.database import Connection, Transaction


async def staff_by_token(
    connection: Connection, token_hash: bytes, now: datetime, used_before: datetime
) -> Staff | None:
    """The person of the staff who acts with a token, one's own or one for programs, whose use is written down then."""
    row = await connection.fetchrow(
        "SELECT id, name, role, merchant_id, institution_ids FROM staff WHERE token_hash = $1", token_hash
    )
    return staff_of(row) if row else await _staff_by_program(connection, token_hash, now, used_before)


async def _staff_by_program(
    connection: Connection, token_hash: bytes, now: datetime, used_before: datetime
) -> Staff | None:
    row = await connection.fetchrow(
        "SELECT staff.id, staff.name, staff.role, merchant_id, staff.institution_ids, token.id AS token_id,"
        " token.role AS token_role, reads_only, coalesce(used_at < $3, true) AS unseen, ARRAY("
        "SELECT id FROM institutions WHERE id = ANY (token.institution_ids)"
        " AND merchant_id = coalesce(staff.merchant_id, merchant_id)) AS token_stores"
        " FROM staff_tokens AS token JOIN staff ON staff.id = staff_id WHERE hash = $1 AND expires_at > $2",
        token_hash,
        now,
        used_before,
    )
    if row is None:
        return None
    if row["unseen"]:
        await connection.execute("UPDATE staff_tokens SET used_at = $2 WHERE id = $1", row["token_id"], now)
    stores = frozenset(row["token_stores"])
    return scoped(staff_of(row), Role(row["token_role"]), stores, reads_only=row["reads_only"])


@dataclass(frozen=True)
class TokenRow:
    """A token for programs; only its hash is kept."""

    token_id: str
    name: str
    role: str
    institution_ids: list[str]
    reads_only: bool
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


async def add_program_token(
    tx: Transaction, person_id: str, row: TokenRow, token_hash: bytes, most: int
) -> bool:
    """Writes a person's token for programs, and forgets those that have ended; False where there are `most` already."""
    await tx.execute("SELECT FROM staff WHERE id = $1 FOR UPDATE", person_id)
    await tx.execute(
        "DELETE FROM staff_tokens WHERE staff_id = $1 AND expires_at <= $2", person_id, row.created_at
    )
    if await tx.fetchval("SELECT count(*) FROM staff_tokens WHERE staff_id = $1", person_id) >= most:
        return False
    await tx.execute(
        "INSERT INTO staff_tokens VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.token_id,
        token_hash,
        person_id,
        row.name,
        row.role,
        row.institution_ids,
        row.reads_only,
        row.created_at,
        row.expires_at,
    )
    return True


async def program_tokens(connection: Connection, person_id: str) -> list[TokenRow]:
    """A person's tokens for programs, the newest first."""
    rows = await connection.fetch(
        "SELECT id, name, role, institution_ids, reads_only, created_at, expires_at, used_at FROM staff_tokens"
        " WHERE staff_id = $1 ORDER BY created_at DESC, id",
        person_id,
    )
    return [TokenRow(*row) for row in rows]


async def end_program_token(connection: Connection, person_id: str, token_id: str) -> bool:
    """Ends a person's token for programs; False where there is none of this id."""
    ended = await connection.fetchval(
        "DELETE FROM staff_tokens WHERE staff_id = $1 AND id = $2 RETURNING id", person_id, token_id
    )
    return ended is not None
