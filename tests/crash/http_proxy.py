"""A proxy that knows the steps of HTTP requests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from .gate import Gate
from .processes import Process
from .steps import Fault, Phase
from .traffic import BrokenOffError, Side, SilentError, listening

NameOf = Callable[[str, str], str | None]
WhoAsks = Callable[[Side, Process | None], Process | None]
FindTarget = Callable[[], Awaitable[tuple[int, Process | None]]]

_NO_BODY = (b"204", b"304")


@dataclass(frozen=True)
class Message:
    """A request or an answer as it came; the body begins at `body`."""

    data: bytes
    body: int

    @property
    def words(self) -> list[bytes]:
        """The parts of the first line."""
        return self.data.split(b"\r\n", 1)[0].split(b" ")


async def _read(reader: asyncio.StreamReader) -> Message:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        assert name.lower() != b"transfer-encoding", "the proxy reads bodies of a known length"
    if head.split(b" ", 2)[1][:3] in _NO_BODY and head.startswith(b"HTTP/"):
        length = 0
    return Message(head + await reader.readexactly(length), len(head))


class HttpProxy:
    """Passes requests on, and stops at each step on the way.

    `who_asks` finds whose request it is, by the connection and by the process that serves it.
    """

    def __init__(self, gate: Gate, name_of: NameOf, find_target: FindTarget, who_asks: WhoAsks) -> None:
        self._gate = gate
        self._name_of = name_of
        self._find_target = find_target
        self._who_asks = who_asks

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Its port."""
        async with listening(self._serve) as port:
            yield port

    async def _serve(self, client: Side) -> None:
        port, process = await self._find_target()
        server: Side | None = None
        try:
            while True:
                request = await _read(client.reader)
                try:
                    server = await self._exchange(client, server, request, port, process)
                except SilentError:
                    await client.ended()
                    raise BrokenOffError from None
        finally:
            if server:
                server.cut()

    async def _exchange(
        self, client: Side, server: Side | None, request: Message, port: int, process: Process | None
    ) -> Side:
        method, path = (word.decode() for word in request.words[:2])
        name = self._name_of(method, path.partition("?")[0])
        gate, slowly = self._gate, self._gate.slowly

        async def reach(phase: Phase) -> Fault | None:
            return await gate.reach(phase, name, lambda: self._who_asks(client, process)) if name else None

        fault = await reach(Phase.BEFORE)
        server = server or Side(*await asyncio.open_connection("127.0.0.1", port, limit=4 * 1024 * 1024))
        try:
            await server.send_badly(request.data, fault, slowly() if fault else 0, request.body)
            late = await reach(Phase.PASSED)
            await client.send_badly(b"", late, slowly() if late else 0)
            answer = await _read(server.reader)
            fault = await reach(Phase.ANSWERED)
            await client.send_badly(answer.data, fault, slowly() if fault else 0, answer.body)
        except BaseException:
            server.cut()
            raise
        return server
