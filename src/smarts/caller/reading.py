"""Reading answers: bounded, and failures as far as they explain themselves."""

import asyncio
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp

from smarts.caller.failures import Answered, CallFailed, Nonsense, Refused, TooSlow, Unreachable
from smarts.wire.codec import decode
from smarts.wire.errors import MalformedError, Problem

_LARGEST_PROBLEM = 64 * 1024
_EXCERPT = 500  # bytes of a failure that are kept for people
_PATIENCE_FOR_REASONS = 1.0  # seconds
_LONGEST_RETRY_AFTER = 86_400.0


async def read_body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The whole body; raises `Nonsense` where it is compressed or larger than `limit` bytes."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Nonsense("answered with a compressed body", retryable=False)
    data = bytearray()
    async for chunk in response.content.iter_any():
        data += chunk
        if len(data) > limit:
            raise Nonsense(f"answered with more than {limit} bytes", retryable=False)
    return bytes(data)


async def failure_of(response: aiohttp.ClientResponse) -> CallFailed:
    """What a status of 4xx or 5xx means."""
    excerpt = await _beginning(response)
    return answered(_kind_of(response, _problem(response, excerpt)), response.status, excerpt)


def _kind_of(response: aiohttp.ClientResponse, problem: Problem) -> CallFailed:
    retry_after = retry_after_seconds(response.headers.get("Retry-After", ""))
    if response.status < 500:
        return Refused(problem, retry_after)
    detail = f"answered {problem.status}: {problem.detail or problem.title}"
    if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return Unreachable(detail, sent=True, retry_after=retry_after)
    if response.status == HTTPStatus.GATEWAY_TIMEOUT:
        return TooSlow(detail, retry_after=retry_after)
    return Nonsense(detail, retry_after=retry_after)


def answered(failure: CallFailed, status: int, body: bytes = b"") -> CallFailed:
    """The failure, with what was answered."""
    failure.answered = Answered(status, body[:_EXCERPT].decode(errors="replace").replace("\0", "\ufffd"))
    return failure


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """How the body of a failure begins; one that does not come soon is not waited for, for it is a failure anyway."""
    data = bytearray()
    with suppress(TimeoutError, aiohttp.ClientError, ConnectionError):
        async with asyncio.timeout(_PATIENCE_FOR_REASONS):
            async for chunk in response.content.iter_any():
                data += chunk
                if len(data) > _LARGEST_PROBLEM:
                    break
    return bytes(data)


def _problem(response: aiohttp.ClientResponse, body: bytes) -> Problem:
    status = response.status
    if response.content_type == "application/problem+json" and len(body) <= _LARGEST_PROBLEM:
        try:
            problem = decode(body, Problem)
            return Problem(
                problem.type, problem.title, status, problem.detail, problem.retryable, problem.errors
            )
        except MalformedError:
            pass
    known = status in {entry.value for entry in HTTPStatus}
    return Problem("about:blank", HTTPStatus(status).phrase if known else "Error", status)


def retry_after_seconds(text: str) -> float | None:
    """What a `Retry-After` header asks for in seconds, from seconds or a date; none where it makes no sense."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(float(text), _LONGEST_RETRY_AFTER)
    try:
        seconds = parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)
