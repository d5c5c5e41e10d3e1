"""Who calls in either direction of the contract: whoever shows the store's token in `accessToken`."""

from collections.abc import Mapping, Sequence

from smarts.edge.problems import TOKEN_UNKNOWN
from smarts.edge.security import ACCESS_TOKEN
from smarts.edge.tokens import same
from smarts.wire.operations import TOKEN_HEADER

_HEADER = TOKEN_HEADER.lower()


class AccessTokens:
    """Lets in who shows one of these tokens; while one is being exchanged there are two."""

    scheme = ACCESS_TOKEN

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tuple(tokens)

    async def __call__(self, headers: Mapping[str, str]) -> None:
        """Raises `ProblemError`, 401, for any other token."""
        shown = headers.get(_HEADER, "")
        if not any([same(shown, token) for token in self._tokens]):  # noqa: C419 - all, so that time tells nothing
            raise TOKEN_UNKNOWN.error()
