"""The whole of it, started in its order and asked how it is."""

import asyncio
import os
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import aiohttp
import msgspec

from crash.setting_up import set_up
from crash.stores import Kind, Surroundings, TestStore

from .layout import BALANCER, Layout, Secrets, layout
from .machine import Machine
from .network import ROOT, STREET, make_street

T = TypeVar("T")

URL = f"https://{BALANCER}"
_NODE_PORT = 8100
_START_SECONDS = 90
_LOOK_EVERY = 0.25
_NODE_TOKEN = "the-node's-token-of-the-cluster"
_AUTHORITY = ROOT / "authority.pem"


class Cluster:
    """Machines, the merchant's node, and the ways to ask all of them."""

    def __init__(self, machines: Layout, session: aiohttp.ClientSession, password: str) -> None:
        self.layout = machines
        self._password = password
        self.session = session
        self.stores: list[TestStore] = []
        self.books = ROOT / "node.sqlite"

    @property
    def database_url(self) -> str:
        """Whichever database is the primary, without anything between."""
        addresses = ",".join(f"{each.address}:5432" for each in self.layout.databases)
        return f"postgresql://smarts:{self._password}@{addresses}/smarts?target_session_attrs=read-write"

    async def is_at(self, url: str) -> bool:
        """Whether it answers with 200."""
        try:
            async with self.session.get(url, timeout=aiohttp.ClientTimeout(total=1)) as answer:
                return answer.status == 200
        except (OSError, TimeoutError, aiohttp.ClientError):
            return False

    async def primary(self) -> Machine | None:
        """The database that says that it is the primary."""
        for each in self.layout.databases:
            if await self.is_at(f"http://{each.address}:8008/primary"):
                return each
        return None

    async def standby(self) -> Machine | None:
        """The one without which nothing is acknowledged."""
        for each in self.layout.databases:
            if await self.is_at(f"http://{each.address}:8008/sync"):
                return each
        return None

    async def missing(self) -> list[str]:
        """What is not there, or not ready."""
        ready = {each.name: f"http://{each.address}:8080/readyz" for each in self.layout.gateways}
        ready |= {each.name: f"http://{each.address}:9464/readyz" for each in self.layout.workers}
        there = await asyncio.gather(
            self.primary(), self.standby(), *(self.is_at(url) for url in ready.values())
        )
        names = ("a primary", "a standby", *ready)
        return [name for name, is_there in zip(names, there, strict=True) if not is_there]

    async def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return not await self.missing()

    async def until(self, what: str, is_so: Callable[[], Awaitable[object]]) -> float:
        """Waits for something, and gives how many seconds it took.

        Raises:
            RuntimeError: as `found`.
        """
        began = time.monotonic()
        await self.found(what, is_so)
        return time.monotonic() - began

    async def found(self, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        """Looks until there is something, and gives that.

        Raises:
            RuntimeError: it did not come to be in time; with the last words of all machines.
        """
        ends = time.monotonic() + _START_SECONDS
        while not (there := await look()):
            if time.monotonic() > ends:
                words = "\n".join(each.last_words() for each in self.layout.machines)
                lacking = ", ".join(await self.missing())
                raise RuntimeError(f"{words}\n{what}: not within {_START_SECONDS} s; missing: {lacking}")
            await asyncio.sleep(_LOOK_EVERY)
        return there


@asynccontextmanager
async def cluster(kinds: tuple[Kind, ...], say: Callable[[str], None]) -> AsyncIterator[Cluster]:
    """Runs until the end of the block; what is left then goes with the namespaces."""
    await make_street()
    given = Secrets()
    given.authority.cert_pem.write_to_path(str(_AUTHORITY))
    machines = layout(given)
    for machine in machines.machines:
        await machine.install()
    trust = ssl.create_default_context(cafile=str(_AUTHORITY))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust, limit=0)) as session:
        running = Cluster(machines, session, given.smarts)
        await _start_databases(running, say)
        running.stores = await set_up(
            running.database_url, kinds, 2, f"http://{STREET}:{_NODE_PORT}", _NODE_TOKEN
        )
        node = await _start_node(running)
        await _start_others(running, say)
        try:
            yield running
        finally:
            node.kill()
            await asyncio.gather(*(machine.lose_power() for machine in machines.machines))


async def _start_databases(running: Cluster, say: Callable[[str], None]) -> None:
    first, second = running.layout.databases
    running.layout.witness.switch_on()
    first.switch_on()
    etcd, _, _ = second.programs
    second.start(etcd)
    seconds = await running.until("the primary", running.primary)
    say(f"the first database is the primary ({seconds:.0f} s)")
    for program in second.programs[1:]:
        second.start(program)
    seconds = await running.until("the standby", running.standby)
    say(f"the second one is its synchronous standby ({seconds:.0f} s)")


async def _start_node(running: Cluster) -> asyncio.subprocess.Process:
    around = Surroundings(URL, STREET, _NODE_PORT, _NODE_TOKEN, str(running.books), running.stores)
    file = ROOT / "surroundings.json"
    file.write_bytes(msgspec.json.encode(around))
    tests = Path(__file__).parents[1]
    environment = {
        **os.environ,
        "CRASH_SURROUNDINGS": str(file),
        "SSL_CERT_FILE": str(_AUTHORITY),
        "PYTHONPATH": f"{tests}:{tests.parent / 'src'}",
    }
    with (ROOT / "node.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from crash.node import main; main()",
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
        )  # fmt: skip


async def _start_others(running: Cluster, say: Callable[[str], None]) -> None:
    machines = running.layout
    for machine in (machines.balancer, *machines.gateways, *machines.workers):
        machine.switch_on()
    seconds = await running.until("three gateways and two workers", running.is_whole)
    say(f"three gateways and two workers are ready ({seconds:.0f} s)")
    await running.until("the balancer", lambda: running.is_at(f"{URL}/readyz"))
