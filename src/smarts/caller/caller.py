"""Calls of the contract's operations."""

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from smarts.caller.addresses import check_address, open_session, tls, unconnected
from smarts.caller.failures import Answered, Nonsense, TooSlow, Unreachable
from smarts.caller.reading import answered, failure_of, read_body
from smarts.edge import tracing
from smarts.edge.context import headers_to_pass_on
from smarts.edge.signatures import key_of, signed
from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError
from smarts.wire.operations import MESSAGE_ID_HEADER, TOKEN_HEADER, Operation

_PAUSES = (0.1, 0.4)  # seconds before the second and the third try, give or take a half


@dataclass(frozen=True)
class Target:
    """Whom to call: the address below which the operations' paths are, and the token that is shown there.

    Every request is signed with each of the `signing_secrets`, where there are any.
    """

    base_url: str
    token: str = field(repr=False)
    signing_secrets: tuple[str, ...] = field(default=(), repr=False)


_check_address = lru_cache(maxsize=4096)(check_address)


@lru_cache(maxsize=4096)
def _keys(signing_secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    try:
        return tuple(key_of(each) for each in signing_secrets)
    except ValueError as error:
        raise Unreachable(str(error), sent=False, retryable=False) from None


@dataclass(frozen=True)
class _Request:
    """A request as it is sent at each try; what is signed has the same id at each of them, and a time of its own."""

    method: str
    url: URL
    headers: Mapping[str, str]
    body: bytes | None
    keys: tuple[bytes, ...]

    @cached_property
    def own_id(self) -> str:
        return uuid.uuid4().hex

    @property
    def origin(self) -> URL:
        return self.url.origin()

    def headers_now(self) -> Mapping[str, str]:
        if not self.keys:
            return self.headers
        message_id = self.headers.get(MESSAGE_ID_HEADER) or self.own_id
        return {**self.headers, **signed(self.keys, message_id, self.body or b"", time.time())}


class Caller:
    """Calls the contract's operations at any number of other sides, over connections that are kept.

    `answer_limit` is the size in bytes of the largest answer read. Authorities in `ca_file` (PEM) are believed
    beside the system's. To be used within one event loop.

    Raises:
        OSError: that file cannot be read, or holds no certificates.
    """

    def __init__(
        self,
        *,
        allow_private_addresses: bool = False,
        answer_limit: int = 8 * 1024 * 1024,
        connections_per_host: int = 32,
        ca_file: str = "",
    ) -> None:
        if ca_file:
            tls(ca_file)
        self._ca_file = ca_file
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
        message_id: str | None = None,
        may_retry: Callable[[], bool] = lambda: True,
    ) -> Any:
        """Calls an operation and gives its response, of the type that its row says, or `Answered` where that is None.

        `path` holds the path's parameters. The `deadline`, in seconds, is for all tries together; without one the
        operation's own counts. An operation that is not repeatable is repeated only where it surely was not sent, or
        where an `idempotency_key` keeps it from being done twice. A `message_id` is sent along as `webhook-id`. Before
        each further try `may_retry` is asked.

        Raises:
            CallFailed: which of its kinds says what went wrong.
        """
        seconds = operation.deadline if deadline is None else deadline
        ends = asyncio.get_running_loop().time() + seconds
        repeatable = operation.repeatable or idempotency_key is not None
        try:
            with tracing.span(operation.name, "CLIENT"):
                request = self._request(target, operation, body, path or {}, idempotency_key, message_id)
                async with asyncio.timeout_at(ends):
                    return await self._try_often(
                        request, operation.response, ends, may_retry, repeatable=repeatable
                    )
        except TimeoutError:
            raise TooSlow(f"{URL(target.base_url).origin()} did not answer within {seconds:g} s") from None

    async def close(self) -> None:
        """Closes all connections."""
        if self._session:
            await self._session.close()

    def _request(
        self,
        target: Target,
        operation: Operation,
        body: object,
        path: Mapping[str, str],
        key: str | None,
        message_id: str | None,
    ) -> "_Request":
        try:
            base = _check_address(target.base_url, allow_private=self._allow_private)
        except ValueError as error:
            raise Unreachable(str(error), sent=False, retryable=False) from None
        if not (target.token.isascii() and target.token.isprintable()):
            raise Unreachable("The token has characters that no token has", sent=False, retryable=False)
        headers = {TOKEN_HEADER: target.token, "Accept-Encoding": "identity", "User-Agent": "smarts"}
        headers.update(headers_to_pass_on())
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json;charset=UTF-8"
        if message_id is not None:
            headers[MESSAGE_ID_HEADER] = message_id
        place = operation.path.format_map({name: quote(value, safe="") for name, value in path.items()})
        return _Request(
            method=operation.method,
            url=URL(base + place, encoded=True),
            headers=headers,
            body=None if body is None else encode(body),
            keys=_keys(target.signing_secrets),
        )

    async def _try_often(
        self, request: "_Request", kind: Any, ends: float, may_retry: Callable[[], bool], *, repeatable: bool
    ) -> Any:
        for pause in _PAUSES:
            try:
                return await self._try_once(request, kind)
            except (Unreachable, TooSlow) as failure:
                unsent = isinstance(failure, Unreachable) and not failure.sent
                wait = max(pause * random.uniform(0.5, 1.5), failure.retry_after or 0)  # noqa: S311 - no secret
                late = asyncio.get_running_loop().time() + wait >= ends
                if late or not failure.retryable or not (repeatable or unsent) or not may_retry():
                    raise
            await asyncio.sleep(wait)
        return await self._try_once(request, kind)

    async def _try_once(self, request: "_Request", kind: Any) -> Any:
        try:
            async with self._open().request(
                request.method,
                request.url,
                headers=request.headers_now(),
                data=request.body,
                allow_redirects=False,
            ) as response:
                return await self._read(response, kind)
        except aiohttp.ClientConnectorError as error:
            raise unconnected(request.origin, error.os_error) from None
        except aiohttp.InvalidURL:
            raise Unreachable(f"{request.origin} is no address", sent=False, retryable=False) from None
        except aiohttp.ClientResponseError:
            raise Nonsense(f"{request.origin} does not speak HTTP") from None
        except (aiohttp.ClientError, ConnectionError) as error:
            raise Unreachable(f"{request.origin} broke off: {type(error).__name__}", sent=True) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = open_session(
                self._connections_per_host, allow_private=self._allow_private, ca_file=self._ca_file
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse, kind: Any) -> Any:
        if response.status >= 400:
            raise await failure_of(response)
        if response.status not in range(200, 300):
            raise answered(
                Nonsense(f"answered with status {response.status}", retryable=False), response.status
            )
        if kind is None:
            return Answered(response.status)
        if response.content_type != "application/json":
            raise Nonsense(f"answered {response.content_type[:100]}, not JSON", retryable=False)
        data = await read_body(response, self._answer_limit)
        try:
            return decode(data, kind)
        except MalformedError as error:
            raise Nonsense(f"answered wrongly at {error.error.path}: {error}", retryable=False) from None
