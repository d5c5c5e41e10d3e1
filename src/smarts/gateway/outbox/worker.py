"""The worker: claims lanes that are due and has them served, several at a time."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import structlog

from smarts.gateway.outbox import lanes
from smarts.gateway.outbox.delivery import Delivery, Limits, Observe, Rules
from smarts.gateway.outbox.lanes import Claim
from smarts.gateway.outbox.messages import CHANNEL
from smarts.gateway.outbox.outcomes import Handler
from smarts.gateway.outbox.schedule import LANE_RESTS, RETRIES, Schedule
from smarts.gateway.storage.database import Database, StorageUnavailableError
from smarts.gateway.storage.notices import Notices, Subscription

log = structlog.get_logger(__name__)

LONGEST_SLEEP_SECONDS = 15
CONTENDED_SLEEP_SECONDS = 0.005
TROUBLED_SLEEP_SECONDS = 1


class Worker:
    """Delivers messages by the handlers of their kinds.

    Any number of workers share the work, in any number of processes.
    """

    def __init__(
        self,
        database: Database,
        notices: Notices,
        handlers: Mapping[str, Handler],
        *,
        limits: Limits | None = None,
        retries: Schedule = RETRIES,
        lane_rests: Schedule = LANE_RESTS,
        observe: Observe = lambda kind, outcome, seconds: None,
    ) -> None:
        self._rules = Rules(database, handlers, limits or Limits(), retries, lane_rests, observe)
        self._database = database
        self._limits = self._rules.limits
        self._notices = notices
        self._stopping = asyncio.Event()
        self._deliveries: dict[asyncio.Task[None], Delivery] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the end of the block, then finish what is being sent, within the limit for stopping."""
        with self._notices.subscribe(CHANNEL) as subscription:
            renewing = asyncio.create_task(self._renew_forever())
            claiming = asyncio.create_task(self._claim_until_stopped(subscription))
            try:
                yield
            finally:
                self._stopping.set()
                subscription.wake()
                await claiming
                await self._finish()
                renewing.cancel()
                with suppress(asyncio.CancelledError):
                    await renewing

    async def _claim_until_stopped(self, subscription: Subscription) -> None:
        while not self._stopping.is_set():
            try:
                sleep = await self._claim_due(subscription)
            except StorageUnavailableError as error:
                log.warning("cannot look for messages", error=str(error))
                sleep = TROUBLED_SLEEP_SECONDS
            except Exception:
                log.exception("cannot look for messages")
                sleep = TROUBLED_SLEEP_SECONDS
            with suppress(TimeoutError):
                async with asyncio.timeout(sleep):
                    await subscription.changed()

    async def _claim_due(self, subscription: Subscription) -> float:
        """Begin with as many lanes as are due and as we can serve, and return how long to sleep then."""
        while (free := self._limits.lanes - len(self._deliveries)) > 0 and not self._stopping.is_set():
            began = time.monotonic()
            claims = await lanes.claim(self._database, free, self._limits.lease)
            if not claims:
                return await self._sleep()
            for claim in claims:
                self._begin(claim, began, subscription)
        return LONGEST_SLEEP_SECONDS

    async def _sleep(self) -> float:
        seconds = await lanes.seconds_until_due(self._database)
        if seconds is None:
            return LONGEST_SLEEP_SECONDS
        # What is due already could not be claimed because its row is locked by a put, which takes a moment.
        return min(max(seconds, CONTENDED_SLEEP_SECONDS), LONGEST_SLEEP_SECONDS)

    def _begin(self, claim: Claim, claimed_at: float, subscription: Subscription) -> None:
        sure_until = claimed_at + self._limits.lease.total_seconds()
        delivery = Delivery(self._rules, claim, sure_until, self._stopping.is_set)
        task = asyncio.create_task(_serve(delivery))
        self._deliveries[task] = delivery

        def ended(task: asyncio.Task[None]) -> None:
            del self._deliveries[task]
            subscription.wake()

        task.add_done_callback(ended)

    async def _renew_forever(self) -> None:
        lease = self._limits.lease
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            deliveries = list(self._deliveries.values())
            began = time.monotonic()
            try:
                renewed = await lanes.renew(self._database, [each.claim.holder for each in deliveries], lease)
            except StorageUnavailableError as error:
                log.warning("cannot renew leases", error=str(error))
                continue
            except Exception:
                log.exception("cannot renew leases")
                continue
            for delivery in deliveries:
                if delivery.claim.holder in renewed:
                    delivery.sure_until = began + lease.total_seconds()

    async def _finish(self) -> None:
        if self._deliveries:
            await asyncio.wait(self._deliveries, timeout=self._limits.stop.total_seconds())
        for delivery in self._deliveries.values():
            delivery.abort()
        if self._deliveries:
            await asyncio.wait(self._deliveries)


async def _serve(delivery: Delivery) -> None:
    """Serve a lane; when that fails, its lease ends by itself and somebody takes it up again."""
    try:
        await delivery.run()
    except StorageUnavailableError as error:
        log.warning("lane not finished", lane=delivery.claim.lane, error=str(error))
    except Exception:
        log.exception("lane not finished", lane=delivery.claim.lane)
