"""What stands between the gateway and one store's node: how much goes there, and whether anything goes at all."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from smarts.caller import CallFailed, Nonsense, TooSlow, Unreachable
from smarts.gateway.nodes.breaker import Breaker, Position, Tuning
from smarts.gateway.nodes.rates import Bucket, NoPlaceError, Places, Retries
from smarts.gateway.parties import NodeLimits
from smarts.wire.nodes import Feature
from smarts.wire.operations import Operation

T = TypeVar("T")

_LINE = 2  # this many times as many may stand in line as are let in
_SLOW = 0.5  # the share of an operation's deadline from which an answer is slow
_SOON = 1.0  # seconds after which to come again where there was too much
_WHOLE = Feature.NODE


class Reason(StrEnum):
    """Why a node was not asked."""

    BREAKER = "breaker"
    BUSY = "busy"
    RATE = "rate"
    BUDGET = "budget"


class NotAsked(Unreachable):
    """The node was not asked, to spare it or whoever waits; it saw nothing of this."""

    def __init__(self, reason: Reason, detail: str, retry_after: float) -> None:
        super().__init__(detail, sent=False, retry_after=retry_after)
        self.reason = reason


@dataclass(frozen=True)
class Patience:
    """How many seconds a call waits for its turn, and whether it is a question that somebody waits for.

    A question is not asked while the breaker of its feature is open, and without an answer for some time the node is
    in doubt. A message comes again by the schedule of the outbox, so that only the breaker of the whole node counts.
    """

    turn: float
    is_question: bool


QUESTION = Patience(turn=0.3, is_question=True)
MESSAGE = Patience(turn=10.0, is_question=False)


@dataclass(frozen=True)
class BreakerNow:
    """How a breaker is that is not closed; `feature` is `node` where it stands before all of them."""

    feature: Feature
    position: Position
    why: str


@dataclass(frozen=True)
class _Ending:
    """What a call's end tells of the whole node and of the feature that was asked for; None is nothing."""

    node_bad: bool | None = None
    feature_bad: bool | None = None
    why: str = ""


_NOTHING, _WELL = _Ending(), _Ending(node_bad=False, feature_bad=False)


