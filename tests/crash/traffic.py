"""What proxies do to bytes on their way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from .steps import Fault

_PIECES = 8
_LONGEST_SILENCE = 600

Serve = Callable[["Side"], Awaitable[None]]


class BrokenOffError(Exception):
    """Both sides of the connection are to be cut off."""


class SilentError(Exception):
    """The connection stays, and nothing comes any more."""


class Side:
    """One end of a connection through a proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    @property
    def peer_port(self) -> int:
        """The port at the far end."""
        return int(self._writer.get_extra_info("peername")[1])

    async def send(self, data: bytes) -> None:
        """Sends it all."""
        self._writer.write(data)
        await self._writer.drain()

    async def send_badly(self, data: bytes, fault: Fault | None, seconds: float, body: int = 0) -> None:
        """Sends it as the fault has it; `body` is where the body begins.

        Raises:
            BrokenOffError, SilentError: as they say.
        """
        match fault:
            case Fault.CUT:
                raise BrokenOffError
            case Fault.CUT_IN_BODY:
                await self.send(data[: max(1, body + (len(data) - body) // 2)])
                await asyncio.sleep(0.02)  # so much of it arrives
                raise BrokenOffError
            case Fault.SILENCE:
                raise SilentError
            case Fault.SLOW:
                await self._drip(data, seconds)
            case _:
                await self.send(data)

    async def _drip(self, data: bytes, seconds: float) -> None:
        size = max(1, -(-len(data) // _PIECES))
        for begin in range(0, len(data), size):
            await self.send(data[begin : begin + size])
            await asyncio.sleep(seconds / _PIECES)

    async def ended(self) -> None:
        """Waits in silence until the far end has enough of it."""
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(_LONGEST_SILENCE):
                while await self.reader.read(65536):
                    pass

    def cut(self) -> None:
        """Ends it at once."""
        with suppress(OSError, RuntimeError):
            self._writer.transport.abort()


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[int]:
    """Serves connections to a free port of this machine until the end of the block."""
    under_way: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        under_way.add(task)
        side = Side(reader, writer)
        try:
            await serve(side)
        except (BrokenOffError, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a connection that ends: the far ends see to it
        finally:
            side.cut()
            under_way.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=4 * 1024 * 1024)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
