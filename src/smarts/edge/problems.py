"""The one table of errors: what each is called, its status, and whether trying again may help (section 2, Errors)."""

from dataclasses import dataclass

from smarts.wire.errors import FieldError, MalformedError, Problem, ProblemError


@dataclass(frozen=True)
class ErrorKind:
    """A row: `type` is for machines and never changes, `title` is the sentence for people."""

    type: str
    status: int
    title: str
    retryable: bool

    def error(
        self,
        detail: str = "",
        *,
        errors: tuple[FieldError, ...] = (),
        retry_after: float | None = None,
        still_works: tuple[str, ...] = (),
    ) -> ProblemError:
        """An error of this kind to raise; `detail` is for people, `retry_after` in seconds."""
        problem = Problem(
            self.type, self.title, self.status, detail, self.retryable, errors, still_works=still_works
        )
        return ProblemError(problem, retry_after)


NOT_JSON = ErrorKind("not-json", 400, "The body is not JSON.", retryable=False)
TOKEN_UNKNOWN = ErrorKind("token-unknown", 401, "The token is missing or unknown.", retryable=False)
SIGNATURE_REFUSED = ErrorKind(
    "signature-refused", 401, "The request is not signed as it must be here.", retryable=False
)
FORBIDDEN = ErrorKind("forbidden", 403, "The token does not allow this.", retryable=False)
NOT_FOUND = ErrorKind("not-found", 404, "There is no such thing.", retryable=False)
FEATURE_ABSENT = ErrorKind("feature-absent", 404, "This node does not have the feature.", retryable=False)
METHOD_NOT_ALLOWED = ErrorKind(
    "method-not-allowed", 405, "This address does not have the method.", retryable=False
)
BODY_SLOW = ErrorKind("body-slow", 408, "The body took too long to arrive.", retryable=True)
BEING_DONE = ErrorKind("being-done", 409, "The same message is being worked on.", retryable=True)
CONFLICT = ErrorKind("conflict", 409, "The state of things does not allow this.", retryable=False)
TOO_LARGE = ErrorKind("too-large", 413, "The body is too large.", retryable=False)
NOT_JSON_TYPE = ErrorKind("not-json-type", 415, "The content type must be application/json.", retryable=False)
NOT_MEDIA_TYPE = ErrorKind(
    "not-media-type", 415, "The content type is none of those that are read here.", retryable=False
)
WRONG_SHAPE = ErrorKind("wrong-shape", 422, "The request has the wrong shape.", retryable=False)
REFUSED = ErrorKind("refused", 422, "The store refuses this.", retryable=False)
TOO_MANY = ErrorKind("too-many", 429, "There were too many requests.", retryable=True)
INTERNAL = ErrorKind("internal", 500, "Something went wrong here.", retryable=True)
NODE_NONSENSE = ErrorKind("node-nonsense", 502, "The store's system answered nonsense.", retryable=True)
NODE_DOWN = ErrorKind("node-down", 503, "The store's system is down.", retryable=True)
NODE_SLOW = ErrorKind("node-slow", 504, "The store's system took too long.", retryable=True)


def invalid(path: str, message: str) -> ProblemError:
    """The error of one field that has the right type but may not have this value."""
    return WRONG_SHAPE.error(f"{path}: {message}", errors=(FieldError(path, message),))


def malformed(error: MalformedError) -> ProblemError:
    """The error of a document that could not be read: not JSON, or JSON of the wrong shape."""
    if not error.is_json:
        return NOT_JSON.error(error.error.message)
    return invalid(error.error.path, error.error.message)
