"""The database server stopped and started again under the outbox."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from outbox_parts import Receiver, message, put_all, until_waiting, working
from smarts.gateway.outbox import Limits, cancel
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import EmbeddedPostgres, embedded_postgres
from smarts.gateway.storage.migrations import migrate


def server(directory: Path) -> AbstractAsyncContextManager[EmbeddedPostgres]:
    return embedded_postgres(directory, settings={"fsync": "off"}, on_progress=lambda _: None)


async def test_messages_and_timers_survive_a_restart(directory: Path) -> None:
    """What was put before a stop is delivered after the start, timers when they are due, cancelled ones never."""
    receiver = Receiver()
    due = datetime.now(UTC) + timedelta(milliseconds=500)
    async with server(directory) as first, Database.open(first.url()) as database:
        await migrate(database)
        await put_all(database, [message("1"), message("timer", due=due), message("cancelled", due=due)])
        async with database.transaction() as tx:
            await cancel(tx, "cancelled")
    async with (
        server(directory) as second,
        Database.open(second.url()) as database,
        working(database, second.url(), receiver),
    ):
        await until_waiting(database, 0)
    assert receiver.ids == ["1", "timer"]
    assert datetime.now(UTC) >= due


async def test_a_worker_outlives_a_restart_of_the_database(directory: Path) -> None:
    """A worker that loses its database finds it again by itself and goes on."""
    receiver = Receiver()
    limits = Limits(
        lease=timedelta(seconds=1)
    )  # what is not recorded before the stop is sent again after a lease
    async with AsyncExitStack() as first, AsyncExitStack() as second, AsyncExitStack() as work:
        url = (await first.enter_async_context(server(directory))).url()
        database = await work.enter_async_context(Database.open(url))
        await migrate(database)
        await put_all(database, [message("before")])
        await work.enter_async_context(working(database, url, receiver, limits=limits))
        await receiver.until_called(1)
        await first.aclose()
        await second.enter_async_context(server(directory))
        await put_all(database, [message("after")])
        await until_waiting(database, 0)
    assert set(receiver.ids) == {"before", "after"}
    assert receiver.ids[-1] == "after"
