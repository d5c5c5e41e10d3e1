"""One run: everything is started, things are done to it, and the books are compared."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crash.checker import Violation, check
from crash.evidence import Evidence, gathered
from crash.notebook import Notebook
from crash.settling import at_rest, look_once_more
from crash.shoppers import GOOD, Shoppers
from crash.staff import Colleague
from crash.stores import HAVE_STAFF, Kind

from .cluster import URL, Cluster, cluster
from .deeds import Scenario
from .live import slowest_event
from .noticed import Noticed, noticed

# What asks for days, or for a clock that goes on by hours, is left to the crash test.
_KINDS = (Kind.PLAIN, Kind.RECEIPTS, Kind.STAFF, Kind.RACE)
_LAST_PURCHASES_SECONDS = 60
_REST_SECONDS = 180


@dataclass(frozen=True)
class Happened:
    """What came of one scenario."""

    scenario: Scenario
    noticed: Noticed
    whole_after: float
    """Seconds from the deed's end until nothing was missing any more."""
    event: float
    """The slowest live event afterwards, in seconds."""
    primary: tuple[str, str]
    """Who it was before and after."""


@dataclass(frozen=True)
class Report:
    """What came of all of them."""

    happened: list[Happened]
    violations: list[Violation]
    evidence: Evidence
    settled_in: float


async def run(scenarios: Sequence[Scenario], streams: int, seed: int, say: Callable[[str], None]) -> Report:
    """Runs it."""
    async with cluster(_KINDS, say) as running:
        return await _Run(running, streams, seed, say).to_the_end(scenarios)


class _Run:
    def __init__(self, running: Cluster, streams: int, seed: int, say: Callable[[str], None]) -> None:
        self._cluster = running
        self._say = say
        self._notebook = Notebook()
        self._shoppers = Shoppers(
            running.session, URL, running.stores, self._notebook, seed, cards=(GOOD,), think=0.15
        )
        self._streams = [asyncio.create_task(self._shoppers.stream(number)) for number in range(streams)]
        self._colleagues = [
            Colleague(running.session, URL, store, self._notebook, seed)
            for store in running.stores
            if store.kind in HAVE_STAFF
        ]
        self._staff = [asyncio.create_task(colleague.work()) for colleague in self._colleagues]

    async def to_the_end(self, scenarios: Sequence[Scenario]) -> Report:
        try:
            happened = [await self._do(scenario) for scenario in scenarios]
            self._shoppers.enough.set()
            await asyncio.wait(self._streams, timeout=_LAST_PURCHASES_SECONDS)
            self._say("no more shoppers: everything comes to rest")
            began = time.monotonic()
            unsettled = await at_rest(
                self._cluster.database_url, self._cluster.books, self._colleagues, _REST_SECONDS
            )
            settled_in = time.monotonic() - began
            await look_once_more(URL, self._cluster.session, self._notebook)
        finally:
            for task in (*self._streams, *self._staff):
                task.cancel()
            await asyncio.gather(*self._streams, *self._staff, return_exceptions=True)
        running = self._cluster
        evidence = await gathered(
            self._notebook, running.stores, running.database_url, running.books, unsettled
        )
        return Report(happened, check(evidence), evidence, settled_in)

    async def _do(self, scenario: Scenario) -> Happened:
        running = self._cluster
        before = await running.found("a primary", running.primary)
        began = time.monotonic()
        async with scenario.deed(running):
            self._say(scenario.what)
            await asyncio.sleep(scenario.lasts)
        whole_after = await running.until("all machines", running.is_whole)
        after = await running.found("a primary", running.primary)
        event = await slowest_event(running)
        for task in (*self._streams, *self._staff):
            if task.done():
                task.result()
        saw = noticed(self._notebook, began, time.monotonic())
        self._say(
            f"  longest without an acknowledged change {saw.longest_without:.1f} s,"
            f" whole again after {whole_after:.0f} s, slowest live event {event:.2f} s"
        )
        return Happened(scenario, saw, whole_after, event, (before.name, after.name))
