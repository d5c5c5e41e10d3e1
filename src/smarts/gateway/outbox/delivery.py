"""Serving one claimed lane: fetch, send in order, record, release."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from smarts.edge import tracing
from smarts.gateway.outbox import lanes
from smarts.gateway.outbox.lanes import Claim, Result, Waiting
from smarts.gateway.outbox.messages import Message
from smarts.gateway.outbox.outcomes import Handler, Outcome, RetryLater, State, judge
from smarts.gateway.outbox.schedule import LANE_RESTS, RETRIES, Schedule
from smarts.gateway.storage.database import Database

log = structlog.get_logger(__name__)

RECORD_EVERY_SECONDS = 0.25
ROUNDS = 20  # after so many batches a busy lane lets the others go first
LONGEST_DETAIL = 2_000


Observe = Callable[[str, str, float], None]
"""Is told of each attempt: the message's kind, how it ended, and how many seconds it took."""


@dataclass(frozen=True)
class Limits:
    """How a worker divides its strength.

    Attributes:
        lanes: how many are served at a time.
        sends_per_lane: how many messages of one lane are being sent at a time, each of another order key.
        batch: how many messages are fetched at a time.
        turn: after how long a busy lane lets the others go first, be it because its node is slow.
        lease: after how long without a sign of life a worker's lanes go to the others.
        send: how long a handler may take.
        stop: how long a stopping worker lets handlers finish.
    """

    lanes: int = 16
    sends_per_lane: int = 4
    batch: int = 200
    turn: timedelta = timedelta(seconds=5)
    lease: timedelta = timedelta(seconds=30)
    send: timedelta = timedelta(seconds=60)
    stop: timedelta = timedelta(seconds=15)


@dataclass(frozen=True)
class Rules:
    """What all deliveries of a worker have in common."""

    database: Database
    handlers: Mapping[str, Handler]
    limits: Limits
    retries: Schedule = RETRIES
    lane_rests: Schedule = LANE_RESTS
    observe: Observe = lambda kind, outcome, seconds: None


class Delivery:
    """One lane in our hands, from its claim to its release."""

    def __init__(self, rules: Rules, claim: Claim, sure_until: float, stopping: Callable[[], bool]) -> None:
        self.claim = claim
        self.sure_until = sure_until
        """Until when the lease is surely ours, by the monotonic clock. Sending stops then."""
        self._rules = rules
        self._log = log.bind(lane=claim.lane)
        self._stopping = stopping
        self._failures = claim.failures
        self._failed: RetryLater | None = None
        self._has_sent = False
        self._turn_ends = time.monotonic() + rules.limits.turn.total_seconds()
        self._results: list[Result] = []
        self._senders: set[asyncio.Task[None]] = set()
        self._handling: dict[asyncio.Task[Any], float] = {}

    async def run(self) -> None:
        """Deliver what the lane has, within reason, and give it back."""
        for _ in range(ROUNDS):
            most = (
                1 if self._failures else self._rules.limits.batch
            )  # one message finds out whether the node is back
            waiting = await lanes.fetch(self._rules.database, self.claim.lane, most)
            await self._deliver(waiting)
            if len(waiting) < most or self._halted():
                break
        await self._release()

    def abort(self) -> None:
        """Send no more, and give up what is being sent: it will be sent again."""
        for sender in self._senders:
            sender.cancel()

    def _halted(self) -> bool:
        now = time.monotonic()
        turn_is_over = self._has_sent and now >= self._turn_ends
        return self._failed is not None or self._stopping() or turn_is_over or now >= self.sure_until

    async def _deliver(self, waiting: Sequence[Waiting]) -> None:
        chains: dict[str, deque[Waiting]] = {}
        for each in waiting:
            chains.setdefault(each.message.order_key, deque()).append(each)
        queue = deque(chains.values())
        self._senders = {
            asyncio.create_task(self._send_chains(queue))
            for _ in range(min(len(queue), self._rules.limits.sends_per_lane))
        }
        running = self._senders
        while running:
            _, running = await asyncio.wait(running, timeout=RECORD_EVERY_SECONDS)
            self._end_slow()
            await self._record()

    async def _send_chains(self, queue: deque[deque[Waiting]]) -> None:
        while queue:
            chain = queue.popleft()
            while chain and not self._halted() and await self._send(chain.popleft()):
                pass

    async def _send(self, waiting: Waiting) -> bool:
        """Make one attempt, and return whether the next message of its order key may be sent."""
        self._has_sent = True
        started_at, began = datetime.now(UTC), time.perf_counter()
        message, context = waiting.message, waiting.context
        with (  # a part of what put the message, for the log and the traces
            bound_contextvars(**context, message=message.id_for_receiver),
            tracing.span(f"deliver {message.kind}", "CONSUMER", parent=context.get("traceparent")),
        ):
            outcome = await self._handle(message)
        seconds = time.perf_counter() - began
        verdict = judge(outcome, waiting.failures, self._rules.retries)
        detail = outcome.detail[:LONGEST_DETAIL]
        self._results.append(Result(waiting, started_at, seconds, detail, outcome.answered, verdict))
        if isinstance(outcome, RetryLater) and outcome.whole_lane:
            self._failed = outcome
        else:
            self._failures = 0
        return not isinstance(outcome, RetryLater)

    async def _handle(self, message: Message) -> Outcome:
        handler = self._rules.handlers.get(message.kind)
        if handler is None:
            return RetryLater(f"this worker has no handler for {message.kind}")
        sender = asyncio.current_task()
        assert sender
        self._handling[sender] = time.monotonic()
        try:
            return await handler(message)
        except asyncio.CancelledError:
            if sender in self._handling or sender.cancelling() > 1:
                raise  # by somebody else
            return RetryLater(f"not done within {self._rules.limits.send.total_seconds():g} s")
        except Exception as error:  # noqa: BLE001 - it is logged below
            self._log.exception("handler failed", kind=message.kind)
            return RetryLater(f"{type(error).__name__}: {error}")
        finally:
            if self._handling.pop(sender, None) is None:
                sender.uncancel()

    def _end_slow(self) -> None:
        """Ends handlers that take too long; a look at all now and then costs less than an alarm clock for each."""
        latest = time.monotonic() - self._rules.limits.send.total_seconds()
        for sender, since in list(self._handling.items()):
            if since < latest:
                del self._handling[sender]
                sender.cancel()

    async def _record(self) -> None:
        results, self._results = self._results, []
        for result in results:
            self._tell(result)
        if results:
            await lanes.record(self._rules.database, results)

    def _tell(self, result: Result) -> None:
        message, outcome, seconds = result.waiting.message, result.verdict.outcome, result.seconds
        self._rules.observe(message.kind, outcome, seconds)
        tell = self._log.info if result.verdict.state is State.DELIVERED else self._log.warning
        about = {**result.waiting.context, "message": message.id_for_receiver, "kind": message.kind}
        tell("message", **about, outcome=outcome, detail=result.detail, seconds=round(seconds, 4))

    async def _release(self) -> None:
        rest = None
        if self._failed is not None:
            rest = self._rules.lane_rests.pause(self._failures, self._failed.after)
            self._failures += 1
            await self._give_up_old(self._failed)
        await lanes.release(self._rules.database, self.claim, self._failures, rest)

    async def _give_up_old(self, failed: RetryLater) -> None:
        dead = await lanes.give_up_older(
            self._rules.database, self.claim.lane, self._rules.retries.total, failed.detail
        )
        if dead:
            self._log.error("messages given up", count=dead, detail=failed.detail)
