"""What the nodes said of themselves and what they did wrong, as it is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from smarts.gateway.nodes import store
from smarts.gateway.nodes.model import (
    LONGEST_DETAIL,
    NodeChange,
    NodeRecord,
    NodeReport,
    Question,
    Rhythm,
    Said,
)
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.remembered import Remembered
from smarts.wire.nodes import NodeVersionResponse

_LATELY = timedelta(days=7)
Features = frozenset[str] | None
"""The optional features that a node names; None while it has not told yet."""


class States:
    """Nodes' states in the database; features are read with most calls, so each node's are remembered for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._for_all = database.unfenced()
        self._features: Remembered[Features] = Remembered(self._read_features)

    async def _read_features(self, institution_id: str) -> Features:
        async with self._for_all.connection() as connection:
            return _features((await store.versions(connection, [institution_id])).get(institution_id))

    async def features(self, institution_id: str) -> Features:
        """What a store's node can do, as it said."""
        return await self._features.get(institution_id)

    async def has_lost(self, institution_id: str, feature: str) -> bool:
        """Whether the node named a feature until lately, so that it may be missing by mistake."""
        async with self._database.connection() as connection:
            return await store.has_lost(connection, institution_id, feature, _LATELY)

    async def features_of(self, institution_ids: Sequence[str]) -> Mapping[str, Features]:
        """What many stores' nodes can do, by the stores' ids."""
        async with self._database.connection() as connection:
            versions = await store.versions(connection, institution_ids)
        return {each: _features(versions.get(each)) for each in institution_ids}

    async def records(self, institution_ids: Sequence[str]) -> Mapping[str, NodeRecord]:
        """What is known of these stores' nodes, by the stores' ids; those without a node are left out."""
        async with self._database.connection() as connection:
            return await store.records(connection, institution_ids)

    async def changes(self, institution_id: str) -> tuple[NodeChange, ...]:
        """The latest changes of a node's state, the latest first."""
        async with self._database.connection() as connection:
            return tuple(await store.changes(connection, institution_id))

    async def claim_due(self, lease: timedelta, most: int) -> list[Question]:
        """Nodes to be asked now, those that are due longest first; nobody else claims them during the lease."""
        async with self._database.connection() as connection:
            return await store.claim_due(connection, lease, most)

    async def claim(self, lease: timedelta, institution_id: str) -> Question | None:
        """A store's node to be asked now, due or not; None where the store has none."""
        async with self._database.connection() as connection:
            return await store.claim(connection, lease, institution_id)

    async def seconds_until_due(self) -> float | None:
        """How long until some node is due; None is that there are no nodes."""
        async with self._database.connection() as connection:
            return await store.seconds_until_due(connection)

    async def keep(self, question: Question, said: Said, detail: str, rhythm: Rhythm) -> bool:
        """Keeps what came of a question; False where the node was asked, or set, anew since.

        The detail says why the state is what it is. The rhythm says when the node's next turn is.
        """
        async with self._database.connection() as connection:
            kept = await store.write(connection, question, said, detail, rhythm)
        self._features.forget(question.institution_id)
        return kept

    async def report(self, institution_id: str, operation: str, detail: str) -> None:
        """Tells the store's manager of something that does not work; what is known already is counted."""
        async with self._database.connection() as connection:
            await store.add_report(connection, institution_id, operation, detail[:LONGEST_DETAIL])

    async def reports(self, institution_id: str, limit: int, after: str | None) -> tuple[NodeReport, ...]:
        """What a store's manager was told, the latest first, those after the report `after`."""
        async with self._database.connection() as connection:
            return tuple(await store.reports(connection, institution_id, limit, after))

    async def forget_reports(self, before: datetime) -> None:
        """Forgets what has not happened again since a moment; it may hold words of a node about a person."""
        async with self._database.connection() as connection:
            await store.forget_reports(connection, before)


def _features(version: NodeVersionResponse | None) -> Features:
    return frozenset(version.features) if version else None
