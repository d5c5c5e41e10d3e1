"""The verbs of people: join, be recognised."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated
from uuid import UUID, uuid4

from msgspec import Meta

from smarts.edge.problems import invalid
from smarts.edge.tokens import hashed, new_token
from smarts.gateway import errors
from smarts.gateway.parties import Role, Shopper, Staff
from smarts.gateway.people import store
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.remembered import Remembered
from smarts.wire.model import Model
from smarts.wire.text import LangCode

_SHORTEST_KEY = 16


class NewShopper(Model, frozen=True, kw_only=True):
    """What a shopper tells when joining; nothing has to be told."""

    lang_code: LangCode = "EN"
    name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    email: Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    phone: Annotated[str, Meta(max_length=30, pattern=r"^\+?[0-9 ()-]{3,30}$")] | None = None


class JoinedShopper(Model, frozen=True):
    """The shopper's id and token; the token is shown now and never again."""

    person_id: str
    token: str


@dataclass(frozen=True)
class _Identity:
    person_id: str
    token: str


class People:
    """Shoppers and staff in the database; only hashes of their tokens are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shoppers: Remembered[Shopper | None] = Remembered(self._read_shopper)

    async def join(self, new: NewShopper, key: str | None, body: bytes) -> JoinedShopper:
        """A new shopper.

        With an Idempotency-Key the id and token are derived from it and this installation's secret, so that the same
        request has the same answer without the token being kept.

        Raises:
            ProblemError: 409, the key was used for another request; 422, the key is too short to be a secret.
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
        async with self._database.connection() as connection:
            kept = await store.add_shopper(connection, row)
        if kept != fingerprint:
            raise errors.KEY_REUSED.error("Use a new key for a new request")
        return JoinedShopper(identity.person_id, identity.token)

    async def _derived_identity(self, key: str) -> _Identity:
        if len(key) < _SHORTEST_KEY:
            raise invalid(
                "Idempotency-Key",
                f"Expected at least {_SHORTEST_KEY} characters: here it proves who asks again",
            )
        async with self._database.connection() as connection:
            secret = await store.secret(connection)
        digest = hmac.digest(secret.encode(), b"shopper\n" + key.encode(), "sha512")
        return _Identity(str(UUID(bytes=digest[:16], version=4)), _shopper_token(digest[16:48]))

    async def shopper_by_token(self, token: str) -> Shopper | None:
        """The shopper who acts with this token."""
        return await self._shoppers.get(hashed(token).hex())

    async def _read_shopper(self, token_hash: str) -> Shopper | None:
        async with self._database.connection() as connection:
            return await store.shopper_by_token(connection, bytes.fromhex(token_hash))

    async def add_staff(
        self, tx: Transaction, name: str, role: Role, merchant_id: str | None, institution_ids: frozenset[str]
    ) -> str:
        """Adds a person of the staff; answers the token that the person acts with, shown now and never again."""
        token = new_token(f"sm_{role}")
        await store.add_staff(
            tx, Staff(str(uuid4()), name, role, merchant_id, institution_ids), hashed(token)
        )
        return token

    async def staff_by_token(self, token: str) -> Staff | None:
        """The person of the staff who acts with this token."""
        async with self._database.connection() as connection:
            return await store.staff_by_token(connection, hashed(token))


def _random_identity() -> _Identity:
    return _Identity(str(uuid4()), new_token("sm_shopper"))


def _shopper_token(secret: bytes) -> str:
    return "sm_shopper_" + urlsafe_b64encode(secret).decode().rstrip("=")
