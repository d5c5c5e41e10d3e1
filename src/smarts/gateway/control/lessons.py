"""The verbs of what checks teach: what staff are to rescan, what they found, what is known of a store's goods."""

from collections.abc import Sequence
from datetime import datetime

from smarts.control import Knowledge
from smarts.control.knowledge import GoodsFact, added, lessons
from smarts.gateway.control import lesson_store
from smarts.gateway.control.rescanned import Looked, RescanKind, findings
from smarts.gateway.control.store import Check
from smarts.gateway.storage.database import Database, Transaction


class Lessons:
    """Rescans in the database. What they teach is kept by the month, and is of nobody's cart."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def grow(self, check: Check, now: datetime) -> None:
        """From now on the check is one of everything."""
        async with self._database.connection() as connection:
            await lesson_store.grow(connection, check.invoice_id, now)

    async def keep(
        self, tx: Transaction, check: Check, looked: Sequence[Looked], kind: RescanKind, now: datetime
    ) -> None:
        """Keeps what a rescan found with its check, and what it teaches with the store."""
        month = now.date().replace(day=1)
        await lesson_store.keep(tx, check.invoice_id, findings(looked, kind))
        await lesson_store.learn(tx, check.institution_id, month, _taught(looked))

    async def known(self, institution_id: str, barcodes: Sequence[str]) -> Knowledge:
        """What a store's checks have taught about some of its goods."""
        async with self._database.connection() as connection:
            return Knowledge(goods=tuple(await lesson_store.facts(connection, institution_id, barcodes)))

    async def forget(self, before: datetime) -> None:
        """Forgets what was taught before the month of a moment."""
        await lesson_store.forget(self._database, before.date())


def _taught(looked: Sequence[Looked]) -> Sequence[GoodsFact]:
    facts = dict[str, GoodsFact]()
    for fact in lessons([each.lesson() for each in looked]):
        known = facts.get(fact.barcode)
        facts[fact.barcode] = added(known, fact) if known else fact
    return tuple(facts.values())
