"""One run from the first purchase to the verdict."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp

from . import clocks
from .checker import Violation, check
from .database import Disk
from .evidence import Evidence, gathered
from .mutations import Mutation
from .notebook import Notebook
from .plan import Plan
from .settling import look_once_more, settle
from .shoppers import Shoppers
from .staff import Colleague
from .steps import Fault
from .stores import HAVE_STAFF, Kind
from .world import Programs, World, world

_CLOCKS = frozenset({Fault.CLOCK_BACK, Fault.CLOCK_FORWARD})
_LAST_PURCHASES_SECONDS = 60
_MOST_FOR_A_MUTATION = 120


@dataclass(frozen=True)
class Options:
    """What to run."""

    faults: int
    seconds: float
    seed: int
    without: Mutation | None = None
    streams: int = 12
    stores_each: int = 3
    overtime: float = 1.3
    """For how many times as long steps that are seldom reached may wait for their faults."""
    processes: int = 2
    """Gateways, and workers."""
    rest: float = 180
    """For how long everything may take to come to rest; longer where clocks cannot be put on."""


@dataclass(frozen=True)
class Report:
    """What came of it."""

    plan: Plan
    violations: list[Violation]
    purchases: int
    paid: int
    orders: int
    checks: int
    duplicates: int
    answers: Counter[str]
    left_out: dict[Fault, str]
    seconds: float
    settled_in: float
    ended_by_themselves: dict[str, Counter[int]]
    evidence: Evidence


async def run(options: Options, say: Callable[[str], None]) -> Report:
    """Runs it."""
    left_out = await asyncio.to_thread(_left_out)
    plan = _plan(options, [fault for fault in Fault if fault not in left_out])
    mutation = options.without
    kinds = mutation.kinds if mutation else tuple(Kind)
    programs = mutation.programs if mutation else Programs()
    async with (
        world(plan, options.seed, programs, kinds, options.stores_each, options.processes) as running,
        aiohttp.ClientSession() as session,
    ):
        return await _Run(options, running, session, left_out, say).to_the_end()


def _left_out() -> dict[Fault, str]:
    """Which faults cannot be done here, and why."""
    left_out: dict[Fault, str] = {}
    if not clocks.is_installed():
        left_out |= dict.fromkeys(_CLOCKS, "libfaketime is not installed (Debian's package faketime)")
    if not Disk.can_be_small():
        left_out[Fault.DISK_FULL] = "no small file system may be mounted"
    return left_out


def _plan(options: Options, faults: Sequence[Fault]) -> Plan:
    if options.without:
        return options.without.plan(options.seconds, time.monotonic)
    return Plan.drawn(options.seed, faults, options.faults, options.seconds, time.monotonic)


class _Run:
    def __init__(
        self,
        options: Options,
        running: World,
        session: aiohttp.ClientSession,
        left_out: dict[Fault, str],
        say: Callable[[str], None],
    ) -> None:
        self._options = options
        self._world = running
        self._session = session
        self._left_out = left_out
        self._say = say
        self._plan = running.gate.plan
        self._notebook = Notebook()

    async def to_the_end(self) -> Report:
        began = time.monotonic()
        seed = self._options.seed
        shoppers = Shoppers(self._session, self._world.url, self._world.stores, self._notebook, seed)
        streams = [asyncio.create_task(shoppers.stream(number)) for number in range(self._options.streams)]
        colleagues = [
            Colleague(self._session, self._world.url, store, self._notebook, seed)
            for store in self._world.stores
            if store.kind in HAVE_STAFF
        ]
        staff = [asyncio.create_task(colleague.work()) for colleague in colleagues]
        try:
            await self._disturb([*streams, *staff])
            shoppers.enough.set()
            await asyncio.wait(streams, timeout=_LAST_PURCHASES_SECONDS)
            for task in streams:
                task.cancel()
            self._say("no more faults: everything comes to rest")
            hop = not _CLOCKS & self._left_out.keys()
            unsettled, settled_in = await settle(
                self._world, colleagues, self._options.rest if hop else 600, hop=hop
            )
            await look_once_more(self._world.plain_url, self._session, self._notebook)
        finally:
            for task in (*streams, *staff):
                task.cancel()
            await asyncio.gather(*streams, *staff, return_exceptions=True)
        evidence = await gathered(
            self._notebook, self._world.stores, self._world.database.url, self._world.books, unsettled
        )
        return self._report(evidence, time.monotonic() - began, settled_in)

    async def _disturb(self, tasks: list["asyncio.Task[None]"]) -> None:
        self._plan.begin()
        began = said = time.monotonic()
        while self._goes_on(time.monotonic() - began):
            await asyncio.sleep(0.2)
            for task in tasks:
                if task.done():
                    task.result()
            for process in self._world.processes:
                process.require_kept()
            if time.monotonic() - said > 30:
                said = time.monotonic()
                done = self._plan.total - self._plan.left
                self._say(
                    f"{said - began:4.0f} s: {done} faults, {len(self._notebook.purchases)} purchases begun"
                )
        self._plan.end()

    def _goes_on(self, seconds: float) -> bool:
        """Steps that are seldom reached have some time more for their faults."""
        most = self._options.seconds
        if self._options.without:
            return self._plan.left > 0 and seconds < _MOST_FOR_A_MUTATION
        return seconds < most or (self._plan.left > 0 and seconds < most * self._options.overtime)

    def _report(self, evidence: Evidence, seconds: float, settled_in: float) -> Report:
        answers = Counter(
            f"{seen.status} {seen.problem}".strip()
            for purchase in self._notebook.purchases
            for seen in purchase.seen
        )
        return Report(
            plan=self._plan,
            violations=check(evidence),
            purchases=len(evidence.purchases),
            paid=sum(1 for cart in evidence.carts.values() if cart["state"] == "PAID"),
            orders=len(evidence.tables["orders"]),
            checks=sum(1 for row in evidence.tables["checks"] if row["decision"] not in (None, "NO")),
            duplicates=len(evidence.documents)
            - len({(kind, about) for kind, about, _ in evidence.documents}),
            answers=answers,
            left_out=self._left_out,
            seconds=seconds,
            settled_in=settled_in,
            evidence=evidence,
            ended_by_themselves={
                process.name: Counter(process.ended_by_itself)
                for process in self._world.processes
                if process.ended_by_itself
            },
        )
