"""A demo to replay on: one that runs, or one of its own."""

import asyncio
import contextlib
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from smarts.demo.replay.purchases import Demo

_START_SECONDS = 180
_STOP_SECONDS = 30
_POLL_SECONDS = 0.1


class DemoFailedError(Exception):
    """The demo did not start; the message holds its last words."""


def read_demo(path: Path) -> Demo:
    """What `smarts demo --json` wrote.

    Raises:
        OSError: the file cannot be read.
        msgspec.DecodeError: it is not such a file.
    """
    return msgspec.json.decode(path.read_bytes(), type=Demo)


@contextlib.asynccontextmanager
async def own_demo(arguments: Sequence[str]) -> AsyncIterator[Demo]:
    """A demo that runs, with these arguments, on free ports and in a folder of its own, as long as the block.

    Raises:
        DemoFailedError: it did not start.
    """
    with tempfile.TemporaryDirectory(prefix="smarts-replay-") as name:
        folder = Path(name)
        port, node_port = _free_ports(2)
        command = ["demo", "--json", str(folder / "demo.json"), "--data", str(folder / "data")]
        command += ["--port", str(port), "--node-port", str(node_port), *arguments]
        with (folder / "demo.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "smarts.cli", *command), stdout=log, stderr=log
            )
        try:
            yield await _ready(process, folder)
        finally:
            await _stop(process)


async def _ready(process: asyncio.subprocess.Process, folder: Path) -> Demo:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS):
            while process.returncode is None:
                with contextlib.suppress(FileNotFoundError, msgspec.DecodeError):
                    return read_demo(folder / "demo.json")
                await asyncio.sleep(_POLL_SECONDS)
    words = (folder / "demo.log").read_text(errors="replace")
    raise DemoFailedError(f"The demo did not start. It said:\n{words}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in taken]
