"""Passwords: hashed slowly, off the event loop, a few at a time."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200
_AT_A_TIME = 2  # each takes 64 MiB and a core's full attention


class Passwords:
    """Makes and checks argon2 hashes; `hasher` has the parameters that new hashes get."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())
        self._turns = asyncio.Semaphore(_AT_A_TIME)

    async def hash(self, password: str) -> str:
        """A new hash."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether a password is the right one; where there is no hash it is not, after the same time."""
        async with self._turns:
            fits = await asyncio.to_thread(self._verify, password_hash or self._nobodys, password)
        return fits and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, password_hash: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(password_hash)


def new_password() -> str:
    """A random password of 99 bits that people can type: five groups of letters and digits that look like no other."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(5))
