"""Answers on their way out."""

import math
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import cache
from typing import Any

from msgspec.structs import replace

from smarts.edge.context import request_id
from smarts.edge.routes import Answer
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PROBLEM_TYPE = "application/problem+json"
_EVERY_ANSWER = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


def problem_answer(error: ProblemError, headers: Mapping[str, str] | None = None) -> Answer:
    """The problem document of an error, with `Retry-After` in whole seconds where the error knows it.

    What went wrong on this side (5xx) says under which request id the log says more.
    """
    headers = dict(headers or {})
    problem = error.problem
    if problem.status >= 500 and (known := request_id()):
        problem = replace(problem, request_id=known)
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(0, math.ceil(error.retry_after)))
    return Answer(problem.status, encode(problem), PROBLEM_TYPE, headers)


async def send_answer(send: Send, answer: Answer) -> None:
    """Sends an answer; one without a body (204) has no content type either."""
    headers = [*_EVERY_ANSWER, *request_id_header()]
    if answer.status != 204:
        headers.append((b"content-type", _encoded(answer.media_type)))
        headers.append((b"content-length", b"%d" % len(answer.body)))
    if answer.headers:
        headers = _with_own(headers, answer.headers)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def request_id_header() -> tuple[tuple[bytes, bytes], ...]:
    """Under which id the log knows the request that is being answered."""
    known = request_id()
    return ((b"x-request-id", known.encode()),) if known else ()


def _with_own(headers: list[tuple[bytes, bytes]], own: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    added = [(name.lower().encode(), value.encode("latin-1")) for name, value in own.items()]
    names = {name for name, _ in added}
    return [*(pair for pair in headers if pair[0] not in names), *added]


@cache
def _encoded(media_type: str) -> bytes:
    return media_type.encode()
