"""The one outgoing HTTP caller, for both directions of the contract.

It calls addresses that strangers typed in, so it goes to public addresses only, follows no redirects, and bounds
the time and the size of every answer.
"""

import asyncio
import os
import random
import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError, Problem
from smarts.wire.operations import TOKEN_HEADER, Operation

_PAUSES = (0.1, 0.4)  # seconds before the second and the third try, give or take a half
_IDLE = 15.0  # seconds that an unused connection is kept
_LARGEST_PROBLEM = 64 * 1024
_LONGEST_RETRY_AFTER = 86_400.0
_HOST = re.compile(r"[\w.:%-]+", re.ASCII)
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """Whom to call: the address below which the operations' paths are, and the token that is shown there."""

    base_url: str
    token: str = field(repr=False)


class CallFailed(Exception):  # noqa: N818 - the names say what happened
    """A call that brought no answer of the kind expected.

    `retryable` says whether the same call may succeed later, `retry_after` after how many seconds at the earliest,
    where the other side said so. `detail` is for people and holds no secrets.
    """

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


class _NotPublicError(OSError):
    pass


def check_address(url: str, *, allow_private: bool = False) -> str:
    """The address of another side as it is called, without a slash at the end.

    Names are not looked up here: what they lead to is checked whenever a connection is made.

    Raises:
        ValueError: it is not an http or https address, or its host is surely not a public one.
    """
    try:
        address = URL(url.strip())
        port = address.port
    except ValueError as error:
        raise ValueError(f"Not an address: {error}") from None
    if address.scheme not in {"http", "https"} or not port:
        raise ValueError("Expected an address that begins with http:// or https://")
    if not address.raw_host or not _HOST.fullmatch(address.raw_host):
        raise ValueError("Expected the name or the number of a host")
    if address.user is not None or address.password is not None:
        raise ValueError("Expected an address without a user name or password")
    if address.query_string or address.fragment:
        raise ValueError("Expected an address without ? and #")
    if not allow_private and _surely_private(address.raw_host):
        raise ValueError("Expected a public address")
    return str(address).rstrip("/")


def _surely_private(host: str) -> bool:
    if host.rstrip(".").lower().rpartition(".")[2] in {"localhost", "local", "internal"}:
        return True
    try:
        return not _is_public(ip_address(host))
    except ValueError:
        return False


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None and not _is_public(inner):
            return False
    return address.is_global and not address.is_multicast


def _public_socket(address_info: Any) -> socket.socket:
    """Makes the socket of a connection, last of all checks: a name cannot lead elsewhere after this one."""
    family, kind, protocol, _, address = address_info
    try:
        public = _is_public(ip_address(address[0]))
    except ValueError:
        public = False
    if not public:
        raise _NotPublicError("not a public address")
    return socket.socket(family, kind, protocol)


_check_address = lru_cache(maxsize=4096)(check_address)


