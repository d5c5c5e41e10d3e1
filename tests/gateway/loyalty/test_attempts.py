"""How many refused cards a shopper may try, and all shoppers together, over time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from smarts.gateway import errors
from smarts.gateway.loyalty.service import (
    MOST_REFUSALS,
    MOST_REFUSALS_OF_A_KIND,
    MOST_WHILE_GUESSED,
    Guesser,
    Loyalty,
)
from smarts.gateway.people.service import NewShopper, People
from smarts.gateway.storage.database import Database
from smarts.wire.errors import ProblemError

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=30)
KIND, OTHER_KIND = "club", "friends"


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


async def somebody(database: Database, joined_at: datetime = LONG_AGO) -> Guesser:
    """A shopper who joined at a time."""
    joined = await People(database, 10_000).join(NewShopper(), None, b"", "192.0.2.1")
    return Guesser(joined.person_id, joined_at)


async def refused(loyalty: Loyalty, guesser: Guesser, kind_id: str = KIND) -> ProblemError:
    """What comes of an attempt that the node refuses."""
    with pytest.raises(ProblemError) as caught:
        async with loyalty.attempt(guesser, kind_id):
            raise errors.CARD_REFUSED.error()
    return caught.value


async def is_guessed(database: Database, loyalty: Loyalty) -> list[Guesser]:
    """As many refusals of a kind as are too many; those who did it."""
    guessers = []
    for _ in range(MOST_REFUSALS_OF_A_KIND // MOST_REFUSALS):
        guessers.append(await somebody(database))
        for _ in range(MOST_REFUSALS):
            assert (await refused(loyalty, guessers[-1])).problem.type == "card-refused"
    return guessers


async def test_each_refusal_counts_for_an_hour(database: Database) -> None:
    """A shopper who was stopped may go on when the oldest refusal is an hour old, once for each that is."""
    clock = Clock()
    loyalty = Loyalty(database, clock)
    guesser = await somebody(database)
    for minute in range(MOST_REFUSALS):
        clock.now = NOON + timedelta(minutes=minute)
        assert (await refused(loyalty, guesser)).problem.type == "card-refused"
    clock.now = NOON + timedelta(minutes=59)
    stopped = await refused(loyalty, guesser)
    assert (stopped.problem.status, stopped.retry_after) == (429, 60)
    clock.now = NOON + timedelta(minutes=60)
    assert (await refused(loyalty, guesser)).problem.type == "card-refused"
    stopped = await refused(loyalty, guesser)
    assert (stopped.problem.status, stopped.retry_after) == (429, 60)


async def test_what_fails_for_other_reasons_does_not_count(database: Database) -> None:
    """Neither a link that worked nor a node that was down is held against the shopper, or against anybody else."""
    loyalty = Loyalty(database, Clock())
    guesser = await somebody(database)
    for _ in range(MOST_REFUSALS_OF_A_KIND):
        async with loyalty.attempt(guesser, KIND):
            pass
        with pytest.raises(ProblemError):
            async with loyalty.attempt(guesser, KIND):
                raise errors.STORAGE_UNAVAILABLE.error()
    assert (await refused(loyalty, await somebody(database, NOON))).problem.type == "card-refused"


async def test_a_kind_that_is_being_guessed_is_closed_to_newcomers(database: Database) -> None:
    """Joining anew buys no further guesses, for an hour; other kinds are open to everybody."""
    clock = Clock()
    loyalty = Loyalty(database, clock)
    await is_guessed(database, loyalty)
    newcomer = await somebody(database, NOON - timedelta(minutes=20))
    stopped = await refused(loyalty, newcomer)
    assert (stopped.problem.status, stopped.retry_after) == (429, 40 * 60)
    assert (await refused(loyalty, newcomer, OTHER_KIND)).problem.type == "card-refused"
    clock.now = NOON + timedelta(minutes=40)
    assert (await refused(loyalty, newcomer)).problem.type == "card-refused"


async def test_newcomers_who_try_at_the_same_time_are_no_more_than_one_after_the_other(
    database: Database,
) -> None:
    """Where one refusal is left, one of many who try in the same instant gets to try."""
    loyalty = Loyalty(database, Clock())
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO loyalty_refusals (kind_id, tried_at) SELECT $1, $2 FROM generate_series(2, $3)",
            KIND,
            NOON,
            MOST_REFUSALS_OF_A_KIND,
        )
    newcomers = [await somebody(database, NOON) for _ in range(10)]
    problems = await asyncio.gather(*(refused(loyalty, newcomer) for newcomer in newcomers))
    assert sorted(problem.problem.type for problem in problems) == ["card-refused"] + ["too-many"] * 9


async def test_who_joined_before_may_still_try_a_little(database: Database) -> None:
    """Nobody is locked out by those who guess: whoever mistypes a number once can type it again, and no more."""
    clock = Clock()
    loyalty = Loyalty(database, clock)
    await is_guessed(database, loyalty)
    honest = await somebody(database)
    for minute in range(MOST_WHILE_GUESSED):
        clock.now = NOON + timedelta(minutes=minute)
        assert (await refused(loyalty, honest)).problem.type == "card-refused"
    stopped = await refused(loyalty, honest)
    assert (stopped.problem.status, stopped.retry_after) == (429, 3600 - 60 * (MOST_WHILE_GUESSED - 1))
    async with loyalty.attempt(await somebody(database), KIND):
        pass


async def test_earlier_refusals_count_when_the_bound_becomes_lower(database: Database) -> None:
    """Who has used more than the lower bound waits until no more than that are left within the hour."""
    clock = Clock()
    loyalty = Loyalty(database, clock)
    guesser = await somebody(database)
    for minute in range(MOST_WHILE_GUESSED + 1):
        clock.now = NOON + timedelta(minutes=minute)
        await refused(loyalty, guesser, OTHER_KIND)
    await is_guessed(database, loyalty)
    stopped = await refused(loyalty, guesser)
    assert (stopped.problem.status, stopped.retry_after) == (429, 3600 - 60)


async def test_after_an_hour_all_is_as_before(database: Database) -> None:
    """When the guessing has stopped for an hour, newcomers link their cards again."""
    clock = Clock()
    loyalty = Loyalty(database, clock)
    await is_guessed(database, loyalty)
    clock.now = NOON + timedelta(hours=1)
    assert (await refused(loyalty, await somebody(database, clock.now))).problem.type == "card-refused"


async def test_erasing_oneself_does_not_take_refusals_back(database: Database) -> None:
    """What was refused to those who left still counts against the kind, and says nothing of them."""
    loyalty = Loyalty(database, Clock())
    for guesser in await is_guessed(database, loyalty):
        async with database.transaction() as tx:
            await loyalty.forget(tx, guesser.person_id)
    assert (await refused(loyalty, await somebody(database, NOON))).problem.status == 429
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT * FROM loyalty_refusals")
    assert {tuple(row.keys()) for row in rows} == {("id", "kind_id", "tried_at")}
