"""Notices on their way out: sent after the commits that they are about, many by one statement.

PostgreSQL lets one transaction with a notice commit at a time, from its last step until its log is on the disk and the
standby has it. So no transaction that somebody waits for has one: notices are remembered with the connection that
writes, and go by a transaction of their own, which waits for neither. A process that is killed in between takes them
along; therefore subscribers look again from time to time, told or not (`notices`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog

from smarts.gateway.background import beside

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 1
_LAST_SECONDS = 2

Send = Callable[[Sequence[str], Sequence[str]], Awaitable[None]]
"""Sends notices, by their channels and keys."""
_Told = dict[tuple[str, str], None]
_told: dict[int, _Told] = {}
"""By borrowed connection: channels and keys in their order."""


def tell(connection: object, channel: str, key: str) -> None:
    """Has the subscribers of a channel and key look, in every process, once this connection is given back.

    They look although nothing was committed, and find nothing new.
    """
    _told[id(connection)][channel, key] = None


class Teller:
    """Sends what connections tell; what waits together and is the same becomes one."""

    def __init__(self) -> None:
        self._waiting: _Told = {}
        self._some = asyncio.Event()

    @contextmanager
    def hearing(self, connection: object) -> Iterator[None]:
        """Takes what a connection tells until the end of the block, inside of which it commits."""
        told = _told[id(connection)] = {}
        try:
            yield
        finally:
            del _told[id(connection)]
            if told:
                self._waiting |= told
                self._some.set()

    @asynccontextmanager
    async def running(self, send: Send) -> AsyncIterator[None]:
        """Sends until the end of the block, and then what is left."""
        try:
            async with beside(self._send_forever(send)):
                yield
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_SECONDS):
                    await self._sent(send)

    async def _send_forever(self, send: Send) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            if not await self._sent(send):
                self._some.set()
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _sent(self, send: Send) -> bool:
        """Whether nothing waits any more."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return True
        try:
            await send([channel for channel, _ in waiting], [key for _, key in waiting])
        except BaseException as error:
            self._waiting = waiting | self._waiting
            if not isinstance(error, Exception):
                raise
            log.warning("notices have to wait", error=str(error) or type(error).__name__)
            return False
        return True
