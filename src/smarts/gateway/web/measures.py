"""What is counted for Prometheus, each application its own."""

from collections.abc import Callable
from functools import cache
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from smarts.edge.routes import Route
from smarts.gateway.nodes.breaker import Position
from smarts.gateway.nodes.model import BOUNDS
from smarts.gateway.storage.database import Database
from smarts.gateway.web.shared_measures import SharedMeasures

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Measures:
    """Requests by route and status, calls to nodes by outcome, how the nodes are, and how deep the outbox is."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = cache(
            Histogram(
                "smarts_request_seconds",
                "Requests answered, by route and status",
                ("method", "path", "status"),
                buckets=_SECONDS,
                registry=self.registry,
            ).labels
        )
        self._node_calls = cache(
            Counter(
                "smarts_node_calls",
                "Calls to nodes, by outcome",
                ("operation", "outcome"),
                registry=self.registry,
            ).labels
        )
        self._node_seconds = cache(
            Histogram(
                "smarts_node_call_seconds",
                "How long nodes took to answer, by operation",
                ("operation",),
                buckets=BOUNDS,
                registry=self.registry,
            ).labels
        )
        self._attempts = cache(
            Histogram(
                "smarts_outbox_attempt_seconds",
                "Attempts to deliver a message, by kind and outcome",
                ("kind", "outcome"),
                buckets=_SECONDS,
                registry=self.registry,
            ).labels
        )
        self._not_asked = Counter(
            "smarts_node_calls_not_made",
            "Calls to nodes that were not made, by reason: breaker, busy, rate, budget",
            ("reason",),
            registry=self.registry,
        )
        self._breakers = Gauge(
            "smarts_breakers",
            "Breakers of this process that are not closed, by position",
            ("position",),
            registry=self.registry,
        )
        for position in (Position.OPEN, Position.HALF_OPEN):
            self._breakers.labels(position.value)
        self._streams = Gauge(
            "smarts_streams", "Phones and pages that are told live of changes", registry=self.registry
        )
        Info("smarts", "Which release this is", registry=self.registry).info({"version": version("smarts")})
        ProcessCollector(registry=self.registry)
        self._shared = SharedMeasures(self.registry)

    def request(self, route: Route, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests(route.method, route.path, status).observe(seconds)

    def node_call(self, operation: str, outcome: str, seconds: float) -> None:
        """A node was called."""
        self._node_calls(operation, outcome).inc()
        self._node_seconds(operation).observe(seconds)

    def delivery_attempt(self, kind: str, outcome: str, seconds: float) -> None:
        """A message was sent, or was not taken."""
        self._attempts(kind, outcome).observe(seconds)

    def count_streams(self, count: Callable[[], int]) -> None:
        """Has the open event streams of an application counted."""
        self._streams.set_function(count)

    def not_asked(self, reason: str) -> None:
        """A node was spared a call."""
        self._not_asked.labels(reason).inc()

    def breaker_moved(self, before: str, now: str) -> None:
        """A breaker has moved; closed ones are not counted."""
        for position, change in ((before, -1), (now, 1)):
            if position != Position.CLOSED:
                self._breakers.labels(str(position)).inc(change)

    async def exposition(self, database: Database) -> bytes:
        """All of it in Prometheus' text format, the nodes and the outbox as they are now."""
        await self._shared.read(database)
        return generate_latest(self.registry)
