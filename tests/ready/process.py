"""`smarts node run` as what it is to a merchant: a process with output and an exit code."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress

COMMAND = (sys.executable, "-m", "smarts.cli", "node")
SECONDS = 60  # until it serves, on a machine that is busy


def environment(**variables):
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SMARTS_")}
    return ours | {"COLUMNS": "400"} | variables


class Running:
    """A node that serves: what it said until then, and where it is."""

    def __init__(self, process, said):
        self.process = process
        self.said = said
        self.address = next(line for line in said if line.startswith("The node is at ")).split()[4]

    @property
    def token(self):
        """The one that it made, and showed."""
        return next(line for line in self.said if "shows this token" in line).split()[-1]

    async def stop(self, how=signal.SIGTERM):
        """Asks it to stop; gives the exit code and the rest that it said."""
        self.process.send_signal(how)
        async with asyncio.timeout(SECONDS):
            out, err = await self.process.communicate()
        return self.process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def running(folder, *arguments, **variables):
    """Runs a node on a free port until the block is left."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "run", "--port=0", *arguments,
        cwd=folder, env=environment(**variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(SECONDS):
            said = []
            async for line in process.stdout:
                said.append(line.decode().rstrip())
                if said[-1].startswith("The node is at "):
                    break
            else:
                raise AssertionError((said, (await process.stderr.read()).decode()))
        yield Running(process, said)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def node_command(folder, *arguments, **variables):
    """Runs a command of `smarts node` to its end: its exit code, output and complaints."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments,
        cwd=folder, env=environment(**variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(SECONDS):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()
