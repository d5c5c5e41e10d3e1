"""How an attempt to deliver a message ended, and what follows from it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from smarts.caller import Answered
from smarts.gateway.outbox.messages import Message
from smarts.gateway.outbox.schedule import Schedule


@dataclass(frozen=True)
class Delivered:
    """The receiver has it."""

    detail: str = ""
    answered: Answered | None = None


@dataclass(frozen=True)
class RetryLater:
    """It did not work this time.

    Attributes:
        detail: what happened, for people.
        after: how long the receiver asked to wait, where the schedule would be quicker.
        whole_lane: the receiver cannot be reached at all, so the lane's other messages need not be tried now.
        for_ever: a schedule of its own, whose last pause is kept to for ever, for what must not be given up.
    """

    detail: str
    after: timedelta | None = None
    whole_lane: bool = False
    for_ever: Schedule | None = None
    answered: Answered | None = None


@dataclass(frozen=True)
class Refused:
    """It will never work: the message becomes a dead letter."""

    detail: str
    answered: Answered | None = None


Outcome = Delivered | RetryLater | Refused
Handler = Callable[[Message], Awaitable[Outcome]]
"""Delivers messages of one kind. Runs outside any transaction; an exception is a `RetryLater`."""


class State(StrEnum):
    """What has become of a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Attempt:
    """One attempt to deliver a message."""

    started_at: datetime
    took: timedelta
    outcome: str
    """`delivered`, `retry`, `lane` (the whole lane failed), `refused` or `exhausted` (tried often enough)."""
    detail: str
    status: int | None = None
    """Of the answer, where there was one."""
    answer: str = ""
    """How the answer began, where it was a failure."""


@dataclass(frozen=True)
class Verdict:
    """What an outcome means for its message."""

    outcome: str
    state: State
    counts: bool = False
    """Whether it uses up one of the message's retries."""
    pause: timedelta | None = None


_DELIVERED = Verdict("delivered", State.DELIVERED)


def judge(outcome: Outcome, failures: int, retries: Schedule) -> Verdict:
    """Decide what becomes of a message that had failed so many times before this outcome."""
    match outcome:
        case Delivered():
            return _DELIVERED
        case Refused():
            return Verdict("refused", State.DEAD, counts=True)
        case RetryLater(whole_lane=True):
            return Verdict("lane", State.WAITING)
        case RetryLater(after=after, for_ever=Schedule() as own):
            return Verdict("retry", State.WAITING, counts=True, pause=own.pause(failures, after))
        case RetryLater(after=after):
            if failures >= len(retries.pauses):
                return Verdict("exhausted", State.DEAD, counts=True)
            return Verdict("retry", State.WAITING, counts=True, pause=retries.pause(failures, after))
