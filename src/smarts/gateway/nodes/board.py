"""The breakers that are not closed, of all processes, for people; a store that calls takes its own off the board."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from smarts.gateway.nodes import breaker_store
from smarts.gateway.nodes.breaker_store import CHANNEL, BreakerRecord
from smarts.gateway.nodes.bulkhead import BreakerNow
from smarts.gateway.storage.database import Database

__all__ = ["CHANNEL", "REFRESH_SECONDS", "Board", "BreakerRecord"]

REFRESH_SECONDS = 30.0
"""How often each entry is written anew; one that was not for three times as long is of a process that is gone."""


class Board:
    """What this process tells of its breakers, and what all of them tell."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._for_all = database.unfenced()  # breakers are of the process, whoever it acts for at this moment
        self._process = uuid4().hex

    async def put(self, institution_id: str, breakers: Sequence[BreakerNow]) -> None:
        """Writes how this process' breakers before a store's node are, in place of what was told before."""
        async with self._for_all.transaction() as tx:
            await breaker_store.put(tx, self._process, institution_id, breakers)

    async def is_cleared(self, institution_id: str) -> bool:
        """Whether somebody has taken off what this process told of a store."""
        async with self._for_all.connection() as connection:
            return not await breaker_store.has(connection, self._process, institution_id)

    async def clear(self, institution_id: str) -> None:
        """Takes off what all processes told of a store, and has them close their breakers."""
        async with self._for_all.transaction() as tx:
            await breaker_store.clear(tx, institution_id)

    async def leave(self) -> None:
        """Takes off all that this process told."""
        async with self._for_all.connection() as connection:
            await breaker_store.leave(connection, self._process)

    async def of(self, institution_ids: Sequence[str]) -> Mapping[str, tuple[BreakerRecord, ...]]:
        """The breakers before these stores' nodes that are not closed, by the stores' ids."""
        async with self._database.connection() as connection:
            return await breaker_store.of(connection, institution_ids, 3 * REFRESH_SECONDS)

    async def all(self, limit: int) -> Mapping[str, tuple[BreakerRecord, ...]]:
        """All breakers that are not closed, of some stores at most, by the stores' ids."""
        async with self._database.connection() as connection:
            return await breaker_store.of(connection, None, 3 * REFRESH_SECONDS, limit)
