"""A proxy that stands between us and Stripe: it loses requests and answers, and remembers idempotency keys."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import aiohttp
from aiohttp import web


@dataclass
class Held:
    """A request or an answer on its way, until somebody lets it go on."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Lossy:
    """Forwards requests to `target`; a trouble strikes the next request whose `POST /path` matches, once."""

    target: str
    url: str = ""
    asked: list[str] = field(default_factory=list)
    embellish: Callable[[Any], None] | None = None
    """Adds to payment intents what the target does not tell."""
    _refused: list[str] = field(default_factory=list)
    _requests: dict[str, Held | None] = field(default_factory=dict)
    _answers: dict[str, Held | None] = field(default_factory=dict)
    _remembered: dict[str, tuple[str, int, bytes]] = field(default_factory=dict)

    def lose_request(self, pattern: str) -> None:
        self._requests[pattern] = None

    def lose_answer(self, pattern: str) -> None:
        self._answers[pattern] = None

    def refuse(self, pattern: str) -> None:
        """Stripe refuses the next such request, as it refuses what a bank does not allow."""
        self._refused.append(pattern)

    def hold_request(self, pattern: str) -> Held:
        return self._held(self._requests, pattern)

    def hold_answer(self, pattern: str) -> Held:
        return self._held(self._answers, pattern)

    def forget_keys(self) -> None:
        """A day goes by."""
        self._remembered.clear()

    def _held(self, troubles: dict[str, Held | None], pattern: str) -> Held:
        troubles[pattern] = held = Held()
        return held

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        body = await request.read()
        await self._strike(self._requests, request)
        status, answer = await self._forward(request, body)
        await self._strike(self._answers, request)
        if self.embellish and status == 200 and "/payment_intents" in request.path:
            intent = json.loads(answer)
            self.embellish(intent)
            answer = json.dumps(intent).encode()
        return web.Response(status=status, body=answer, content_type="application/json")

    async def _strike(self, troubles: dict[str, Held | None], request: web.Request) -> None:
        asked = f"{request.method} {request.path}"
        for pattern in [pattern for pattern in troubles if re.search(pattern, asked)]:
            held = troubles.pop(pattern)
            if held is None:
                _hang_up(request)
            held.arrived.set()
            await held.go_on.wait()

    async def _forward(self, request: web.Request, body: bytes) -> tuple[int, bytes]:
        for pattern in [
            each for each in self._refused if re.search(each, f"{request.method} {request.path}")
        ]:
            self._refused.remove(pattern)
            return 402, b'{"error": {"type": "card_error", "message": "The bank says no."}}'
        key = request.headers.get("Idempotency-Key", "")
        what = f"{request.method} {request.path} {body!r}"
        if key in self._remembered:
            kept, status, answer = self._remembered[key]
            if kept != what:
                return 400, b'{"error": {"type": "idempotency_error", "message": "another request"}}'
            return status, answer
        headers = {
            name: request.headers[name]
            for name in ("Authorization", "Content-Type")
            if name in request.headers
        }
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, self.target + request.path_qs, data=body, headers=headers
            ) as reply,
        ):
            answer = await reply.read()
            if request.method == "POST":
                assert key, f"{request.path} came without an idempotency key"
                self._remembered[key] = (what, reply.status, answer)
            return reply.status, answer


def _hang_up(request: web.Request) -> NoReturn:
    assert request.transport
    request.transport.abort()
    raise asyncio.CancelledError


@asynccontextmanager
async def lossy(target: str) -> AsyncIterator[Lossy]:
    """Serves the proxy on a free port."""
    proxy = Lossy(target)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", proxy.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        proxy.url = f"http://{host}:{port}"
        yield proxy
    finally:
        await runner.cleanup()
