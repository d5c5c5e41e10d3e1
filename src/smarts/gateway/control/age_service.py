"""The verbs of ages that staff have seen: keep, look up, forget."""

from datetime import datetime

from smarts.control import AgeSeen
from smarts.gateway.control import age_store
from smarts.gateway.control.age_store import AgeRecord
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.writes import Write


class AgesSeen:
    """Ages in the database, each a merchant's own: what staff of one of its stores saw counts in all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, merchant_id: str, person_id: str, now: datetime) -> list[AgeSeen]:
        """What a merchant's staff have seen of somebody, as far as it is kept, newest first."""
        async with self._database.connection() as connection:
            return await age_store.seen(connection, merchant_id, person_id, now)

    def keeping(self, merchant_id: str, person_id: str, seen: AgeSeen, until: datetime) -> Write:
        """What keeps until a moment that staff have seen an age."""
        return age_store.keeping(merchant_id, person_id, seen, until)

    async def of_person(self, person_id: str, now: datetime) -> list[AgeRecord]:
        """All that is kept of what anybody's staff have seen of somebody."""
        async with self._database.connection() as connection:
            return await age_store.of_person(connection, person_id, now)

    async def forget_person(self, tx: Transaction, person_id: str) -> None:
        """Forgets all that was seen of somebody."""
        await age_store.forget_person(tx, person_id)

    async def forget(self, now: datetime) -> None:
        """Forgets what counts no longer."""
        await age_store.forget(self._database, now)
