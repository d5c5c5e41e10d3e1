"""The tables of a ready node: documents as they came, and beside them what people and programs ask for.

Money is in cents, moments are in UTC and ISO 8601, days are the store's own; so any tool can read and sum them up.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.mysql import LONGTEXT

METADATA = MetaData()

LONGEST_ID = 255
_ID = String(LONGEST_ID)
_JSON = Text().with_variant(LONGTEXT(), "mysql", "mariadb")

INVOICES = Table(
    "smarts_invoice",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("store", _ID, nullable=False),
    Column("shopper", _ID, nullable=False),
    Column("number", String(255)),
    Column("day", String(10), nullable=False),
    Column("total_cents", BigInteger, nullable=False),
    Column("vat_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("received_at", String(24), nullable=False),
    Column("times_received", Integer, nullable=False),
    Column("document", _JSON, nullable=False),
    Index("smarts_invoice_by_shopper", "shopper"),
    Index("smarts_invoice_by_day", "day"),
)
RECEIPTS = Table(
    "smarts_receipt",
    METADATA,
    Column("invoice_id", _ID, primary_key=True),
    Column("store", _ID, nullable=False),
    Column("shopper", _ID, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("total_cents", BigInteger, nullable=False),
    Column("vat_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("made_at", String(24), nullable=False),
    Column("asked", _JSON, nullable=False),
    Column("document", _JSON, nullable=False),
    Column("paid_at", String(24)),
    Column("paid_cents", BigInteger),
    Column("confirmation", _JSON),
    UniqueConstraint("store", "number", name="smarts_receipt_number"),
    Index("smarts_receipt_by_shopper", "shopper"),
    Index("smarts_receipt_by_day", "day"),
)
ORDERS = Table(
    "smarts_order",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("store", _ID, nullable=False),
    Column("shopper", _ID, nullable=False),
    Column("status", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("total_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("received_at", String(24), nullable=False),
    Column("changed_at", String(24), nullable=False),
    Column("document", _JSON, nullable=False),
    Index("smarts_order_by_shopper", "shopper"),
    Index("smarts_order_by_day", "day"),
)
CHECKS = Table(
    "smarts_check",
    METADATA,
    Column("invoice_id", _ID, primary_key=True),
    Column("store", _ID, nullable=False),
    Column("shopper", _ID, nullable=False),
    Column("day", String(10), nullable=False),
    Column("decision", String(10), nullable=False),
    Column("rules", String(1000), nullable=False),
    Column("asked_at", String(24), nullable=False),
    Column("document", _JSON, nullable=False),
    Index("smarts_check_by_day", "day"),
)
CARDS = Table(
    "smarts_card",
    METADATA,
    Column("number", _ID, primary_key=True),
    Column("shopper", _ID, nullable=False),
    Column("linked_at", String(24), nullable=False),
)
COUNTERS = Table(
    "smarts_counter",
    METADATA,
    Column("store", _ID, primary_key=True),
    Column("last", BigInteger, nullable=False),
)
FACTS = Table(
    "smarts_fact",
    METADATA,
    Column("name", _ID, primary_key=True),
    Column("value", String(255), nullable=False),
)


def find(tx: Connection, table: Table, key: str, *, for_change: bool = False) -> RowMapping | None:
    """The row with a primary key; `for_change` keeps others from changing it until the transaction ends."""
    query = select(table).where(_key(table) == key)
    return tx.execute(query.with_for_update() if for_change else query).mappings().first()


def add(tx: Connection, table: Table, **values: Any) -> None:
    """Adds a row."""
    tx.execute(insert(table).values(values))


def change(tx: Connection, table: Table, key: str, values: Mapping[str, Any]) -> None:
    """Changes the row with a primary key."""
    tx.execute(update(table).where(_key(table) == key).values(dict(values)))


def next_number(tx: Connection, store: str) -> int:
    """The next number of a store's series; it is taken back where the transaction fails, so that there is no gap."""
    taken = tx.execute(
        update(COUNTERS).where(COUNTERS.c.store == store).values(last=COUNTERS.c.last + 1)
    ).rowcount
    if not taken:
        add(tx, COUNTERS, store=store, last=1)
        return 1
    return int(tx.execute(select(COUNTERS.c.last).where(COUNTERS.c.store == store)).scalar_one())


def _key(table: Table) -> Column[Any]:
    (column,) = table.primary_key.columns
    return column
