"""Calls to a shop system: JSON over HTTP, bounded in time and bytes; what is wrong is told in a merchant's words."""

import asyncio
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import aiohttp
import msgspec
from yarl import URL

from smarts.caller import (
    CallFailed,
    Nonsense,
    Refused,
    TooSlow,
    Unreachable,
    check_address,
    open_session,
    read_body,
    retry_after_seconds,
    unconnected,
)
from smarts.wire.errors import Problem
from smarts.wire.money import exact

_LARGEST = 32 * 1024 * 1024  # bytes
_TRIES = 3
_FIRST_PAUSE = 0.2  # seconds
_LONGEST_PAUSE = 30.0
_CONNECTIONS = 8
_SLOW = {HTTPStatus.GATEWAY_TIMEOUT, 522, 524}  # the last two are a proxy's that many shops stand behind
_DECODER = msgspec.json.Decoder(float_hook=exact)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_TAG = re.compile(r"<[^>]*>")


class Answer(NamedTuple):
    """What came back, from JSON; numbers with a fraction are `Decimal`."""

    headers: Mapping[str, str]
    body: Any


class ShopCalls:
    """Calls one shop system, with these headers each time. To be used within one event loop until it is closed."""

    def __init__(self, name: str, url: str, headers: Mapping[str, str], *, allow_private: bool) -> None:
        self._name = name
        self._url = check_address(url, allow_private=allow_private)
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "smarts",
            **headers,
        }
        self._allow_private = allow_private
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        seconds: float = 30.0,
    ) -> Answer:
        """Asks once.

        Raises:
            CallFailed: which of its kinds says what went wrong.
        """
        url = URL(self._url + path).with_query(query or {})
        try:
            async with asyncio.timeout(seconds):
                return await self._ask(method, url, body)
        except TimeoutError:
            raise TooSlow(f"{self._name} did not answer within {seconds:g} s") from None

    async def ask_patiently(self, method: str, path: str, **more: Any) -> Answer:
        """Asks for what changes nothing, up to three times, as long apart as the shop system wants."""
        for tried in range(1, _TRIES):
            try:
                return await self.ask(method, path, **more)
            except CallFailed as failure:
                if not failure.retryable:
                    raise
                pause = (
                    failure.retry_after
                    if failure.retry_after is not None
                    else _FIRST_PAUSE * 4 ** (tried - 1)
                )
            await asyncio.sleep(min(pause, _LONGEST_PAUSE))
        return await self.ask(method, path, **more)

    async def close(self) -> None:
        """Closes all connections; a later call opens others, in whichever event loop it is made."""
        if self._session:
            await self._session.close()
            self._session = None

    async def _ask(self, method: str, url: URL, body: object) -> Answer:
        if self._session is None:
            self._session = open_session(_CONNECTIONS, allow_private=self._allow_private)
        data = None if body is None else _ENCODER.encode(body)
        headers = (
            self._headers
            if data is None
            else {**self._headers, "Content-Type": "application/json; charset=utf-8"}
        )
        try:
            async with self._session.request(
                method, url, headers=headers, data=data, allow_redirects=False
            ) as response:
                return await self._read(response)
        except aiohttp.ClientConnectorError as error:
            raise unconnected(url.origin(), error.os_error) from None
        except aiohttp.ClientResponseError:
            raise Nonsense(f"{url.origin()} does not speak HTTP") from None
        except (aiohttp.ClientError, ConnectionError) as error:
            raise Unreachable(f"{url.origin()} broke off: {type(error).__name__}", sent=True) from None

    async def _read(self, response: aiohttp.ClientResponse) -> Answer:
        if response.status in range(300, 400):
            raise Nonsense(
                f"{self._name} is elsewhere, and `url` has to say where: {_place(response)}", retryable=False
            )
        data = await read_body(response, _LARGEST)
        if response.status not in range(200, 300):
            raise self._failure(response, data)
        body = _decoded(data)
        if body is msgspec.UNSET:
            raise Nonsense(f"{self._name} answered no JSON but {_beginning(data)}")
        return Answer({name.lower(): value for name, value in response.headers.items()}, body)

    def _failure(self, response: aiohttp.ClientResponse, data: bytes) -> CallFailed:
        status = response.status
        retry_after = retry_after_seconds(response.headers.get("Retry-After", ""))
        reason = _reason(data)
        if status < 500:
            return Refused(
                Problem("about:blank", _phrase(status), status, f"{self._name}: {reason}"), retry_after
            )
        detail = f"{self._name} answered {status}: {reason}"
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            return Unreachable(detail, sent=True, retry_after=retry_after)
        return (
            TooSlow(detail, retry_after=retry_after)
            if status in _SLOW
            else Nonsense(detail, retry_after=retry_after)
        )


def _decoded(data: bytes) -> Any:
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, ArithmeticError):
        return msgspec.UNSET


def _reason(data: bytes) -> str:
    body = _decoded(data)
    message = body.get("message") if isinstance(body, dict) else None
    return _TAG.sub("", message)[:300] if isinstance(message, str) else f"no JSON but {_beginning(data)}"


def _beginning(data: bytes) -> str:
    text = " ".join(_TAG.sub(" ", data[:2000].decode("utf-8", "replace")).split())
    return f"'{text[:100]}'" if text else "nothing"


def _place(response: aiohttp.ClientResponse) -> str:
    return response.headers.get("Location", "it does not say where")[:200]


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in {each.value for each in HTTPStatus} else "Error"
