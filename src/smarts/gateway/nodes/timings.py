"""How quickly nodes answer: gathered in memory, and added to what is kept an hour a row, about once a minute.

A call costs no statement. What a process that dies has not written is lost, which is a minute of figures.
"""

import asyncio
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from smarts.gateway.background import beside
from smarts.gateway.nodes import store
from smarts.gateway.nodes.model import BOUNDS, HourOfCalls, OperationTally, SpanOfCalls
from smarts.gateway.storage.database import Database, StorageUnavailableError

_EVERY_SECONDS = 60
_HOUR = timedelta(hours=1)
_MOST_ROWS = 20_000  # kept in memory while the database is away

log = structlog.get_logger(__name__)


@dataclass
class _Gathered:
    calls: int = 0
    failures: int = 0
    slowest: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    def add(self, seconds: float, *, failed: bool) -> None:
        self.calls += 1
        self.failures += failed
        self.slowest = max(self.slowest, seconds)
        self.buckets[bisect_left(BOUNDS, seconds)] += 1


class Timings:
    """Durations of calls, by store, hour and operation."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._gathered: dict[tuple[str, datetime, str], _Gathered] = {}
        self._hour = self._next_hour = datetime.min.replace(tzinfo=UTC)

    def add(self, institution_id: str, operation: str, seconds: float, *, failed: bool) -> None:
        """A node was called; it `failed` where it gave no answer that makes sense, refusals are answers."""
        key = (institution_id, self._hour_now(), operation)
        gathered = self._gathered.get(key)
        if gathered is None:
            if len(self._gathered) >= _MOST_ROWS:
                return
            gathered = self._gathered[key] = _Gathered()
        gathered.add(seconds, failed=failed)

    def _hour_now(self) -> datetime:
        """One object for the whole hour, whose hash is computed once."""
        now = self._clock()
        if not self._hour <= now < self._next_hour:
            self._hour = now.replace(minute=0, second=0, microsecond=0)
            self._next_hour = self._hour + _HOUR
        return self._hour

    async def write(self) -> None:
        """Writes what was gathered; where that fails, it is kept for the next time."""
        gathered, self._gathered = self._gathered, {}
        if not gathered:
            return
        rows = [
            HourOfCalls(*key, each.calls, each.failures, each.slowest, tuple(each.buckets))
            for key, each in sorted(
                gathered.items()
            )  # in one order, so that no two processes wait for each other
        ]
        try:
            async with self._database.connection() as connection:
                await store.add_timings(connection, rows)
        except StorageUnavailableError as error:
            log.warning("node timings not written", error=str(error))
            self._put_back(gathered)

    def _put_back(self, gathered: dict[tuple[str, datetime, str], _Gathered]) -> None:
        for key, before in gathered.items():
            now = self._gathered.setdefault(key, _Gathered())
            now.calls += before.calls
            now.failures += before.failures
            now.slowest = max(now.slowest, before.slowest)
            now.buckets = [one + other for one, other in zip(now.buckets, before.buckets, strict=True)]

    async def spans(self, institution_id: str, moments: Sequence[datetime]) -> list[SpanOfCalls]:
        """How quickly a store's node answered from each of some moments to the next one, all operations together."""
        async with self._database.connection() as connection:
            return await store.spans_of_calls(connection, institution_id, moments)

    async def operations(self, institution_id: str, since: datetime, until: datetime) -> list[OperationTally]:
        """The same over a whole period, each operation by itself, by their names."""
        async with self._database.connection() as connection:
            return await store.operation_tallies(connection, institution_id, since, until)

    async def forget(self, before: datetime) -> None:
        """Forgets the hours before a moment."""
        await store.forget_timings(self._database, before)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Writes every minute, and at the end of the block."""
        try:
            async with beside(self._forever()):
                yield
        finally:
            await self.write()

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            try:
                await self.write()
            except Exception:
                log.exception("node timings lost")
