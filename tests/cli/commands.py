"""The commands as what they are to their users: processes with output and an exit code."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import psutil

from gateway.journeys.world import until

COMMAND = (sys.executable, "-m", "smarts.cli")
START_SECONDS = 90
_NOT_OURS = ("SMARTS_", "MAKE", "MFLAGS")
STOP_SECONDS = 30


def environment(**settings: str) -> dict[str, str]:
    """Ours without the settings of whoever runs the tests, and wide enough that no sentence is broken in two.

    Without those of a `make` that runs the tests, too, since a `make` in a test would say more below it.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    return ours | {"COLUMNS": "400"} | settings


@dataclass(frozen=True)
class Ended:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)


async def smarts(*arguments: str, **settings: str) -> Ended:
    """Runs a command to its end."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=environment(**settings),
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        raise
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses at the moment."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


@dataclass(frozen=True)
class Place:
    """Where a demo is: its data, what else it writes, and its ports."""

    folder: Path
    data: Path
    port: int
    node_port: int

    @classmethod
    def at(cls, folder: Path) -> "Place":
        return cls(folder, folder / "data", *free_ports(2))

    @property
    def facts_file(self) -> Path:
        return self.folder / "facts" / "demo.json"

    @property
    def arguments(self) -> tuple[str, ...]:
        return (
            "demo",
            f"--json={self.facts_file}",
            f"--data={self.data}",
            f"--port={self.port}",
            f"--node-port={self.node_port}",
            "--full-share=0",
        )


@dataclass(frozen=True)
class Demo:
    """A running `smarts demo`, in a process group of its own as in a terminal."""

    process: "subprocess.Popen[bytes]"
    place: Place
    output: Path

    @classmethod
    async def start(cls, place: Place) -> "Demo":
        """Starts one, and returns when it is ready."""
        output = place.folder / "output.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(  # noqa: ASYNC220 - begins at once, and outlives this call
                [*COMMAND, *place.arguments],
                stdout=file,
                stderr=file,
                stdin=subprocess.DEVNULL,
                env=environment(),
                start_new_session=True,
            )
        demo = cls(process, place, output)
        await until(lambda: process.poll() is not None or "Ctrl-C stops" in demo.said, START_SECONDS)
        assert process.poll() is None, demo.said
        return demo

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def facts(self) -> Any:
        return msgspec.json.decode(self.place.facts_file.read_bytes())

    @property
    def family(self) -> list[psutil.Process]:
        """The process and all that it has started, the database's included."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    async def interrupt(self) -> int:
        """Presses Ctrl-C, which reaches the whole group, and gives the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return await self.ended()

    async def ended(self) -> int:
        await until(lambda: self.process.poll() is not None, STOP_SECONDS)
        return self.process.returncode

    def kill(self) -> None:
        """Ends what a failed test has left."""
        if self.process.poll() is None:
            for each in reversed(self.family):
                with suppress(psutil.NoSuchProcess):
                    each.kill()
        self.process.wait()


def alive(processes: list[psutil.Process]) -> Iterator[str]:
    """Which of these processes still run."""
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            if each.is_running() and each.status() != psutil.STATUS_ZOMBIE:
                yield f"{each.pid} {' '.join(each.cmdline())}"


def entries(folder: Path) -> list[str]:
    """The names of what is in a folder."""
    return sorted(each.name for each in folder.iterdir())


@contextmanager
def empty_place() -> Iterator[Place]:
    """Free ports, and a folder that the database's account can reach when tests run as root."""
    with TemporaryDirectory(prefix="smarts [demo] ") as folder:
        Path(folder).chmod(0o711)
        yield Place.at(Path(folder))


@contextmanager
def surely_ended(demo: Demo) -> Iterator[Demo]:
    try:
        yield demo
    finally:
        demo.kill()
