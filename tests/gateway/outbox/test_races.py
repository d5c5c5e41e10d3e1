"""Many writers and several workers at once: nothing stuck, nothing lost, nothing out of order."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest

from outbox_parts import message, until_waiting, working
from smarts.gateway.outbox import Delivered, Limits, Message, Outcome, RetryLater, Schedule, put
from smarts.gateway.storage.database import Database

PATIENTLY = Schedule((timedelta(milliseconds=10),) * 10_000, jitter=0)
LANES, WRITERS, MESSAGES, WORKERS = 4, 8, 60, 3


class Shop:
    """A receiver that is out of order now and then, and tells apart what it has had already."""

    def __init__(self, chance: random.Random, trouble: float) -> None:
        self._chance = chance
        self._trouble = trouble
        self.taken: dict[str, list[int]] = defaultdict(list)
        self.sent = 0

    async def take(self, received: Message) -> Outcome:
        self.sent += 1
        if self._chance.random() < self._trouble:
            return RetryLater("now and then", whole_lane=self._chance.random() < 0.2)
        number = int(received.payload.removeprefix(b"payload of ").split()[1])
        if number not in self.taken[received.order_key]:
            self.taken[received.order_key].append(number)
        await asyncio.sleep(0)
        return Delivered()


async def write(database: Database, writer: int, chance: random.Random) -> None:
    for number in range(MESSAGES):
        lane = f"store {chance.randrange(LANES)}"
        async with database.transaction() as tx:
            await put(tx, message(f"{writer} {number}", lane=lane, key=f"{writer} in {lane}"))
            if chance.random() < 0.3:
                await tx.execute(
                    "SELECT pg_sleep($1)", chance.random() * 0.01
                )  # a put that is committed late


@asynccontextmanager
async def workers(url: str, shop: Shop) -> AsyncIterator[None]:
    """Workers that share nothing but the database, as processes do, with small batches to meet each other often."""
    async with AsyncExitStack() as stack:
        for _ in range(WORKERS):
            database = await stack.enter_async_context(Database.open(url, connections=4))
            await stack.enter_async_context(
                working(
                    database,
                    url,
                    shop.take,
                    limits=Limits(lanes=2, batch=3, sends_per_lane=2),
                    retries=PATIENTLY,
                )
            )
        yield


@pytest.mark.parametrize("trouble", [0, 0.05], ids=["all well", "with failures"])
@pytest.mark.parametrize("seed", range(3))
async def test_every_message_arrives_once_and_in_order(
    database: Database, database_url: str, seed: int, trouble: float
) -> None:
    """Whatever writers and workers do at the same moment, each key's messages are taken in order, each once."""
    chance = random.Random(seed)
    shop = Shop(chance, trouble)
    async with workers(database_url, shop):
        await asyncio.gather(
            *(write(database, writer, random.Random(chance.random())) for writer in range(WRITERS))
        )
        async with asyncio.timeout(30):
            await until_waiting(database, 0)
    assert all(numbers == sorted(numbers) for numbers in shop.taken.values())
    assert sum(len(numbers) for numbers in shop.taken.values()) == WRITERS * MESSAGES
    if not trouble:
        assert shop.sent == WRITERS * MESSAGES


async def test_no_message_is_left_when_lanes_fall_idle_again_and_again(
    database: Database, database_url: str
) -> None:
    """A message put at the very moment its lane is found empty is delivered without a further one to wake it."""
    shop = Shop(random.Random(0), 0)
    async with workers(database_url, shop), asyncio.timeout(30):
        for number in range(150):
            async with asyncio.TaskGroup() as group:
                for writer in range(3):
                    group.create_task(_put_one(database, writer, number))
            if number % 10 == 0:
                await until_waiting(database, 0)
        await until_waiting(database, 0)
    assert [len(numbers) for numbers in shop.taken.values()] == [150] * 3


async def _put_one(database: Database, writer: int, number: int) -> None:
    async with database.transaction() as tx:
        await put(tx, message(f"{writer} {number}", lane="store", key=str(writer)))


async def test_a_lane_that_is_written_to_without_pause_is_served_all_the_same(
    database_url: str,
) -> None:
    """Writers that queue for a lane's row, so that it is never free, do not keep workers away from it."""
    shop = Shop(random.Random(0), 0)
    served = asyncio.Event()

    async def take(received: Message) -> Outcome:
        served.set()
        return await shop.take(received)

    async def write_without_pause(database: Database, writer: int) -> None:
        number = 0
        while not served.is_set():
            async with database.transaction() as tx:
                await put(tx, message(f"{writer} {number}", lane="store", key=str(writer)))
                await tx.execute("SELECT pg_sleep(0.01)")
            number += 1

    async with (
        asyncio.timeout(10),
        Database.open(database_url, connections=20) as writing,
        Database.open(database_url) as reading,
        asyncio.TaskGroup() as group,
    ):
        for writer in range(16):
            group.create_task(write_without_pause(writing, writer))
        async with working(reading, database_url, take):
            await served.wait()


async def test_a_sleeping_worker_is_woken_by_every_put(database: Database, database_url: str) -> None:
    """A message is sent as soon as it is put, not when the worker happens to look again."""
    shop = Shop(random.Random(0), 0)
    async with working(database, database_url, shop.take), asyncio.timeout(10):
        for number in range(30):
            await _put_one(database, 0, number)
            await until_waiting(database, 0)
