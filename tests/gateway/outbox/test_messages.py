"""Putting and cancelling: what is in the outbox, and whether it is sent."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from outbox_parts import Receiver, message, put_all, until_waiting, working
from smarts.gateway.outbox import Message, Outcome, cancel, put
from smarts.gateway.storage.database import Database


async def test_what_is_put_is_delivered_as_it_was(database: Database, database_url: str) -> None:
    """The handler gets the very message, byte for byte."""
    receiver = Receiver()
    put_message = message("1", lane="kauplus õ", key="")
    async with working(database, database_url, receiver):
        await put_all(database, [put_message])
        await receiver.until_called(1)
    assert receiver.calls == [put_message]


async def test_nothing_is_delivered_of_a_transaction_that_is_rolled_back(
    database: Database, database_url: str
) -> None:
    """A message lives and dies with its transaction."""
    receiver = Receiver()
    async with working(database, database_url, receiver):
        with suppress(KeyError):
            async with database.transaction() as tx:
                await put(tx, message("lost"))
                raise KeyError
        await put_all(database, [message("kept")])
        await receiver.until_called(1)
    assert receiver.ids == ["kept"]


async def test_the_same_id_is_put_once(database: Database, database_url: str) -> None:
    """A second put of an id does nothing: in the same transaction, in another, and after the delivery."""
    receiver = Receiver()
    async with working(database, database_url, receiver):
        async with database.transaction() as tx:
            assert await put(tx, message("1"))
            assert not await put(tx, message("1"))
        await until_waiting(database, 0)
        async with database.transaction() as tx:
            assert not await put(tx, message("1"))
        await put_all(database, [message("2")])
        await receiver.until_called(2)
    assert receiver.ids == ["1", "2"]


async def test_a_cancelled_message_is_not_delivered(database: Database, database_url: str) -> None:
    """A message that is still waiting can be taken back, once."""
    receiver = Receiver()
    await put_all(database, [message("1"), message("2")])
    async with database.transaction() as tx:
        assert await cancel(tx, "1")
        assert not await cancel(tx, "1")
        assert not await cancel(tx, "unknown")
    async with working(database, database_url, receiver):
        await until_waiting(database, 0)
    assert receiver.ids == ["2"]


async def test_what_was_delivered_cannot_be_cancelled(database: Database, database_url: str) -> None:
    """Cancelling comes too late once the message is delivered, and says so."""
    async with working(database, database_url, Receiver()):
        await put_all(database, [message("1")])
        await until_waiting(database, 0)
    async with database.transaction() as tx:
        assert not await cancel(tx, "1")


async def test_a_timer_fires_when_it_is_due_and_not_before(database: Database, database_url: str) -> None:
    """A message due later waits for its moment, while others of its lane and key pass it."""
    due = datetime.now(UTC) + timedelta(milliseconds=300)
    receiver = Receiver()
    fired: list[datetime] = []

    async def handler(received: Message) -> Outcome:
        fired.append(datetime.now(UTC))
        return await receiver(received)

    async with working(database, database_url, handler):
        await put_all(database, [message("timer", due=due), message("now")])
        await receiver.until_called(2)
    assert receiver.ids == ["now", "timer"]
    assert timedelta() <= fired[1] - due < timedelta(seconds=5)


async def test_a_sooner_timer_wakes_a_sleeping_worker(database: Database, database_url: str) -> None:
    """A worker that sleeps until tomorrow hears of a timer due today."""
    now = datetime.now(UTC)
    receiver = Receiver()
    async with working(database, database_url, receiver):
        await put_all(database, [message("tomorrow", due=now + timedelta(days=1))])
        await put_all(database, [message("soon", due=now + timedelta(milliseconds=200))])
        await receiver.until_called(1)
    assert receiver.ids == ["soon"]


async def test_a_timer_that_fell_due_while_nobody_worked_fires_at_once(
    database: Database, database_url: str
) -> None:
    """Timers wait in the database, not in a process."""
    receiver = Receiver()
    await put_all(database, [message("timer", due=datetime.now(UTC) - timedelta(hours=4))])
    async with working(database, database_url, receiver):
        await receiver.until_called(1)
    assert receiver.ids == ["timer"]
