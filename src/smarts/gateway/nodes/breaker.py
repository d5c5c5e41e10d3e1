"""A circuit breaker: refuses calls of which nothing good is to be expected, and finds out when that has ended.

It knows no clock and no network: whoever has it says what happened when, in seconds, and asks the node how it is.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Position(StrEnum):
    """CLOSED lets everything through, OPEN nothing; HALF_OPEN one call at a time, until one went well."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True)
class Tuning:
    """When a breaker opens and how it finds back; times are in seconds.

    It opens where at least `least` calls ended within the last `window` seconds (the last `calls` of them count), and
    the share of those that failed or were slow is `share` or more. Then the node is asked how it is, after a pause
    that doubles from `first_pause` to `longest_pause`, give or take the share `jitter` of it. A half-open breaker that
    nobody tries for `quiet` seconds closes.
    """

    calls: int = 20
    window: float = 60.0
    least: int = 5
    share: float = 0.5
    first_pause: float = 1.0
    longest_pause: float = 30.0
    jitter: float = 0.5
    quiet: float = 30.0


class Breaker:
    """One breaker; `chance` gives numbers from 0 to 1 for the pauses."""

    def __init__(self, tuning: Tuning, chance: Callable[[], float] = random.random) -> None:
        self._tuning = tuning
        self._chance = chance
        self._ended = deque[tuple[float, bool]](maxlen=tuning.calls)
        self._turn = 0
        self._tried = False
        self._setbacks = 0
        self.position = Position.CLOSED
        self.why = ""
        self.probe_at = 0.0
        """When to ask the node how it is, while open; when to close for want of calls, while half-open."""

    @property
    def is_closed(self) -> bool:
        """Whether it lets everything through."""
        return self.position is Position.CLOSED

    def admit(self) -> int | None:
        """Lets a call through, which is told to `ended` with this ticket; None where it may not be made."""
        if self.position is Position.OPEN or (self.position is Position.HALF_OPEN and self._tried):
            return None
        self._tried = self.position is Position.HALF_OPEN
        return self._turn

    def ended(self, ticket: int, now: float, bad: bool | None, why: str = "") -> None:
        """A call ended: badly, well, or (None) without telling anything of the node."""
        if ticket != self._turn:
            return  # it began before the breaker moved
        if self.position is Position.HALF_OPEN:
            self._tried = False
            if bad is not None:
                self._trial_ended(now, bad=bad, why=why)
        elif bad is not None:
            self._ended.append((now, bad))
            if bad and self._has_enough(now):
                self.open(now, why)

    def _trial_ended(self, now: float, *, bad: bool, why: str) -> None:
        if bad:
            self.open(now, why)
        else:
            self.close()

    def _has_enough(self, now: float) -> bool:
        lately = [bad for when, bad in self._ended if when > now - self._tuning.window]
        return len(lately) >= self._tuning.least and sum(lately) >= self._tuning.share * len(lately)

    def open(self, now: float, why: str) -> None:
        """Lets nothing through until the node shows that it is back."""
        self._move(Position.OPEN)
        self.why = why
        self._wait(now)

    def _wait(self, now: float) -> None:
        pause = min(self._tuning.first_pause * 2**self._setbacks, self._tuning.longest_pause)
        self.probe_at = now + pause * (1 + self._tuning.jitter * (2 * self._chance() - 1))
        self._setbacks = min(self._setbacks + 1, 30)

    def probed(self, now: float, *, healthy: bool) -> None:
        """The node was asked how it is."""
        if self.position is not Position.OPEN:
            return
        if healthy:
            self._move(Position.HALF_OPEN)
            self.probe_at = now + self._tuning.quiet
        else:
            self._wait(now)

    def rest(self, now: float) -> None:
        """Closes a half-open breaker that nobody has tried for long enough."""
        if self.position is Position.HALF_OPEN and not self._tried and now >= self.probe_at:
            self.close()

    def close(self) -> None:
        """Lets everything through again, as if nothing had happened."""
        self._move(Position.CLOSED)
        self._setbacks = 0
        self.why = ""

    def _move(self, position: Position) -> None:
        self.position = position
        self._turn += 1
        self._tried = False
        self._ended.clear()
