"""What a request is about: ids that stand in every line of the log, and go along with every call made for it.

They are structlog's context variables, so that a merchant's own log lines have them too. From gateway to node they
travel as `X-Request-Id`, as `traceparent` (W3C Trace Context) and as `baggage` (W3C Baggage).
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from urllib.parse import quote, unquote

from structlog.contextvars import bind_contextvars, get_contextvars

from smarts.edge import tracing
from smarts.wire.operations import MESSAGE_ID_HEADER

REQUEST_ID_HEADER = "X-Request-Id"
_current: ContextVar[str] = ContextVar("request_id", default="")  # quicker to read than structlog's
_ABOUT = ("institution", "cart", "invoice")
_KEPT = ("request_id", "traceparent", *_ABOUT)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_ID = re.compile(r"[!-~]{1,200}")
_LONGEST_BAGGAGE = 2048
_HEADERS = {b"x-request-id", b"traceparent"}
_MESSAGE_ID = MESSAGE_ID_HEADER.encode()
_HEADERS_OF_A_GATEWAY = _HEADERS | {b"baggage", _MESSAGE_ID}


def begin_request(raw: Iterable[tuple[bytes, bytes]], *, from_gateway: bool) -> str | None:
    """Binds what a request's headers tell of it, and gives the `traceparent` among them.

    The request's id is its own where that is fit to be one, else a new one. Only a gateway is believed what its request
    is about, and which message of its outbox it is.
    """
    wanted = _HEADERS_OF_A_GATEWAY if from_gateway else _HEADERS
    headers = {name: value.decode("latin-1") for name, value in raw if name in wanted}
    request_id = headers.get(b"x-request-id", "")
    if not _REQUEST_ID.fullmatch(request_id):
        request_id = secrets.token_hex(16)
    _current.set(request_id)
    bind_contextvars(request_id=request_id)
    return _bind_rest(headers) if headers else None


def _bind_rest(headers: Mapping[bytes, str]) -> str | None:
    shown = headers.get(b"traceparent", "")
    parent = shown if tracing.is_traceparent(shown) else None
    if parent:
        bind_contextvars(traceparent=parent)
    if about := _read_baggage(headers.get(b"baggage", "")):
        bind_contextvars(**about)
    if _ID.fullmatch(message := headers.get(_MESSAGE_ID, "")):
        bind_contextvars(message=message)
    return parent


def _read_baggage(text: str) -> dict[str, str]:
    members = (member.partition(";")[0].partition("=") for member in text[:_LONGEST_BAGGAGE].split(","))
    found = {name.strip(): unquote(value.strip()) for name, _, value in members}
    return {name: found[name] for name in _ABOUT if _ID.fullmatch(found.get(name, ""))}


def request_id() -> str:
    """The id of the request that is being served, or nothing."""
    return _current.get()


def about(**ids: str) -> None:
    """Binds what is being worked at: `institution`, `cart`, `invoice`, `order`."""
    bind_contextvars(**ids)


def headers_to_pass_on() -> dict[str, str]:
    """The headers that tell the other side of a call what it is about."""
    bound = get_contextvars()
    headers = {}
    if "request_id" in bound:
        headers[REQUEST_ID_HEADER] = str(bound["request_id"])
    if parent := tracing.current() or bound.get("traceparent"):
        headers["traceparent"] = str(parent)
    if baggage := ",".join(f"{name}={quote(str(bound[name]))}" for name in _ABOUT if name in bound):
        headers["baggage"] = baggage
    return headers


def context_to_keep() -> dict[str, str]:
    """What goes along with something that is done later, in another process."""
    bound = get_contextvars()
    kept = {name: str(bound[name]) for name in _KEPT if name in bound}
    if parent := tracing.current():
        kept["traceparent"] = parent
    return kept
