"""A small balancer: new connections go to gateways that say that they are ready, as HAProxy would have it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp

EVERY_SECONDS = 0.1


class Balancer:
    """Looks at `/readyz` of each gateway ten times a second, and passes connections on to those that are ready."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._ready: list[int] = []
        self._next = 0
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            looking.cancel()
            server.close()
            for connection in self._connections:
                connection.cancel()
            await asyncio.gather(looking, *self._connections, return_exceptions=True)

    async def _look(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while True:
                answers = await asyncio.gather(*(_is_ready(session, port) for port in self._ports))
                self._ready = [port for port, ready in zip(self._ports, answers, strict=True) if ready]
                await asyncio.sleep(EVERY_SECONDS)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        try:
            await self._pass_on(reader, writer)
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in self._ports:
            self._next += 1
            with contextlib.suppress(OSError, ZeroDivisionError):
                port = self._ready[self._next % len(self._ready)]
                up, down = await asyncio.open_connection("127.0.0.1", port)
                break
        else:
            return
        there = asyncio.create_task(_copy(reader, down))
        try:
            await _copy(up, writer)
        finally:
            there.cancel()
            down.close()


async def _is_ready(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
        sink.close()
