"""Runs checks one after another and tells how each ended, in bounded time."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from smarts.kit.check import Check, Unmet, Unseen
from smarts.kit.exchange import Exchange
from smarts.kit.requirement import Requirement
from smarts.kit.subject import Case, Subject
from smarts.wire.nodes import Feature

_TIME_OVER = "the time for the whole run was over"
BROKEN_CHECK = "the check itself failed, please report this"


class Outcome(StrEnum):
    """How a check ended.

    `SKIPPED` is of a feature that is not declared, `UNSEEN` had nothing to look at, `UNFINISHED` no time left.
    """

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNSEEN = "unseen"
    UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Result:
    """How a requirement was met; `exchange` is the one that shows the failure."""

    requirement: Requirement
    outcome: Outcome
    seconds: float = 0.0
    expected: str = ""
    seen: str = ""
    reason: str = ""
    exchange: Exchange | None = None
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)


async def run(
    subject: Subject,
    requirements: Iterable[Requirement],
    checks: Mapping[str, Check],
    declared: Collection[Feature],
    *,
    seconds: float,
    on_start: Callable[[Requirement], None] = lambda _: None,
    on_result: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Checks the requirements in their order; what is not done after so many seconds in all is unfinished."""
    end = time.monotonic() + seconds
    results = []
    for requirement in requirements:
        on_start(requirement)
        result = await _result(subject, requirement, checks[requirement.id], declared, end)
        on_result(result)
        results.append(result)
    return results


async def _result(
    subject: Subject, requirement: Requirement, check: Check, declared: Collection[Feature], end: float
) -> Result:
    if requirement.feature not in declared:
        return Result(requirement, Outcome.SKIPPED, reason=f"{requirement.feature} is not declared")
    left = end - time.monotonic()
    if left <= 0:
        return Result(requirement, Outcome.UNFINISHED, reason=_TIME_OVER)
    case = Case(subject)
    start = time.perf_counter()
    try:
        async with asyncio.timeout(left):
            await check(case)
    except Unmet as unmet:
        exchange = unmet.exchange or (case.exchanges[-1] if case.exchanges else None)
        return _ended(
            requirement,
            Outcome.FAILED,
            start,
            case,
            expected=unmet.expected,
            seen=unmet.seen,
            exchange=exchange,
        )
    except Unseen as unseen:
        return _ended(requirement, Outcome.UNSEEN, start, case, reason=str(unseen))
    except TimeoutError:
        return _ended(requirement, Outcome.UNFINISHED, start, case, reason=_TIME_OVER)
    except Exception as error:  # noqa: BLE001 - a mistake of ours is told, and ends nothing
        return _ended(requirement, Outcome.UNSEEN, start, case, reason=f"{BROKEN_CHECK}: {error!r}")
    return _ended(requirement, Outcome.PASSED, start, case)


def _ended(
    requirement: Requirement,
    outcome: Outcome,
    start: float,
    case: Case,
    *,
    expected: str = "",
    seen: str = "",
    reason: str = "",
    exchange: Exchange | None = None,
) -> Result:
    seconds = time.perf_counter() - start
    shown = exchange.shortened(whole_request=True) if exchange else None
    kept = tuple(each.shortened() for each in case.exchanges)
    return Result(requirement, outcome, seconds, expected, seen, reason, shown, kept)
