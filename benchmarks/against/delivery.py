"""An event delivered to an endpoint: our worker, procrastinate's, and the least that a queue in PostgreSQL does.

Each round fills a contestant's queue with documents of 2 kB and then starts its program. What counts is when the
documents arrive at the endpoint, which is the same for all and counts them; the first tenth is for warming up.
Afterwards each queue has to know that all of its documents are done.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from os import environ
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

import asyncpg
import msgspec
from benchmarks.against.installed import RIVALS, interpreter, version
from benchmarks.load.processes import Process
from benchmarks.load.world import POSTGRES, add_stores, postgres_in, running, smarts
from rich.console import Console
from rich.table import Table

from smarts.gateway.ids import new_id
from smarts.gateway.invoices.service import INVOICE_PAID
from smarts.gateway.outbox import Message, depth, put
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import EmbeddedPostgres, embedded_postgres
from smarts.gateway.storage.migrations import migrate
from smarts.wire.codec import decode, encode
from smarts.wire.examples import example
from smarts.wire.invoices import Invoice
from smarts.wire.nodes import HealthStatus, NodeHealthResponse
from smarts.wire.operations import HEALTH, RECEIVE_INVOICE, VERSION

AIM_OF_BARE = 0.5
_STORES = 50
_AT_ONCE = 64  # as many as our worker sends: 16 lanes with 4 each
_BYTES = 2_000
_MESSAGES = 10_000  # so that the quickest round lasts longer than a second
_CONNECTIONS = 10
_PATIENCE_SECONDS = 300


class Endpoint:
    """Where documents go, known by their ids; each is taken at once."""

    def __init__(self) -> None:
        self.arrivals: dict[bytes, float] = {}
        self.again = 0
        self._wanted = 0
        self._moments: dict[int, asyncio.Event] = {}

    def want(self, *counts: int) -> list[asyncio.Event]:
        """Begins anew; gives for each count what is set as soon as so many have come."""
        self.arrivals.clear()
        self.again = 0
        self._moments = {count: asyncio.Event() for count in counts}
        return list(self._moments.values())

    def take(self, body: bytes) -> None:
        """A document has come."""
        document_id = body.partition(b'"id":"')[2].partition(b'"')[0]
        if document_id in self.arrivals:
            self.again += 1
            return
        self.arrivals[document_id] = time.perf_counter()
        if moment := self._moments.get(len(self.arrivals)):
            moment.set()


class _Connection(asyncio.Protocol):
    _OTHERS: ClassVar = {
        HEALTH.path.encode(): encode(NodeHealthResponse(HealthStatus.UP)),
        VERSION.path.encode(): msgspec.json.encode(msgspec.json.decode(example("NodeVersionResponse"))),
    }

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._received = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if not end or len(rest) < length:
            return
        self._received = b""
        method, path = head.split(b" ", 2)[:2]
        if method == b"POST":
            self._endpoint.take(rest)
        answer = self._OTHERS.get(path, b"")
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(answer), answer)
        )


@dataclass
class Contestant:
    """A queue: how it is filled, what delivers, and how many documents it has not yet done."""

    name: str
    fill: Callable[[Sequence[bytes]], Awaitable[None]]
    program: Callable[[], AbstractContextManager[Process]]
    left: Callable[[], Awaitable[int]]
    rounds: int
    rates: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    of_postgres: list[float] = field(default_factory=list)

    async def play(self, endpoint: Endpoint, documents: Sequence[bytes], postgres: Process) -> None:
        """A round."""
        await self.fill(documents)
        tenth, last = endpoint.want(len(documents) // 10, len(documents))
        with self.program() as process:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await tenth.wait()
                used, used_by_postgres = process.seconds(), postgres.seconds()
                await last.wait()
                used, used_by_postgres = process.seconds() - used, postgres.seconds() - used_by_postgres
                while await self.left():  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.1)
        if endpoint.again:
            raise RuntimeError(f"{self.name} delivered {endpoint.again} documents twice")
        arrivals = sorted(endpoint.arrivals.values())
        measured = arrivals[len(documents) // 10 - 1 :]
        self.rates.append((len(measured) - 1) / (measured[-1] - measured[0]))
        self.seconds.append(used / (len(measured) - 1))
        self.of_postgres.append(used_by_postgres / (len(measured) - 1))


def _documents() -> list[bytes]:
    """Invoices, each 2 kB or a little more."""
    golden = decode(example("Invoice"), Invoice)
    one = len(encode(msgspec.structs.replace(golden, products=golden.products[:1])))
    rows = golden.products[:1] * (1 if one >= _BYTES else 2)
    return [encode(msgspec.structs.replace(golden, id=new_id(), products=rows)) for _ in range(_MESSAGES)]


async def _ours(
    folder: Path, server: EmbeddedPostgres, database: Database, endpoint: str, rounds: int
) -> Contestant:
    await migrate(database)
    stores = await add_stores(database, [endpoint], _STORES)

    async def fill(documents: Sequence[bytes]) -> None:
        async with database.transaction() as tx:
            for number, document in enumerate(documents):
                document_id, (store, _) = decode(document, Invoice).id, stores[number % _STORES]
                await put(tx, Message(document_id, store, INVOICE_PAID, document_id, document))

    async def left() -> int:
        async with database.connection() as connection:
            return (await depth(connection)).waiting

    def program() -> AbstractContextManager[Process]:
        return smarts(folder, "worker", ["worker"], server.url(), _CONNECTIONS)

    return Contestant("Smarts' worker", fill, program, left, rounds)


async def _bare(folder: Path, url: str, connection: Any, endpoint: str, rounds: int) -> Contestant:
    await connection.execute("CREATE TABLE bare_queue (id bigserial PRIMARY KEY, document bytea NOT NULL)")

    async def fill(documents: Sequence[bytes]) -> None:
        records = [(each,) for each in documents]
        await connection.copy_records_to_table("bare_queue", records=records, columns=["document"])

    async def left() -> int:
        return int(await connection.fetchval("SELECT count(*) FROM bare_queue"))

    def program() -> AbstractContextManager[Process]:
        command = [sys.executable, "-m", "benchmarks.against.bare_queue", url, endpoint, str(_AT_ONCE)]
        return running(folder, "bare", command, {})

    return Contestant(f"bare SKIP LOCKED loop, {_AT_ONCE} at once", fill, program, left, rounds)


async def _procrastinate(
    folder: Path, url: str, connection: Any, endpoint: str, concurrencies: Mapping[int, int]
) -> list[Contestant]:
    python = await asyncio.to_thread(interpreter)
    settings = {
        "QUEUE_DATABASE": url,
        "QUEUE_CONNECTIONS": str(_CONNECTIONS),
        "QUEUE_ENDPOINT": endpoint,
        "PYTHONPATH": str(RIVALS),
    }
    command = [str(python), "-m", "procrastinate", "--app=queue_app.app", "--log-level=warning"]

    async def run(arguments: Sequence[str]) -> None:
        await asyncio.to_thread(
            subprocess.run, arguments, check=True, env=environ | settings, stdout=subprocess.DEVNULL
        )

    await run([*command, "schema", "--apply"])

    async def fill(documents: Sequence[bytes]) -> None:
        lines = folder / "documents"
        await asyncio.to_thread(lines.write_bytes, b"\n".join(documents))
        await run([str(python), "-c", "import queue_app; queue_app.fill()", str(lines)])

    async def left() -> int:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'"
        return int(await connection.fetchval(query))

    def worker(concurrency: int) -> Callable[[], AbstractContextManager[Process]]:
        arguments = [*command, "worker", f"--concurrency={concurrency}"]
        return lambda: running(folder, "procrastinate", arguments, settings)

    named = f"procrastinate {version('procrastinate')}"
    return [
        Contestant(f"{named}, concurrency {each}", fill, worker(each), left, rounds)
        for each, rounds in concurrencies.items()
    ]


@asynccontextmanager
async def _own_database(
    database: Database, server: EmbeddedPostgres, name: str
) -> AsyncIterator[tuple[str, Any]]:
    async with database.connection() as creating:
        await creating.execute(f"CREATE DATABASE {name}")
    connection = await asyncpg.connect(server.url(name))
    try:
        yield server.url(name), connection
    finally:
        await connection.close()


async def compare(folder: Path, rounds: int) -> None:
    """Interleaved rounds on one PostgreSQL with durable settings."""
    endpoint = Endpoint()
    listening = await asyncio.get_running_loop().create_server(lambda: _Connection(endpoint), "127.0.0.1", 0)
    base = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with (
        embedded_postgres(folder / "postgres", settings=POSTGRES, on_progress=lambda _: None) as server,
        Database.open(server.url(), connections=2) as database,
        _own_database(database, server, "bare") as of_bare,
        _own_database(database, server, "procrastinate") as of_procrastinate,
    ):
        place = base + RECEIVE_INVOICE.path
        ours = await _ours(folder, server, database, base, rounds)
        bare = await _bare(folder, *of_bare, place, rounds)
        queues = await _procrastinate(folder, *of_procrastinate, place, {50: rounds, 1: 1})
        contestants, postgres = [bare, ours, *queues], postgres_in(folder / "postgres")
        for number in range(rounds):
            for each in contestants:
                if number < each.rounds:
                    await each.play(endpoint, _documents(), postgres)
        _show(contestants, bare, ours)
    listening.close()


def _show(contestants: Sequence[Contestant], bare: Contestant, ours: Contestant) -> None:
    table = Table(
        "", "delivered a second", "rounds", "of the bare loop", "Smarts' is", "CPU each", "PostgreSQL's",
        title=f"{_MESSAGES:,} documents of 2 kB to one endpoint; medians, ratios of the same round",
    )  # fmt: skip
    for each in contestants:
        of_bare = median(rate / floor for rate, floor in zip(each.rates, bare.rates, strict=False))
        times = median(our / rate for our, rate in zip(ours.rates, each.rates, strict=False))
        table.add_row(
            each.name,
            f"{median(each.rates):,.0f}",
            f"{min(each.rates):,.0f} to {max(each.rates):,.0f}",
            f"{of_bare:.0%}",
            f"{times:.1f} ×",
            f"{median(each.seconds) * 1e3:.2f} ms",
            f"{median(each.of_postgres) * 1e3:.2f} ms",
        )
    console = Console(width=120)
    console.print(table)
    console.print(
        f"The aims: no slower than the bare queue, procrastinate; over {AIM_OF_BARE:.0%} of the bare loop."
    )
