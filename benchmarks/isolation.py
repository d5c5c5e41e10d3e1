"""A hundred stores; one hangs, one answers 500, one is slow by five seconds: what the other 97 notice of it.

One gateway process, one worker process, and all nodes in one cheap process, each under a path of its own. PostgreSQL
does not wait for the disk, whose speed is not what is looked at. Quarters with three failing stores follow quarters
without, so that whatever else the machine does strikes both alike. Scans come at fixed times, whether those before
were answered or not, and count from when they were due. Then 97 stores' invoices are delivered, alone and beside
thousands that wait for the three.
Run: `python benchmarks/isolation.py`.
"""

import argparse
import asyncio
import itertools
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import msgspec
import uvicorn
import uvloop
from rich.console import Console
from rich.table import Table

from smarts.caller import Target
from smarts.gateway.invoices.service import INVOICE_PAID
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.outbox import Message, put
from smarts.gateway.parties import Store, Switches
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import embedded_postgres
from smarts.gateway.storage.migrations import migrate
from smarts.gateway.stores.service import Stores
from smarts.wire.codec import decode, encode
from smarts.wire.examples import example
from smarts.wire.invoices import Invoice, SellerParty
from smarts.wire.money import Currency
from smarts.wire.times import TimeZone

STORES = 100
FAILING = {"hangs": "store 0", "answers 500": "store 1", "slow by 5 s": "store 2"}
GOOD = tuple(f"store {number}" for number in range(3, STORES))
INVOICES = 1_940  # 20 for each of the 97
WAITING = 2_000  # for each of the three
TOKEN = "the-token-of-the-nodes"
SLOW_SECONDS = 5.0
PATIENCE = 20.0
NO_DISK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Nodes:
    """All nodes: `/NUMBER/…` is answered by store NUMBER's; `/tell` sets how they fail, `/arrived` lists invoices."""

    def __init__(self) -> None:
        self.ways: dict[str, str] = {}
        self.arrived: dict[str, float] = {}
        product = msgspec.json.decode(example("Product"))
        del product["inspections"], product["campaigns"]
        self._answers = {
            "/product/search/barcode": msgspec.json.encode(product | {"inspections": [], "campaigns": []}),
            "/health": b'{"status":"UP","checks":{}}',
            "/version": b'{"name":"x","version":"1","contract":"1.0","features":["invoices"]}',
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        _, number, path = scope["path"].split("/", 2)
        if number in ("tell", "arrived"):
            await _answer(send, 200, self._told(number, body))
            return
        way = self.ways.get(f"store {number}")
        if way == "hangs":
            await receive()
            return
        if way == "slow by 5 s":
            await asyncio.sleep(SLOW_SECONDS)
        if way == "answers 500":
            await _answer(send, 500, b"{}")
            return
        if path == "invoice":
            self.arrived.setdefault(msgspec.json.decode(body)["id"], time.time())
        await _answer(send, 200, self._answers.get(f"/{path}", b"{}"))

    def _told(self, what: str, body: bytes) -> bytes:
        if what == "tell":
            self.ways = msgspec.json.decode(body)
            self.arrived.clear()
        return msgspec.json.encode(self.arrived)


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def serve_nodes(port: int) -> None:
    uvicorn.run(Nodes(), port=port, access_log=False, log_config=None, lifespan="off")


@dataclass
class Quarter:
    """What happened while the three failed, or did not: seconds from when each scan was due, by store."""

    good: list[float] = field(default_factory=list)
    failing: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[str, set[int]] = field(default_factory=dict)
    failed: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.good) / self.seconds

    def within(self, percent: int) -> float:
        return 1000 * quantiles(self.good, n=100)[percent - 1]


