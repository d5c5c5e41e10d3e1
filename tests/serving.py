"""Real HTTP servers and hostile connections for tests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from smarts.edge import server

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(app: Any, **settings: Any) -> AsyncIterator[str]:
    """Serves an ASGI application on a free port of the loopback; gives its address."""
    async with server.serving(
        app if hasattr(app, "end_streams") else _WithoutStreams(app), **settings
    ) as address:
        yield address


class _WithoutStreams:
    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)

    def drain(self) -> None:
        pass

    def end_streams(self) -> None:
        pass


@contextlib.asynccontextmanager
async def talking(talk: Talk, port: int = 0) -> AsyncIterator[int]:
    """Talks on every connection to a port as it likes, and hangs up after it; gives the port."""
    talks: set[asyncio.Task[Any]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        talks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await talk(reader, writer)
        finally:
            writer.close()
            talks.discard(task)

    listening = await asyncio.start_server(connected, "127.0.0.1", port)
    try:
        yield int(listening.sockets[0].getsockname()[1])
    finally:
        listening.close()
        under_way = list(talks)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


@dataclass
class RawAnswer:
    status: int
    headers: dict[str, str]
    body: bytes


async def raw_request(address: str, *pieces: bytes, seconds: float = 5.0) -> RawAnswer:
    """Sends bytes as they are, one piece after the other, and reads the whole answer."""
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
        async with asyncio.timeout(seconds):
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:]) if name
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        return RawAnswer(int(lines[0].split()[1]), headers, body)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
