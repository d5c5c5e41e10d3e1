"""How long to wait before trying again."""

import random
from dataclasses import dataclass
from datetime import timedelta

LONGEST_ASKED = timedelta(hours=12)


@dataclass(frozen=True)
class Schedule:
    """Growing pauses, each of which is made longer by a random share, so that many failures do not return as one wave.

    Attributes:
        pauses: the pause after the first failure, after the second, and so on.
        jitter: by how much of itself a pause is lengthened at most.
    """

    pauses: tuple[timedelta, ...]
    jitter: float = 0.2

    @property
    def total(self) -> timedelta:
        """The least time from the first attempt to the last."""
        return sum(self.pauses, timedelta())

    def pause(self, failures: int, asked: timedelta | None = None) -> timedelta:
        """How long to wait after one more failure than these; the last pause goes on for ever.

        Args:
            failures: how many there were before.
            asked: how long the receiver asked to wait: lengthens the pause, up to `LONGEST_ASKED`, but never shortens
                it, or else a receiver that keeps asking for a second would use up three days of retries in a minute.
        """
        pause = self.pauses[min(failures, len(self.pauses) - 1)]
        pause = max(pause, min(asked or pause, LONGEST_ASKED))
        return pause * (1 + self.jitter * random.random())  # noqa: S311 - nobody gains by guessing it


def _seconds(*pauses: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=pause) for pause in pauses)


def _hours(*pauses: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(hours=pause) for pause in pauses)


RETRIES = Schedule(
    _seconds(1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800) + _hours(1, 2, 4, 8, 12, 12, 12, 12, 12)
)
"""For a message that its receiver did not take: twenty attempts in a little over three days."""

UNTIL_KNOWN = Schedule(_seconds(5, 5, 10, 15, 30, 60, 120, 300))
"""For a question that is asked until it is answered: every five minutes in the end."""

LANE_RESTS = Schedule(_seconds(1, 2, 5, 10, 20, 30, 60, 120, 300))
"""For a lane whose node cannot be reached: one message is tried every five minutes, until its node answers."""
