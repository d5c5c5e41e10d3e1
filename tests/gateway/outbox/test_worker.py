"""The worker: order, retries, dead letters, lanes that rest, leases, and a graceful stop."""

import asyncio
from datetime import timedelta

from outbox_parts import LATER, Receiver, message, put_all, until, until_waiting, working
from smarts.gateway.outbox import (
    Attempt,
    Delivered,
    Limits,
    Message,
    Outcome,
    Refused,
    RetryLater,
    attempts_of,
    dead_letters,
    depth,
)
from smarts.gateway.storage.database import Database


async def attempts(database: Database, identity: str) -> list[Attempt]:
    async with database.connection() as connection:
        return await attempts_of(connection, identity)


async def never() -> Outcome:
    await asyncio.Event().wait()
    return Delivered()


async def test_messages_of_one_key_keep_their_order_through_retries(
    database: Database, database_url: str
) -> None:
    """A message that has to be tried again holds up the later ones of its key, and nothing passes it."""
    receiver = Receiver(answers={"2": [RetryLater("busy"), RetryLater("busy")]})
    await put_all(database, [message(str(number)) for number in range(1, 5)])
    async with working(database, database_url, receiver):
        await until_waiting(database, 0)
    assert receiver.ids == ["1", "2", "2", "2", "3", "4"]


async def test_a_message_to_be_retried_holds_up_its_own_key_only(
    database: Database, database_url: str
) -> None:
    """Other keys of the lane are delivered while one waits for its retry."""
    receiver = Receiver(answers={"a1": [RetryLater("busy")]})
    await put_all(database, [message("a1", key="a"), message("a2", key="a"), message("b1", key="b")])
    async with working(database, database_url, receiver, retries=LATER):
        await until_waiting(database, 2)
        await put_all(database, [message("a3", key="a"), message("b2", key="b")])
        await until_waiting(database, 3)
    assert sorted(receiver.ids) == ["a1", "b1", "b2"]


async def test_a_lane_that_cannot_be_reached_rests_and_the_others_go_on(
    database: Database, database_url: str
) -> None:
    """One message finds out that a store is down; its lane's others are not tried, another store's are delivered."""
    limits = Limits(sends_per_lane=1)
    receiver = Receiver(answers={"down 0": [RetryLater("refused", whole_lane=True)]})
    await put_all(database, [message(f"down {number}", lane="down", key=str(number)) for number in range(50)])
    async with working(database, database_url, receiver, retries=LATER, lane_rests=LATER, limits=limits):
        for number in range(5):
            await put_all(database, [message(f"up {number}", lane="up")])
            await until_waiting(database, 50)
    assert [identity for identity in receiver.ids if identity.startswith("down")] == ["down 0"]


async def test_a_rested_lane_is_tried_with_one_message_and_then_served_whole(
    database: Database, database_url: str
) -> None:
    """The messages on their way find out that the store is down; after that one message at a time is tried."""
    sending = asyncio.Barrier(4)

    async def down_for_all() -> Outcome:
        async with sending:
            return RetryLater("refused", whole_lane=True)

    async def down() -> Outcome:
        await asyncio.sleep(0)  # long enough for another message to be sent, if one were
        return RetryLater("refused", whole_lane=True)

    first = [str(number) for number in range(4)]
    receiver = Receiver(answers={identity: [down_for_all] for identity in first})
    receiver.answers["0"] += [down, down]
    await put_all(database, [message(str(number), key=str(number)) for number in range(10)])
    async with working(database, database_url, receiver, retries=LATER, limits=Limits(sends_per_lane=4)):
        await until_waiting(database, 0)
    assert sorted(receiver.ids[:4]) == first
    assert receiver.ids[4:7] == ["0"] * 3
    assert sorted(receiver.ids[7:], key=int) == [str(number) for number in range(1, 10)]


async def test_a_hanging_store_holds_up_nobody(database: Database, database_url: str) -> None:
    """While one store's handler never answers, another store's messages are delivered."""
    receiver = Receiver(answers={"hangs": [never]})
    limits = Limits(lanes=2, stop=timedelta())
    await put_all(database, [message("hangs", lane="hanging")])
    async with working(database, database_url, receiver, limits=limits):
        await receiver.until_called(1)
        await put_all(database, [message(str(number), lane="other") for number in range(20)])
        await until_waiting(database, 1)


async def test_a_refused_message_becomes_a_dead_letter_and_the_next_passes(
    database: Database, database_url: str
) -> None:
    """What the receiver refuses is not tried again, and does not stand in the way."""
    receiver = Receiver(answers={"1": [Refused("no such invoice")]})
    await put_all(database, [message("1"), message("2")])
    async with working(database, database_url, receiver):
        await until_waiting(database, 0)
    assert receiver.ids == ["1", "2"]
    async with database.connection() as connection:
        assert [(dead.id, dead.detail) for dead in await dead_letters(connection)] == [
            ("1", "no such invoice")
        ]


