"""What the outbox's tests share: a receiver that can be told how to answer, and a worker that shows what it does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from smarts.gateway.outbox import (
    CHANNEL,
    Delivered,
    Limits,
    Message,
    Outcome,
    Schedule,
    Worker,
    depth,
    put,
)
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.notices import Notices

KIND = "test"
QUICKLY = Schedule((timedelta(milliseconds=20),) * 4, jitter=0)
LATER = Schedule((timedelta(hours=1),) * 4, jitter=0)


def message(
    identity: str, *, lane: str = "store", key: str = "purchase", due: datetime | None = None
) -> Message:
    return Message(identity, lane, KIND, key, f"payload of {identity}".encode(), due)


@dataclass
class Receiver:
    """Takes messages, unless it was told to answer one otherwise the next times."""

    calls: list[Message] = field(default_factory=list)
    answers: dict[str, list[Outcome | Callable[[], Awaitable[Outcome]]]] = field(default_factory=dict)
    _called: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, received: Message) -> Outcome:
        self.calls.append(received)
        async with self._called:
            self._called.notify_all()
        answers = self.answers.get(received.id)
        if not answers:
            return Delivered()
        answer = answers.pop(0)
        return await answer() if callable(answer) else answer

    async def until_called(self, times: int) -> None:
        async with self._called:
            await self._called.wait_for(lambda: len(self.calls) >= times)

    @property
    def ids(self) -> list[str]:
        return [call.id for call in self.calls]


@asynccontextmanager
async def working(
    database: Database,
    url: str,
    handler: Callable[[Message], Awaitable[Outcome]],
    *,
    limits: Limits | None = None,
    retries: Schedule = QUICKLY,
    lane_rests: Schedule = QUICKLY,
) -> AsyncIterator[Worker]:
    async with Notices.open(url, channels=(CHANNEL,)) as notices:
        worker = Worker(
            database, notices, {KIND: handler}, limits=limits, retries=retries, lane_rests=lane_rests
        )
        async with worker.running():
            yield worker


async def put_all(database: Database, messages: Iterable[Message]) -> None:
    async with database.transaction() as tx:
        for each in messages:
            await put(tx, each)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again; the test's own time limit ends it."""
    while not await condition():
        pass


async def until_waiting(database: Database, count: int) -> None:
    async def so_many() -> bool:
        async with database.connection() as connection:
            return (await depth(connection)).waiting == count

    await until(so_many)
