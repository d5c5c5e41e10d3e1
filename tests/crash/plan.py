"""Which fault strikes when, all from one seed."""

import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from .steps import DATABASE, Fault, Phase, Step, strikes

_SHARE_OF_PAUSES = 0.6  # of the time that there is for a fault, on average
_PAUSES_OF_DATABASE = 4


class Plan:
    """Faults, each due at a moment of the run: it strikes when its step is reached for the first time after that.

    Every fault comes at every step once before any comes twice. Those that are late do not come in one burst, in which
    nobody would get on: there is a pause between two faults, and a longer one between two of the database.
    """

    def __init__(
        self,
        strikes: Iterable[tuple[float, Step, Fault]],
        clock: Callable[[], float],
        *,
        pause: float = 0,
    ) -> None:
        self._waiting: dict[Step, deque[tuple[float, Fault]]] = {}
        for due, step, fault in sorted(strikes, key=lambda strike: strike[0]):
            self._waiting.setdefault(step, deque()).append((due, fault))
        self._clock = clock
        self._on = False
        self._began = 0.0
        self._pause = pause
        self._next = self._next_of_database = 0.0
        self.struck: Counter[tuple[Step, Fault]] = Counter()
        self.total = sum(map(len, self._waiting.values()))

    @classmethod
    def drawn(
        cls, seed: int, faults: Iterable[Fault], number: int, seconds: float, clock: Callable[[], float]
    ) -> "Plan":
        """`number` faults, spread evenly over the seconds."""
        every = _endless(random.Random(seed), tuple(strikes(faults)))
        chosen = list(islice(every, number))
        moments = ((seconds * place / number, *each) for place, each in enumerate(chosen))
        return cls(moments, clock, pause=_SHARE_OF_PAUSES * seconds / max(number, 1))

    def begin(self) -> None:
        """The run begins now."""
        self._began, self._on = self._clock(), True

    def end(self) -> None:
        """Nothing strikes any more."""
        self._on = False

    def strike(self, step: Step) -> Fault | None:
        """What strikes at a step that is reached now."""
        waiting, now = self._waiting.get(step), self._clock() - self._began
        if not self._on or not waiting or waiting[0][0] > now or now < self._next:
            return None
        if waiting[0][1] in DATABASE:
            if now < self._next_of_database:
                return None
            self._next_of_database = now + self._pause * _PAUSES_OF_DATABASE
        self._next = now + self._pause
        return waiting.popleft()[1]

    def struck_at(self, step: Step, fault: Fault) -> None:
        """The fault was done."""
        self.struck[step, fault] += 1

    @property
    def left(self) -> int:
        """How many faults have not struck yet."""
        return sum(map(len, self._waiting.values()))

    def missing(self) -> list[str]:
        """The steps whose faults were not all done, with how many."""
        return [f"{step} ({len(waiting)})" for step, waiting in self._waiting.items() if waiting]

    def table(self) -> Iterator[str]:
        """How often each fault struck at each step, a line a step."""
        names = list(dict.fromkeys(step.name for step, _ in self.struck))
        for number, fault in enumerate(Fault):
            yield f"{_LETTERS[number]} = {fault} ({sum(self._times(fault))})"
        yield ""
        yield f"{'step':34}" + "".join(f"{_LETTERS[number]:>4}" for number, _ in enumerate(Fault))
        for name in names:
            for phase in Phase:
                step = Step(phase, name)
                row = "".join(f"{self.struck[step, fault] or '-':>4}" for fault in Fault)
                yield f"{step!s:34}{row}"

    def _times(self, fault: Fault) -> Iterator[int]:
        return (times for (_, each), times in self.struck.items() if each is fault)


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _endless(chance: random.Random, every: Sequence[tuple[Step, Fault]]) -> Iterator[tuple[Step, Fault]]:
    while True:
        yield from chance.sample(every, len(every))
