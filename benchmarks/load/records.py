"""What was measured: how long each step took, counted from when it was due."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

STEPS = ("join", "begin", "scan", "search", "checkout", "result", "pay")
QUANTILES = (0.5, 0.95, 0.99, 0.999)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest of the ordered values that is not below this share of them."""
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Taken:
    """One kind of step, in seconds: from when it was due, and from when it was sent, to its answer.

    What was due in the time that is measured counts, whenever it was answered; `answered` is how many answers came in
    that time, whenever they were due.
    """

    due: "array[float]" = field(default_factory=lambda: array("d"))
    sent: "array[float]" = field(default_factory=lambda: array("d"))
    failed: Counter[str] = field(default_factory=Counter)
    answered: int = 0

    def add(self, other: "Taken") -> None:
        """Takes in what another generator has measured."""
        self.due.extend(other.due)
        self.sent.extend(other.sent)
        self.failed.update(other.failed)
        self.answered += other.answered


@dataclass(frozen=True)
class Bought:
    """A visit that came to its payment; `paid` is None where the payment's answer did not say that all is well."""

    basket: int
    store: int
    invoice_id: str
    paid: Decimal | None


@dataclass
class Records:
    """What one generator, or all together, have measured.

    `late` is by how much the generator itself was late, `abandoned` why visits were given up, whenever that was.
    """

    taken: dict[str, Taken] = field(default_factory=lambda: {step: Taken() for step in STEPS})
    late: "array[float]" = field(default_factory=lambda: array("d"))
    bought: list[Bought] = field(default_factory=list)
    abandoned: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Records") -> None:
        """Takes in what another generator has measured."""
        for step, taken in other.taken.items():
            self.taken[step].add(taken)
        self.late.extend(other.late)
        self.bought.extend(other.bought)
        self.abandoned.update(other.abandoned)


def together(parts: Iterable[Records]) -> Records:
    """All generators' records as one."""
    whole = Records()
    for part in parts:
        whole.add(part)
    return whole
