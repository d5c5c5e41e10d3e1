"""The verbs of people: join, be recognised, change what was told, be erased."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated
from uuid import UUID, uuid4

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from smarts.edge.problems import TOKEN_UNKNOWN, TOO_MANY, invalid
from smarts.edge.tokens import hashed, new_token
from smarts.gateway import errors
from smarts.gateway.parties import Role, Shopper, Staff
from smarts.gateway.people import store, token_store
from smarts.gateway.people.rules import whose
from smarts.gateway.storage import installation
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.remembered import Remembered
from smarts.wire.model import Model
from smarts.wire.text import LangCode
from smarts.wire.times import UtcMillis

_SHORTEST_KEY = 16
_USED_EVERY = timedelta(minutes=1)

PersonName = Annotated[str, Meta(min_length=1, max_length=200)]
EmailAddress = Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
PhoneNumber = Annotated[str, Meta(max_length=30, pattern=r"^\+?[0-9 ()-]{3,30}$")]


class NewShopper(Model, frozen=True, kw_only=True):
    """What a shopper tells when joining; nothing has to be told."""

    lang_code: LangCode = "EN"
    name: PersonName | None = None
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None


class JoinedShopper(Model, frozen=True):
    """The shopper's id and token; the token is shown now and never again."""

    person_id: str
    token: str


class Profile(Model, frozen=True, kw_only=True):
    """What a shopper has told."""

    person_id: str
    lang_code: LangCode
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    joined_at: UtcMillis


class ProfileChange(Model, frozen=True, kw_only=True):
    """What shall be different: what is not there stays, null takes away what was told."""

    lang_code: LangCode | UnsetType = UNSET
    name: PersonName | UnsetType | None = UNSET
    email: EmailAddress | UnsetType | None = UNSET
    phone: PhoneNumber | UnsetType | None = UNSET


class NextToken(Model, frozen=True):
    """The token with which a shopper goes on; it is shown now and never again."""

    token: str


@dataclass(frozen=True)
class _Identity:
    person_id: str
    token: str


