"""Runs a target on many inputs: with a bound for each, and with what it took as a row of a table."""

import faulthandler
import gc
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

import psutil

from fuzz.mutations import spoiled
from fuzz.target import Target

SECONDS = 2.0  # of processor time for an input, fifty times what the slowest takes
_HANGS = 60.0  # seconds after which a hang is told with a traceback, and ends the run
_WATCHED_ANEW = (
    5.0  # seconds after which that is counted from the beginning; to do so costs more than an input
)
_MEGABYTE = 1 << 20


class BugError(AssertionError):
    """An input that a decoder should have refused with a clear answer, or read in time."""


@dataclass(frozen=True)
class Figures:
    """What came of a target: how many inputs in how many seconds, the slowest one, and how memory grew."""

    name: str
    inputs: int
    seconds: float
    slowest: float
    grown: float
    found: str = ""

    def row(self) -> str:
        """A line of the table."""
        speed = self.inputs / self.seconds if self.seconds else 0
        return (
            f"{self.name:<58} {self.inputs:>9,} {speed:>8,.0f}/s {1000 * self.slowest:>8.1f} ms"
            f" {self.grown:>+8.1f} MB  {self.found}"
        ).rstrip()


HEADER = f"{'decoder':<58} {'inputs':>9} {'speed':>10} {'slowest':>11} {'memory':>11}"


def run(
    target: Target, inputs: int, seconds: float, seed: int, memory: Callable[[], int] = lambda: 0
) -> Figures:
    """Runs a target on its seeds and then on spoiled ones, until there were so many or time is up.

    `memory` tells how many bytes the process has; to find out takes longer than many an input.

    Raises:
        BugError: tells the input.
    """
    slowest, done, warm = 0.0, 0, memory()
    started, watched = time.monotonic(), -math.inf
    for data in _inputs(target, inputs, seed):
        if time.monotonic() - watched > _WATCHED_ANEW:
            faulthandler.dump_traceback_later(_HANGS, exit=True)
            watched = time.monotonic()
        slowest = max(slowest, _once(target, data))
        done += 1
        if done == inputs // 5:
            warm = memory()  # caches of compiled campaigns and the like are full by now
        if time.monotonic() - started > seconds:
            break
    faulthandler.cancel_dump_traceback_later()
    return Figures(target.name, done, time.monotonic() - started, slowest, (memory() - warm) / _MEGABYTE)


def _inputs(target: Target, inputs: int, seed: int) -> Iterator[bytes]:
    yield from target.seeds
    random = Random(f"{seed} {target.name}")
    for _ in range(inputs - len(target.seeds)):
        yield spoiled(random, target.seeds)


def _once(target: Target, data: bytes) -> float:
    started = time.process_time()
    try:
        target.run(data)
    except Exception as error:
        raise BugError(f"{target.name} on {data[:2000]!r}: {type(error).__name__}: {error}") from error
    took = time.process_time() - started
    if took > SECONDS:
        raise BugError(f"{target.name} took {took:.1f} s of processor time on {data[:2000]!r}")
    return took


def memory_of_process() -> int:
    """The bytes that this process has, without what is only waiting to be given back."""
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def all_targets(names: Iterable[str] = ()) -> list[Target]:
    """The targets whose name holds one of these, or all."""
    from fuzz.documents import request_targets, wire_targets
    from fuzz.pieces import other_targets

    wanted = tuple(names)
    every = [*wire_targets(), *other_targets(), *request_targets()]
    return [each for each in every if not wanted or any(name in each.name for name in wanted)]
