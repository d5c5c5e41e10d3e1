"""An installation as operators run it: gateways, workers and a node as processes, whose logs are files."""

import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from cli.commands import COMMAND, environment, free_ports
from gateway.journeys.world import NODE_TOKEN, Client, Shopper, until
from smarts.caller import Target
from smarts.gateway.app import open_gateway
from smarts.gateway.parties import Store, Switches
from smarts.gateway.settings import Settings
from smarts.wire.invoices import SellerParty
from smarts.wire.money import Currency
from smarts.wire.times import TimeZone

TESTS = Path(__file__).parents[1]
START_SECONDS = 150  # processes of a loaded machine


@dataclass(frozen=True)
class Process:
    """A process and the file of its log."""

    name: str
    running: "subprocess.Popen[bytes]"
    log: Path

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it logged so far."""
        whole, _, _ = self.log.read_bytes().rpartition(b"\n")
        return [msgspec.json.decode(line) for line in whole.splitlines()]

    async def stop(self) -> int:
        """Tells it to stop, and gives its exit code."""
        self.running.send_signal(signal.SIGTERM)
        await until(lambda: self.running.poll() is not None, START_SECONDS)
        return self.running.returncode

    def kill(self) -> None:
        self.running.kill()
        self.running.wait()


@dataclass(frozen=True)
class Installation:
    """Where an installation keeps its logs, its database, and the settings of all its processes."""

    folder: Path
    database_url: str
    session: aiohttp.ClientSession
    exits: AsyncExitStack
    settings: dict[str, str]
    code: Path = TESTS.parent / "src"

    def start(self, name: str, command: Sequence[str], **settings: str) -> Process:
        log = self.folder / f"{name}.jsonl"
        with log.open("ab") as file:
            running = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=file,
                env=environment(PYTHONPATH=f"{TESTS}:{self.code}", **self.settings, **settings),
            )
        started = Process(name, running, log)
        self.exits.callback(started.kill)
        return started

    async def gateway(self, name: str, port: int, **settings: str) -> Process:
        """A gateway that is ready."""
        started = self.start(name, [*COMMAND, "gateway", f"--port={port}"], **settings)
        await self.answering(started, f"http://127.0.0.1:{port}/readyz")
        return started

    async def worker(self, name: str = "worker", **settings: str) -> tuple[Process, str]:
        """A worker that is ready, and where it tells how it is."""
        (port,) = free_ports(1)
        started = self.start(name, [*COMMAND, "worker"], SMARTS_METRICS_PORT=str(port), **settings)
        url = f"http://127.0.0.1:{port}"
        await self.answering(started, f"{url}/readyz")
        return started, url

    async def node(self, **settings: str) -> tuple[Process, str]:
        """A merchant's node, and its address."""
        (port,) = free_ports(1)
        command = [sys.executable, "-m", "operations.node_process", str(port)]
        started = self.start("node", command, **settings)
        url = f"http://127.0.0.1:{port}"
        await self.answering(started, f"{url}/docs")
        return started, url

    async def answering(self, process: Process, url: str) -> None:
        """Waits until an address answers with 200."""

        async def answers() -> bool:
            assert process.running.poll() is None, process.log.read_text()
            try:
                async with self.session.get(url) as response:
                    return response.status == 200
            except aiohttp.ClientError:
                return False

        await until(answers, START_SECONDS)

    async def store(self, node_url: str) -> str:
        """A store with its node; gives its id."""
        async with (
            open_gateway(
                Settings(allow_private_nodes=True), self.database_url, serves=False, works=False
            ) as gateway,
            gateway.database.transaction() as tx,
        ):
            merchant_id = await gateway.stores.merchant(tx, "Merchant")
            await gateway.stores.put(tx, _store(merchant_id))
            await gateway.registry.set(tx, _STORE_ID, Target(node_url, NODE_TOKEN))
        return _STORE_ID

    async def shopper(self, url: str) -> Shopper:
        """Somebody joins at a gateway."""
        reply = await Client(self.session, url, {}).post("/shop/v1/shoppers", {})
        assert reply.status == 201, reply.text
        return Shopper(self.session, url, {"Authorization": f"Bearer {reply.body['token']}"})


_STORE_ID = "11111111-2222-3333-4444-555555555555"


def _store(merchant_id: str) -> Store:
    return Store(
        institution_id=_STORE_ID,
        merchant_id=merchant_id,
        name="Nurgapood",
        seller=SellerParty(unique_code=_STORE_ID, seller_name="Nurgapood"),
        currency=Currency.EUR,
        time_zone=TimeZone("Europe/Tallinn"),
        switches=Switches(),
        campaigns=(),
    )


@asynccontextmanager
async def installation(folder: Path, database_url: str, **settings: str) -> AsyncIterator[Installation]:
    """Where processes are started; whatever still runs at the end is killed."""
    common = {
        "SMARTS_DATABASE_URL": database_url,
        "SMARTS_ALLOW_PRIVATE_NODES": "true",
        "SMARTS_SANDBOX_PAYMENTS": "true",
        "SMARTS_JOINS_PER_HOUR": "1000000",
    }
    async with AsyncExitStack() as exits:
        session = await exits.enter_async_context(aiohttp.ClientSession())
        yield Installation(folder, database_url, session, exits, common | settings)


async def soon(condition: Any) -> Any:
    """Waits for something that other processes do."""
    return await until(condition, START_SECONDS)
