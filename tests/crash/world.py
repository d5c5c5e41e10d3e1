"""All the processes of the test, with a proxy on every way between them."""

import asyncio
import os
import random
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import msgspec

from . import steps
from .database import Disk, Postgres
from .gate import Gate
from .http_proxy import HttpProxy
from .plan import Plan
from .postgres_proxy import PostgresProxy
from .processes import Process, answers_at
from .setting_up import set_up
from .stores import Kind, Surroundings, TestStore
from .traffic import Side

_TESTS = Path(__file__).parent.parent
_PATH = {"PYTHONPATH": f"{_TESTS}:{_TESTS.parent / 'src'}", "PYTHONUNBUFFERED": "1"}
_START_SECONDS = 120
_NODE_TOKEN = "the-node's-token-of-the-crash-test"


@dataclass(frozen=True)
class Programs:
    """What is run as gateway, worker and node: modules with a `main`, and its arguments."""

    gateway: tuple[str, ...] = ("smarts.cli", "gateway")
    worker: tuple[str, ...] = ("smarts.cli", "worker")
    node: tuple[str, ...] = ("crash.node",)


@dataclass(frozen=True)
class World:
    """What shoppers, staff and the checker can reach."""

    gate: Gate
    database: Postgres
    gateways: Sequence[Process]
    workers: Sequence[Process]
    node: Process
    stores: Sequence[TestStore]
    books: Path
    url: str
    plain_url: str
    """One gateway without a proxy between."""

    @property
    def processes(self) -> Sequence[Process]:
        """All but the database."""
        return self.gate.processes


@asynccontextmanager
async def world(
    plan: Plan, seed: int, programs: Programs, kinds: tuple[Kind, ...], each: int, processes: int
) -> AsyncIterator[World]:
    """Everything runs until the end of the block."""
    async with AsyncExitStack() as stack:
        folder = await asyncio.to_thread(_folder, stack)
        disk = Disk(folder / "disk")
        disk.mount()
        stack.callback(disk.unmount)
        database = Postgres(disk, folder)
        yield await _Builder(stack, folder, database, programs).build(plan, seed, kinds, each, processes)


def _folder(stack: AsyncExitStack) -> Path:
    """Where everything is kept, `CRASH_KEEP` if that is set; the database's account has to get there."""
    kept = os.environ.get("CRASH_KEEP")
    folder = Path(kept or stack.enter_context(tempfile.TemporaryDirectory(prefix="crash-")))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    return folder


class _Builder:
    def __init__(self, stack: AsyncExitStack, folder: Path, database: Postgres, programs: Programs) -> None:
        self._stack = stack
        self._folder = folder
        self._database = database
        self._programs = programs

    async def build(self, plan: Plan, seed: int, kinds: tuple[Kind, ...], each: int, processes: int) -> World:
        gateways = [
            self._gateway_process(f"gateway {number}", self._programs.gateway) for number in range(processes)
        ]
        workers = [
            self._gateway_process(f"worker {number}", self._programs.worker) for number in range(processes)
        ]
        node = Process("node", self._programs.node, dict(_PATH), self._folder, port=_free_port())
        gate = Gate(plan, seed, self._database, gateways, workers, node)
        self._stack.push_async_callback(gate.close)
        to_node, to_gateway = await self._proxies(gate, gateways, workers, node)
        async with self._database.set_up() as url:
            stores = await set_up(url, kinds, each, f"http://127.0.0.1:{to_node}", _NODE_TOKEN)
        self._database.start()
        self._stack.push_async_callback(self._database.stop)
        url = f"http://127.0.0.1:{to_gateway}"
        books = self._tell_node(node, url, stores)
        for process in (node, *gateways, *workers):
            process.start()
            self._stack.push_async_callback(process.stop)
        await self._ready(gateways, node)
        plain_url = f"http://127.0.0.1:{gateways[0].port}"
        return World(gate, self._database, gateways, workers, node, stores, books, url, plain_url)

    def _gateway_process(self, name: str, program: tuple[str, ...]) -> Process:
        port = _free_port()
        environment = {
            "SMARTS_PORT": str(port),
            "SMARTS_ALLOW_PRIVATE_NODES": "true",
            "SMARTS_SANDBOX_PAYMENTS": "true",
            "SMARTS_JOINS_PER_HOUR": "1000000",
            "SMARTS_STOP_WITH_PARENT": "1",
            "SMARTS_CONNECTIONS": "6",
            **_PATH,
        }
        return Process(name, program, environment, self._folder, may_start=self._database.ready, port=port)

    async def _proxies(
        self, gate: Gate, gateways: Sequence[Process], workers: Sequence[Process], node: Process
    ) -> tuple[int, int]:
        for process in (*gateways, *workers):
            proxy = PostgresProxy(gate, self._database.socket, process)
            port = await self._stack.enter_async_context(proxy.running())
            process.environment["SMARTS_DATABASE_URL"] = (
                f"postgresql://postgres@127.0.0.1:{port}/smarts?sslmode=disable"
            )

        def asks_node(client: Side, _: Process | None) -> Process | None:
            port = client.peer_port
            return next((each for each in (*gateways, *workers) if each.holds_port(port)), None)

        async def node_target() -> tuple[int, Process]:
            return node.port, node

        turns = cycle(range(len(gateways)))

        async def gateway_target() -> tuple[int, Process]:
            first = next(turns)
            for place in range(len(gateways)):
                gateway = gateways[(first + place) % len(gateways)]
                if await answers_at(gateway.port):
                    break
            return gateway.port, gateway

        to_node = HttpProxy(gate, lambda _, path: steps.of_node(path), node_target, asks_node)
        to_gateway = HttpProxy(gate, steps.of_gateway, gateway_target, lambda _, process: process)
        return (
            await self._stack.enter_async_context(to_node.running()),
            await self._stack.enter_async_context(to_gateway.running()),
        )

    def _tell_node(self, node: Process, gateway_url: str, stores: list[TestStore]) -> Path:
        books, file = self._folder / "node.sqlite", self._folder / "surroundings.json"
        around = Surroundings(gateway_url, "127.0.0.1", node.port, _NODE_TOKEN, str(books), stores)
        file.write_bytes(msgspec.json.encode(around))
        node.environment["CRASH_SURROUNDINGS"] = str(file)
        return books

    async def _ready(self, gateways: Sequence[Process], node: Process) -> None:
        began = time.monotonic()
        for process in (*gateways, node):
            while not await answers_at(process.port):
                process.require_kept()
                if time.monotonic() - began > _START_SECONDS:
                    raise RuntimeError(f"{process.name} does not start: {process.last_words()}")
                await asyncio.sleep(0.05)


def _free_port() -> int:
    """One that no outgoing connection is given while its process is away for a moment."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
