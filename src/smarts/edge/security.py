"""How a caller shows who it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from smarts.wire.operations import TOKEN_HEADER

Who = TypeVar("Who", covariant=True)


@dataclass(frozen=True)
class SecurityScheme:
    """A way to authenticate: its name, its OpenAPI definition, and what a 401 answers in `WWW-Authenticate`."""

    name: str
    definition: Mapping[str, Any]
    challenge: str

    @classmethod
    def bearer(cls, name: str, description: str) -> "SecurityScheme":
        """A token in `Authorization: Bearer`."""
        return cls(name, {"type": "http", "scheme": "bearer", "description": description}, "Bearer")

    @classmethod
    def header(cls, name: str, description: str) -> "SecurityScheme":
        """A token in a header of its own; the scheme is named as the header."""
        return cls(name, {"type": "apiKey", "in": "header", "name": name, "description": description}, name)


ACCESS_TOKEN = SecurityScheme.header(
    TOKEN_HEADER, "The token of the store, in both directions of the contract."
)


class Authenticate(Protocol[Who]):
    """Finds out who calls; knows nothing of the rest of the request."""

    @property
    def scheme(self) -> SecurityScheme:
        """How callers are to authenticate."""
        ...

    async def __call__(self, headers: Mapping[str, str], /) -> Who:
        """Who calls, by the headers (names in lower case).

        Raises:
            ProblemError: 401 or 403.
        """
        ...


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The token of `Authorization: Bearer`, or None."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
