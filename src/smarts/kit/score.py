"""What the results of a run come to."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from smarts.kit.requirement import Level
from smarts.kit.runner import Outcome, Result

WEIGHTS: Mapping[Level, int] = {Level.MUST: 3, Level.SHOULD: 1}


@dataclass(frozen=True)
class Score:
    """How much of what was looked at is met.

    `percent` weighs what must be three times what should be, and is rounded down, so that 100 is only where all is met;
    it is None where nothing was looked at.
    """

    percent: int | None
    counts: Mapping[Outcome, int]
    broken: Mapping[Level, int]

    def passes(self, *, strict: bool = False) -> bool:
        """Whether all that must be is met, and was looked at in time; `strict`: all that should be, too."""
        unfinished = self.counts[Outcome.UNFINISHED]
        return not (self.broken[Level.MUST] or unfinished or (strict and self.broken[Level.SHOULD]))


def score(results: Sequence[Result]) -> Score:
    """The score of a run."""
    met, failed = _weight(results, Outcome.PASSED), _weight(results, Outcome.FAILED)
    return Score(
        percent=met * 100 // (met + failed) if met + failed else None,
        counts=Counter(result.outcome for result in results),
        broken=Counter(result.requirement.level for result in results if result.outcome is Outcome.FAILED),
    )


def _weight(results: Iterable[Result], outcome: Outcome) -> int:
    return sum(WEIGHTS[result.requirement.level] for result in results if result.outcome is outcome)
