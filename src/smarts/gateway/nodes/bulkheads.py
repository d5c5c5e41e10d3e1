"""The bulkheads of all stores in this process: a node in trouble costs its own store alone, and is found out soon.

While a node is in doubt it is asked how it is (`GET /health`), by one question at a time. Where it is not well, its
breaker opens; from then on it is asked in growing pauses, until it is well again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any, Protocol, TypeVar

import structlog

from smarts.caller import Caller, CallFailed, Nonsense, Refused, Target, TooSlow, Unreachable
from smarts.gateway.nodes.board import CHANNEL, REFRESH_SECONDS, Board
from smarts.gateway.nodes.breaker import Position, Tuning
from smarts.gateway.nodes.budget import left_of
from smarts.gateway.nodes.bulkhead import BreakerNow, Bulkhead, NotAsked, Patience, Reason
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.parties import NodeLimits
from smarts.gateway.storage.database import StorageUnavailableError
from smarts.gateway.storage.notices import Notices, Subscription
from smarts.wire.nodes import HealthStatus, NodeHealthResponse
from smarts.wire.operations import HEALTH, Operation

T = TypeVar("T")

PROBE_SECONDS = 0.4  # with the half second before the doubt, a shopper knows within a second
_LATE = 1.5
_DOUBT_EVERY_SECONDS = 1.0
_HEARD_EVERY_SECONDS = 1.0
_LEAST_SECONDS = 0.05
_SHORTEST_SLEEP_SECONDS = 0.2
_TROUBLED_SLEEP_SECONDS = 1.0

log = structlog.get_logger(__name__)
LimitsOf = Callable[[str], Awaitable[NodeLimits]]
MayRetry = Callable[[], bool]
Work = Callable[[float, MayRetry], Coroutine[Any, Any, T]]


class Count(Protocol):
    """Counts what bulkheads do."""

    def not_asked(self, reason: str) -> None:
        """A call was not made."""

    def breaker_moved(self, before: str, now: str) -> None:
        """A breaker has moved."""


async def default_limits(_institution_id: str) -> NodeLimits:
    """The limits of stores that have set none."""
    return NodeLimits()


async def _nothing(_institution_id: str) -> None:
    pass


class Bulkheads:
    """All stores' bulkheads in this process.

    `limits_of` gives a store's limits, `returned` is called when a store's node may be asked anything again, or has
    shown otherwise that it lives.
    """

    def __init__(
        self,
        registry: Registry,
        caller: Caller,
        board: Board,
        notices: Notices,
        limits_of: LimitsOf = default_limits,
        count: Count | None = None,
        returned: Callable[[str], Awaitable[None]] = _nothing,
        tuning: Tuning | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._registry = registry
        self._caller = caller
        self._board = board
        self._notices = notices
        self._limits_of = limits_of
        self._count = count
        self._returned = returned
        self._tuning = tuning or Tuning()
        self._clock = clock
        self._stores: dict[str, tuple[Target, Bulkhead]] = {}
        self._probes: dict[str, asyncio.Task[CallFailed | None]] = {}
        self._probed_at: dict[str, float] = {}
        self._attendants: dict[str, asyncio.Task[None]] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._heard_at: dict[str, float] = {}

    def _of(self, institution_id: str, target: Target) -> Bulkhead:
        """What stands before a store's node; where that is another one than before, nothing is held against it."""
        known = self._stores.get(institution_id)
        if known and (known[0] is target or known[0] == target):
            return known[1]
        bulkhead = Bulkhead(self._tuning, self._clock, partial(self._moved, institution_id))
        self._stores[institution_id] = (target, bulkhead)
        if known:
            known[1].close()
        return bulkhead

    async def through(
        self, institution_id: str, target: Target, operation: Operation, patience: Patience, work: Work[T]
    ) -> T:
        """Does work that asks a store's node; it is told how many seconds it has, and asks before it repeats anything.

        Raises:
            NotAsked: the node is spared, or the time for the whole request is over.
            CallFailed: as the work does, and TooSlow as soon as the node does not even say how it is.
        """
        bulkhead, limits = self._of(institution_id, target), await self._limits_of(institution_id)

        async def ask() -> T:
            seconds = left_of(operation.deadline)
            if seconds < _LEAST_SECONDS:
                raise NotAsked(Reason.BUDGET, "the time for the whole request is over", 0.0)
            answer = work(seconds, lambda: bulkhead.lets_through and bulkhead.retries.spend())
            if not patience.is_question:
                return await answer
            return await self._while_alive(institution_id, target, answer, limits.patience_seconds)

        try:
            return await bulkhead.through(operation, limits, patience, ask)
        except CallFailed as failure:
            self._learn(institution_id, target, failure)
            raise

    def _learn(self, institution_id: str, target: Target, failure: CallFailed) -> None:
        """Counts a call that was not made, and asks a node how it is that failed, unless it was asked just now."""
        if isinstance(failure, NotAsked):
            if self._count:
                self._count.not_asked(failure.reason)
            return
        asked_at = self._probed_at.get(institution_id)
        is_news = asked_at is None or self._clock() - asked_at > _DOUBT_EVERY_SECONDS
        if failure.retryable and is_news and not isinstance(failure, Refused):
            self._probe(institution_id, target)

    async def _while_alive(
        self, institution_id: str, target: Target, answer: Coroutine[Any, Any, T], patience: float
    ) -> T:
        """Waits for an answer, after the patience only as long as the node says that it is well."""
        asking = asyncio.create_task(answer)
        asking.add_done_callback(_heed)
        try:
            await asyncio.wait((asking,), timeout=patience)
            if not asking.done():
                probe = self._probe(institution_id, target)
                await asyncio.wait((asking, probe), return_when=asyncio.FIRST_COMPLETED)
                if not asking.done() and (failure := probe.result()):
                    raise failure
            return await asking
        finally:
            asking.cancel()

    def _probe(self, institution_id: str, target: Target) -> asyncio.Task[CallFailed | None]:
        """Asks a node how it is, once at a time; gives what makes that it is not well."""
        probe = self._probes.get(institution_id)
        if probe is None or probe.done():
            probe = asyncio.create_task(self._asked(institution_id, target))
            probe.add_done_callback(_heed)
            self._probes[institution_id] = probe
        return probe

    async def _asked(self, institution_id: str, target: Target) -> CallFailed | None:
        began = self._probed_at[institution_id] = self._clock()
        answer: NodeHealthResponse | CallFailed
        try:
            answer = await self._caller.call(target, HEALTH, deadline=PROBE_SECONDS, may_retry=lambda: False)
        except CallFailed as failure:
            answer = failure
            if self._clock() - began > _LATE * PROBE_SECONDS:
                return None  # it was this process that stood still
        unwell = why_not_well(answer)
        self._of(institution_id, target).probed(unwell.detail if unwell else None)
        return unwell

    def watched(self, institution_id: str, target: Target, answer: NodeHealthResponse | CallFailed) -> None:
        """Somebody else has asked the node how it is."""
        unwell = why_not_well(answer)
        if unwell or institution_id in self._stores:
            self._of(institution_id, target).probed(unwell.detail if unwell else None)

    async def heard(self, institution_id: str) -> None:
        """The store's own system calls: its node may be asked again at once, by all processes."""
        if institution_id in self._stores:
            self._stores[institution_id][1].close()
        now = self._clock()
        if now - self._heard_at.get(institution_id, -_HEARD_EVERY_SECONDS) < _HEARD_EVERY_SECONDS:
            return
        self._heard_at[institution_id] = now
        await self._board.clear(institution_id)
        await self._returned(institution_id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Attends to breakers that are not closed until the end of the block, and tells nobody of them then."""
        try:
            yield
        finally:
            tasks = (*self._attendants.values(), *self._probes.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._attendants:
                with suppress(StorageUnavailableError):
                    await self._board.leave()

    def _moved(self, institution_id: str, breaker: BreakerNow, before: Position) -> None:
        if self._count:
            self._count.breaker_moved(before, breaker.position)
        log.warning(
            "breaker moved",
            institution=institution_id,
            feature=breaker.feature.value,
            before=before.value,
            now=breaker.position.value,
            why=breaker.why,
        )
        if institution_id in self._subscriptions:
            self._subscriptions[institution_id].wake()
        if institution_id not in self._attendants:
            attendant = asyncio.create_task(self._attend(institution_id))
            attendant.add_done_callback(_heed)
            self._attendants[institution_id] = attendant

    async def _attend(self, institution_id: str) -> None:
        """Looks after a store whose breakers are not all closed, and tells the others of them."""
        with self._notices.subscribe(CHANNEL, institution_id) as subscription:
            self._subscriptions[institution_id] = subscription
            await subscription.changed()
            while (bulkhead := self._stores[institution_id][1]).troubled:
                try:
                    await self._until_closed(institution_id, bulkhead, subscription)
                    await self._board.put(institution_id, ())
                    await self._returned(institution_id)
                except StorageUnavailableError as error:
                    log.warning("breakers not attended to", institution=institution_id, error=str(error))
                    await asyncio.sleep(_TROUBLED_SLEEP_SECONDS)
                except Exception:
                    log.exception("breakers not attended to", institution=institution_id)
                    bulkhead.close()  # rather without a breaker than with one that nobody looks after
            del self._attendants[institution_id], self._subscriptions[institution_id]

    async def _until_closed(
        self, institution_id: str, bulkhead: Bulkhead, subscription: Subscription
    ) -> None:
        told: tuple[BreakerNow, ...] = ()
        told_at = 0.0
        while troubled := bulkhead.troubled:
            if troubled != told or self._clock() - told_at > REFRESH_SECONDS:
                await self._board.put(institution_id, troubled)
                told, told_at = troubled, self._clock()
            woken = await _woken(subscription, bulkhead.seconds_until_due)
            if woken and await self._board.is_cleared(institution_id):
                bulkhead.close()
            bulkhead.rest()
            target = await self._registry.target(institution_id) if bulkhead.probe_due else None
            if target:
                await self._probe(institution_id, target)


async def _woken(subscription: Subscription, seconds: float) -> bool:
    try:
        async with asyncio.timeout(min(max(seconds, _SHORTEST_SLEEP_SECONDS), REFRESH_SECONDS)):
            await subscription.changed()
    except TimeoutError:
        return False
    return True


def _heed(task: asyncio.Task[Any]) -> None:
    """Looks at what became of a task for which nobody may wait any more."""
    if not task.cancelled() and (error := task.exception()) and not isinstance(error, CallFailed):
        log.error("work at a node failed", exc_info=error)


def why_not_well(answer: NodeHealthResponse | CallFailed) -> CallFailed | None:
    """Why a node that was asked how it is should be left alone; who answers in its own way lives."""
    match answer:
        case Refused() | Nonsense(retryable=False):
            return None
        case TooSlow():
            return TooSlow(f"asked how it is: {answer.detail}")
        case CallFailed():
            return Unreachable(f"asked how it is: {answer.detail}", sent=True)
    return Unreachable("it says that it is DOWN", sent=True) if answer.status is HealthStatus.DOWN else None
