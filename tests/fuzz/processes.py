"""A gateway as a process of its own, whose memory can be looked at."""

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import psutil

from cli.commands import COMMAND, START_SECONDS, STOP_SECONDS, environment, free_ports
from gateway.journeys.world import until

_MEGABYTE = 1 << 20


@dataclass(frozen=True)
class GatewayProcess:
    """A running `smarts gateway`."""

    url: str
    process: "subprocess.Popen[bytes]"

    def megabytes(self) -> float:
        """The memory that it holds."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / _MEGABYTE

    def seconds(self) -> float:
        """The processor time that it has taken."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)


@asynccontextmanager
async def gateway_process(database_url: str) -> AsyncIterator[GatewayProcess]:
    """A gateway on a database that is migrated already, until the end of the block."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    settings = {
        "DATABASE_URL": database_url,
        "ALLOW_PRIVATE_NODES": "1",
        "SANDBOX_PAYMENTS": "1",
        "PORT": str(port),
    }
    variables = {f"SMARTS_{name}": value for name, value in settings.items()}
    with TemporaryDirectory(prefix="smarts-fuzz-") as folder:
        said = Path(folder) / "output.txt"
        with said.open("wb") as file:
            process = subprocess.Popen(  # noqa: ASYNC220 - begins at once
                [*COMMAND, "gateway"], stdout=file, stderr=file, env=environment(**variables)
            )
        try:
            await until(lambda: _answers(url, process), START_SECONDS)
            assert process.poll() is None, said.read_text()
            yield GatewayProcess(url, process)
            assert process.poll() is None, said.read_text()[-4000:]
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


async def _answers(url: str, process: "subprocess.Popen[bytes]") -> bool:
    if process.poll() is not None:
        return True
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/healthz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
