"""The people's SQL."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from smarts.gateway.parties import Role, Shopper, Staff
from smarts.gateway.storage.attempts import Tally
from smarts.gateway.storage.database import CONFIRMED, Connection, Transaction

SIGN_INS = Tally("sign_in_attempts", "subject")


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


async def add_shopper(connection: Connection, row: ShopperRow) -> bool:
    """Writes a shopper; False where there is one of this id already, who stays as they are."""
    added = await connection.fetchval(
        "INSERT INTO shoppers (id, token_hash, lang_code, name, email, phone, fingerprint)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING id",
        row.person_id,
        row.token_hash,
        row.lang_code,
        row.name,
        row.email,
        row.phone,
        row.fingerprint,
    )
    return added is not None


async def fingerprint(connection: Connection, person_id: str) -> bytes | None:
    """The fingerprint of the request that made a shopper; None where the shopper was erased."""
    found: bytes | None = await connection.fetchval(
        f"SELECT fingerprint, {CONFIRMED} FROM shoppers WHERE id = $1",
        person_id,
    )
    return found


async def count_join(tx: Transaction, address: bytes, most: int) -> timedelta | None:
    """Counts that somebody joined from an address; or where `most` did within an hour, says how long to wait.

    What is older is deleted on the way.
    """
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('join ' || $1, 0))", address.hex())
    wait: timedelta | None = await tx.fetchval(
        "SELECT joined_at + interval '1 hour' - now() FROM joins WHERE address = $1"
        " AND joined_at > now() - interval '1 hour' ORDER BY joined_at DESC OFFSET $2 LIMIT 1",
        address,
        most - 1,
    )
    if wait is None:
        await tx.execute("INSERT INTO joins (address) VALUES ($1)", address)
    await tx.execute(
        "DELETE FROM joins WHERE id IN (SELECT id FROM joins WHERE joined_at <= now() - interval '1 hour'"
        " LIMIT 100 FOR UPDATE SKIP LOCKED)"
    )
    return wait


async def shopper_by_token(connection: Connection, token_hash: bytes) -> Shopper | None:
    """The shopper who acts with a token."""
    row = await connection.fetchrow(
        "SELECT id, lang_code, email IS NOT NULL AS client FROM shoppers WHERE token_hash = $1", token_hash
    )
    return Shopper(row["id"], row["lang_code"], row["client"]) if row else None


async def put_next_token(tx: Transaction, person_id: str, token_hash: bytes) -> None:
    """Writes the token that takes the place of a shopper's one as soon as it is used."""
    await tx.execute(
        "INSERT INTO next_tokens (person_id, hash) VALUES ($1, $2)"
        " ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash",
        person_id,
        token_hash,
    )


async def take_next_token(connection: Connection, token_hash: bytes) -> bool:
    """Lets a next token take the place of the one before; False where it is nobody's."""
    taken = await connection.fetchval(
        "WITH taken AS (DELETE FROM next_tokens WHERE hash = $1 RETURNING person_id, hash)"
        " UPDATE shoppers SET token_hash = hash FROM taken WHERE id = person_id AND erased_at IS NULL RETURNING id",
        token_hash,
    )
    return taken is not None


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
    await tx.execute("DELETE FROM next_tokens WHERE person_id = $1", person_id)
    await tx.execute(
        "UPDATE shoppers SET token_hash = NULL, fingerprint = NULL, name = NULL, email = NULL, phone = NULL,"
        " erased_at = coalesce(erased_at, now()) WHERE id = $1",
        person_id,
    )


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


def staff_of(row: Any) -> Staff:
    """The person of a row."""
    return Staff(
        row["id"], row["name"], Role(row["role"]), row["merchant_id"], frozenset(row["institution_ids"])
    )


@dataclass(frozen=True)
class Colleague:
    """A person of the staff as managers see one; `email` where the person can sign in."""

    staff: Staff
    email: str | None
    created_at: datetime


@dataclass(frozen=True)
class Account:
    """A person of the staff who can sign in."""

    person_id: str
    password_hash: str


_COLLEAGUE = "SELECT id, name, role, merchant_id, institution_ids, email, created_at FROM staff"


def _colleague(row: Any) -> Colleague:
    return Colleague(staff_of(row), row["email"], row["created_at"])


async def colleagues(connection: Connection, merchant_id: str | None, limit: int) -> list[Colleague]:
    """The staff of a merchant's stores, or all staff, by name."""
    rows = await connection.fetch(
        f"{_COLLEAGUE} WHERE $1::text IS NULL OR merchant_id = $1 ORDER BY lower(name), id LIMIT $2",
        merchant_id,
        limit,
    )
    return [_colleague(row) for row in rows]


async def colleague(connection: Connection, merchant_id: str, person_id: str) -> Colleague | None:
    """A person of a merchant's staff."""
    row = await connection.fetchrow(
        f"{_COLLEAGUE} WHERE id = $1 AND merchant_id = $2", person_id, merchant_id
    )
    return _colleague(row) if row else None


async def colleague_with_email(connection: Connection, email: str) -> Colleague | None:
    """Whoever of the staff has this email, whichever letters of it are capitals."""
    row = await connection.fetchrow(f"{_COLLEAGUE} WHERE lower(email) = lower($1)", email)
    return _colleague(row) if row else None


