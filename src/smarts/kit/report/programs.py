"""A run told to programs, as plain JSON values."""

from collections.abc import Callable, Sequence
from typing import Any

from smarts.kit.examination import Examination
from smarts.kit.requirement import Requirement
from smarts.kit.runner import Result
from smarts.kit.score import score
from smarts.kit.timings import timings


def report(
    examination: Examination, curl: Callable[[Result], str], *, strict: bool = False
) -> dict[str, Any]:
    """All that was found out; times are in seconds."""
    summed = score(examination.results)
    exchanges = [exchange for result in examination.results for exchange in result.exchanges]
    return {
        "address": examination.address,
        examination.side.value: {
            "name": examination.name,
            "version": examination.version,
            "features": list(examination.declared),
        },
        "passes": summed.passes(strict=strict),
        "score": summed.percent,
        "counts": dict(summed.counts),
        "requirements": [
            described(result.requirement) | _outcome(result, curl) for result in examination.results
        ],
        "times": [
            {
                "operation": timing.operation,
                "count": timing.count,
                "median": timing.median,
                "p95": timing.p95,
                "largest": timing.largest,
            }
            for timing in timings(examination.address, exchanges)
        ],
    }


def described(requirement: Requirement) -> dict[str, Any]:
    """A requirement."""
    return {
        "id": requirement.id,
        "clause": requirement.clause,
        "level": requirement.level,
        "side": requirement.side,
        "feature": requirement.feature,
        "text": requirement.text,
    }


def listed(requirements: Sequence[Requirement]) -> list[dict[str, Any]]:
    """Requirements."""
    return [described(requirement) for requirement in requirements]


def _outcome(result: Result, curl: Callable[[Result], str]) -> dict[str, Any]:
    told = {"expected": result.expected, "seen": result.seen, "reason": result.reason, "curl": curl(result)}
    return {"outcome": result.outcome, "seconds": round(result.seconds, 6)} | {
        name: words for name, words in told.items() if words
    }