class Caller:
    """Calls the contract's operations at any number of other sides, over connections that are kept.

    `answer_limit` is the size in bytes of the largest answer read. To be used within one event loop.
    """

    def __init__(
        self,
        *,
        allow_private_addresses: bool = False,
        answer_limit: int = 8 * 1024 * 1024,
        connections_per_host: int = 32,
    ) -> None:
        self._allow_private = allow_private_addresses
        self._answer_limit = answer_limit
        self._connections_per_host = connections_per_host
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        target: Target,
        operation: Operation,
        body: object = None,
        path: Mapping[str, str] | None = None,
        *,
        deadline: float | None = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Calls an operation and gives its response, of the type that its row says.

        `path` holds the path's parameters. The `deadline`, in seconds, is for all tries together; without one the
        operation's own counts. An operation that is not repeatable is repeated only where it surely was not sent, or
        where an `idempotency_key` keeps it from being done twice.

        Raises:
            CallFailed: which of its kinds says what went wrong.
        """
        seconds = operation.deadline if deadline is None else deadline
        ends = asyncio.get_running_loop().time() + seconds
        request = self._request(target, operation, body, path or {}, idempotency_key)
        repeatable = operation.repeatable or idempotency_key is not None
        try:
            async with asyncio.timeout_at(ends):
                return await self._try_often(request, operation.response, ends, repeatable=repeatable)
        except TimeoutError:
            raise TooSlow(f"{request['url'].origin()} did not answer within {seconds:g} s") from None

    async def close(self) -> None:
        """Closes all connections."""
        if self._session:
            await self._session.close()

    def _request(
        self, target: Target, operation: Operation, body: object, path: Mapping[str, str], key: str | None
    ) -> dict[str, Any]:
        try:
            base = _check_address(target.base_url, allow_private=self._allow_private)
        except ValueError as error:
            raise Unreachable(str(error), sent=False, retryable=False) from None
        if not (target.token.isascii() and target.token.isprintable()):
            raise Unreachable("The token has characters that no token has", sent=False, retryable=False)
        headers = {TOKEN_HEADER: target.token, "Accept-Encoding": "identity", "User-Agent": "smarts"}
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json;charset=UTF-8"
        place = operation.path.format_map({name: quote(value, safe="") for name, value in path.items()})
        return {
            "method": operation.method,
            "url": URL(base + place, encoded=True),
            "headers": headers,
            "data": None if body is None else encode(body),
        }

    async def _try_often(self, request: dict[str, Any], kind: Any, ends: float, *, repeatable: bool) -> Any:
        for pause in _PAUSES:
            try:
                return await self._try_once(request, kind)
            except (Unreachable, TooSlow) as failure:
                unsent = isinstance(failure, Unreachable) and not failure.sent
                wait = max(pause * random.uniform(0.5, 1.5), failure.retry_after or 0)  # noqa: S311 - no secret
                late = asyncio.get_running_loop().time() + wait >= ends
                if late or not failure.retryable or not (repeatable or unsent):
                    raise
            await asyncio.sleep(wait)
        return await self._try_once(request, kind)

    async def _try_once(self, request: dict[str, Any], kind: Any) -> Any:
        origin = request["url"].origin()
        try:
            async with self._open().request(**request, allow_redirects=False) as response:
                return await self._read(response, kind)
        except aiohttp.ClientConnectorError as error:
            raise unconnected(origin, error.os_error) from None
        except aiohttp.InvalidURL:
            raise Unreachable(f"{origin} is no address", sent=False, retryable=False) from None
        except aiohttp.ClientResponseError:
            raise Nonsense(f"{origin} does not speak HTTP") from None
        except (aiohttp.ClientError, ConnectionError) as error:
            raise Unreachable(f"{origin} broke off: {type(error).__name__}", sent=True) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = open_session(self._connections_per_host, allow_private=self._allow_private)
        return self._session

    async def _read(self, response: aiohttp.ClientResponse, kind: Any) -> Any:
        if response.status >= 400:
            raise await _failure(response)
        if response.status not in range(200, 300):
            raise Nonsense(f"answered with status {response.status}", retryable=False)
        if kind is None:
            return None
        if response.content_type != "application/json":
            raise Nonsense(f"answered {response.content_type[:100]}, not JSON", retryable=False)
        data = await read_body(response, self._answer_limit)
        try:
            return decode(data, kind)
        except MalformedError as error:
            raise Nonsense(f"answered wrongly at {error.error.path}: {error}", retryable=False) from None


def open_session(connections_per_host: int, *, allow_private: bool) -> aiohttp.ClientSession:
    """Connections that go to public addresses only, unless they may be private, and that remember no cookies."""
    connector = aiohttp.TCPConnector(
        limit=0,
        limit_per_host=connections_per_host,
        keepalive_timeout=_IDLE,
        socket_factory=None if allow_private else _public_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


def unconnected(origin: URL, error: OSError) -> Unreachable:
    """Nothing was sent: who was to be called cannot be reached."""
    if isinstance(error, _NotPublicError):
        return Unreachable(f"{origin} is not a public address", sent=False, retryable=False)
    return Unreachable(f"{origin} cannot be reached: {_reason(error)}", sent=False)


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"TLS failed, {getattr(error, 'verify_message', '') or error.reason}"
    number = error.errno or 0  # those of name look-ups are negative and have their own texts
    return os.strerror(number) if number > 0 else error.strerror or type(error).__name__


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


async def _failure(response: aiohttp.ClientResponse) -> CallFailed:
    problem = await _problem(response)
    retry_after = retry_after_seconds(response.headers.get("Retry-After", ""))
    if response.status < 500:
        return Refused(problem, retry_after)
    detail = f"answered {problem.status}: {problem.detail or problem.title}"
    if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return Unreachable(detail, sent=True, retry_after=retry_after)
    if response.status == HTTPStatus.GATEWAY_TIMEOUT:
        return TooSlow(detail, retry_after=retry_after)
    return Nonsense(detail, retry_after=retry_after)


async def _problem(response: aiohttp.ClientResponse) -> Problem:
    status = response.status
    if response.content_type == "application/problem+json":
        try:
            problem = decode(await read_body(response, _LARGEST_PROBLEM), Problem)
            return Problem(
                problem.type, problem.title, status, problem.detail, problem.retryable, problem.errors
            )
        except (MalformedError, Nonsense):
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
