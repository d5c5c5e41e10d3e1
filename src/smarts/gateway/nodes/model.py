"""What is known of a node: how it is, what it said of itself, what it did wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from smarts.caller import Target
from smarts.wire.model import Model
from smarts.wire.nodes import NodeHealthResponse, NodeVersionResponse
from smarts.wire.times import UtcMillis

LONGEST_DETAIL = 500  # characters that are kept of what went wrong
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.4, 0.6, 1.0, 1.5, 2.5, 4.0, 6.0, 10.0)
"""Calls are counted by these upper bounds in seconds, and beyond the last one. Rows that are kept go by them, too."""


class NodeState(StrEnum):
    """How a node was when it was last asked: UP, DEGRADED and DOWN are its own words, the others are ours.

    UNKNOWN: not asked yet. UNREACHABLE: nobody there. SLOW: no answer in time. WRONG: an answer that makes no sense.
    REFUSED: it did not want to tell, such as to a token that it does not know.
    """

    UNKNOWN = "UNKNOWN"
    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"
    UNREACHABLE = "UNREACHABLE"
    SLOW = "SLOW"
    WRONG = "WRONG"
    REFUSED = "REFUSED"

    @property
    def works(self) -> bool:
        """Whether the node says that it does its work."""
        return self in (NodeState.UP, NodeState.DEGRADED)


WORST_FIRST = (
    NodeState.DOWN,
    NodeState.UNREACHABLE,
    NodeState.WRONG,
    NodeState.REFUSED,
    NodeState.SLOW,
    NodeState.DEGRADED,
    NodeState.UNKNOWN,
    NodeState.UP,
)


class NodeRecord(Model, frozen=True, kw_only=True):
    """What is known of a node.

    `since` is when the state became what it is. `version` and `health` are the last ones told, `health` at
    `answered_at`. `failure` is what went wrong last, also when all is well since.
    """

    state: NodeState
    since: UtcMillis
    asked_at: UtcMillis | None = None
    answered_at: UtcMillis | None = None
    version: NodeVersionResponse | None = None
    health: NodeHealthResponse | None = None
    failure: str | None = None
    failed_at: UtcMillis | None = None


class NodeChange(Model, frozen=True, kw_only=True):
    """A node's state became another; `detail` says why, as far as that is known."""

    state: NodeState
    detail: str
    at: UtcMillis


class Signing(Model, frozen=True, kw_only=True):
    """Whether requests to the node are signed, and until when the secret before the last one signs them, too."""

    signed: bool
    former_signs_until: UtcMillis | None = None


class NodeReport(Model, frozen=True, kw_only=True):
    """Something that does not work as it should, for the store's manager: in which operation, what, and how often."""

    id: str
    operation: str
    detail: str
    times: int
    first_at: UtcMillis
    last_at: UtcMillis


@dataclass(frozen=True)
class HourOfCalls:
    """A store's calls of one operation that were made in an hour; `buckets` go by `BOUNDS`, `slowest` is seconds."""

    institution_id: str
    hour: datetime
    operation: str
    calls: int
    failures: int
    slowest: float
    buckets: tuple[int, ...]


@dataclass(frozen=True)
class SpanOfCalls:
    """Calls that were made in a span of time."""

    calls: int = 0
    failures: int = 0
    slowest: float = 0.0
    buckets: tuple[int, ...] = ()

    def within(self, share: float) -> float | None:
        """In how many seconds this share of the calls was over, about; None where there were none.

        Within a bucket calls are taken to lie evenly, in the last one up to the slowest of all.
        """
        wanted, seen = share * sum(self.buckets), 0
        bounds = (0.0, *BOUNDS, max(self.slowest, BOUNDS[-1]))
        for number, count in enumerate(self.buckets):
            if count and seen + count >= wanted:
                low, high = bounds[number], bounds[number + 1]
                return min(low + (high - low) * (wanted - seen) / count, self.slowest)
            seen += count
        return None


@dataclass(frozen=True)
class OperationTally:
    """A period's calls of one operation."""

    operation: str
    span: SpanOfCalls


@dataclass(frozen=True)
class Rhythm:
    """How often a node is asked for its health, and with one of these questions for its version."""

    health: timedelta = timedelta(minutes=1)
    version: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class Question:
    """A node that is to be asked now; `state` is what it was, `asked_at` tells this question from later ones."""

    institution_id: str
    target: Target
    asked_at: datetime
    state: NodeState
    version_too: bool


@dataclass(frozen=True)
class Said:
    """What came of a question."""

    state: NodeState
    health: NodeHealthResponse | None = None
    version: NodeVersionResponse | None = None
    failure: str | None = None
