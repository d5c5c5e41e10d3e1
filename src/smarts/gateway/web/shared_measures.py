"""What the database knows for all processes alike: each of them tells the same, so take the highest, never the sum."""

import asyncio
import time
from math import nan

from prometheus_client import CollectorRegistry, Gauge

from smarts.gateway.nodes.store import counts
from smarts.gateway.outbox import depth, overdue_by_kind, unserved
from smarts.gateway.storage.database import Connection, Database, StorageUnavailableError

_PATIENCE_SECONDS = 4  # Prometheus' own is ten


class SharedMeasures:
    """How the nodes are, how deep the outbox is, how the database is; `read` looks anew."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(name, meaning, labels, registry=registry)

        self._up = gauge("smarts_database_up", "Whether the database answers this process")
        self._bytes = gauge("smarts_database_bytes", "Size of the database on its disk")
        self._clock = gauge(
            "smarts_clock_difference_seconds", "How far this process's clock is before the database's"
        )
        self._connections = gauge(
            "smarts_database_connections", "Connections of this process, by state", "state"
        )
        self._nodes = gauge("smarts_nodes", "Nodes, by state", "state")
        self._messages = gauge("smarts_outbox_messages", "Messages in the outbox", "state")
        self._overdue = gauge(
            "smarts_outbox_overdue_messages", "Messages that should have been delivered, by kind", "kind"
        )
        self._oldest = gauge("smarts_outbox_oldest_seconds", "Age of the oldest overdue message")
        self._unserved = gauge(
            "smarts_outbox_unserved_lanes", "Stores whose messages no worker has looked at for a minute"
        )

    async def read(self, database: Database) -> None:
        """Looks how all of it is now; of a database that does not answer nothing is told but that."""
        self._overdue.clear()
        self._tell_connections(database)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS), database.connection() as connection:
                await self._look(connection)
        except (StorageUnavailableError, TimeoutError):
            self._forget()
        else:
            self._up.set(1)

    async def _look(self, connection: Connection) -> None:
        for state, count in (await counts(connection)).items():
            self._nodes.labels(state.value).set(count)
        now = await depth(connection)
        for name, count in (("waiting", now.waiting), ("overdue", now.overdue), ("dead", now.dead)):
            self._messages.labels(name).set(count)
        self._oldest.set(now.oldest.total_seconds())
        for kind, count in (await overdue_by_kind(connection)).items():
            self._overdue.labels(kind).set(count)
        self._unserved.set(await unserved(connection))
        self._bytes.set(await connection.fetchval("SELECT pg_database_size(current_database())"))
        theirs = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())")
        self._clock.set(time.time() - float(theirs))

    def _tell_connections(self, database: Database) -> None:
        for state, count in database.in_use().items():
            self._connections.labels(state).set(count)

    def _forget(self) -> None:
        self._up.set(0)
        for labelled in (self._nodes, self._messages):
            labelled.clear()
        for single in (self._oldest, self._unserved, self._bytes, self._clock):
            single.set(nan)
