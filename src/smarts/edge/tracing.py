"""Traces by OpenTelemetry, switched on by its own variables; where they are off, a span costs a function call."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from smarts.edge.failures import ExplainedError

if TYPE_CHECKING:
    from smarts.edge.telemetry import Telemetry

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NOTHING: AbstractContextManager[None] = nullcontext()
_telemetry: "Telemetry | None" = None


def is_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names a receiver of traces and does not switch them off."""
    off = (
        environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
        or environment.get("OTEL_TRACES_EXPORTER") == "none"
    )
    return not off and any(environment.get(name) for name in _ENDPOINTS)


@contextmanager
def traced(service: str) -> Iterator[None]:
    """Exports the spans of this process until the end of the block, where that is wanted.

    `service` is what the process is called where `OTEL_SERVICE_NAME` does not say so.

    Raises:
        ExplainedError: what exports them is not installed.
    """
    global _telemetry
    if not is_wanted() or _telemetry:
        yield
        return
    try:
        from smarts.edge.telemetry import Telemetry  # an extra, and slow to load
    except ImportError:
        raise ExplainedError(
            'traces are wanted (OTEL_EXPORTER_OTLP_ENDPOINT): pip install "smarts[telemetry]"'
        ) from None
    _telemetry = Telemetry(service)
    try:
        yield
    finally:
        ended, _telemetry = _telemetry, None
        ended.end()


def span(
    name: str,
    kind: str = "INTERNAL",
    attributes: Mapping[str, Any] | None = None,
    *,
    parent: str | None = None,
) -> AbstractContextManager[Any]:
    """A span around a block, below the current one or below a `parent` given as a traceparent.

    Gives a span with `set_attribute`, or None where nothing is traced. `kind` is one of OpenTelemetry's.
    """
    return _NOTHING if _telemetry is None else _telemetry.span(name, kind, attributes, parent)


def server_span(method: str, route: str, parent: str | None) -> AbstractContextManager[Any]:
    """The span of a request that is being served, which every line of the log about it names."""
    if _telemetry is None:
        return _NOTHING
    return _telemetry.server_span(method, route, parent)


def answered(status: int) -> None:
    """Tells the current span with what status its request is answered."""
    if _telemetry is not None:
        _telemetry.answered(status)


def current() -> str | None:
    """The traceparent of the current span; None where nothing is traced."""
    return None if _telemetry is None else _telemetry.current()


def is_traceparent(text: str) -> bool:
    """Whether this is a `traceparent` header as W3C Trace Context wants it."""
    return _TRACEPARENT.fullmatch(text) is not None