@dataclass
class Bench:
    """The parts, and a shopper with a cart in each store."""

    database: Database
    session: aiohttp.ClientSession
    gateway_url: str
    nodes_url: str
    tokens: dict[str, str]
    shopper: str = ""
    carts: dict[str, str] = field(default_factory=dict)

    async def tell(self, ways: dict[str, str]) -> None:
        """How nodes fail from now on; their merchants call, so that none is spared for what was before."""
        async with self.session.post(f"{self.nodes_url}/tell/", json=ways) as response:
            assert response.status == 200
        for store in FAILING.values():
            headers = {"accessToken": self.tokens[store]}
            async with self.session.get(
                f"{self.gateway_url}/v1/pickup/order/none", headers=headers
            ) as response:
                assert response.status == 404, await response.text()

    async def ask(self, method: str, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.shopper}"} if self.shopper else {}
        async with self.session.request(
            method, self.gateway_url + path, json=body, headers=headers
        ) as response:
            assert response.status in (200, 201), await response.text()
            return await response.json()

    async def open_carts(self) -> None:
        self.shopper = (await self.ask("POST", "/shop/v1/shoppers", {}))["token"]
        for store in (*FAILING.values(), *GOOD):
            self.carts[store] = (await self.ask("POST", "/shop/v1/carts", {"institutionId": store}))["id"]

    async def scan(self, store: str, due: float, into: Quarter) -> None:
        path = f"{self.gateway_url}/shop/v1/carts/{self.carts[store]}/lines"
        headers = {"Authorization": f"Bearer {self.shopper}"}
        async with self.session.post(path, json={"barcode": "4740000000014"}, headers=headers) as response:
            await response.read()
        took = time.perf_counter() - due
        if store in GOOD:
            into.good.append(took)
            into.failed.update([response.status] if response.status != 200 else [])
        else:
            into.failing.setdefault(store, []).append(took)
            into.statuses.setdefault(store, set()).add(response.status)

    async def quarter(self, seconds: float, rate: float, *, failing: bool) -> Quarter:
        await self.tell({store: way for way, store in FAILING.items()} if failing else {})
        found, began = Quarter(), time.perf_counter()
        stores = itertools.cycle(self.carts)
        async with asyncio.timeout(seconds + PATIENCE), asyncio.TaskGroup() as scans:
            for number in range(int(seconds * rate)):
                due = began + number / rate
                await asyncio.sleep(max(due - time.perf_counter(), 0))
                scans.create_task(self.scan(next(stores), due, found))
            found.seconds = time.perf_counter() - began
        return found

    async def fill(self, name: str, stores: Iterable[str], count: int) -> None:
        """Puts invoices into the outbox, the stores taking turns."""
        invoice, turn = decode(example("Invoice"), Invoice), itertools.cycle(stores)
        async with self.database.transaction() as tx:
            for number in range(count):
                each = msgspec.structs.replace(invoice, id=f"{name} {number}")
                store = next(turn)
                await put(tx, Message(each.id, store, INVOICE_PAID, each.id, encode(each)))

    async def deliveries(self, name: str, *, failing: bool) -> tuple[float, float]:
        """How many of the 97's invoices a second arrive, and within how many seconds 99 % of them do."""
        await self.tell({store: way for way, store in FAILING.items()} if failing else {})
        if failing:
            await self.fill(f"{name} stuck", FAILING.values(), 3 * WAITING)
            await asyncio.sleep(2)
        began = time.time()
        await self.fill(name, GOOD, INVOICES)
        put_at = time.time()
        async with asyncio.timeout(60):
            while len(arrived := await self._arrived(name)) < INVOICES:  # noqa: ASYNC110 - another process has them
                await asyncio.sleep(0.1)
        async with self.database.connection() as connection:
            await connection.execute("UPDATE outbox_messages SET state = 'cancelled' WHERE state = 'waiting'")
        late = [max(moment - put_at, 0) for moment in arrived]
        return INVOICES / (max(arrived) - began), quantiles(late, n=100)[98]

    async def _arrived(self, name: str) -> list[float]:
        async with self.session.post(f"{self.nodes_url}/arrived/", data=b"") as response:
            arrived = await response.json()
        return [moment for key, moment in arrived.items() if key.startswith(name) and "stuck" not in key]


async def set_up(database: Database, nodes_url: str) -> dict[str, str]:
    """A hundred stores; their access tokens."""
    stores, registry, tokens = Stores(database), Registry(database, allow_private_addresses=True), {}
    async with database.transaction() as tx:
        merchant = await stores.merchant(tx, "A merchant")
        for number in range(STORES):
            name = f"store {number}"
            store = Store(
                institution_id=name, merchant_id=merchant, name=name,
                seller=SellerParty(unique_code=name, seller_name=name), currency=Currency.EUR,
                time_zone=TimeZone("Europe/Tallinn"), switches=Switches(), campaigns=(),
            )  # fmt: skip
            await stores.put(tx, store)
            await registry.set(tx, name, Target(f"{nodes_url}/{number}", TOKEN))
            tokens[name] = (await stores.new_token(tx, name, overlap_seconds=0)).token
    return tokens


