"""The SQL of rescans: when they grow, what was found, and what a store's checks have taught."""

from collections.abc import Sequence
from datetime import date, datetime

from smarts.control.knowledge import GoodsFact
from smarts.gateway.control.rescanned import Finding
from smarts.gateway.storage.database import Connection, Database, Transaction
from smarts.gateway.storage.steps import remove_in_steps
from smarts.wire.codec import encode


async def grow(connection: Connection, invoice_id: str, now: datetime) -> None:
    """Writes that an open check is one of everything from now on."""
    await connection.execute(
        "UPDATE checks SET grown_at = coalesce(grown_at, $2)"
        " WHERE invoice_id = $1 AND status IN ('WAITING', 'PENDING')",
        invoice_id,
        now,
    )


async def keep(tx: Transaction, invoice_id: str, found: Sequence[Finding]) -> None:
    """Writes what a rescan found."""
    await tx.execute(
        "UPDATE checks SET findings = $2 WHERE invoice_id = $1", invoice_id, encode(found).decode()
    )


async def learn(tx: Transaction, institution_id: str, month: date, facts: Sequence[GoodsFact]) -> None:
    """Adds facts, each barcode once, to what is known of a store's goods."""
    # In the order of barcodes, so that two checks that end at once do not wait for each other.
    ordered = sorted(facts, key=lambda fact: fact.barcode)
    await tx.executemany(
        "INSERT INTO goods_facts AS known VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (institution_id, barcode, month) DO UPDATE SET looked = known.looked + excluded.looked,"
        " wrong = known.wrong + excluded.wrong, missing = known.missing + excluded.missing",
        [(institution_id, fact.barcode, month, fact.looked, fact.wrong, fact.missing) for fact in ordered],
    )


async def facts(connection: Connection, institution_id: str, barcodes: Sequence[str]) -> list[GoodsFact]:
    """What is known of some of a store's goods."""
    rows = await connection.fetch(
        "SELECT barcode, sum(looked) AS looked, sum(wrong) AS wrong, sum(missing) AS missing FROM goods_facts"
        " WHERE institution_id = $1 AND barcode = ANY($2) GROUP BY barcode ORDER BY barcode",
        institution_id,
        barcodes,
    )
    return [GoodsFact(**dict(row)) for row in rows]


async def forget(database: Database, before: date) -> None:
    """Forgets what was taught in months before that of a day."""
    key, month = "institution_id, barcode, month", before.replace(day=1)
    await remove_in_steps(database, "goods_facts", key, "month < $1", "month", month)
