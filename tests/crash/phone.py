"""An app that asks again when no answer comes, as a careful one does: with the same key."""

import asyncio
import random
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec

from .notebook import NOTHING, Seen

_PATIENCE_SECONDS = 8
_PAUSES = (0.1, 0.6)
_DOUBTING = 0.05
"""Of those who were answered ask once more, with the same key."""


class GaveUpError(Exception):
    """Whoever held the phone had enough."""


class Phone:
    """Calls the gateway as somebody with a token, and writes down what was answered."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        note: Callable[[Seen], None],
        chance: random.Random,
        token: str = "",
        tries: int = 40,
    ) -> None:
        self.token = token
        self._session = session
        self._url = url
        self._note = note
        self._chance = chance
        self._tries = tries

    @classmethod
    def of(cls, session: aiohttp.ClientSession, url: str, token: str) -> "Phone":
        """One on which nothing is written down."""
        return cls(session, url, lambda _: None, random.Random(token), token)

    async def ask(
        self,
        verb: str,
        about: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        tries: int | None = None,
    ) -> Seen:
        """Asks until there is an answer that says something.

        Raises:
            GaveUpError: there was none for too long.
        """
        key = key or (str(uuid4()) if method == "POST" else None)
        for _ in range(min(self._tries, tries or self._tries)):
            seen = await self.ask_once(verb, about, method, path, body, key=key)
            if not seen.may_help_to_repeat:
                if key and self._chance.random() < _DOUBTING:
                    await self.ask_once(verb, about, method, path, body, key=key)
                return seen
            await asyncio.sleep(self._chance.uniform(*_PAUSES))
        raise GaveUpError

    async def ask_once(
        self, verb: str, about: str, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> Seen:
        """Asks, whatever comes of it."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else msgspec.json.encode(body)
        status, text = await self._answer(method, path, data, headers)
        seen = Seen(verb, about, key, body, status, text)
        self._note(seen)
        return seen

    async def _answer(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str]:
        try:
            async with (
                asyncio.timeout(_PATIENCE_SECONDS),
                self._session.request(method, self._url + path, data=data, headers=headers) as response,
            ):
                return response.status, await response.text()
        except (OSError, TimeoutError, aiohttp.ClientError):
            return NOTHING, ""
