"""Bulkheads between real nodes and real callers: who is let through, who is spared, and how that ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.journeys.world import until
from gateway.nodes.parts import HANGS, Talkers, Watch, watch
from serving import serving
from smarts.caller import CallFailed, Nonsense, TooSlow, Unreachable
from smarts.gateway.nodes.board import BreakerRecord
from smarts.gateway.nodes.breaker import Position, Tuning
from smarts.gateway.nodes.budget import budget
from smarts.gateway.nodes.bulkhead import NotAsked, Reason
from smarts.gateway.parties import NodeLimits
from smarts.gateway.storage.database import Database
from smarts.wire.errors import ProblemError
from smarts.wire.offers import OfferSearchRequest
from smarts.wire.operations import CATEGORIES, FIND_OFFERS, RECEIVE_ORDER
from smarts.wire.products import ProductSearchRequest

OFFERS, HEALTH, SEARCH = "/store/offer/search", "/store/health", "/store/product/search/category"
WHO = OfferSearchRequest(institution_id="store", person_id="somebody")
WHAT = ProductSearchRequest()
SOON = Tuning(least=3, first_pause=0.01, longest_pause=0.02, quiet=3600)
NEVER = Tuning(least=3, first_pause=3600, longest_pause=3600)
WAITED_FOR = NodeLimits(patience_seconds=5)


class Limits:
    """The limits of all stores, for tests to change."""

    def __init__(self, limits: NodeLimits = WAITED_FOR) -> None:
        self.now = limits

    async def __call__(self, _: str) -> NodeLimits:
        return self.now


class Counted:
    """Counts what is not asked, and how breakers move."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.moves: list[tuple[str, str]] = []

    def not_asked(self, reason: str) -> None:
        self.reasons.append(reason)

    def breaker_moved(self, before: str, now: str) -> None:
        self.moves.append((before, now))


@asynccontextmanager
async def store(
    database: Database, url: str, talkers: Talkers, tuning: Tuning = NEVER, **more: Any
) -> AsyncIterator[Watch]:
    """One store whose node talks as it is told to, and offers nothing and has no categories otherwise."""
    talkers.answers.setdefault(OFFERS, [])
    talkers.answers.setdefault(SEARCH, [])
    given = {"tuning": tuning, "limits_of": Limits()} | more
    async with serving(talkers) as address, watch(database, url, bulkheads=given) as parts:
        await parts.add("store", f"{address}/store")
        yield parts


async def fails(parts: Watch, times: int) -> None:
    """So many questions for offers fail."""
    for _ in range(times):
        with pytest.raises(ProblemError):
            await parts.nodes.call("store", FIND_OFFERS, WHO)


async def troubled(parts: Watch) -> dict[str, Position]:
    """The breakers that people are shown, and how they are."""
    found = (await parts.board.of(["store"])).get("store", ())
    return {each.feature.value: each.position for each in found}


async def test_a_feature_that_fails_is_spared_and_the_others_are_not(
    database: Database, database_url: str
) -> None:
    """After three failures offers are not asked for any more, at once and with a 503; categories still are."""
    talkers, counted = Talkers(), Counted()
    talkers.answers[OFFERS] = 500
    async with store(database, database_url, talkers, count=counted) as parts:
        await fails(parts, 3)
        with pytest.raises(ProblemError) as spared:
            await parts.nodes.call("store", FIND_OFFERS, WHO)
        assert (spared.value.problem.type, talkers.asked[OFFERS]) == ("node-down", 3)
        assert spared.value.retry_after
        assert await parts.nodes.call("store", CATEGORIES, WHAT) == ()
        assert counted.reasons == [Reason.BREAKER]
        await until(lambda: troubled(parts))
        assert await troubled(parts) == {"offers": Position.OPEN}
        [record] = (await parts.board.of(["store"]))["store"]
        assert isinstance(record, BreakerRecord)
        assert ("500" in record.why, record.processes) == (True, 1)
    async with watch(database, database_url) as later:
        assert await troubled(later) == {}


