"""Routes: adding an endpoint is one row and one function."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from smarts.edge.problems import ErrorKind
from smarts.edge.security import Authenticate
from smarts.wire.operations import Operation

Body = TypeVar("Body")
Who = TypeVar("Who")


class Call(msgspec.Struct, Generic[Body, Who], frozen=True):
    """A request as a handler sees it, decoded and authenticated.

    `raw` are the very bytes of the body. `query` is an object of the route's query type, `path` holds the path's
    parameters, `headers` have lower-case names. `address` is the client's, or empty where the server cannot tell.
    """

    body: Body
    who: Who
    path: Mapping[str, str]
    query: Any
    raw: bytes
    idempotency_key: str | None
    headers: Mapping[str, str]
    address: str


class Answer(msgspec.Struct, frozen=True):
    """An answer that is bytes already, or that has another status or other headers than the route's."""

    status: int
    body: bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = {}


@dataclass(frozen=True)
class Events:
    """Server-sent events: pairs of an event's name and its data, which is text in UTF-8 without line breaks.

    The stream is closed when it ends, when the client has gone, and when the server stops.
    """

    stream: AsyncIterator[tuple[str, bytes]]


@dataclass(frozen=True)
class Media:
    """A body that is no document: the bytes of one of these media types, `limit` of them at most."""

    types: tuple[str, ...]
    limit: int


@dataclass(frozen=True)
class Route:
    """One row: `path` may hold `{parameters}`, `request` and `response` are types of the body or None.

    A request that is `Media` reaches the handler as bytes.
    A response of None is answered with 204, whatever `status` says; `Events` as response is a stream of events,
    `bytes` an `Answer` of a media type of its own.
    `verify` looks at the headers and the raw body before that is read, and raises `ProblemError` where it may not be.
    `problems` are the errors beyond those that every route of its shape may answer.
    """

    method: str
    path: str
    handler: Callable[[Call[Any, Any]], Awaitable[Any]]
    request: Any
    response: Any
    summary: str
    tag: str
    authenticate: Authenticate[Any] | None
    status: int = 200
    query: type[msgspec.Struct] | None = None
    problems: tuple[ErrorKind, ...] = ()
    takes_idempotency_key: bool = False
    verify: Callable[[Mapping[str, str], bytes], None] | None = None
    operation_id: str = ""
    description: str = ""


def serve(
    operation: Operation,
    handler: Callable[[Call[Any, Any]], Awaitable[Any]],
    authenticate: Authenticate[Any] | None,
    prefix: str = "",
    **more: Any,
) -> Route:
    """The route of a row of the contract; `more` are further fields of `Route`."""
    return Route(
        method=operation.method,
        path=prefix + operation.path,
        handler=handler,
        request=operation.request,
        response=operation.response,
        summary=operation.summary,
        tag=operation.feature.value,
        authenticate=authenticate,
        operation_id=operation.name,
        **more,
    )
