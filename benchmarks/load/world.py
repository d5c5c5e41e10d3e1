"""The installation under load: PostgreSQL that keeps its promises, gateways, workers and nodes, each a process."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from benchmarks.load.goods import Goods
from benchmarks.load.processes import Process
from benchmarks.load.shoppers import Shop

from smarts.caller import Target
from smarts.cli.parent import STOP_WITH_PARENT
from smarts.demo.catalogue import institution_campaigns
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.parties import NodeLimits, Store, Switches
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import embedded_postgres
from smarts.gateway.storage.migrations import migrate
from smarts.gateway.stores.service import Stores
from smarts.wire.invoices import SellerParty
from smarts.wire.money import Currency
from smarts.wire.times import TimeZone

NODE_TOKEN = secrets.token_urlsafe(24)
_START_SECONDS = 120.0
_STOP_SECONDS = 60.0
_LIMITS = NodeLimits(at_once=256, per_second=5000, patience_seconds=5)
POSTGRES = {"shared_buffers": "512MB", "max_connections": "300", "max_wal_size": "4GB"}


@dataclass(frozen=True)
class Size:
    """How many there are of each."""

    stores: int
    gateways: int
    workers: int
    nodes: int
    full_share: float
    connections: int


@dataclass(frozen=True)
class World:
    """What runs, and how it is reached."""

    shop: Shop
    node_urls: Sequence[str]
    database: Database
    session: aiohttp.ClientSession
    processes: Sequence[Process]
    database_url: str
    folder: Path
    size: Size

    def worker(self, number: int) -> AbstractContextManager[Process]:
        """One more worker, for as long as the block lasts."""
        return smarts(self.folder, f"worker {number}", ["worker"], self.database_url, self.size.connections)

    def node_of(self, store: int) -> str:
        """The address of the node that a store's goods come from."""
        return self.node_urls[store % len(self.node_urls)]


@asynccontextmanager
async def opened(
    folder: Path, goods: Goods, size: Size, settings: Mapping[str, str] | None = None
) -> AsyncIterator[World]:
    """All of it, for as long as the block lasts; `settings` are PostgreSQL's, beside those that a server has."""
    async with (
        embedded_postgres(
            folder / "postgres", settings=POSTGRES | dict(settings or {}), on_progress=lambda _: None
        ) as server,
        Database.open(server.url(), connections=4) as database,
        aiohttp.ClientSession() as session,
    ):
        await migrate(database)
        with ExitStack() as stack:
            nodes = _nodes(stack, folder, goods, size)
            stores = await add_stores(database, [url for _, url in nodes], size.stores)
            gateways = _gateways(stack, folder, server.url(), size)
            workers = [
                stack.enter_context(
                    smarts(folder, f"worker {number}", ["worker"], server.url(), size.connections)
                )
                for number in range(size.workers)
            ]
            await _until_ready(session, [f"{url}/readyz" for _, url in gateways])
            await _until_ready(session, [f"{url}/health" for _, url in nodes])
            postgres = postgres_in(folder / "postgres")
            ours = [each for each, _ in gateways] + workers + [each for each, _ in nodes]
            shop = Shop([url for _, url in gateways], stores)
            yield World(
                shop,
                [url for _, url in nodes],
                database,
                session,
                [*ours, postgres],
                server.url(),
                folder,
                size,
            )


def _nodes(stack: ExitStack, folder: Path, goods: Goods, size: Size) -> list[tuple[Process, str]]:
    started = []
    for number in range(size.nodes):
        port, name = free_port(), f"node {number}"
        command = [sys.executable, "-m", "smarts.cli.demo_node", f"--port={port}", f"--data={folder / name}"]
        command += [f"--catalog={goods.products}", f"--campaigns={goods.campaigns}"]
        command += ["--ignore-campaign-dates", f"--full-check-share={size.full_share}"]
        process = stack.enter_context(running(folder, name, command, {"SMARTS_NODE_TOKEN": NODE_TOKEN}))
        started.append((process, f"http://127.0.0.1:{port}"))
    return started


def _gateways(stack: ExitStack, folder: Path, url: str, size: Size) -> list[tuple[Process, str]]:
    started = []
    for number in range(size.gateways):
        port = free_port()
        command = ["gateway", f"--port={port}"]
        process = stack.enter_context(smarts(folder, f"gateway {number}", command, url, size.connections))
        started.append((process, f"http://127.0.0.1:{port}"))
    return started


def smarts(
    folder: Path, name: str, command: Sequence[str], url: str, connections: int
) -> AbstractContextManager[Process]:
    """A gateway or a worker on a database, for as long as the block lasts; its log is in the folder."""
    settings = {
        "SMARTS_DATABASE_URL": url,
        "SMARTS_ALLOW_PRIVATE_NODES": "true",
        "SMARTS_SANDBOX_PAYMENTS": "true",
        "SMARTS_CONNECTIONS": str(connections),
    }
    return running(folder, name, [sys.executable, "-m", "smarts.cli", *command], settings)


@contextmanager
def running(
    folder: Path, name: str, command: Sequence[str], settings: Mapping[str, str], cwd: Path | None = None
) -> Iterator[Process]:
    """A program, for as long as the block lasts; what it says goes into the folder."""
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.PIPE,  # which is closed when this process is gone
            stdout=log,
            stderr=log,
            env=os.environ | settings | {STOP_WITH_PARENT: "1"},
        )
    try:
        yield Process.of(name, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


async def add_stores(database: Database, nodes: Sequence[str], count: int) -> list[tuple[str, str]]:
    """So many stores, each with one of these nodes; gives their ids and access tokens."""
    stores, registry, added = Stores(database), Registry(database, allow_private_addresses=True), []
    async with database.transaction() as tx:
        merchant_id = await stores.merchant(tx, "A chain")
        for number in range(count):
            store = _store(f"store-{number}", merchant_id)
            await stores.put(tx, store)
            await registry.set(tx, store.institution_id, Target(nodes[number % len(nodes)], NODE_TOKEN))
            issued = await stores.new_token(tx, store.institution_id, overlap_seconds=0)
            added.append((store.institution_id, issued.token))
    return added


def _store(institution_id: str, merchant_id: str) -> Store:
    return Store(
        institution_id=institution_id,
        merchant_id=merchant_id,
        name=institution_id,
        seller=SellerParty(unique_code=institution_id, seller_name=institution_id),
        currency=Currency.EUR,
        time_zone=TimeZone("Europe/Tallinn"),
        switches=Switches(),
        campaigns=institution_campaigns(),
        node_limits=_LIMITS,
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


async def until_listening(port: int) -> None:
    """Waits for somebody to listen on a port of this machine."""
    async with asyncio.timeout(_START_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


def postgres_in(directory: Path) -> Process:
    """The server whose data are there."""
    pid = int((directory / "data" / "postmaster.pid").read_text().split()[0])
    return Process.of("PostgreSQL", pid, with_children=True)


async def _until_ready(session: aiohttp.ClientSession, urls: Sequence[str]) -> None:
    async with asyncio.timeout(_START_SECONDS):
        for url in urls:
            while not await _answers(session, url):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, headers={"accessToken": NODE_TOKEN}) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