async def test_a_breaker_closes_by_itself_when_node_and_feature_are_well(
    database: Database, database_url: str
) -> None:
    """The node says all the while that it is well: one call at a time tries the feature, until one goes well."""
    talkers, counted = Talkers(), Counted()
    talkers.answers[OFFERS] = 500
    async with store(database, database_url, talkers, SOON, count=counted) as parts:
        await fails(parts, 3)
        await until(lambda: (Position.OPEN, Position.HALF_OPEN) in counted.moves)
        await fails(parts, 1)
        assert talkers.asked[OFFERS] == 4
        await until(lambda: counted.moves.count((Position.OPEN, Position.HALF_OPEN)) > 1)
        talkers.answers[OFFERS] = []
        assert await parts.nodes.call("store", FIND_OFFERS, WHO) == ()
        assert counted.moves[-1] == (Position.HALF_OPEN, Position.CLOSED)
        assert talkers.asked[HEALTH] >= 2

        async def is_told() -> bool:
            return await troubled(parts) == {}

        await until(is_told)


async def test_slowness_opens_a_breaker_as_failures_do(database: Database, database_url: str) -> None:
    """Answers that come after half of the deadline count as failures, although each is given."""
    talkers = Talkers()
    moments = iter(range(0, 10_000, 3))  # seconds: each look at the clock is three later
    async with store(database, database_url, talkers, clock=lambda: float(next(moments))) as parts:
        for _ in range(3):
            assert await parts.nodes.call("store", FIND_OFFERS, WHO) == ()
        with pytest.raises(ProblemError):
            await parts.nodes.call("store", FIND_OFFERS, WHO)
        assert talkers.asked[OFFERS] == 3


async def test_a_node_that_does_not_say_how_it_is_is_spared_altogether(
    database: Database, database_url: str
) -> None:
    """One question that hangs is enough: whatever else is asked, messages too, is refused without being sent."""
    talkers = Talkers()
    talkers.answers |= {OFFERS: HANGS, HEALTH: HANGS}
    limits = Limits(NodeLimits(patience_seconds=0.2))
    async with store(database, database_url, talkers, limits_of=limits) as parts:
        with pytest.raises(ProblemError) as slow:
            await parts.nodes.call("store", FIND_OFFERS, WHO)
        assert slow.value.problem.type == "node-slow"
        with pytest.raises(ProblemError) as spared:
            await parts.nodes.call("store", CATEGORIES, WHAT)
        assert spared.value.problem.type == "node-down"
        with pytest.raises(NotAsked) as message:
            await parts.nodes.attempt("store", RECEIVE_ORDER, WHO)
        assert (message.value.sent, message.value.reason) == (False, Reason.BREAKER)
        assert talkers.asked[SEARCH] == 0


async def test_the_watcher_asks_whatever_breakers_say_and_brings_them_back(
    database: Database, database_url: str
) -> None:
    """Its question finds a dead node out before anybody else does, and a good answer lets the next call try."""
    talkers, counted = Talkers(), Counted()
    talkers.answers[HEALTH] = 503
    async with store(database, database_url, talkers, count=counted) as parts:
        await parts.watcher.ask("store")
        with pytest.raises(ProblemError):
            await parts.nodes.call("store", CATEGORIES, WHAT)
        assert talkers.asked[SEARCH] == 0
        talkers.answers[HEALTH] = {"status": "UP", "checks": {}}
        await parts.watcher.ask("store")
        assert await parts.nodes.call("store", CATEGORIES, WHAT) == ()
        assert [now for _, now in counted.moves] == [Position.OPEN, Position.HALF_OPEN, Position.CLOSED]


async def test_a_call_of_the_merchant_closes_breakers_in_all_processes(
    database: Database, database_url: str
) -> None:
    """One process hears it, and the other one's breaker, which would rest for an hour, lets everything through."""
    talkers, returned = Talkers(), list[str]()
    talkers.answers |= {OFFERS: 500}

    async def back(institution_id: str) -> None:
        returned.append(institution_id)

    async with (
        store(database, database_url, talkers) as one,
        watch(database, database_url, bulkheads={"returned": back}) as other,
    ):
        await fails(one, 3)
        await until(lambda: troubled(one))
        talkers.answers[OFFERS] = []
        await other.bulkheads.heard("store")

        async def lets_through() -> bool:
            try:
                return bool(await one.nodes.call("store", FIND_OFFERS, WHO) == ())
            except ProblemError:
                return False

        await until(lets_through)
        assert returned == ["store"]
        assert await troubled(one) == {}


