"""How long a node or a gateway took to answer."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from smarts.kit.exchange import Exchange

_ID = re.compile(r"(?<=/)[^/]*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Timing:
    """The answer times of one operation, in seconds: `p95` is what 19 of 20 do not exceed."""

    operation: str
    count: int
    median: float
    p95: float
    largest: float


def timing(operation: str, seconds: Sequence[float]) -> Timing:
    """Sums up times; there is at least one."""
    ordered = sorted(seconds)
    return Timing(
        operation, len(ordered), median(ordered), ordered[-(-19 * len(ordered) // 20) - 1], ordered[-1]
    )


def timings(address: str, exchanges: Iterable[Exchange]) -> list[Timing]:
    """The times of all answers by method and path below an address, in the order in which they were asked.

    Ids in paths are left open, and what is behind a question mark is left out. An exchange that several checks
    have looked at counts once.
    """
    seconds: dict[str, list[float]] = defaultdict(list)
    for exchange in {id(each): each for each in exchanges}.values():
        if exchange.answer is not None:
            path = exchange.request.url.removeprefix(address.rstrip("/"))
            place = _ID.sub("{id}", path.partition("?")[0])
            seconds[f"{exchange.request.method} {place}"].append(exchange.answer.seconds)
    return [timing(operation, found) for operation, found in seconds.items()]