async def change_staff(tx: Transaction, staff: Staff, email: str | None) -> bool:
    """Writes a person of the staff anew; False, and the transaction is lost, where somebody else has the email."""
    try:
        await tx.execute(
            "UPDATE staff SET name = $2, role = $3, institution_ids = $4, email = $5 WHERE id = $1",
            staff.person_id,
            staff.name,
            staff.role,
            sorted(staff.institution_ids),
            email,
        )
    except asyncpg.UniqueViolationError:
        return False
    return True


async def put_token(tx: Transaction, person_id: str, token_hash: bytes) -> None:
    """Lets a person of the staff act with another token, and no more with any before, those for programs included."""
    await tx.execute("UPDATE staff SET token_hash = $2 WHERE id = $1", person_id, token_hash)
    await tx.execute("DELETE FROM staff_tokens WHERE staff_id = $1", person_id)


async def put_account(tx: Transaction, person_id: str, email: str, password_hash: str) -> bool:
    """Lets a person sign in; False, and the transaction is lost, where somebody else does so with the same email."""
    try:
        await tx.execute(
            "UPDATE staff SET email = $2, password_hash = $3 WHERE id = $1", person_id, email, password_hash
        )
    except asyncpg.UniqueViolationError:
        return False
    return True


async def account_of(connection: Connection, email: str) -> Account | None:
    """The account of an email address, whichever letters of it are capitals."""
    row = await connection.fetchrow(
        "SELECT id, password_hash FROM staff WHERE lower(email) = lower($1) AND password_hash IS NOT NULL",
        email,
    )
    return Account(*row) if row else None


async def account(connection: Connection, person_id: str) -> Account | None:
    """A person's account."""
    row = await connection.fetchrow(
        "SELECT id, password_hash FROM staff WHERE id = $1 AND password_hash IS NOT NULL", person_id
    )
    return Account(*row) if row else None


async def put_password(connection: Connection, before: Account, password_hash: str) -> bool:
    """Writes another hash; False where the password was changed meanwhile."""
    changed = await connection.fetchval(
        "UPDATE staff SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id",
        before.person_id,
        before.password_hash,
        password_hash,
    )
    return changed is not None


async def add_session(
    tx: Transaction,
    session_hash: bytes,
    person_id: str,
    address: bytes,
    now: datetime,
    expires_at: datetime,
    most: int,
) -> None:
    """Writes a session; of a person's earlier ones the newest are kept, so that there are `most`."""
    await tx.execute("SELECT FROM staff WHERE id = $1 FOR UPDATE", person_id)
    await tx.execute(
        "DELETE FROM staff_sessions WHERE expires_at <= $2 OR hash IN"
        " (SELECT hash FROM staff_sessions WHERE staff_id = $1 ORDER BY created_at DESC, hash OFFSET $3)",
        person_id,
        now,
        most - 1,
    )
    await tx.execute(
        "INSERT INTO staff_sessions (hash, staff_id, created_at, last_seen, expires_at, address)"
        " VALUES ($1, $2, $3, $3, $4, $5)",
        session_hash,
        person_id,
        now,
        expires_at,
        address,
    )


async def is_known_from(connection: Connection, email: str, address: bytes, now: datetime) -> bool:
    """Whether the person of an email has a session that was begun from an address."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM staff_sessions JOIN staff ON staff.id = staff_id"
            " WHERE lower(email) = lower($1) AND address = $2 AND expires_at > $3)",
            email,
            address,
            now,
        )
    )


async def session_staff(
    connection: Connection, session_hash: bytes, now: datetime, seen_since: datetime
) -> tuple[Staff, datetime] | None:
    """Whose session it is, and when it was last seen, while it has not ended."""
    row = await connection.fetchrow(
        "SELECT staff.id, name, role, merchant_id, institution_ids, last_seen FROM staff_sessions"
        " JOIN staff ON staff.id = staff_id WHERE hash = $1 AND expires_at > $2 AND last_seen > $3",
        session_hash,
        now,
        seen_since,
    )
    return (staff_of(row), row["last_seen"]) if row else None


async def saw_session(connection: Connection, session_hash: bytes, now: datetime) -> None:
    """Writes that a session was seen."""
    await connection.execute("UPDATE staff_sessions SET last_seen = $2 WHERE hash = $1", session_hash, now)


async def end_session(connection: Connection, session_hash: bytes) -> None:
    """Ends a session."""
    await connection.execute("DELETE FROM staff_sessions WHERE hash = $1", session_hash)


async def end_sessions(connection: Connection, person_id: str, kept: bytes = b"") -> None:
    """Ends all sessions of a person but the one to be kept."""
    await connection.execute("DELETE FROM staff_sessions WHERE staff_id = $1 AND hash <> $2", person_id, kept)


async def forget_sessions(connection: Connection, now: datetime) -> None:
    """Forgets sessions that have ended."""
    await connection.execute("DELETE FROM staff_sessions WHERE expires_at <= $1", now)


async def forget_sign_ins(connection: Connection, before: datetime) -> None:
    """Forgets attempts that count no more."""
    await connection.execute(
        "DELETE FROM sign_in_attempts WHERE NOT EXISTS"
        " (SELECT FROM unnest(tried_at) AS each WHERE each > $1)",
        before,
    )


async def remove_staff(tx: Transaction, person_id: str, merchant_id: str) -> bool:
    """Removes a person of a merchant's staff, with the person's sessions; False where there is no such person."""
    removed = await tx.fetchval(
        "DELETE FROM staff WHERE id = $1 AND merchant_id = $2 RETURNING id", person_id, merchant_id
    )
    return removed is not None
