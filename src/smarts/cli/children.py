"""Processes that the demo starts and surely ends."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from smarts.cli.output import CommandFailedError
from smarts.cli.parent import STOP_WITH_PARENT

_STOP_SECONDS = 12
_TOLD_LINES = 15


@dataclass(frozen=True)
class Child:
    """A running process and the file its output goes to."""

    name: str
    process: asyncio.subprocess.Process
    output: Path

    async def ended(self) -> None:
        """Waits until the process has ended, which it is not supposed to do.

        Raises:
            CommandFailedError: it has; tells its last words.
        """
        code = await self.process.wait()
        words = await asyncio.to_thread(self.output.read_text, errors="replace")
        told = "\n".join(words.splitlines()[-_TOLD_LINES:])
        raise CommandFailedError(
            f"the {self.name} stopped by itself (exit {code}); {self.output} ends with:\n{told}"
        )


@asynccontextmanager
async def child(
    name: str, arguments: Sequence[str], environment: Mapping[str, str], output: Path
) -> AsyncIterator[Child]:
    """Runs this Python with arguments in a process of its own, which stops with the block.

    It also stops when this process is killed: the pipe to it is closed then.
    """
    with output.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**os.environ, **environment, STOP_WITH_PARENT: "1"},
            start_new_session=True,
        )
    try:
        yield Child(name, process, output)
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
