"""The invoices' SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from smarts.gateway.parties import NOBODY
from smarts.gateway.storage.database import Connection

_COLUMNS = (
    "id, institution_id, person_id, store_name, currency, total, vat, document, paid_at,"
    " institution_invoice_id, receipt, rates"
)


@dataclass(frozen=True)
class InvoiceRow:
    """A paid purchase.

    Until its details are forgotten, `document` is the JSON of the invoice that is sent to the node, or `receipt` that
    of the receipt which the node made. `rates` is the JSON of the VAT by rate, and empty where a receipt tells none.
    """

    id: str
    institution_id: str
    person_id: str
    store_name: str
    currency: str
    total: Decimal
    vat: Decimal
    document: bytes | None
    paid_at: datetime
    institution_invoice_id: str | None = None
    receipt: bytes | None = None
    rates: str = "[]"


def _row(row: Any) -> InvoiceRow:
    return InvoiceRow(**dict(row))


async def add(connection: Connection, row: InvoiceRow) -> None:
    """Writes a paid invoice."""
    await connection.execute(
        f"INSERT INTO invoices ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        row.id,
        row.institution_id,
        row.person_id,
        row.store_name,
        row.currency,
        row.total,
        row.vat,
        row.document,
        row.paid_at,
        row.institution_invoice_id,
        row.receipt,
        row.rates,
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


async def in_store(
    connection: Connection, institution_id: str, limit: int, after: str | None
) -> list[InvoiceRow]:
    """A store's invoices, newest first, those after the invoice `after`."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM invoices WHERE institution_id = $1 AND ($3::text IS NULL OR (paid_at, id) <"
        " (SELECT paid_at, id FROM invoices WHERE id = $3 AND institution_id = $1))"
        " ORDER BY paid_at DESC, id DESC LIMIT $2",
        institution_id,
        limit,
        after,
    )
    return [_row(row) for row in rows]


async def latest_before(
    connection: Connection, institution_id: str, asked: Sequence[tuple[str, datetime]]
) -> list[str | None]:
    """The latest invoice in a store of each person before a moment, where there is one."""
    rows = await connection.fetch(
        "SELECT (SELECT id FROM invoices WHERE person_id = asked.person_id AND institution_id = $1"
        " AND paid_at < asked.moment ORDER BY paid_at DESC, id DESC LIMIT 1) AS id"
        " FROM unnest($2::text[], $3::timestamptz[]) WITH ORDINALITY AS asked (person_id, moment, place)"
        " ORDER BY place",
        institution_id,
        [person_id for person_id, _ in asked],
        [moment for _, moment in asked],
    )
    return [row["id"] for row in rows]


async def of_person(connection: Connection, person_id: str) -> list[InvoiceRow]:
    """All of a person's invoices, newest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM invoices WHERE person_id = $1 ORDER BY paid_at DESC, id DESC", person_id
    )
    return [_row(row) for row in rows]


async def forget_person(connection: Connection, person_id: str) -> list[str]:
    """Forgets the documents of a person's invoices, and whose they are; answers their ids."""
    rows = await connection.fetch(
        "UPDATE invoices SET document = NULL, receipt = NULL, person_id = $2 WHERE person_id = $1 RETURNING id",
        person_id,
        NOBODY,
    )
    return [row["id"] for row in rows]


async def forget_details(connection: Connection, before: datetime) -> int:
    """Forgets the documents of purchases paid before a moment; answers how many."""
    return len(
        await connection.fetch(
            "UPDATE invoices SET document = NULL, receipt = NULL WHERE paid_at < $1"
            " AND (document IS NOT NULL OR receipt IS NOT NULL) RETURNING id",
            before,
        )
    )