@contextmanager
def process(url: str, *command: str) -> Any:
    environment = os.environ | {"SMARTS_DATABASE_URL": url, "SMARTS_ALLOW_PRIVATE_NODES": "true"}
    running = subprocess.Popen(
        [sys.executable, "-m", "smarts.cli", *command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(30)


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[Bench]:
    nodes_port, port = free_port(), free_port()
    nodes_url = f"http://127.0.0.1:{nodes_port}"
    nodes = multiprocessing.get_context("spawn").Process(target=serve_nodes, args=(nodes_port,), daemon=True)
    nodes.start()
    try:
        async with (
            embedded_postgres(directory, settings=NO_DISK) as server,
            Database.open(server.url(), connections=4) as database,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
        ):
            await migrate(database)
            tokens = await set_up(database, nodes_url)
            with process(server.url(), "gateway", f"--port={port}"), process(server.url(), "worker"):
                bench = Bench(database, session, f"http://127.0.0.1:{port}", nodes_url, tokens)
                await until_ready(session, f"{bench.gateway_url}/readyz")
                await until_ready(session, f"{nodes_url}/3/health")
                await bench.open_carts()
                yield bench
    finally:
        nodes.terminate()


async def until_ready(session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


def ratio(failing: Sequence[float], well: Sequence[float]) -> str:
    """The median of the pairs' ratios, and their range."""
    each = sorted(one / other for one, other in zip(failing, well, strict=True))
    return f"{median(each):.0%} ({each[0]:.0%} to {each[-1]:.0%})"


def show_scans(well: list[Quarter], failing: list[Quarter], rate: float) -> None:
    title = f"{rate:g} scans a second at {STORES} stores, {len(well)} pairs of quarters of {well[0].seconds:.0f} s"
    table = Table("the 97 others", "all well", "three fail", "ratio, median of the pairs", title=title)
    rows = {
        "p50, ms": [[each.within(50) for each in these] for these in (well, failing)],
        "p99, ms": [[each.within(99) for each in these] for these in (well, failing)],
        "answered a second": [[each.rate for each in these] for these in (well, failing)],
    }
    for name, (one, other) in rows.items():
        table.add_row(name, f"{median(one):.1f}", f"{median(other):.1f}", ratio(other, one))
    pooled = [sorted(took for each in these for took in each.good) for these in (well, failing)]
    ends = [1000 * quantiles(each, n=100)[98] for each in pooled]
    table.add_row("p99 of all, ms", f"{ends[0]:.1f}", f"{ends[1]:.1f}", f"{ends[1] / ends[0]:.0%}")
    failed = [sum((each.failed for each in these), Counter[int]()) for these in (well, failing)]
    table.add_row("failed, by status", str(dict(failed[0])), str(dict(failed[1])), "")
    Console().print(table)


def show_failing(failing: list[Quarter]) -> None:
    table = Table(
        "a store that", "median, ms", "slowest, ms", "answered", title="What the three's own shoppers wait"
    )
    for way, store in FAILING.items():
        took = [1000 * each for quarter in failing for each in quarter.failing[store]]
        statuses = sorted(set().union(*(quarter.statuses[store] for quarter in failing)))
        table.add_row(way, f"{median(took):.1f}", f"{max(took):.0f}", ", ".join(map(str, statuses)))
    Console().print(table)


def show_deliveries(well: list[tuple[float, float]], failing: list[tuple[float, float]]) -> None:
    title = f"{INVOICES:,} invoices for the 97, {WAITING:,} waiting for each of the three"
    table = Table("deliveries", "all well", "three fail", "ratio, median of the pairs", title=title)
    for place, name in enumerate(("a second", "p99 after the put, s")):
        one, other = [each[place] for each in well], [each[place] for each in failing]
        table.add_row(name, f"{median(one):.2f}", f"{median(other):.2f}", ratio(other, one))
    Console().print(table)


async def main(options: argparse.Namespace) -> None:
    with TemporaryDirectory(prefix="smarts-") as directory:
        async with opened(Path(directory)) as bench:
            await bench.quarter(5, options.rate, failing=False)
            well, failing = [], []
            for _ in range(options.pairs):
                well.append(await bench.quarter(options.seconds, options.rate, failing=False))
                failing.append(await bench.quarter(options.seconds, options.rate, failing=True))
            show_scans(well, failing, options.rate)
            show_failing(failing)
            await bench.deliveries("warm up", failing=False)
            sent, sent_beside = [], []
            for number in range(options.pairs):
                sent.append(await bench.deliveries(f"well {number}", failing=False))
                sent_beside.append(await bench.deliveries(f"beside {number}", failing=True))
            show_deliveries(sent, sent_beside)
            print(json.dumps({"load average": os.getloadavg(), "cores": os.cpu_count()}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rate", type=float, default=80, help="scans a second at all stores together")
    parser.add_argument("--seconds", type=float, default=10, help="of a quarter")
    parser.add_argument("--pairs", type=int, default=4)
    uvloop.run(main(parser.parse_args()))
