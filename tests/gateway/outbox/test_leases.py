"""Leases: who may send, and who takes over."""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import outbox_parts
from outbox_parts import Receiver, message, put_all, until, until_waiting, working
from smarts.gateway.outbox import Delivered, Limits, Message, Outcome
from smarts.gateway.storage.database import Database

LEASE = timedelta(milliseconds=300)

STUCK_WORKER = """
import asyncio, sys
from datetime import timedelta
from outbox_parts import working
from smarts.gateway.outbox import Limits
from smarts.gateway.storage.database import Database

async def handler(message):
    print("sending", flush=True)
    await asyncio.sleep(600)

async def main():
    async with Database.open(sys.argv[1]) as database:
        async with working(database, sys.argv[1], handler, limits=Limits(lease=timedelta(milliseconds=300))):
            await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_a_killed_workers_messages_are_taken_over(database: Database, database_url: str) -> None:
    """A worker killed while it sends leaves a lease that ends, and then another sends its message again."""
    await put_all(database, [message("1"), message("2")])
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        STUCK_WORKER,
        database_url,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(outbox_parts.__file__).parent)},
    )
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b"sending\n"
    worker.kill()
    await worker.wait()
    receiver = Receiver()
    async with working(database, database_url, receiver):
        await until_waiting(database, 0)
    assert receiver.ids == ["1", "2"]


async def test_a_lease_is_renewed_while_a_handler_takes_its_time(
    database: Database, database_url: str
) -> None:
    """A handler may take longer than the lease: no other worker sends the message meanwhile."""
    ends: set[object] = set()

    async def slowly() -> Outcome:
        async def renewed_often() -> bool:
            async with database.connection() as connection:
                ends.add(await connection.fetchval("SELECT lease_until FROM outbox_lanes"))
            return len(ends) > 6  # each renewal adds a third of the lease

        await until(renewed_often)
        return Delivered()

    receiver = Receiver(answers={"1": [slowly]})
    limits = Limits(lease=LEASE)
    async with (
        working(database, database_url, receiver, limits=limits),
        working(database, database_url, receiver, limits=limits),
    ):
        await put_all(database, [message("1"), message("2")])
        await until_waiting(database, 0)
    assert receiver.ids == ["1", "2"]


async def test_a_worker_that_lost_its_lease_sends_nothing_more(database: Database, database_url: str) -> None:
    """When renewals fail for longer than the lease, the worker leaves the rest of the lane to others."""
    limits = Limits(lease=LEASE)
    lost = asyncio.Event()

    async def until_lost() -> Outcome:
        await lost.wait()
        return Delivered()

    receiver = Receiver(answers={"1": [until_lost]})
    async with working(database, database_url, receiver, limits=limits):
        await put_all(database, [message("1"), message("2")])
        await receiver.until_called(1)
        async with database.connection() as connection:  # as if another worker had the lane
            await connection.execute(
                "UPDATE outbox_lanes SET holder = gen_random_uuid(), lease_until = now() + '1 day'"
            )

            over = asyncio.get_running_loop().time() + LEASE.total_seconds()
            while asyncio.get_running_loop().time() < over:
                await connection.execute("SELECT pg_sleep(0.01)")
        lost.set()
        await until_waiting(database, 1)
    assert receiver.ids == ["1"]


async def test_a_stopping_worker_finishes_what_it_sends(database: Database, database_url: str) -> None:
    """What is being sent when the worker is stopped is finished and recorded; nothing new is begun."""
    stopping = asyncio.Event()

    async def until_stopping() -> Outcome:
        await stopping.wait()
        return Delivered()

    receiver = Receiver(answers={"1": [until_stopping]})
    async with working(database, database_url, receiver):
        await put_all(database, [message("1"), message("2")])
        await receiver.until_called(1)
        asyncio.get_running_loop().call_later(0.05, stopping.set)
    assert receiver.ids == ["1"]
    await until_waiting(database, 1)


async def test_a_worker_stops_in_bounded_time_and_gives_its_lanes_back(
    database: Database, database_url: str
) -> None:
    """A handler that never ends is given up, and its message can be sent again at once, whatever the lease."""
    receiver = Receiver()

    async def never(_: Message) -> Outcome:
        await receiver(_)
        await asyncio.Event().wait()
        return Delivered()

    await put_all(database, [message("1")])
    async with working(
        database,
        database_url,
        never,
        limits=Limits(stop=timedelta(milliseconds=50), lease=timedelta(hours=1)),
    ):
        await receiver.until_called(1)
    async with working(database, database_url, receiver):
        await until_waiting(database, 0)
    assert receiver.ids == ["1", "1"]
