"""The people's SQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smarts.gateway.parties import Role, Shopper, Staff
from smarts.gateway.storage.database import Connection, Transaction


@dataclass(frozen=True)
class ShopperRow:
    """A shopper as written; `fingerprint` is that of the request that made it."""

    person_id: str
    token_hash: bytes
    lang_code: str
    name: str | None
    email: str | None
    phone: str | None
    fingerprint: bytes


async def add_shopper(connection: Connection, row: ShopperRow) -> bytes | None:
    """Writes a shopper, or leaves the one of this id; answers the fingerprint that is there now, if not erased."""
    fingerprint: bytes | None = await connection.fetchval(
        "WITH added AS (INSERT INTO shoppers (id, token_hash, lang_code, name, email, phone, fingerprint)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING fingerprint)"
        " SELECT fingerprint FROM added UNION ALL SELECT fingerprint FROM shoppers WHERE id = $1",
        row.person_id,
        row.token_hash,
        row.lang_code,
        row.name,
        row.email,
        row.phone,
        row.fingerprint,
    )
    return fingerprint


async def shopper_by_token(connection: Connection, token_hash: bytes) -> Shopper | None:
    """The shopper who acts with a token."""
    row = await connection.fetchrow(
        "SELECT id, lang_code, email IS NOT NULL AS client FROM shoppers WHERE token_hash = $1", token_hash
    )
    return Shopper(row["id"], row["lang_code"], row["client"]) if row else None


@dataclass(frozen=True)
class Contact:
    """How a shopper is called and reached, as far as told."""

    name: str | None
    email: str | None
    phone: str | None


async def contact(connection: Connection, person_id: str) -> Contact:
    """How a shopper is reached."""
    row = await connection.fetchrow("SELECT name, email, phone FROM shoppers WHERE id = $1", person_id)
    return Contact(row["name"], row["email"], row["phone"]) if row else Contact(None, None, None)


@dataclass(frozen=True)
class PersonRow:
    """A shopper who was not erased."""

    person_id: str
    token_hash: bytes
    lang_code: str
    name: str | None
    email: str | None
    phone: str | None
    joined_at: datetime


async def person(connection: Connection, person_id: str) -> PersonRow | None:
    """A shopper, or None where there is none any more."""
    return await _person(connection, person_id)


async def lock_person(tx: Transaction, person_id: str) -> PersonRow | None:
    """A shopper whom nobody else changes until the end of the transaction."""
    return await _person(tx, person_id, "FOR UPDATE")


async def _person(connection: Connection, person_id: str, lock: str = "") -> PersonRow | None:
    row = await connection.fetchrow(
        "SELECT id, token_hash, lang_code, name, email, phone, created_at FROM shoppers"
        f" WHERE id = $1 AND erased_at IS NULL {lock}",
        person_id,
    )
    return PersonRow(*row) if row else None


async def put_person(tx: Transaction, row: PersonRow) -> None:
    """Writes what a shopper tells of themself."""
    await tx.execute(
        "UPDATE shoppers SET lang_code = $2, name = $3, email = $4, phone = $5 WHERE id = $1",
        row.person_id,
        row.lang_code,
        row.name,
        row.email,
        row.phone,
    )


async def erase(tx: Transaction, person_id: str) -> None:
    """Leaves of a shopper the id, to which what bookkeeping needs refers."""
    await tx.execute(
        "UPDATE shoppers SET token_hash = NULL, fingerprint = NULL, name = NULL, email = NULL, phone = NULL,"
        " erased_at = coalesce(erased_at, now()) WHERE id = $1",
        person_id,
    )


async def secret(connection: Connection) -> str:
    """The random secret of this installation."""
    found: str = await connection.fetchval("SELECT secret FROM installation")
    return found


async def add_staff(connection: Connection, staff: Staff, token_hash: bytes) -> None:
    """Writes a person of the staff."""
    await connection.execute(
        "INSERT INTO staff (id, name, role, merchant_id, institution_ids, token_hash) VALUES ($1, $2, $3, $4, $5, $6)",
        staff.person_id,
        staff.name,
        staff.role,
        staff.merchant_id,
        sorted(staff.institution_ids),
        token_hash,
    )


async def staff_by_token(connection: Connection, token_hash: bytes) -> Staff | None:
    """The person of the staff who acts with a token."""
    row = await connection.fetchrow(
        "SELECT id, name, role, merchant_id, institution_ids FROM staff WHERE token_hash = $1", token_hash
    )
    return _staff(row) if row else None


def _staff(row: Any) -> Staff:
    return Staff(
        row["id"], row["name"], Role(row["role"]), row["merchant_id"], frozenset(row["institution_ids"])
    )
