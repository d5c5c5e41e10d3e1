"""A node that the kit plays: raw JSON answers, every request kept as it came, any misbehaviour on demand."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from smarts.kit.check import Unmet
from smarts.kit.gateway.goods import Goods
from smarts.kit.gateway.usual import usual_answer
from smarts.wire.operations import TO_NODE

PATIENCE = 20.0  # seconds; the first new tries of messages that failed are within them
_LARGEST_REQUEST = 16 * 1024 * 1024
_ENDLESS = 64 * 1024  # bytes a piece, so many times at most
_HANGS = 60.0  # seconds, after which even a node that hangs lets go
_PATHS = {(row.method, row.path) for row in TO_NODE}


@dataclass(frozen=True)
class Reply:
    """An answer as it is sent: a `document` as JSON, else `body` as it is; or one that never comes, or never ends."""

    status: int = 200
    document: Any = None
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    endless: bool = False

    def bytes(self) -> bytes:
        """What is sent as its body."""
        if self.document is None:
            return self.body
        return json.dumps(self.document, ensure_ascii=False).encode()


DOWN = Reply(503, body=b"", headers={"Retry-After": "1"})


@dataclass(frozen=True)
class Received:
    """A request as it reached the node, and with which status it was answered; names of headers are lower case."""

    number: int
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)  # the node's token is among them
    body: bytes
    status: int

    @property
    def accepted(self) -> bool:
        """Whether the node took it."""
        return self.status < 300

    @property
    def name(self) -> str:
        """What it is called in words."""
        return f"{self.method} {self.path} at the node"

    def json(self) -> Any:
        """The document.

        Raises:
            Unmet: it is none.
        """
        try:
            return json.loads(self.body.decode())
        except (ValueError, RecursionError) as error:
            raise Unmet(f"JSON in UTF-8 in {self.name}", f"{self.body[:200]!r} ({error})") from None


@dataclass
class _Script:
    path: str
    about: str
    reply: Reply
    times: int


class PlayedNode:
    """Listens at an address and answers as a good node would, but where it was told to answer otherwise.

    What a request is about is told by any text in its body: a person, a barcode, an invoice. `patience` is how many
    seconds what has to come is waited for.
    """

    def __init__(
        self, token: str, *, host: str = "127.0.0.1", port: int = 0, patience: float = PATIENCE
    ) -> None:
        self.token = token
        self.patience = patience
        self.goods = Goods()
        self.received: list[Received] = []
        self._host = host
        self._port = port
        self._scripts: list[_Script] = []
        self._arrival = asyncio.Condition()
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Begins to listen."""
        application = web.Application(client_max_size=_LARGEST_REQUEST)
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, shutdown_timeout=0.5, handle_signals=False)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops."""
        self._closing.set()
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        """Where it listens."""
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def answer(self, path: str, about: str, reply: Reply, *, times: int = 1) -> None:
        """Answers the next requests for a path that are about something with this reply."""
        self._scripts.append(_Script(path, about, reply, times))

    def heard(self, path: str, about: str, *, accepted: bool = False) -> list[Received]:
        """The requests for a path about something that have come so far."""
        return [
            each
            for each in self.received
            if each.path == path and about in _text(each.body) and (each.accepted or not accepted)
        ]

    async def wait_for(
        self, path: str, about: str, *, count: int = 1, accepted: bool = False
    ) -> list[Received]:
        """The same, once so many have come.

        Raises:
            Unmet: they have not come in time.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience), self._arrival:
                await self._arrival.wait_for(lambda: len(self.heard(path, about, accepted=accepted)) >= count)
        found = self.heard(path, about, accepted=accepted)
        if len(found) < count:
            raise Unmet(
                f"{count} requests for {path} at the node within {self.patience:g} s", f"{len(found)} of them"
            )
        return found

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        reply = self._reply(request, body)
        headers = {name.lower(): value for name, value in request.headers.items()}
        arrived = Received(len(self.received), request.method, request.path, headers, body, reply.status)
        async with self._arrival:
            self.received.append(arrived)
            self._arrival.notify_all()
        if reply.hangs:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), _HANGS)
        if reply.endless:
            return await self._stream(request)
        return web.Response(
            status=reply.status,
            body=reply.bytes(),
            headers={"Content-Type": reply.content_type, **reply.headers},
        )

    def _reply(self, request: web.Request, body: bytes) -> Reply:
        text = _text(body)
        for script in self._scripts:
            if script.times and script.path == request.path and script.about in text:
                script.times -= 1
                return script.reply
        if (request.method, request.path) not in _PATHS:
            return Reply(404)
        status, document = usual_answer(request.path, body, self.goods)
        return Reply(status, document)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        with suppress(ConnectionError):
            for piece in _endless():
                await response.write(piece)
        return response


def _endless() -> Iterator[bytes]:
    yield b'{"name":"'
    for _ in range(1024):
        yield b"a" * _ENDLESS


def _text(body: bytes) -> str:
    return body.decode(errors="replace")
