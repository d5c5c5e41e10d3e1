"""Places, tokens and retries: how much of something is let through."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.gateway.nodes.budget import budget, left_of
from smarts.gateway.nodes.rates import Bucket, NoPlaceError, Places, Retries

PATIENT = 30.0


@given(st.lists(st.floats(0, 0.3), min_size=1, max_size=200), st.integers(1, 50))
def test_no_more_than_the_rate_goes_through_whoever_waits_how_long(pauses: list[float], rate: int) -> None:
    """In any span of time: so many a second, and what two seconds let in at once after a rest."""
    bucket, now, went = Bucket(seconds=2.0), 100.0, list[float]()
    for pause in pauses:
        now += pause
        wait = bucket.take(now, rate, patience=0.5)
        if wait is not None:
            assert 0 <= wait <= 0.5
            went.append(now + wait)
    for first in range(len(went)):
        for last in range(first, len(went)):
            most = rate * (went[last] - went[first]) + max(2 * rate, 1) + 1
            assert last - first + 1 <= most + 1e-6


def test_after_a_rest_a_bucket_is_full_again() -> None:
    """A burst of two seconds goes through at once, the next one has to wait, and later there is a burst again."""
    bucket = Bucket(seconds=2.0)
    for start in (10.0, 20.0):
        assert [bucket.take(start, 5, 0.0) for _ in range(10)] == [0.0] * 10
        assert bucket.take(start, 5, 0.0) is None
        assert bucket.take(start, 5, 1.0) == pytest.approx(0.2)


@given(st.lists(st.booleans(), max_size=300))
def test_retries_are_a_tenth_of_the_calls_and_a_few(events: list[bool]) -> None:
    """However calls fail: no more than ten repetitions, and one for ten calls."""
    retries, calls, repeated = Retries(share=0.1, most=10.0), 0, 0
    for is_call in events:
        if is_call:
            retries.earn()
            calls += 1
        else:
            repeated += retries.spend()
        assert repeated <= 10 + calls / 10 + 1e-9


async def test_those_who_come_too_late_stand_in_line_and_go_in_their_turn() -> None:
    """So many at once; the line is short; who leaves makes place for the first one in it."""
    places, order, doors = Places(), list[str](), {name: asyncio.Event() for name in "abcd"}

    async def visit(name: str) -> None:
        await places.take(2, 2, PATIENT)
        order.append(name)
        await doors[name].wait()
        places.give_back(2)

    visits = {}
    for name in "abcd":
        visits[name] = asyncio.create_task(visit(name))
        await asyncio.sleep(0)
    assert (order, places.taken, places.waiting) == (["a", "b"], 2, 2)
    with pytest.raises(NoPlaceError):
        await places.take(2, 2, PATIENT)
    doors["b"].set()
    await visits["b"]
    await asyncio.sleep(0)
    assert order == ["a", "b", "c"]
    for door in doors.values():
        door.set()
    await asyncio.gather(*visits.values())
    assert (order[-1], places.taken, places.waiting) == ("d", 0, 0)


async def test_nobody_waits_longer_than_their_patience_and_no_place_gets_lost() -> None:
    """Whoever goes away unserved, by time or because they are cancelled, leaves the line as it should be."""
    places, door = Places(), asyncio.Event()

    async def visit(patience: float) -> None:
        await places.take(1, 5, patience)
        await door.wait()
        places.give_back(1)

    first = asyncio.create_task(visit(PATIENT))
    await asyncio.sleep(0)
    with pytest.raises(NoPlaceError):
        await visit(0.0)
    cancelled, called = asyncio.create_task(visit(PATIENT)), asyncio.create_task(visit(PATIENT))
    await asyncio.sleep(0)
    door.set()
    await first  # the place goes to the one that is cancelled at this very moment
    cancelled.cancel()
    await asyncio.wait_for(called, PATIENT)
    assert (places.taken, places.waiting) == (0, 0)


async def test_a_budget_is_for_all_that_is_called_within_it() -> None:
    """It begins with the first call, tasks that are made within share it, and outside there is none."""
    assert left_of(5.0) == 5.0
    with budget(2.0):
        assert left_of(1.0) == 1.0
        assert 1.0 < left_of(5.0) < 2.0
        assert 1.0 < await asyncio.create_task(_left()) < 2.0
    with budget(0.0):
        assert left_of(5.0) == 0.0
    assert left_of(5.0) == 5.0


async def _left() -> float:
    return left_of(5.0)
