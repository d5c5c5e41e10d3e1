"""How calls fail, and what was answered then."""

from dataclasses import dataclass

from smarts.wire.errors import Problem


@dataclass(frozen=True)
class Answered:
    """An answer's status, and how its body begins, where that was read."""

    status: int
    excerpt: str = ""


class CallFailed(Exception):  # noqa: N818 - the names say what happened
    """A call that brought no answer of the kind expected.

    `retryable` says whether the same call may succeed later, `retry_after` after how many seconds at the earliest,
    where the other side said so. `detail` is for people and holds no secrets. `answered` is what was answered, if
    anything was.
    """

    answered: Answered | None = None

    def __init__(self, detail: str, *, retryable: bool = True, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retryable = retryable
        self.retry_after = retry_after


class Unreachable(CallFailed):
    """Nobody there, or somebody who says 503; `sent` is False where the other side surely saw nothing of it."""

    def __init__(
        self, detail: str, *, sent: bool, retryable: bool = True, retry_after: float | None = None
    ) -> None:
        super().__init__(detail, retryable=retryable, retry_after=retry_after)
        self.sent = sent


class TooSlow(CallFailed):
    """No answer before the deadline; what was asked for may have been done."""


class Nonsense(CallFailed):
    """An answer of the wrong shape, type, status or size."""


class Refused(CallFailed):
    """The other side answered 4xx; a `problem` that it did not explain has the type `about:blank`."""

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        retryable = bool(problem.retryable) or problem.status in {408, 429}
        detail = f"refused with {problem.status}: {problem.detail or problem.title}"
        super().__init__(detail, retryable=retryable, retry_after=retry_after)
        self.problem = problem
