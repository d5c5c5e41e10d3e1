"""Everything that the checker looks at: four sets of books, each read from where it is kept."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import asyncpg

from .notebook import Notebook, Purchase
from .stores import Kind, TestStore

Row = Mapping[str, Any]

_TABLES = (
    "carts", "checks", "payments", "payment_steps", "ledger_entries", "sandbox_charges", "sandbox_steps",
    "invoices", "orders", "order_changes",
)  # fmt: skip
_LINES = "SELECT cart_id, sum(quantity) AS pieces FROM cart_lines GROUP BY cart_id"
_MESSAGES = """
SELECT id, lane, kind, order_key, state, detail, attempts, state = 'waiting' AND due <= now() AS overdue
FROM outbox_messages
"""
_OFFICE_TO_DO = """
select 'check', invoice_id from checks where decision <> 'NO' and told is null and tries < 100
union all select 'order', id from orders where ended is null
"""


def grouped(rows: Iterable[Row], column: str) -> dict[Any, list[Row]]:
    """Rows by what stands in a column."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


@dataclass(frozen=True)
class Evidence:
    """What was seen, what the node did, and what the gateway's tables say."""

    notebook: Notebook
    stores: Mapping[str, TestStore]
    tables: Mapping[str, list[Row]]
    documents: list[tuple[str, str, bytes]]
    effects: list[tuple[str, str, Decimal]]
    node_checks: Mapping[str, str]
    office: list[tuple[str, str, str, str]]
    unsettled: list[str]

    @cached_property
    def purchases(self) -> list[Purchase]:
        """Those that came as far as a cart."""
        return [purchase for purchase in self.notebook.purchases if purchase.cart_id]

    @cached_property
    def carts(self) -> dict[str, Row]:
        """By id."""
        return {row["id"]: row for row in self.tables["carts"]}

    @cached_property
    def pieces(self) -> dict[str, int]:
        """How much lies in each cart."""
        return {row["cart_id"]: int(row["pieces"]) for row in self.tables["cart_lines"]}

    @cached_property
    def payments_of(self) -> dict[str, list[Row]]:
        """By cart."""
        return grouped(self.tables["payments"], "cart_id")

    @cached_property
    def charges(self) -> dict[str, Row]:
        """The provider's own books, by payment."""
        return {row["id"]: row for row in self.tables["sandbox_charges"]}

    @cached_property
    def _refunds(self) -> dict[str, list[Row]]:
        done = (row for row in self.tables["sandbox_steps"] if row["kind"] == "REFUND" and not row["refusal"])
        return grouped(done, "charge_id")

    @cached_property
    def _entries(self) -> dict[str, list[Row]]:
        payment_of = {row["id"]: row["payment_id"] for row in self.tables["payment_steps"]}
        sales = (row for row in self.tables["ledger_entries"] if row["account"] == "sales")
        return grouped(
            [dict(row) | {"payment_id": payment_of[row["step_id"]]} for row in sales], "payment_id"
        )

    def taken_by_provider(self, payment_id: str) -> Decimal:
        """What the provider has taken by now, less what it gave back."""
        charge = self.charges.get(payment_id)
        back = sum((row["amount"] for row in self._refunds.get(payment_id, ())), Decimal(0))
        return (charge["captured"] if charge else Decimal(0)) - back

    def is_held(self, payment_id: str) -> bool:
        """Whether the provider holds money for a payment that was neither taken nor let go."""
        charge = self.charges.get(payment_id)
        return bool(
            charge and charge["outcome"] == "APPROVED" and not charge["captured"] and not charge["released"]
        )

    def taken_by_ledger(self, payment_id: str) -> Decimal:
        """The same, as the ledger has it."""
        return -sum((row["amount"] for row in self._entries.get(payment_id, ())), Decimal(0))

    def charged(self, payment_id: str) -> Decimal:
        """What the ledger says was taken at first, whatever was given back since."""
        return sum(
            (-row["amount"] for row in self._entries.get(payment_id, ()) if row["amount"] < 0), Decimal(0)
        )

    def kind_of(self, institution_id: str) -> Kind:
        """What kind of store it is."""
        return self.stores[institution_id].kind


def node_books(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the node has written down."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return {
            "documents": connection.execute(
                "select kind, id, body from documents order by number"
            ).fetchall(),
            "effects": connection.execute("select kind, id, total from effects order by number").fetchall(),
            "checks": connection.execute("select invoice_id, decision from checks").fetchall(),
            "answers": connection.execute(
                "select what, id, wanted, said from answers order by number"
            ).fetchall(),
        }
    finally:
        connection.close()


def office_to_do(file: Path) -> list[str]:
    """What the merchant's office has not done yet."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return [f"{what} {about}" for what, about in connection.execute(_OFFICE_TO_DO)]
    finally:
        connection.close()


async def gateway_tables(url: str) -> dict[str, list[Row]]:
    """The gateway's tables, read in one snapshot that cannot write."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            tables = {
                name: [dict(row) for row in await connection.fetch(f"SELECT * FROM {name}")]
                for name in _TABLES
            }
            tables["cart_lines"] = [dict(row) for row in await connection.fetch(_LINES)]
            tables["messages"] = [dict(row) for row in await connection.fetch(_MESSAGES)]
    finally:
        await connection.close()
    for row in (*tables["carts"], *tables["orders"]):
        for name in ("head", "details"):
            if name in row:
                row[name] = json.loads(row[name], parse_float=Decimal)
    return tables


async def gathered(
    notebook: Notebook, stores: Iterable[TestStore], url: str, books: Path, unsettled: list[str]
) -> Evidence:
    """All books, read."""
    node = node_books(books)
    return Evidence(
        notebook=notebook,
        stores={store.institution_id: store for store in stores},
        tables=await gateway_tables(url),
        documents=node["documents"],
        effects=[(kind, about, Decimal(total)) for kind, about, total in node["effects"]],
        node_checks=dict(node["checks"]),
        office=node["answers"],
        unsettled=unsettled,
    )
