"""Forgetting in time: answers to keys, delivered messages, the details of old invoices."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from smarts.gateway import outbox
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.storage import answers
from smarts.gateway.storage.database import Database

ANSWERS_KEPT = timedelta(days=2)
MESSAGES_KEPT = timedelta(days=14)
_EVERY_SECONDS = 3600

log = structlog.get_logger(__name__)


class Housekeeping:
    """Runs beside the worker; any number of them do no harm."""

    def __init__(self, database: Database, invoices: Invoices, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._invoices = invoices
        self._clock = clock

    async def tidy(self) -> None:
        """Forgets what is old enough."""
        now = self._clock()
        await answers.forget(self._database, now - ANSWERS_KEPT)
        await outbox.forget(self._database, now - MESSAGES_KEPT)
        await self._invoices.forget_details(now)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tidies now and every hour until the end of the block."""
        task = asyncio.create_task(self._forever())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _forever(self) -> None:
        while True:
            try:
                await self.tidy()
            except Exception:
                log.exception("housekeeping failed")
            await asyncio.sleep(_EVERY_SECONDS)
