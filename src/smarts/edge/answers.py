"""Answers on their way out."""

import math
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from smarts.edge.routes import Answer
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PROBLEM_TYPE = "application/problem+json"
_EVERY_ANSWER = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_JSON = (b"content-type", b"application/json")


def problem_answer(error: ProblemError, headers: Mapping[str, str] | None = None) -> Answer:
    """The problem document of an error, with `Retry-After` in whole seconds where the error knows it."""
    headers = dict(headers or {})
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(0, math.ceil(error.retry_after)))
    return Answer(error.problem.status, encode(error.problem), PROBLEM_TYPE, headers)


async def send_json(send: Send, status: int, body: bytes) -> None:
    """The usual answer, without a detour."""
    headers = [_JSON, (b"content-length", b"%d" % len(body)), *_EVERY_ANSWER]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_answer(send: Send, answer: Answer) -> None:
    """Any answer; one without a body has no content type either."""
    own = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    own_names = {name for name, _ in own}
    headers = [*own, *(pair for pair in _EVERY_ANSWER if pair[0] not in own_names)]
    if answer.status != 204:
        headers.append((b"content-type", answer.media_type.encode()))
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
