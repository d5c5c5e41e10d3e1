"""A proxy that knows the steps of PostgreSQL's statements and commits."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from . import steps
from .gate import Gate
from .processes import Process
from .steps import Fault, Phase
from .traffic import Side, SilentError, listening

_PARSE, _BIND, _QUERY, _READY = b"P", b"B", b"Q", b"Z"
_ENDS = (b"S", b"Q", b"H", b"X")  # after these the server answers


class Messages:
    """Cuts a stream into the protocol's messages."""

    def __init__(self) -> None:
        self._rest = b""

    def of(self, data: bytes) -> Iterator[bytes]:
        """Those that are whole by now."""
        data, begin = self._rest + data, 0
        while len(data) - begin >= 5:
            end = begin + 1 + int.from_bytes(data[begin + 1 : begin + 5])
            if end > len(data):
                break
            yield data[begin:end]
            begin = end
        self._rest = data[begin:]


class Statements:
    """What one connection is doing, by the messages of its client."""

    def __init__(self) -> None:
        self._prepared: dict[bytes, str] = {}
        self._transaction: list[str] | None = None
        self._batch: list[str] = []

    def note(self, message: bytes) -> None:
        """A message of the client."""
        kind, body = message[:1], message[5:]
        if kind == _PARSE:
            name, statement, _ = body.split(b"\0", 2)
            self._prepared[name] = statement.decode(errors="replace")
        elif kind == _BIND:
            _, name, _ = body.split(b"\0", 2)
            self._batch.append(self._prepared.get(name, ""))
        elif kind == _QUERY:
            self._batch.append(body.rstrip(b"\0").decode(errors="replace"))

    def step(self) -> str | None:
        """The name of what the messages until now ask for."""
        batch, self._batch = self._batch, []
        first = batch[0].upper() if batch else ""
        if first.startswith("BEGIN"):
            self._transaction = []
            return None
        if first.startswith(("COMMIT", "ROLLBACK")):
            done, self._transaction = self._transaction, None
            return steps.of_transaction(done or ()) if first.startswith("COMMIT") else None
        if self._transaction is not None:
            self._transaction += batch
            return None
        return steps.of_statement(batch[0]) if batch else None


class PostgresProxy:
    """Passes on what one process and the server say to each other."""

    def __init__(self, gate: Gate, socket: Path, process: Process) -> None:
        self._gate = gate
        self._socket = socket
        self._process = process

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Its port."""
        async with listening(self._serve) as port:
            yield port

    async def _serve(self, client: Side) -> None:
        server = Side(*await asyncio.open_unix_connection(str(self._socket)))
        try:
            await _Conversation(self._gate, self._process, client, server).run()
        finally:
            server.cut()


class _Conversation:
    def __init__(self, gate: Gate, process: Process, client: Side, server: Side) -> None:
        self._gate = gate
        self._process = process
        self._client = client
        self._server = server
        self._statements = Statements()
        self._asked: str | None = None
        self._passed = asyncio.Event()
        self._passed.set()

    async def run(self) -> None:
        length = await self._client.reader.readexactly(4)
        greeting = await self._client.reader.readexactly(int.from_bytes(length) - 4)
        await self._server.send(length + greeting)
        ways = [asyncio.create_task(self._there()), asyncio.create_task(self._back())]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if any(isinstance(way.exception(), SilentError) for way in done):
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                await self._client.ended()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _there(self) -> None:
        messages, waiting = Messages(), bytearray()
        while data := await self._client.reader.read(65536):
            for message in messages.of(data):
                self._statements.note(message)
                waiting += message
                if message[:1] in _ENDS:
                    await self._ask(bytes(waiting))
                    waiting.clear()
                elif message[:1] in b"pdcf":  # neither passwords nor copies are answered by a step
                    await self._server.send(bytes(waiting))
                    waiting.clear()

    async def _ask(self, data: bytes) -> None:
        name = self._statements.step()
        if name is None:
            await self._server.send(data)
            return
        fault = await self._reach(Phase.BEFORE, name)
        self._passed.clear()
        self._asked = name
        await self._server.send_badly(data, fault, self._gate.slowly() if fault else 0)
        late = await self._reach(Phase.PASSED, name)
        await self._client.send_badly(b"", late, self._gate.slowly() if late else 0)
        self._passed.set()

    async def _back(self) -> None:
        messages, answer = Messages(), bytearray()
        while data := await self._server.reader.read(65536):
            for message in messages.of(data):
                answer += message
                if self._asked and message[:1] == _READY:
                    await self._answer(bytes(answer))
                    answer.clear()
            if answer and not self._asked:
                await self._client.send(bytes(answer))
                answer.clear()

    async def _answer(self, data: bytes) -> None:
        await self._passed.wait()
        name, self._asked = self._asked, None
        fault = await self._reach(Phase.ANSWERED, name) if name else None
        await self._client.send_badly(data, fault, self._gate.slowly() if fault else 0)

    async def _reach(self, phase: Phase, name: str) -> Fault | None:
        return await self._gate.reach(phase, name, lambda: self._process)
