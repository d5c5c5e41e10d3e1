"""A way to break a node."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kit.broken.layer import How, Layer


@dataclass(frozen=True)
class Breakage:
    """A node that is broken in one way.

    `words` say what is wrong with it, `breaks` are the ids of all requirements that it does not meet; `around` puts
    what breaks it around a good node. Only `breaks` and their neighbours, whose ids begin as theirs do up to the last
    dot, are looked at, and those that begin with one of `also`. `patience` is the share of the deadlines that is
    waited.
    """

    words: str
    breaks: frozenset[str]
    around: Callable[[Any], Any]
    also: tuple[str, ...] = ()
    patience: float = 1.0

    @property
    def choices(self) -> tuple[str, ...]:
        return (*sorted({id_.rpartition(".")[0] for id_ in self.breaks}), *self.also)


def breakage(words: str, breaks: str, how: How, **more: Any) -> Breakage:
    """A breakage by a layer that remembers nothing; `breaks` are ids with blanks between."""
    return Breakage(words, frozenset(breaks.split()), lambda app: Layer(app, how), **more)


def remembering(words: str, breaks: str, make: Callable[[], How], **more: Any) -> Breakage:
    """A breakage by a layer that is made anew for each node, so that it may remember."""
    return Breakage(words, frozenset(breaks.split()), lambda app: Layer(app, make()), **more)
