"""How quickly nodes answered."""

from bisect import bisect_left
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journeys.world import BREAD, World, small_world, until
from smarts.gateway.nodes.model import BOUNDS, SpanOfCalls
from smarts.gateway.nodes.timings import Timings

NOW = datetime(2026, 5, 5, 10, 20, tzinfo=UTC)


@asynccontextmanager
async def kept(world: World, now: datetime = NOW) -> AsyncIterator[Timings]:
    """Timings of a process of their own."""
    yield Timings(world.gateway.database, lambda: now)


def span_of(seconds: list[float]) -> SpanOfCalls:
    buckets = [0] * (len(BOUNDS) + 1)
    for each in seconds:
        buckets[bisect_left(BOUNDS, each)] += 1
    return SpanOfCalls(len(seconds), 0, max(seconds), tuple(buckets))


@given(st.lists(st.floats(0.0001, 60), min_size=1, max_size=200), st.floats(0.01, 1))
def test_a_share_of_calls_is_told_within_a_bucket(seconds: list[float], share: float) -> None:
    """What is told lies in the bucket of the call that is really the one, and is never more than the slowest."""
    told = span_of(seconds).within(share)
    assert told is not None
    really = sorted(seconds)[max(0, -(-round(share * len(seconds) * 1e9) // 10**9) - 1)]
    edges = [0.0, *BOUNDS, max(seconds)]
    place = bisect_left(BOUNDS, really)
    assert edges[place] - 1e-9 <= told <= max(seconds)
    assert told <= max(edges[place + 1], 0) + 1e-9 or place == len(BOUNDS)


def test_nothing_is_told_of_no_calls() -> None:
    """Where nothing was called there is no time."""
    assert SpanOfCalls().within(0.5) is None


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with small_world(database_url) as made:
        yield made


async def test_processes_add_up(world: World) -> None:
    """What two processes measured of the same hour is one row; the counts are sums, the slowest the slowest of both."""
    store = world.institution_id
    async with kept(world) as one, kept(world) as other:
        for timings, seconds in ((one, 0.02), (one, 0.3), (other, 0.02), (other, 7)):
            timings.add(store, "invoice", seconds, failed=seconds > 1)
        await one.write()
        await other.write()
        await other.write()  # nothing new
        (tally,) = await one.operations(store, NOW - timedelta(hours=1), NOW)
    assert tally.operation == "invoice"
    assert (tally.span.calls, tally.span.failures, tally.span.slowest) == (4, 1, 7)
    assert [tally.span.buckets[bisect_left(BOUNDS, each)] for each in (0.02, 0.3, 7)] == [2, 1, 1]
    assert sum(tally.span.buckets) == 4


async def test_spans_hold_the_hours_that_begin_in_them(world: World) -> None:
    """All operations of an hour count for the span it begins in; a span without calls is there, and empty."""
    store = world.institution_id
    for hours, operation in ((0, "invoice"), (0, "version"), (5, "invoice")):
        async with kept(world, NOW + timedelta(hours=hours)) as timings:
            timings.add(store, operation, 0.1, failed=False)
            await timings.write()
    first = NOW.replace(minute=0)
    moments = [first + timedelta(hours=hours) for hours in (-1, 0, 1, 6)]
    async with kept(world) as timings:
        assert [span.calls for span in await timings.spans(store, moments)] == [0, 2, 1]
        await timings.forget(first + timedelta(hours=1))
        assert [span.calls for span in await timings.spans(store, moments)] == [0, 0, 1]


async def test_calls_are_measured_and_written_when_the_gateway_stops(database_url: str) -> None:
    """A scan calls the node; when the gateway has stopped, the call is in the hour's row, and so is the metric."""
    async with small_world(database_url) as world:
        shopper = await world.shopper()
        await shopper.cart(world.institution_id, BREAD)
        metrics = (await world.as_store().get("/metrics")).text
        assert 'smarts_node_call_seconds_count{operation="product.search.barcode"} 1.0' in metrics
        store = world.institution_id
    async with small_world(database_url) as again, kept(again) as timings:
        now = datetime.now(UTC)

        async def found() -> list[str]:
            tallies = await timings.operations(store, now - timedelta(hours=2), now)
            return [each.operation for each in tallies if each.span.calls == 1]

        assert "product.search.barcode" in await until(found)
