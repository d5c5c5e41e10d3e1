"""How much the outbox carries: messages put and delivered a second, alone and beside a dead store.

Runs its own PostgreSQL, as durable as in production, in a temporary directory. Usage: `python benchmarks/outbox.py`.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from smarts.gateway.outbox import (
    CHANNEL,
    Delivered,
    Limits,
    Message,
    Outcome,
    RetryLater,
    Worker,
    attempts_of,
    put,
)
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import embedded_postgres
from smarts.gateway.storage.migrations import migrate
from smarts.gateway.storage.notices import Notices

MESSAGES = 10_000
REPEATS = 5
STORES = 50
PURCHASES = 1_000  # order keys
DEAD_WAITING = 5_000
WRITERS = 16
PAYLOAD = b"x" * 2_000
DEAD = "dead store"


@dataclass
class Bench:
    """The parts, and who is told of each delivered message."""

    database: Database
    notices: Notices
    delivered: dict[str, float] = field(default_factory=dict)
    wanted: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, message: Message) -> Outcome:
        self.delivered[message.id] = time.perf_counter()
        if len(self.delivered) >= self.wanted:
            self.done.set()
        return Delivered()

    def worker(self, **more: Callable[[Message], Awaitable[Outcome]]) -> Worker:
        handlers = {"alive": self.deliver, **more}
        return Worker(self.database, self.notices, handlers, limits=Limits(send=timedelta(seconds=5)))

    @asynccontextmanager
    async def wanting(self, messages: int) -> AsyncIterator[None]:
        self.delivered.clear()
        self.done.clear()
        self.wanted = messages
        yield
        await self.done.wait()


async def fill(
    database: Database, name: str, count: int, lane: str | None = None, kind: str = "alive"
) -> None:
    """Put many messages at once, a thousand a transaction."""
    for start in range(0, count, 1_000):
        async with database.transaction() as tx:
            for number in range(start, min(start + 1_000, count)):
                of = lane or f"store {number % STORES}"
                await put(
                    tx, Message(f"{name} {number}", of, kind, f"purchase {number % PURCHASES}", PAYLOAD)
                )


async def putting(bench: Bench) -> Mapping[str, str]:
    """Many writers, a message and a durable commit each."""
    each = 250

    async def write(writer: int) -> None:
        for number in range(each):
            async with bench.database.transaction() as tx:
                await put(tx, Message(f"put {writer} {number}", f"put {writer}", "alive", "key", PAYLOAD))

    began = time.perf_counter()
    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    rate = WRITERS * each / (time.perf_counter() - began)
    async with bench.worker().running(), bench.wanting(WRITERS * each):
        pass
    return {f"put, {WRITERS} writers, a durable commit each": f"{rate:,.0f}/s"}


async def draining(bench: Bench, name: str, **more: Callable[[Message], Awaitable[Outcome]]) -> float:
    await fill(bench.database, name, MESSAGES)
    began = time.perf_counter()
    async with bench.worker(**more).running():
        async with bench.wanting(MESSAGES):
            pass
        return MESSAGES / (time.perf_counter() - began)


async def draining_beside_dead(bench: Bench, name: str, outcome: Callable[[], Awaitable[Outcome]]) -> float:
    async def fail(_: Message) -> Outcome:
        return await outcome()

    await fill(bench.database, f"{name} dead", DEAD_WAITING, lane=f"{DEAD} {name}", kind=name)
    rate = await draining(bench, f"{name} alive", **{name: fail})
    async with bench.database.connection() as connection:
        assert await attempts_of(connection, f"{name} dead 0")
        await connection.execute("UPDATE outbox_messages SET state = 'cancelled' WHERE state = 'waiting'")
    return rate


async def unreachable() -> Outcome:
    return RetryLater("connection refused", whole_lane=True)


async def answering_500() -> Outcome:
    return RetryLater("500")


async def hanging() -> Outcome:
    await asyncio.sleep(2)
    return RetryLater("too slow", whole_lane=True)


async def latency(bench: Bench) -> Mapping[str, str]:
    """From before the transaction to the handler, one message at a time."""
    took: list[float] = []
    async with bench.worker().running():
        for number in range(300):
            async with bench.wanting(1):
                began = time.perf_counter()
                async with bench.database.transaction() as tx:
                    await put(
                        tx, Message(f"latency {number}", f"store {number % STORES}", "alive", "key", PAYLOAD)
                    )
            took.extend(moment - began for moment in bench.delivered.values())
    percentiles = quantiles(took, n=100)
    return {"put to handler, p50 / p99": f"{percentiles[49] * 1e3:.1f} / {percentiles[98] * 1e3:.1f} ms"}


def shown(rates: list[float], compared: float | None = None) -> str:
    """The median, the slowest and the quickest run, and the median's share of another."""
    share = "" if compared is None else f", {median(rates) / compared:.0%}"
    return f"{median(rates):,.0f}/s ({min(rates):,.0f} to {max(rates):,.0f}){share}"


async def measure(bench: Bench) -> Mapping[str, str]:
    beside = {"unreachable": unreachable, "answering 500": answering_500, "hanging": hanging}
    await draining(bench, "warm up")
    rates: dict[str, list[float]] = {"alone": [], **{name: [] for name in beside}}
    for repeat in range(REPEATS):
        # In another order each time: the tables grow, and whoever comes later has more of them.
        for name in random.sample(list(rates), len(rates)):
            run = f"{name} {repeat}"
            outcome = beside.get(name)
            work = draining(bench, run) if outcome is None else draining_beside_dead(bench, run, outcome)
            rates[name].append(await work)
    alone = rates.pop("alone")
    return {
        f"drained, {STORES} stores": shown(alone),
        **{
            f"beside a store {name}, {DEAD_WAITING:,} waiting": shown(measured, median(alone))
            for name, measured in rates.items()
        },
        **await putting(bench),
        **await latency(bench),
    }


async def main() -> None:
    with TemporaryDirectory(prefix="smarts-") as directory:
        async with (
            embedded_postgres(Path(directory)) as server,
            Database.open(server.url(), connections=20) as database,
            Notices.open(server.url(), channels=(CHANNEL,)) as notices,
        ):
            await migrate(database)
            figures = await measure(Bench(database, notices))
    table = Table("outbox", "", title=f"{MESSAGES:,} messages of {len(PAYLOAD):,} bytes, one worker")
    for name, figure in figures.items():
        table.add_row(name, figure)
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main())
