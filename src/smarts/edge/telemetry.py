"""OpenTelemetry's kit, loaded only where traces are wanted (the extra `telemetry`)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.contextvars import bind_contextvars

_W3C = TraceContextTextMapPropagator()


class Telemetry:
    """The spans of a process and their way to the receiver; all the rest is set by OpenTelemetry's variables."""

    def __init__(self, service: str) -> None:
        called = Resource({SERVICE_NAME: service, "service.version": version("smarts")})
        self._provider = TracerProvider(resource=called.merge(OTELResourceDetector().detect()))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("smarts")

    @contextmanager
    def span(
        self, name: str, kind: str, attributes: Mapping[str, Any] | None, parent: str | None
    ) -> Iterator[trace.Span]:
        """A span, current for the time of the block."""
        with self._tracer.start_as_current_span(
            name,
            context=_W3C.extract({"traceparent": parent}, Context()) if parent else None,
            kind=trace.SpanKind[kind],
            attributes=attributes,
        ) as begun:
            yield begun

    @contextmanager
    def server_span(self, method: str, route: str, parent: str | None) -> Iterator[trace.Span]:
        """The span of a request, which the log knows, too."""
        attributes = {"http.request.method": method, "http.route": route}
        with self.span(f"{method} {route}", "SERVER", attributes, parent) as begun:
            bind_contextvars(traceparent=self.current())
            yield begun

    def answered(self, status: int) -> None:
        """Tells the current span how its request ended; what went wrong on this side is an error."""
        span = trace.get_current_span()
        span.set_attribute("http.response.status_code", status)
        if status >= 500:
            span.set_status(trace.StatusCode.ERROR)

    def current(self) -> str | None:
        """The current span as a traceparent."""
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get("traceparent")

    def end(self) -> None:
        """Exports what is left."""
        self._provider.shutdown()
