"""How many refused cards a shopper may try, over time."""

from datetime import UTC, datetime, timedelta

import pytest

from smarts.gateway import errors
from smarts.gateway.loyalty.service import MOST_REFUSALS, Loyalty
from smarts.gateway.people.service import NewShopper, People
from smarts.gateway.storage.database import Database
from smarts.wire.errors import ProblemError

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


async def refused(loyalty: Loyalty, person_id: str) -> ProblemError:
    """What comes of an attempt that the node refuses."""
    with pytest.raises(ProblemError) as caught:
        async with loyalty.attempt(person_id):
            raise errors.CARD_REFUSED.error()
    return caught.value


async def test_each_refusal_counts_for_an_hour(database: Database) -> None:
    """A shopper who was stopped may go on when the oldest refusal is an hour old, once for each that is."""
    clock = Clock()
    loyalty = Loyalty(database, clock)
    person_id = (await People(database).join(NewShopper(), None, b"")).person_id
    for minute in range(MOST_REFUSALS):
        clock.now = NOON + timedelta(minutes=minute)
        assert (await refused(loyalty, person_id)).problem.type == "card-refused"
    clock.now = NOON + timedelta(minutes=59)
    stopped = await refused(loyalty, person_id)
    assert (stopped.problem.status, stopped.retry_after) == (429, 60)
    clock.now = NOON + timedelta(minutes=60)
    assert (await refused(loyalty, person_id)).problem.type == "card-refused"
    stopped = await refused(loyalty, person_id)
    assert (stopped.problem.status, stopped.retry_after) == (429, 60)


async def test_what_fails_for_other_reasons_does_not_count(database: Database) -> None:
    """Neither a link that worked nor a node that was down is held against the shopper."""
    loyalty = Loyalty(database, Clock())
    person_id = (await People(database).join(NewShopper(), None, b"")).person_id
    for _ in range(2 * MOST_REFUSALS):
        async with loyalty.attempt(person_id):
            pass
        with pytest.raises(ProblemError):
            async with loyalty.attempt(person_id):
                raise errors.STORAGE_UNAVAILABLE.error()
    assert (await refused(loyalty, person_id)).problem.type == "card-refused"
