"""Errors on the wire: problem documents of RFC 9457 (section 2, Errors)."""

from smarts.wire.model import Model


class FieldError(Model, frozen=True):
    """One offending field: the JSON path of it (`$.products[0].amount`) and what is wrong."""

    path: str
    message: str


class Problem(Model, frozen=True):
    """What every answer with status 4xx and 5xx carries, as `application/problem+json`.

    `type` names the kind of error for machines and never changes; `detail` is a sentence for people; `retryable`
    says whether the same request may succeed later. `errors` is written for bad input only, `request_id`, under which
    the log says more, where the fault is on this side (5xx); `still_works` only by a gateway, where a store's node
    fails: words for what the shopper can do all the same.
    """

    type: str
    title: str
    status: int
    detail: str = ""
    retryable: bool | None = None
    errors: tuple[FieldError, ...] = ()
    request_id: str | None = None
    still_works: tuple[str, ...] = ()


class ProblemError(Exception):
    """Anything that is answered with a problem document.

    Raised by handlers on the serving side and by callers on the other, so that both sides speak of the same thing.
    `retry_after` is in seconds.
    """

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(f"{problem.status} {problem.type}: {problem.detail or problem.title}")
        self.problem = problem
        self.retry_after = retry_after


class MalformedError(ValueError):
    """A document that could not be read.

    `is_json` tells text that is no JSON at all (400) from JSON of the wrong shape (422).
    """

    def __init__(self, message: str, path: str = "$", *, is_json: bool) -> None:
        super().__init__(message)
        self.error = FieldError(path, message)
        self.is_json = is_json
