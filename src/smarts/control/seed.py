"""Where the chance of a decision comes from: bytes that are given, from which every draw follows by its name."""

import hmac
from fractions import Fraction
from typing import Self

_BITS = 53


class Seed(bytes):
    """Whoever knows it knows every draw, so that it is kept with the decision and told to nobody who shops."""

    __slots__ = ()

    @classmethod
    def of(cls, secret: str, *subject: str) -> Self:
        """The seed that a secret gives for a subject; another subject's cannot be told from it."""
        return cls(hmac.digest(secret.encode(), "\n".join(subject).encode(), "sha256"))

    def named(self, name: str) -> "Seed":
        """A seed for something that draws more than once, apart from all other draws."""
        return Seed(hmac.digest(self, name.encode(), "sha256"))

    def draw(self, name: str) -> Fraction:
        """A number in [0, 1), the same for the same name."""
        return Fraction(int.from_bytes(self.named(name)[:8], "big") >> (64 - _BITS), 2**_BITS)
