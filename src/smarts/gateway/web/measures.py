"""What is counted for Prometheus, each application its own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from smarts.edge.routes import Route
from smarts.gateway.nodes.model import BOUNDS
from smarts.gateway.nodes.store import counts
from smarts.gateway.outbox import depth
from smarts.gateway.storage.database import Database

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Measures:
    """Requests by route and status, calls to nodes by outcome, how the nodes are, and how deep the outbox is."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "smarts_request_seconds",
            "Requests answered, by route and status",
            ("method", "path", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._node_calls = Counter(
            "smarts_node_calls",
            "Calls to nodes, by outcome",
            ("operation", "outcome"),
            registry=self.registry,
        )
        self._node_seconds = Histogram(
            "smarts_node_call_seconds",
            "How long nodes took to answer, by operation",
            ("operation",),
            buckets=BOUNDS,
            registry=self.registry,
        )
        self._attempts = Histogram(
            "smarts_outbox_attempt_seconds",
            "Attempts to deliver a message, by kind and outcome",
            ("kind", "outcome"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._nodes = Gauge("smarts_nodes", "Nodes, by state", ("state",), registry=self.registry)
        self._outbox = Gauge(
            "smarts_outbox_messages", "Messages in the outbox", ("state",), registry=self.registry
        )
        self._oldest = Gauge(
            "smarts_outbox_oldest_seconds", "Age of the oldest overdue message", registry=self.registry
        )

    def request(self, route: Route, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(route.method, route.path, status).observe(seconds)

    def node_call(self, operation: str, outcome: str, seconds: float) -> None:
        """A node was called."""
        self._node_calls.labels(operation, outcome).inc()
        self._node_seconds.labels(operation).observe(seconds)

    def delivery_attempt(self, kind: str, outcome: str, seconds: float) -> None:
        """A message was sent, or was not taken."""
        self._attempts.labels(kind, outcome).observe(seconds)

    async def exposition(self, database: Database) -> bytes:
        """All of it in Prometheus' text format, the nodes and the outbox as they are now."""
        async with database.connection() as connection:
            now, nodes = await depth(connection), await counts(connection)
        for state, count in nodes.items():
            self._nodes.labels(state.value).set(count)
        for name, count in (("waiting", now.waiting), ("overdue", now.overdue), ("dead", now.dead)):
            self._outbox.labels(name).set(count)
        self._oldest.set(now.oldest.total_seconds())
        return generate_latest(self.registry)
