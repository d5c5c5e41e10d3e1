"""What came in, for people and their other programs: sums by day, every sale, and the goods in each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select, Table, func, select

from smarts.ready.database import Database
from smarts.ready.tables import INVOICES, ORDERS, RECEIPTS
from smarts.wire.codec import decode
from smarts.wire.invoices import Invoice
from smarts.wire.receipts import Receipt

_PAID = RECEIPTS.c.paid_at.is_not(None)


class DaySum(msgspec.Struct, frozen=True):
    """What was sold on a day of the store's, in one currency; `orders` counts those that came in."""

    day: str
    purchases: int
    total: Decimal
    currency: str
    orders: int


class Sale(msgspec.Struct, frozen=True):
    """A paid invoice, a paid receipt of the node's own, or an order.

    What is paid for an order stands there too, as an invoice or a receipt, so that only these are added up. The VAT is
    not told where less was paid than the receipt says, since not all of an order went out.
    """

    day: str
    kind: str
    id: str
    number: str
    store: str
    shopper: str
    total: Decimal
    vat: Decimal | None
    currency: str
    status: str


class SoldRow(msgspec.Struct, frozen=True):
    """A row of a paid invoice or receipt."""

    day: str
    sale: str
    barcode: str
    name: str
    amount: Decimal
    total: Decimal
    currency: str


def day_sums(database: Database, since: date) -> list[DaySum]:
    """The days on which anything came in, newest first."""
    return database.read(lambda tx: _day_sums(tx, since.isoformat()))


def sales(database: Database, since: date) -> Iterator[Sale]:
    """All that came in, day by day, oldest first; a day at a time is read, so that nobody waits who wants to write."""
    for day in _days(database, since):
        yield from database.read(partial(_sales, day=day))


def sold_rows(database: Database, since: date) -> Iterator[SoldRow]:
    """The goods in all paid purchases, day by day, oldest first."""
    for day in _days(database, since):
        yield from database.read(partial(_rows, day=day))


def _day_sums(tx: Connection, since: str) -> list[DaySum]:
    purchases: Counter[tuple[str, str]] = Counter()
    totals: Counter[tuple[str, str]] = Counter()
    orders: Counter[tuple[str, str]] = Counter()
    for day, currency, count, total in (
        *tx.execute(_sums(INVOICES, INVOICES.c.total_cents, since)),
        *tx.execute(_sums(RECEIPTS, RECEIPTS.c.paid_cents, since).where(_PAID)),
    ):
        purchases[day, currency] += count
        totals[day, currency] += int(total)
    for day, currency, count, _ in tx.execute(_sums(ORDERS, ORDERS.c.total_cents, since)):
        orders[day, currency] += count
    return [
        DaySum(day, purchases[day, currency], _money(totals[day, currency]), currency, orders[day, currency])
        for day, currency in sorted({*purchases, *orders}, reverse=True)
    ]


def _sums(table: Table, amount: Column[Any], since: str) -> Select[Any]:
    day, currency = table.c.day, table.c.currency
    query = select(day, currency, func.count(), func.sum(amount)).where(day >= since)
    return query.group_by(day, currency)


def _days(database: Database, since: date) -> list[str]:
    tables = (INVOICES, RECEIPTS, ORDERS)

    def days(tx: Connection) -> set[str]:
        queries = (select(each.c.day).where(each.c.day >= since.isoformat()).distinct() for each in tables)
        return {day for query in queries for day in tx.execute(query).scalars()}

    return sorted(database.read(days))


def _sales(tx: Connection, day: str) -> list[Sale]:
    return [
        *map(_invoice, _of_day(tx, INVOICES, day)),
        *map(_receipt, _of_day(tx, RECEIPTS, day, _PAID)),
        *map(_order, _of_day(tx, ORDERS, day)),
    ]


def _invoice(row: RowMapping) -> Sale:
    return _sale(row, "invoice", row["id"], row["number"] or "", row["total_cents"], row["vat_cents"], "PAID")


def _receipt(row: RowMapping) -> Sale:
    number = decode(row["document"].encode(), Receipt).institution_invoice_id
    vat = row["vat_cents"] if row["paid_cents"] == row["total_cents"] else None
    return _sale(row, "receipt", row["invoice_id"], number, row["paid_cents"], vat, "PAID")


def _order(row: RowMapping) -> Sale:
    return _sale(row, "order", row["id"], "", row["total_cents"], None, row["status"])


def _of_day(tx: Connection, table: Table, day: str, *conditions: ColumnElement[bool]) -> Sequence[RowMapping]:
    return tx.execute(select(table).where(table.c.day == day, *conditions)).mappings().all()


def _sale(
    row: RowMapping, kind: str, id_: str, number: str, total: int, vat: int | None, status: str
) -> Sale:
    return Sale(
        day=row["day"],
        kind=kind,
        id=id_,
        number=number,
        store=row["store"],
        shopper=row["shopper"],
        total=_money(total),
        vat=None if vat is None else _money(vat),
        currency=row["currency"],
        status=status,
    )


def _rows(tx: Connection, day: str) -> list[SoldRow]:
    return [
        *(row for kept in _of_day(tx, INVOICES, day) for row in _of_invoice(kept)),
        *(row for kept in _of_day(tx, RECEIPTS, day, _PAID) for row in _of_receipt(kept)),
    ]


def _of_invoice(kept: RowMapping) -> Iterator[SoldRow]:
    for row in decode(kept["document"].encode(), Invoice).products:
        amount = row.quantity.value if row.quantity else Decimal(1)
        about = (row.barcode, row.translatable_name.original_text, amount, row.price.total)
        yield SoldRow(kept["day"], kept["id"], *about, kept["currency"])


def _of_receipt(kept: RowMapping) -> Iterator[SoldRow]:
    for row in decode(kept["document"].encode(), Receipt).products:
        about = (row.barcode, row.product_name, row.amount, row.row_price)
        yield SoldRow(kept["day"], kept["invoice_id"], *about, kept["currency"])


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
