"""The invoices' SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from smarts.gateway.parties import NOBODY
from smarts.gateway.storage.conditions import Conditions
from smarts.gateway.storage.database import Connection, Database
from smarts.gateway.storage.steps import in_steps

_COLUMNS = (
    "id, institution_id, person_id, store_name, currency, total, vat, document, paid_at,"
    " institution_invoice_id, receipt, rates, begun_at"
)
_WITHOUT_DOCUMENTS = _COLUMNS.replace("document", "NULL::bytea AS document").replace(
    "receipt", "NULL::bytea AS receipt"
)
_TALLIES = """
    SELECT width_bucket(paid_at, $2::timestamptz[]) AS span, count(*) AS purchases, sum(total) AS total,
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM paid_at - begun_at)) AS took
      FROM invoices WHERE institution_id = $1 AND paid_at >= $3 AND paid_at < $4 AND currency = $5
     GROUP BY span
"""


@dataclass(frozen=True)
class InvoiceRow:
    """A paid purchase.

    Until its details are forgotten, `document` is the JSON of the invoice that is sent to the node, or `receipt` that
    of the receipt which the node made. `rates` is the JSON of the VAT by rate, and empty where a receipt tells none.
    `begun_at` is when the cart was begun, where it was paid for in the store.
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
    begun_at: datetime | None = None


@dataclass(frozen=True)
class ShopperPurchase:
    """A purchase of a shopper in a store, in brief. Times are UTC."""

    invoice_id: str
    paid_at: datetime
    begun_at: datetime | None
    total: Decimal


@dataclass(frozen=True, kw_only=True)
class PurchaseSearch:
    """Which purchases of a store: paid not before one moment and before another, of so much at least and at most.

    `text` is how the invoice's id begins, or the store's own number of it.
    """

    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True)
class SalesTally:
    """What was sold in a span of time, and how many seconds passed from a cart's beginning to its payment.

    Half of the carts took `median` or less, nine in ten `ninth`; None where nothing was sold in the store itself.
    """

    purchases: int = 0
    total: Decimal = Decimal(0)
    median: float | None = None
    ninth: float | None = None


def _row(row: Any) -> InvoiceRow:
    return InvoiceRow(**dict(row))


async def add(connection: Connection, row: InvoiceRow) -> None:
    """Writes a paid invoice."""
    await connection.execute(
        f"INSERT INTO invoices ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
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
        row.begun_at,
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


async def find_in_store(connection: Connection, institution_id: str, invoice_id: str) -> InvoiceRow | None:
    """A store's invoice."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM invoices WHERE id = $1 AND institution_id = $2", invoice_id, institution_id
    )
    return _row(row) if row else None


async def search(
    connection: Connection, institution_id: str, sought: PurchaseSearch, limit: int, after: str | None
) -> list[InvoiceRow]:
    """A store's invoices without their documents, newest first, those after the invoice `after`."""
    which = (
        Conditions()
        .add("institution_id = {}", institution_id)
        .add("paid_at >= {}", sought.since)
        .add("paid_at < {}", sought.until)
        .add_prefix(("id", "institution_invoice_id"), sought.text)
        .add("total >= {}", sought.least)
        .add("total <= {}", sought.most)
        .add(
            "(paid_at, id) < (SELECT paid_at, id FROM invoices WHERE id = {} AND institution_id = $1)", after
        )
    )
    rows = await connection.fetch(
        f"SELECT {_WITHOUT_DOCUMENTS} FROM invoices WHERE {which} ORDER BY paid_at DESC, id DESC"
        f" LIMIT {which.placeholder(limit)}",
        *which.values,
    )
    return [_row(row) for row in rows]


async def of_shopper(
    connection: Connection, institution_id: str, person_id: str, limit: int
) -> list[ShopperPurchase]:
    """A person's latest purchases in a store, newest first."""
    rows = await connection.fetch(
        "SELECT id, paid_at, begun_at, total FROM invoices WHERE person_id = $1 AND institution_id = $2"
        " ORDER BY paid_at DESC, id DESC LIMIT $3",
        person_id,
        institution_id,
        limit,
    )
    return [ShopperPurchase(*row) for row in rows]


async def tallies(
    connection: Connection, institution_id: str, currency: str, moments: Sequence[datetime]
) -> list[SalesTally]:
    """Counts what a store sold in a currency from each of some moments to the next one."""
    rows = await connection.fetch(_TALLIES, institution_id, moments, moments[0], moments[-1], currency)
    found = {
        row["span"]: SalesTally(row["purchases"], row["total"], *row["took"] or (None, None)) for row in rows
    }
    return [found.get(number, SalesTally()) for number in range(1, len(moments))]


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


async def forget_documents(database: Database, before: datetime) -> int:
    """Forgets the documents of purchases paid before a moment, the oldest first; answers of how many."""
    return sum([await _forget(database, column, before) for column in ("document", "receipt")])


async def _forget(database: Database, column: str, before: datetime) -> int:
    """The same for those that have this document: each has an index of its own, in which they stand in order."""
    return await in_steps(
        database,
        "UPDATE invoices SET document = NULL, receipt = NULL WHERE id = ANY (ARRAY(SELECT id FROM invoices"
        f" WHERE {column} IS NOT NULL AND paid_at < $1 ORDER BY paid_at LIMIT $2))",
        before,
    )
