"""Figures of a store over some days: what was sold, how long shopping took, what was checked, how quick its node is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from smarts.gateway.control.service import Control
from smarts.gateway.control.store import CheckTally
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.invoices.store import SalesTally
from smarts.gateway.journeys.searches import start_of
from smarts.gateway.nodes.model import OperationTally, SpanOfCalls
from smarts.gateway.nodes.timings import Timings
from smarts.gateway.parties import Store
from smarts.wire.times import TimeZone

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Day:
    """A day by the store's clocks."""

    day: date
    sales: SalesTally
    checks: CheckTally
    calls: SpanOfCalls


@dataclass(frozen=True)
class Hour:
    """An hour of today; `begins` is aware, in the store's time zone."""

    begins: datetime
    sales: SalesTally


@dataclass(frozen=True)
class Figures:
    """The days, the oldest first, what they make together, and what was sold in as many days before them.

    `hours` is how many hours of the period have begun.
    """

    days: Sequence[Day]
    today: Sequence[Hour]
    sales: SalesTally
    sales_before: SalesTally
    checks: CheckTally
    calls: SpanOfCalls
    operations: Sequence[OperationTally]
    hours: int


class StoreFigures:
    """Reckons them; whoever calls it has looked whether the store is within reach."""

    def __init__(
        self, invoices: Invoices, control: Control, timings: Timings, clock: Callable[[], datetime]
    ) -> None:
        self._invoices = invoices
        self._control = control
        self._timings = timings
        self._clock = clock

    async def of(self, store: Store, days: int) -> Figures:
        """The figures of so many days, today being the last one."""
        now, zone, own = self._clock(), store.time_zone, store.institution_id
        moments = day_starts(now, zone, days)
        first, end = moments[0], moments[-1]
        before = start_of(local_day(now, zone) - timedelta(days=2 * days - 1), zone)
        sales_before, sales = await self._invoices.tallies(own, store.currency, [before, first, end])
        (checks,) = await self._control.tallies(own, [first, end])
        (calls,) = await self._timings.spans(own, [first, end])
        return Figures(
            days=await self._days(store, moments),
            today=await self._today(store, now),
            sales=sales,
            sales_before=sales_before,
            checks=checks,
            calls=calls,
            operations=await self._timings.operations(own, first, end),
            hours=max(1, -((first - now) // _HOUR)),
        )

    async def _days(self, store: Store, moments: Sequence[datetime]) -> list[Day]:
        zone, own = store.time_zone, store.institution_id
        sales = await self._invoices.tallies(own, store.currency, moments)
        checks = await self._control.tallies(own, moments)
        calls = await self._timings.spans(own, moments)
        days = [local_day(moment, zone) for moment in moments[:-1]]
        return [Day(*each) for each in zip(days, sales, checks, calls, strict=True)]

    async def _today(self, store: Store, now: datetime) -> list[Hour]:
        begin, end = day_starts(now, store.time_zone, 1)
        moments = [begin + number * _HOUR for number in range((end - begin) // _HOUR)]
        sales = await self._invoices.tallies(store.institution_id, store.currency, [*moments, end])
        return [
            Hour(moment.astimezone(store.time_zone.zone), each)
            for moment, each in zip(moments, sales, strict=True)
        ]


def local_day(moment: datetime, zone: TimeZone) -> date:
    """The day that a moment belongs to by the clocks of a time zone."""
    return moment.astimezone(zone.zone).date()


def day_starts(now: datetime, zone: TimeZone, days: int) -> list[datetime]:
    """When each of so many days begins, today being the last one, and when that ends; in UTC."""
    today = local_day(now, zone)
    return [start_of(today + timedelta(days=number), zone) for number in range(1 - days, 2)]
