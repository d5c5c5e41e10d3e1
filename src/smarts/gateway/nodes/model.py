"""What is known of a node: how it is, what it said of itself, what it did wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from smarts.caller import Target
from smarts.wire.model import Model
from smarts.wire.nodes import NodeHealthResponse, NodeVersionResponse
from smarts.wire.times import UtcMillis

LONGEST_DETAIL = 500  # characters that are kept of what went wrong


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


class NodeReport(Model, frozen=True, kw_only=True):
    """Something that does not work as it should, for the store's manager: in which operation, what, and how often."""

    id: str
    operation: str
    detail: str
    times: int
    first_at: UtcMillis
    last_at: UtcMillis


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
