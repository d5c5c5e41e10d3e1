"""Processes that are killed, and started again at once."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from . import clocks
from .clocks import Clock

_SHORTEST_LIFE = 0.3  # seconds; who lives less long is not started again at once
_STOP_SECONDS = 15


class Process:
    """A program that runs for as long as the test does, in one process after the other."""

    def __init__(
        self,
        name: str,
        program: Sequence[str],
        environment: dict[str, str],
        folder: Path,
        *,
        may_start: Callable[[], Awaitable[None]] | None = None,
        port: int = 0,
    ) -> None:
        self.name = name
        self.port = port
        self.environment = environment
        self.clock = Clock(folder / f"{name.replace(' ', '-')}.clock")
        self.ended_by_itself: list[int] = []
        self._program = program
        self._log = folder / f"{name.replace(' ', '-')}.log"
        self._may_start = may_start
        self._nursery: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._pid: int | None = None
        self._ended = asyncio.Event()
        self._killed = False

    def start(self) -> None:
        """Runs it from now on."""
        self._keeping = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        with self._log.open("ab") as log:
            self._nursery = nursery = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "crash.nursery", *self._program,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
                env={**os.environ, **self.environment, **self.clock.environment()},
                start_new_session=True,
            )  # fmt: skip
        assert nursery.stdout
        assert await nursery.stdout.readline() == b"ready\n", self.last_words()
        while True:
            if self._may_start:
                await self._may_start()
            began = time.monotonic()
            await self._run(nursery)
            if time.monotonic() - began < _SHORTEST_LIFE:
                await asyncio.sleep(_SHORTEST_LIFE)

    async def _run(self, nursery: asyncio.subprocess.Process) -> None:
        assert nursery.stdin
        assert nursery.stdout
        self._killed = False
        self._ended.clear()
        nursery.stdin.write(b"1")
        self._pid = int((await nursery.stdout.readline()).split()[1])
        code = int((await nursery.stdout.readline()).split()[1])
        self._pid = None
        self._ended.set()
        if not self._killed:
            self.ended_by_itself.append(code)

    def require_kept(self) -> None:
        """Raises what keeps it from being run."""
        if self._keeping and self._keeping.done():
            self._keeping.result()

    async def kill(self) -> None:
        """Ends it as a power cut would; the next one is started at once."""
        await self._signal(signal.SIGKILL)

    async def replace(self) -> None:
        """Has it stop as on an ordinary day; the next one is started at once."""
        await self._signal(signal.SIGTERM)

    async def _signal(self, number: int) -> None:
        if self._pid is None:
            return
        self._killed = True
        os.kill(self._pid, number)
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await self._ended.wait()
        except TimeoutError:
            if self._pid:
                os.kill(self._pid, signal.SIGKILL)
            await self._ended.wait()

    async def stop(self) -> None:
        """Ends it for good."""
        if self._keeping:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._nursery:
            assert self._nursery.stdin
            self._nursery.stdin.close()
            await self._nursery.wait()
            clocks.sweep(self._nursery.pid)

    def holds_port(self, port: int) -> bool:
        """Whether a connection from this port of the machine is one of its own."""
        if self._pid is None:
            return False
        with suppress(psutil.Error):
            connections = psutil.Process(self._pid).net_connections("tcp4")
            return any(each.laddr and each.laddr.port == port for each in connections)
        return False

    def last_words(self, number: int = 20) -> str:
        """The end of what it wrote."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-number:])


async def answers_at(port: int) -> bool:
    """Whether somebody listens at a port of this machine."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
