"""Proxies that break one thing each: one in front of the gateway, one between it and the node."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

_LARGEST = 64 * 1024 * 1024
_HOP = {"connection", "transfer-encoding", "content-length", "host", "keep-alive", "date", "server"}


@dataclass(frozen=True)
class Asked:
    """A request on its way; `path` has its query with it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    def with_json(self, document: Any) -> "Asked":
        return replace(self, body=msgspec.json.encode(document))


@dataclass(frozen=True)
class Answered:
    """An answer on its way back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    def with_json(self, document: Any) -> "Answered":
        return replace(self, body=msgspec.json.encode(document))


AskedOften = Asked | tuple[Asked, ...]
BendRequest = Callable[[Asked], AskedOften]
BendAnswer = Callable[[Asked, Answered], Answered]


def _as_asked(asked: Asked) -> AskedOften:
    return asked


def _as_answered(_: Asked, answered: Answered) -> Answered:
    return answered


@dataclass
class Proxy:
    """Forwards to a target what `request` makes of each request, and back what `answer` makes of its answer.

    Of several requests that one becomes the last one's answer counts; of none the answer is 204.
    `follows` says whether redirects are followed on the way.
    """

    target: str = ""
    address: str = ""
    request: BendRequest = _as_asked
    answer: BendAnswer = _as_answered
    follows: bool = False

    def behave(self) -> None:
        """Forwards everything as it is from now on."""
        self.request, self.answer, self.follows = _as_asked, _as_answered, False

    async def serve(self, session: aiohttp.ClientSession, incoming: web.Request) -> web.StreamResponse:
        headers = {name: value for name, value in incoming.headers.items() if name.lower() not in _HOP}
        asked = Asked(incoming.method, incoming.raw_path, headers, await incoming.read())
        bent = self.request(asked)
        answered = Answered(204, {}, b"")
        for each in bent if isinstance(bent, tuple) else (bent,):
            answered = await self._forward(session, each)
        answered = self.answer(asked, answered)
        return web.Response(status=answered.status, headers=dict(answered.headers), body=answered.body)

    async def _forward(self, session: aiohttp.ClientSession, asked: Asked) -> Answered:
        async with session.request(
            asked.method,
            self.target + asked.path,
            headers=dict(asked.headers),
            data=BytesIO(asked.body) if asked.body else None,
            allow_redirects=self.follows,
            skip_auto_headers=("Content-Type", "User-Agent", "Accept"),
        ) as response:
            kept = {name: value for name, value in response.headers.items() if name.lower() not in _HOP}
            body = bytearray()
            async for piece in response.content.iter_any():
                body += piece
                if len(body) > _LARGEST:
                    break
            return Answered(response.status, kept, bytes(body))


@asynccontextmanager
async def proxying(target: str = "") -> AsyncIterator[Proxy]:
    """A proxy on a free port of the loopback."""
    proxy = Proxy(target)
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:

        async def serve(incoming: web.Request) -> web.StreamResponse:
            return await proxy.serve(session, incoming)

        application = web.Application(client_max_size=_LARGEST)
        application.router.add_route("*", "/{path:.*}", serve)
        runner = web.AppRunner(application, shutdown_timeout=0.5, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        proxy.address = "http://{}:{}".format(*runner.addresses[0][:2])
        try:
            yield proxy
        finally:
            await runner.cleanup()
