"""Answers on their way out."""

import math
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import cache
from typing import Any

from smarts.edge.routes import Answer
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PROBLEM_TYPE = "application/problem+json"
_EVERY_ANSWER = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


def problem_answer(error: ProblemError, headers: Mapping[str, str] | None = None) -> Answer:
    """The problem document of an error, with `Retry-After` in whole seconds where the error knows it."""
    headers = dict(headers or {})
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(0, math.ceil(error.retry_after)))
    return Answer(error.problem.status, encode(error.problem), PROBLEM_TYPE, headers)


async def send_answer(send: Send, answer: Answer) -> None:
    """Sends an answer; one without a body (204) has no content type either."""
    headers = list(_EVERY_ANSWER)
    if answer.status != 204:
        headers.append((b"content-type", _encoded(answer.media_type)))
        headers.append((b"content-length", b"%d" % len(answer.body)))
    if answer.headers:
        headers = _with_own(headers, answer.headers)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _with_own(headers: list[tuple[bytes, bytes]], own: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    added = [(name.lower().encode(), value.encode("latin-1")) for name, value in own.items()]
    names = {name for name, _ in added}
    return [*(pair for pair in headers if pair[0] not in names), *added]


@cache
def _encoded(media_type: str) -> bytes:
    return media_type.encode()