class People:
    """Shoppers and staff in the database; only hashes of their tokens are kept."""

    def __init__(self, database: Database, joins_per_hour: int) -> None:
        self._database = database
        self._for_all = database.unfenced()
        self._joins_per_hour = joins_per_hour
        self._shoppers: Remembered[Shopper | None] = Remembered(self._read_shopper)

    async def join(self, new: NewShopper, key: str | None, body: bytes, address: str) -> JoinedShopper:
        """A new shopper, who comes from an address.

        With an Idempotency-Key the id and token are derived from it and this installation's secret, so that the same
        request has the same answer without the token being kept.

        Raises:
            ProblemError: 409, the key was used for another request; 422, the key is too short to be a secret; 429, too
                many have joined from this address within an hour.
        """
        identity = _random_identity() if key is None else await self._derived_identity(key)
        fingerprint = sha256(body).digest()
        row = store.ShopperRow(
            identity.person_id,
            hashed(identity.token),
            new.lang_code,
            new.name,
            new.email,
            new.phone,
            fingerprint,
        )
        async with self._database.transaction() as tx:
            added = await store.add_shopper(tx, row)
            if added:
                await self._count_join(tx, address)
            elif await store.fingerprint(tx, row.person_id) != fingerprint:
                raise errors.KEY_REUSED.error("Use a new key for a new request")
        return JoinedShopper(identity.person_id, identity.token)

    async def _count_join(self, tx: Transaction, address: str) -> None:
        secret = await installation.secret(tx)
        hidden = hmac.digest(secret.encode(), b"address\n" + whose(address).encode(), "sha256")
        wait = await store.count_join(tx, hidden, self._joins_per_hour)
        if wait:
            raise TOO_MANY.error(
                f"{self._joins_per_hour} shoppers have joined from your address within an hour; try again later",
                retry_after=wait.total_seconds(),
            )

    async def _derived_identity(self, key: str) -> _Identity:
        if len(key) < _SHORTEST_KEY:
            raise invalid(
                "Idempotency-Key",
                f"Expected at least {_SHORTEST_KEY} characters: here it proves who asks again",
            )
        async with self._database.connection() as connection:
            secret = await installation.secret(connection)
        digest = hmac.digest(secret.encode(), b"shopper\n" + key.encode(), "sha512")
        return _Identity(str(UUID(bytes=digest[:16], version=4)), _shopper_token(digest[16:48]))

    async def shopper_by_token(self, token: str) -> Shopper | None:
        """The shopper who acts with this token."""
        return await self._shoppers.get(hashed(token).hex())

    async def _read_shopper(self, token_hash: str) -> Shopper | None:
        async with self._for_all.connection() as connection:
            found = await store.shopper_by_token(connection, bytes.fromhex(token_hash))
            if found is None and await store.take_next_token(connection, bytes.fromhex(token_hash)):
                return await store.shopper_by_token(connection, bytes.fromhex(token_hash))
        return found

    async def profile(self, person_id: str) -> Profile:
        """What a shopper has told, or a 401 where there is none any more."""
        async with self._database.connection() as connection:
            return _profile(_required(await store.person(connection, person_id)))

    async def change(self, person_id: str, change: ProfileChange) -> Profile:
        """Writes what a shopper tells anew.

        Raises:
            ProblemError: 401, the shopper was erased.
        """
        given = {name: value for name, value in asdict(change).items() if value is not UNSET}
        async with self._database.transaction() as tx:
            row = replace(_required(await store.lock_person(tx, person_id)), **given)
            await store.put_person(tx, row)
        self.forget_token(row.token_hash)
        return _profile(row)

    async def next_token(self, person_id: str) -> NextToken:
        """A token that takes the place of the shopper's one, on all phones, as soon as it is used."""
        token = new_token("sm_shopper")
        async with self._database.transaction() as tx:
            _required(await store.lock_person(tx, person_id))
            await store.put_next_token(tx, person_id, hashed(token))
        return NextToken(token)

    async def erase(self, tx: Transaction, person_id: str) -> bytes | None:
        """Forgets who a shopper is; the token is no longer taken.

        Returns:
            The token's hash, for `forget_token` after the transaction; None where the shopper was erased before.
        """
        row = await store.lock_person(tx, person_id)
        if row is not None:
            await store.erase(tx, person_id)
        return row.token_hash if row else None

    def forget_token(self, token_hash: bytes) -> None:
        """Looks the shopper up anew next time, since this process changed something about them."""
        self._shoppers.forget(token_hash.hex())

    async def add_staff(
        self,
        tx: Transaction,
        name: str,
        role: Role,
        merchant_id: str | None,
        institution_ids: frozenset[str],
        person_id: str | None = None,
    ) -> str:
        """Adds a person of the staff; answers the token that the person acts with, shown now and never again."""
        token = new_token(f"sm_{role}")
        staff = Staff(person_id or str(uuid4()), name, role, merchant_id, institution_ids)
        await store.add_staff(tx, staff, hashed(token))
        return token

    async def staff_by_token(self, token: str) -> Staff | None:
        """The person of the staff who acts with this token."""
        now = datetime.now(UTC)
        async with self._for_all.connection() as connection:
            return await token_store.staff_by_token(connection, hashed(token), now, now - _USED_EVERY)


def _required(row: store.PersonRow | None) -> store.PersonRow:
    if row is None:
        raise TOKEN_UNKNOWN.error("No shopper has this token")
    return row


def _profile(row: store.PersonRow) -> Profile:
    return Profile(
        person_id=row.person_id,
        lang_code=row.lang_code,
        name=row.name,
        email=row.email,
        phone=row.phone,
        joined_at=UtcMillis.of(row.joined_at),
    )


def _random_identity() -> _Identity:
    return _Identity(str(uuid4()), new_token("sm_shopper"))


def _shopper_token(secret: bytes) -> str:
    return "sm_shopper_" + urlsafe_b64encode(secret).decode().rstrip("=")