async def test_another_address_is_another_node(database: Database, database_url: str) -> None:
    """What one node did is not held against the one that takes its place."""
    talkers, better = Talkers(), Talkers()
    talkers.answers[OFFERS] = 500
    better.answers[OFFERS] = []
    async with store(database, database_url, talkers) as parts, serving(better) as address:
        await fails(parts, 3)
        await parts.add("store", f"{address}/store")
        assert await parts.nodes.call("store", FIND_OFFERS, WHO) == ()


async def test_a_store_has_so_many_calls_at_once_and_its_neighbour_others(
    database: Database, database_url: str
) -> None:
    """Two are let in, four wait in line, the next one is told at once that it is too much; another store is asked."""
    talkers, door, limits = Talkers(), asyncio.Event(), Limits(NodeLimits(at_once=2, patience_seconds=5))

    async def held() -> list[Any]:
        await door.wait()
        return []

    talkers.answers |= {OFFERS: held, "/other/offer/search": []}
    async with store(database, database_url, talkers, limits_of=limits) as parts:
        target = await parts.registry.target("store")
        assert target
        await parts.add("other", target.base_url.replace("/store", "/other"))
        calls = [asyncio.create_task(parts.nodes.attempt("store", FIND_OFFERS, WHO)) for _ in range(7)]
        [refused], held_up = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        told = refused.exception()
        assert isinstance(told, NotAsked)
        assert told.reason is Reason.BUSY
        await talkers.until_asked(OFFERS, 2)
        assert await parts.nodes.attempt("other", FIND_OFFERS, WHO) == ()
        door.set()
        assert await asyncio.gather(*held_up) == [()] * 6
        assert (talkers.asked[OFFERS], talkers.most_at_once) == (6, 3)


async def test_a_store_has_so_many_calls_a_second(database: Database, database_url: str) -> None:
    """Beyond the rate shoppers are told that there is too much to do; a message would wait for its turn."""
    talkers, limits = Talkers(), Limits(NodeLimits(per_second=1, patience_seconds=5))
    async with store(database, database_url, talkers, limits_of=limits, clock=lambda: 1000.0) as parts:
        for _ in range(2):
            assert await parts.nodes.call("store", FIND_OFFERS, WHO) == ()
        with pytest.raises(ProblemError) as refused:
            await parts.nodes.call("store", FIND_OFFERS, WHO)
        assert (refused.value.problem.status, talkers.asked[OFFERS]) == (503, 2)


async def test_repetitions_do_not_multiply_what_a_failing_node_gets(
    database: Database, database_url: str
) -> None:
    """Forty calls that would be repeated twice each are repeated some fifteen times in all."""
    talkers = Talkers()
    talkers.answers[OFFERS] = 503
    tuning = Tuning(calls=1000, least=1000)
    async with store(database, database_url, talkers, tuning) as parts:
        calls = (parts.nodes.call("store", FIND_OFFERS, WHO) for _ in range(20))
        assert all(
            isinstance(each, ProblemError) for each in await asyncio.gather(*calls, return_exceptions=True)
        )
        assert 20 < talkers.asked[OFFERS] <= 20 + 10 + 2


async def test_all_calls_of_a_request_have_one_budget(database: Database, database_url: str) -> None:
    """What is over before a call begins is no failure of the node: it is told, and nothing is asked."""
    talkers = Talkers()
    async with store(database, database_url, talkers) as parts:
        with budget(0.0), pytest.raises(ProblemError) as late:
            await parts.nodes.call("store", FIND_OFFERS, WHO)
        assert (late.value.problem.type, talkers.asked[OFFERS]) == ("node-slow", 0)
        assert await parts.nodes.call("store", FIND_OFFERS, WHO) == ()


@pytest.mark.parametrize(
    "failure", [Nonsense("wrong", retryable=False), Unreachable("no", sent=True), TooSlow("no")]
)
def test_what_bulkheads_refuse_is_a_failure_that_says_nothing_was_sent(failure: CallFailed) -> None:
    """Whoever repeats what surely was not sent may repeat it."""
    refused = NotAsked(Reason.BUSY, failure.detail, 1.0)
    assert (refused.sent, refused.retryable, refused.retry_after) == (False, True, 1.0)
