"""Requests on their way in: bounded in size and time, authenticated before anything of the body is read."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from smarts.edge.problems import BODY_SLOW, NOT_JSON_TYPE, NOT_MEDIA_TYPE, TOO_LARGE, invalid, malformed
from smarts.edge.routes import Call, Media, Route
from smarts.wire.codec import decode
from smarts.wire.errors import MalformedError

Query = TypeVar("Query", bound=msgspec.Struct)
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_JSON_TYPE = re.compile(r"application/json\s*(?:;\s*charset\s*=\s*\"?utf-?8\"?\s*)?;?", re.IGNORECASE)
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}")
_READ_ANYWAY = (
    4  # a body this many times too large is still read, for a client that only reads when it has written
)
MOST_QUERY_FIELDS = 100
_TOO_SLOW = "the body took too long"


class ClientGoneError(Exception):
    """The client hung up before its request was whole."""


class RequestReader:
    """Makes a `Call` of what the server hands over.

    `limit` of a document in bytes, `seconds` for a whole body to arrive.
    """

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds

    async def read(
        self, route: Route, path: Mapping[str, str], scope: Mapping[str, Any], receive: Receive
    ) -> Call[Any, Any]:
        """The request of a route.

        Raises:
            ProblemError: it may not come in.
            ClientGoneError: nobody waits for an answer.
        """
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        who = await route.authenticate(headers) if route.authenticate else None
        query = _read_query(route.query, scope["query_string"]) if route.query else None
        key = _read_key(headers) if route.takes_idempotency_key else None
        raw = await self._read(route.request, headers, receive)
        if route.verify:
            route.verify(headers, raw)
        body = _decoded(raw, route.request)
        return Call(body, who, path, query, raw, key, headers, _address(scope))

    async def _read(self, kind: Any, headers: Mapping[str, str], receive: Receive) -> bytes:
        if kind is None:
            return b""
        if isinstance(kind, Media):
            return await self._read_media(kind, headers, receive)
        return await self._read_json(headers, receive)

    async def _read_json(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        if not _is_json(headers.get("content-type", "")):
            raise NOT_JSON_TYPE.error()
        return await self._read_body(self._limit, headers, receive)

    async def _read_media(self, media: Media, headers: Mapping[str, str], receive: Receive) -> bytes:
        if headers.get("content-type", "").partition(";")[0].strip().lower() not in media.types:
            raise NOT_MEDIA_TYPE.error(f"Send {' or '.join(media.types)}.")
        return await self._read_body(media.limit, headers, receive)

    async def _read_body(self, limit: int, headers: Mapping[str, str], receive: Receive) -> bytes:
        if _declared_length(headers) > _READ_ANYWAY * limit:
            raise _too_large(limit)
        # A bare timer: asyncio.timeout would cost as much as all the rest that is done here.
        reading = asyncio.current_task()
        assert reading
        patience = asyncio.get_running_loop().call_later(self._seconds, reading.cancel, _TOO_SLOW)
        try:
            return await _collect(limit, receive)
        except asyncio.CancelledError as cancelled:
            if cancelled.args != (_TOO_SLOW,) or reading.uncancel():
                raise
            raise BODY_SLOW.error(f"The body must arrive within {self._seconds:g} seconds.") from None
        finally:
            patience.cancel()


def _address(scope: Mapping[str, Any]) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _decoded(raw: bytes, kind: Any) -> Any:
    if kind is None or isinstance(kind, Media):
        return None if kind is None else raw
    try:
        return decode(raw, kind)
    except MalformedError as error:
        raise malformed(error) from None


async def _collect(limit: int, receive: Receive) -> bytes:
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        size += len(message.get("body", b""))
        if size <= limit:
            chunks.append(message.get("body", b""))
        elif size > _READ_ANYWAY * limit:
            break
        more = message.get("more_body", False)
    if size > limit:
        raise _too_large(limit)
    return b"".join(chunks)


def _too_large(limit: int) -> Exception:
    return TOO_LARGE.error(f"At most {limit} bytes are read.")


@lru_cache(maxsize=256)
def _is_json(content_type: str) -> bool:
    return _JSON_TYPE.fullmatch(content_type) is not None


def _declared_length(headers: Mapping[str, str]) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() and len(length) < 19 else 0


def _read_key(headers: Mapping[str, str]) -> str | None:
    key = headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise invalid("header.Idempotency-Key", "Expected 1 to 255 visible ASCII characters")
    return key


def _read_query(kind: type[Query], text: bytes) -> Query:
    try:
        fields = parse_qsl(
            text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_QUERY_FIELDS
        )
    except ValueError:
        raise invalid("query", "Expected a query in UTF-8, with at most 100 fields") from None
    seen: set[str] = set()
    for name, value in fields:
        if "\0" in value:
            raise invalid(f"query.{name}", "Expected text without NUL characters")
        if name in seen:
            raise invalid(f"query.{name}", "Expected it once")
        seen.add(name)
    try:
        return msgspec.convert(dict(fields), kind, strict=False)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        raise invalid(f"query{place.rstrip('`')}", message) from None
