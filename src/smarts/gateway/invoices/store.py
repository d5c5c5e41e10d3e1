"""The invoices' SQL."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from smarts.gateway.storage.database import Connection

_COLUMNS = "id, institution_id, person_id, store_name, currency, total, vat, document, paid_at"


@dataclass(frozen=True)
class InvoiceRow:
    """A paid invoice; `document` is the JSON sent to the node, until its details are forgotten."""

    id: str
    institution_id: str
    person_id: str
    store_name: str
    currency: str
    total: Decimal
    vat: Decimal
    document: bytes | None
    paid_at: datetime


def _row(row: Any) -> InvoiceRow:
    return InvoiceRow(**dict(row))


async def add(connection: Connection, row: InvoiceRow) -> None:
    """Writes a paid invoice."""
    await connection.execute(
        f"INSERT INTO invoices ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.id,
        row.institution_id,
        row.person_id,
        row.store_name,
        row.currency,
        row.total,
        row.vat,
        row.document,
        row.paid_at,
    )


async def find(connection: Connection, invoice_id: str, person_id: str) -> InvoiceRow | None:
    """A person's invoice."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM invoices WHERE id = $1 AND person_id = $2", invoice_id, person_id
    )
    return _row(row) if row else None


async def page(connection: Connection, person_id: str, limit: int, after: str | None) -> list[InvoiceRow]:
    """A person's invoices, newest first, those after the invoice `after`."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM invoices WHERE person_id = $1 AND ($3::text IS NULL OR (paid_at, id) <"
        " (SELECT paid_at, id FROM invoices WHERE id = $3 AND person_id = $1))"
        " ORDER BY paid_at DESC, id DESC LIMIT $2",
        person_id,
        limit,
        after,
    )
    return [_row(row) for row in rows]


async def forget_details(connection: Connection, before: datetime) -> int:
    """Forgets the documents of invoices paid before a moment; answers how many."""
    return len(
        await connection.fetch(
            "UPDATE invoices SET document = NULL WHERE paid_at < $1 AND document IS NOT NULL RETURNING id",
            before,
        )
    )
