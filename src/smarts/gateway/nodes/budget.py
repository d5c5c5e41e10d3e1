"""How long all the calls of one request may take together, whoever makes them in whichever task."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic


class _Budget:
    """So many seconds from the first call on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: float | None = None

    def left(self) -> float:
        now = monotonic()
        if self._ends is None:
            self._ends = now + self._seconds
        return max(self._ends - now, 0.0)


_budget: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """All calls within the block are over so many seconds after the first one began."""
    token = _budget.set(_Budget(seconds))
    try:
        yield
    finally:
        _budget.reset(token)


def left_of(seconds: float) -> float:
    """How long a call that may take so long may still take; the first one to ask begins the budget."""
    known = _budget.get()
    return seconds if known is None else min(seconds, known.left())
