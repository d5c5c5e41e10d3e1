"""Invoices: what shoppers have bought and paid."""

import sqlite3

from smarts.wire.codec import encode
from smarts.wire.invoices import Invoice


def receive_invoice(invoice: Invoice, tx: sqlite3.Connection) -> None:
    """Keeps a paid invoice."""
    tx.execute("insert or ignore into invoices values (?, ?)", (invoice.id, encode(invoice).decode()))
