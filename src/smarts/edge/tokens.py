"""Tokens: made at random, kept as hashes, compared in constant time."""

import hmac
import secrets
from hashlib import sha256


def new_token(prefix: str) -> str:
    """A random token of 256 bits; `prefix` tells people, and scanners of leaked secrets, what it opens."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def hashed(token: str) -> bytes:
    """What is stored of a token; random as it is, it needs no salt and no slow hash."""
    return sha256(token.encode()).digest()


def same(one: str, other: str) -> bool:
    """Whether two tokens are the same; the time this takes tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
