"""What the processes use: processor time, and memory as it grows."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Process:
    """A process, or a family of them that is looked at as one."""

    name: str
    parent: psutil.Process
    with_children: bool = False

    @classmethod
    def of(cls, name: str, pid: int, *, with_children: bool = False) -> "Process":
        """A process that runs."""
        return cls(name, psutil.Process(pid), with_children)

    def seconds(self) -> float:
        """Processor time so far; children that have ended count by their parent."""
        total = 0.0
        for each in self._family():
            with suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                total += times.user + times.system
        if self.with_children:
            ended = self.parent.cpu_times()
            total += ended.children_user + ended.children_system
        return total

    def megabytes(self) -> float:
        """Resident memory; of a family each shared page once."""
        total = 0
        for each in self._family():
            with suppress(psutil.NoSuchProcess):
                total += each.memory_full_info().pss if self.with_children else each.memory_info().rss
        return total / _MEGABYTE

    def _family(self) -> list[psutil.Process]:
        return [self.parent, *(self.parent.children(recursive=True) if self.with_children else ())]


@dataclass
class Use:
    """What a process used while it was watched: processor time, and its memory at some moments (seconds, MB)."""

    name: str
    seconds: float = 0.0
    memory: list[tuple[float, float]] = field(default_factory=list)

    @property
    def megabytes_an_hour(self) -> float:
        """By how much the memory grows, by the line that fits the second half best: the first one is warming up."""
        half = self.memory[len(self.memory) // 2 :]
        if len(half) < 3:
            return float("nan")
        mean_at = sum(at for at, _ in half) / len(half)
        mean = sum(size for _, size in half) / len(half)
        spread = sum((at - mean_at) ** 2 for at, _ in half)
        return 3600 * sum((at - mean_at) * (size - mean) for at, size in half) / spread


async def watched(processes: Sequence[Process], begins: float, ends: float, every: float) -> list[Use]:
    """What each process uses between two moments of the monotonic clock."""
    await asyncio.sleep(max(begins - time.monotonic(), 0))
    uses = [Use(process.name) for process in processes]
    before = [process.seconds() for process in processes]
    while (left := ends - time.monotonic()) > 0:
        _sample(processes, uses, begins)
        await asyncio.sleep(min(left, every))
    _sample(processes, uses, begins)
    for use, process, seconds in zip(uses, processes, before, strict=True):
        use.seconds = process.seconds() - seconds
    return uses


def _sample(processes: Sequence[Process], uses: Sequence[Use], begins: float) -> None:
    for use, process in zip(uses, processes, strict=True):
        use.memory.append((time.monotonic() - begins, process.megabytes()))