class Bulkhead:
    """One store's; `clock` gives seconds that never go back, `moved` is told which breaker has moved, and from where.

    There is a breaker for the whole node, which opens when the node does not answer how it is, and one for each
    feature that is asked for, which opens when too many of its answers are failures or slow.
    """

    def __init__(
        self, tuning: Tuning, clock: Callable[[], float], moved: Callable[[BreakerNow, Position], None]
    ) -> None:
        self._tuning = tuning
        self._clock = clock
        self._moved = moved
        self._places = Places()
        self._bucket = Bucket()
        self._breakers: dict[Feature, Breaker] = {}
        self.retries = Retries()

    async def through(
        self, operation: Operation, limits: NodeLimits, patience: Patience, work: Callable[[], Awaitable[T]]
    ) -> T:
        """Does work that asks the node, within the limits, and learns from how it ends.

        Raises:
            NotAsked: it may not be done, or not within the patience.
            CallFailed: as the work does.
        """
        tickets = self._admit(_WHOLE, *((operation.feature,) if patience.is_question else ()))
        ending = _NOTHING
        try:
            await self._wait_for_turn(limits, patience.turn)
            await self._places.take(limits.at_once, _LINE * limits.at_once, patience.turn)
            try:
                began = self._clock()
                answer = await work()
                ending = _answered(operation, self._clock() - began)
                return answer
            finally:
                self._places.give_back(limits.at_once)
        except NoPlaceError:
            raise NotAsked(Reason.BUSY, "it has as many calls at once as it may have", _SOON) from None
        except CallFailed as failure:
            ending = _failed(failure)
            raise
        finally:
            self._ended(tickets, ending)

    def _admit(self, *features: Feature) -> dict[Feature, int]:
        self.retries.earn()
        tickets: dict[Feature, int] = {}
        for each in features:
            ticket = self._breaker(each).admit()
            if ticket is None:
                self._ended(tickets, _NOTHING)
                raise NotAsked(Reason.BREAKER, f"not asked: {self._breakers[each].why}", self._pause(each))
            tickets[each] = ticket
        return tickets

    def _breaker(self, feature: Feature) -> Breaker:
        if feature not in self._breakers:
            self._breakers[feature] = Breaker(self._tuning)
        return self._breakers[feature]

    def _pause(self, feature: Feature) -> float:
        return max(self._breakers[feature].probe_at - self._clock(), _SOON)

    async def _wait_for_turn(self, limits: NodeLimits, patience: float) -> None:
        wait = self._bucket.take(self._clock(), limits.per_second, patience)
        if wait is None:
            raise NotAsked(Reason.RATE, "it has as many calls a second as it may have", _SOON)
        if wait:
            await asyncio.sleep(wait)

    def _ended(self, tickets: dict[Feature, int], ending: _Ending) -> None:
        for feature, ticket in tickets.items():
            breaker = self._breakers[feature]
            bad = ending.feature_bad
            if feature is _WHOLE:  # calls never open it; once it was open they prove whether it may close
                bad = None if breaker.is_closed else ending.node_bad
            if bad is not None or not breaker.is_closed:
                with self._watched(feature):
                    breaker.ended(ticket, self._clock(), bad, ending.why)

    def close(self) -> None:
        """Lets everything through: the store has shown that it lives."""
        for feature, breaker in self._breakers.items():
            if not breaker.is_closed:
                with self._watched(feature):
                    breaker.close()

    def probed(self, why_not: str | None) -> None:
        """The node was asked how it is; None is that it is well, else nothing goes there from now on."""
        now = self._clock()
        if why_not is not None and self.lets_through:
            whole = self._breaker(_WHOLE)
            with self._watched(_WHOLE):
                whole.open(now, why_not)
        else:
            for feature, breaker in self._breakers.items():
                with self._watched(feature):
                    breaker.probed(now, healthy=why_not is None)

    def rest(self) -> None:
        """Closes what is half-open for long without being tried."""
        for feature, breaker in self._breakers.items():
            with self._watched(feature):
                breaker.rest(self._clock())

    @property
    def lets_through(self) -> bool:
        """Whether the node may be asked anything at all."""
        return _WHOLE not in self._breakers or self._breakers[_WHOLE].position is not Position.OPEN

    @property
    def troubled(self) -> tuple[BreakerNow, ...]:
        """The breakers that are not closed."""
        return tuple(
            BreakerNow(feature, breaker.position, breaker.why)
            for feature, breaker in self._breakers.items()
            if not breaker.is_closed
        )

    @property
    def probe_due(self) -> bool:
        """Whether it is time to ask the node how it is."""
        return any(
            breaker.position is Position.OPEN and breaker.probe_at <= self._clock()
            for breaker in self._breakers.values()
        )

    @property
    def seconds_until_due(self) -> float:
        """When something is to be done about a breaker that is not closed; 0 where none is."""
        moments = [breaker.probe_at for breaker in self._breakers.values() if not breaker.is_closed]
        return max(min(moments, default=0.0) - self._clock(), 0.0)

    @contextmanager
    def _watched(self, feature: Feature) -> Iterator[None]:
        breaker = self._breakers[feature]
        before, why = breaker.position, breaker.why
        yield
        if breaker.position is not before:
            self._moved(BreakerNow(feature, breaker.position, breaker.why or why), before)


def _answered(operation: Operation, seconds: float) -> _Ending:
    if seconds < _SLOW * operation.deadline:
        return _WELL
    return _Ending(False, True, f"answers take {seconds:.1f} s")


def _failed(failure: CallFailed) -> _Ending:
    """A refusal is an answer like others; what can never succeed tells of the gateway's settings, not of the node."""
    if isinstance(failure, NotAsked) or (isinstance(failure, Unreachable) and not failure.retryable):
        return _NOTHING
    gone = isinstance(failure, Unreachable | TooSlow)
    broken = gone or (isinstance(failure, Nonsense) and failure.retryable)
    return _Ending(gone, broken, failure.detail)