async def test_a_message_that_keeps_failing_is_given_up_after_the_last_retry(
    database: Database, database_url: str
) -> None:
    """A schedule of four pauses is five attempts, each of them kept as a row."""
    receiver = Receiver(answers={"1": [RetryLater(f"failure {number}") for number in range(1, 10)]})
    await put_all(database, [message("1")])
    async with working(database, database_url, receiver):
        await until_waiting(database, 0)
    assert [(attempt.outcome, attempt.detail) for attempt in await attempts(database, "1")] == [
        ("retry", "failure 1"),
        ("retry", "failure 2"),
        ("retry", "failure 3"),
        ("retry", "failure 4"),
        ("exhausted", "failure 5"),
    ]


async def test_messages_of_a_lane_that_stays_down_are_given_up_when_they_are_old(
    database: Database, database_url: str
) -> None:
    """What has waited longer than the whole schedule dies with its lane's next failure; the younger lives on."""
    receiver = Receiver(answers={"old": [RetryLater("refused", whole_lane=True)] * 2})
    await put_all(database, [message("old"), message("old too")])
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE outbox_messages SET waiting_since = now() - $1::interval", LATER.total
        )
    await put_all(database, [message("young")])
    async with working(database, database_url, receiver, retries=LATER):
        await until_waiting(database, 0)
    assert receiver.ids == ["old", "young"]
    async with database.connection() as connection:
        assert {dead.id for dead in await dead_letters(connection)} == {"old", "old too"}


async def test_a_failing_handler_is_tried_again_and_its_error_kept(
    database: Database, database_url: str
) -> None:
    """An exception in a handler is an attempt like others, with what was raised as its detail."""

    async def fail() -> Outcome:
        raise ValueError("no such shelf")

    receiver = Receiver(answers={"1": [fail]})
    await put_all(database, [message("1")])
    async with working(database, database_url, receiver):
        await until_waiting(database, 0)
    first, second = await attempts(database, "1")
    assert (first.outcome, first.detail) == ("retry", "ValueError: no such shelf")
    assert second.outcome == "delivered"
    assert first.started_at < second.started_at


async def test_a_handler_has_limited_time(database: Database, database_url: str) -> None:
    """A handler that does not answer in time is ended, and the message tried again."""
    receiver = Receiver(answers={"1": [never]})
    await put_all(database, [message("1")])
    async with working(database, database_url, receiver, limits=Limits(send=timedelta(milliseconds=50))):
        await until_waiting(database, 0)
    first, _ = await attempts(database, "1")
    assert first.detail == "not done within 0.05 s"
    assert first.took >= timedelta(milliseconds=50)


async def test_a_kind_nobody_handles_waits_for_a_worker_that_does(
    database: Database, database_url: str
) -> None:
    """A message of an unknown kind is not lost: a newer release may know it."""
    unknown = Message("1", "store", "kind of tomorrow", "key", b"")
    receiver = Receiver()
    async with working(database, database_url, receiver, retries=LATER):
        await put_all(database, [unknown])

        async def tried() -> bool:
            return bool(await attempts(database, "1"))

        await until(tried)
    assert receiver.calls == []
    async with database.connection() as connection:
        assert (await depth(connection)).waiting == 1


async def test_several_keys_of_a_lane_are_sent_at_a_time_but_no_more_than_the_limit(
    database: Database, database_url: str
) -> None:
    """A lane's messages of different keys go out side by side, up to the limit."""
    limits = Limits(sends_per_lane=3)
    at_once = most = 0

    async def handler(_: Message) -> Outcome:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return Delivered()

    await put_all(database, [message(str(number), key=str(number)) for number in range(30)])
    async with working(database, database_url, handler, limits=limits):
        await until_waiting(database, 0)
    assert most == 3


async def test_a_slow_lane_lets_the_others_go_first_when_its_turn_is_over(
    database: Database, database_url: str
) -> None:
    """However many stores are slow: each is served for its turn, a message at least, and then those behind it are."""
    receiver = Receiver()
    slow = [message(f"slow {number}", lane="slow", key=str(number)) for number in range(3)]
    await put_all(database, slow)
    await put_all(database, [message("other", lane="other")])
    limits = Limits(lanes=1, sends_per_lane=1, turn=timedelta(0))
    async with working(database, database_url, receiver, limits=limits):
        await until_waiting(database, 0)
    assert receiver.ids.index("other") < receiver.ids.index("slow 2")
    assert [each for each in receiver.ids if each != "other"] == ["slow 0", "slow 1", "slow 2"]
