"""Something changed, look again: PostgreSQL's LISTEN and NOTIFY for any number of subscribers of a process.

A notice carries a channel and a key, never data. Notices of one key that come quicker than a subscriber looks become
one, so a subscriber needs no more memory however slow it is. Notices can be lost while the connection is down, or with
the process that was to send them (`telling`); therefore every subscriber is told to look again after each
reconnection, once at the very beginning, and from time to time.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

import asyncpg
import structlog

if TYPE_CHECKING:
    _Listening = asyncpg.Connection[asyncpg.Record]
else:
    _Listening = asyncpg.Connection

log = structlog.get_logger(__name__)

RECONNECT_PAUSES_SECONDS = (0.05, 0.2, 1, 2, 5)
PROBE_SECONDS = 10  # how soon a connection that died without a word is noticed


class Subscription:
    """One subscriber's view: `async for _ in subscription` gives an item whenever it should look again.

    The first item comes at once, so that nothing is missed between a first look and the subscription; the next one
    after so many `seconds` at the latest.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._event = asyncio.Event()
        self._event.set()

    def wake(self) -> None:
        """Tell the subscriber to look again."""
        self._event.set()

    async def changed(self) -> None:
        """Wait until there is something to look at, as far as anybody told."""
        await self._event.wait()
        self._event.clear()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                await self.changed()


class Notices:
    """The process's one listening connection and its subscribers. Made by `open`."""

    def __init__(self, url: str, channels: tuple[str, ...], look_again: timedelta) -> None:
        self._url = url
        self._channels = channels
        self._look_again = look_again
        self._subscriptions: dict[tuple[str, str | None], set[Subscription]] = defaultdict(set)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, channels: tuple[str, ...], look_again: timedelta = timedelta(seconds=30)
    ) -> AsyncIterator[Self]:
        """Listen to the channels until the end of the block, reconnecting by itself.

        Args:
            url: must lead past any pooler: who listens keeps a session, and hears nothing in one of somebody else.
            channels: those that may be subscribed to.
            look_again: after what time subscribers look though nobody told them, as a notice may be lost.
        """
        notices = cls(url, channels, look_again)
        listening = asyncio.create_task(notices._listen_forever())
        try:
            yield notices
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    @contextmanager
    def subscribe(self, channel: str, *keys: str) -> Iterator[Subscription]:
        """Subscribe to some keys of a channel, or to all its keys where none is named.

        Raises:
            ValueError: nobody listens to this channel: see `open`.
        """
        if channel not in self._channels:
            message = f"nobody listens to the channel {channel!r}"
            raise ValueError(message)
        subscription = Subscription(self._look_again.total_seconds())
        wanted = [(channel, key) for key in keys or (None,)]
        for each in wanted:
            self._subscriptions[each].add(subscription)
        try:
            yield subscription
        finally:
            for each in wanted:
                self._leave(each, subscription)

    def _leave(self, key: tuple[str, str | None], subscription: Subscription) -> None:
        self._subscriptions[key].discard(subscription)
        if not self._subscriptions[key]:
            del self._subscriptions[key]

    def _deliver(self, _connection: Any, _process: int, channel: str, key: object) -> None:
        for wanted in (str(key), None):
            for subscription in self._subscriptions.get((channel, wanted), ()):
                subscription.wake()

    def _wake_all(self) -> None:
        for subscribers in self._subscriptions.values():
            for subscription in subscribers:
                subscription.wake()

    async def _listen_forever(self) -> None:
        failures = 0
        while True:
            try:
                async with self._listening() as connection:
                    failures = 0
                    self._wake_all()
                    await _until_broken(connection)
            except Exception as error:  # noqa: BLE001 - whatever it is, a new connection is the cure
                log.warning("not listening for notices", error=str(error) or type(error).__name__)
            await asyncio.sleep(RECONNECT_PAUSES_SECONDS[min(failures, len(RECONNECT_PAUSES_SECONDS) - 1)])
            failures += 1

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[_Listening]:
        connection = await asyncpg.connect(
            self._url, timeout=10, server_settings={"application_name": "smarts notices"}
        )
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._deliver)
            yield connection
        finally:
            connection.terminate()


async def _until_broken(connection: _Listening) -> None:
    broken = asyncio.Event()
    connection.add_termination_listener(lambda _: broken.set())
    while not connection.is_closed():
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await broken.wait()
        except TimeoutError:
            await connection.execute("SELECT 1", timeout=5)
