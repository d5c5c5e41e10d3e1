"""Forgetting in time: answers to keys, delivered messages, details of purchases (docs/explanation/privacy.md)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

import structlog

from smarts.gateway import outbox
from smarts.gateway.background import beside
from smarts.gateway.storage import answers
from smarts.gateway.storage.database import Database

ANSWERS_KEPT = timedelta(days=2)
MESSAGES_KEPT = timedelta(days=14)
DETAILS_KEPT = timedelta(days=62)  # two months, of the longest (contract section 6.4)
LESSONS_KEPT = timedelta(days=365)  # a year has all seasons
TIMINGS_KEPT = timedelta(days=91)  # what charts of ninety days show
_EVERY_SECONDS = 3600

Forget = Callable[[datetime], Awaitable[object]]
"""Forgets what is older than a moment."""

log = structlog.get_logger(__name__)


class Housekeeping:
    """Runs beside the worker; any number of them do no harm.

    Beside answers and messages it forgets what the `rest` does, each by itself and as long after as it says.
    """

    def __init__(
        self,
        database: Database,
        rest: Sequence[tuple[Forget, timedelta]],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._rest = rest
        self._clock = clock

    async def tidy(self) -> None:
        """Forgets what is old enough; where something cannot be forgotten now, the rest is all the same.

        Raises:
            ExceptionGroup: what went wrong.
        """
        now = self._clock()
        work: list[tuple[Forget, timedelta]] = [
            (partial(answers.forget, self._database), ANSWERS_KEPT),
            (partial(outbox.forget, self._database), MESSAGES_KEPT),
            *self._rest,
        ]
        failures = []
        for forget, kept in work:
            try:
                await forget(now - kept)
            except Exception as error:  # noqa: BLE001 - told together at the end
                failures.append(error)
        if failures:
            raise ExceptionGroup("not all could be forgotten", failures)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tidies now and every hour until the end of the block."""
        async with beside(self._forever()):
            yield

    async def _forever(self) -> None:
        while True:
            try:
                await self.tidy()
            except Exception:
                log.exception("housekeeping failed")
            await asyncio.sleep(_EVERY_SECONDS)
