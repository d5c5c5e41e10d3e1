"""Consoles on the pages: commands, and what they print."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cli.commands import Demo, environment, free_ports
from docs.blocks import ROOT, Block

_MARK = "=== the next command ==="
_LIMIT_SECONDS = 240


@dataclass(frozen=True)
class Step:
    """A command, and the lines that it is said to print.

    `…` stands for whatever differs from time to time, in a line or, alone, for any number of lines. Empty lines count
    for nothing.
    """

    command: str
    printed: tuple[str, ...] = ()

    def is_right(self, output: str) -> bool:
        """Whether this is what it is said to print."""
        pattern = "".join("(?:.*\n)*" if line == "…" else f"{_fitting(line)}\n" for line in self.printed)
        return re.fullmatch(pattern, "".join(f"{line}\n" for line in output.splitlines() if line)) is not None


def _fitting(line: str) -> str:
    return ".*".join(map(re.escape, line.split("…")))


def steps_of(blocks: list[Block]) -> list[Step]:
    """The commands, in order: a line with `$ `, and those that begin with `> ` below it."""
    steps: list[Step] = []
    for line in "".join(block.text for block in blocks).splitlines():
        if line.startswith("$ "):
            steps.append(Step(line[2:]))
        elif line.startswith("> ") and not steps[-1].printed:
            steps[-1] = Step(f"{steps[-1].command}\n{line[2:]}")
        elif line:
            steps[-1] = Step(steps[-1].command, (*steps[-1].printed, line))
    return steps


async def outputs(demo: Demo, steps: list[Step], folder: Path = ROOT) -> list[str]:
    """What each command prints, all of them run in one shell beside a demo; what they leave running is ended."""
    place = demo.place
    (node_port,) = free_ports(1)
    settings = environment(
        SMARTS_DEMO_FACTS=str(place.facts_file), SMARTS_DATA=str(place.data / "postgresql"),
        SMARTS_ALLOW_PRIVATE_NODES="true", PORT=str(node_port),
        MAKEFLAGS=f"PYTHON={sys.executable}",
    )  # fmt: skip
    settings["PATH"] = f"{Path(sys.executable).parent}:{settings['PATH']}"
    script = "".join(f"{step.command}\necho '{_MARK}'\n" for step in steps)
    script = script.replace("http://127.0.0.1:8080", demo.facts["gatewayUrl"])
    script = script.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{node_port}")
    said = place.folder / "said.txt"
    with said.open("wb") as file:
        shell = await asyncio.create_subprocess_exec(
            "bash", "-c", script,
            cwd=folder, env=settings, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip
        try:
            await asyncio.wait_for(shell.wait(), _LIMIT_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            await shell.wait()
    return said.read_text("utf-8").split(f"{_MARK}\n")[:-1]
