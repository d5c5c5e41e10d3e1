"""What is kept: replace it by the store's own database, for which `smarts.node` has `Connections` and more.

What the gateway sends until it has arrived is done in these transactions, once: what is kept of it and the word that it
was done are committed together.
"""

import os

from smarts.node import Inbox, SQLiteFile

BOOKS = SQLiteFile(os.environ.get("BOOKS", "books.sqlite3"))

with BOOKS.transaction() as tx:
    tx.execute("create table if not exists invoices (id text primary key, document)")  # only: invoices
    tx.execute("create table if not exists orders (id text primary key, document)")  # only: orders
    tx.execute("create table if not exists receipts (id text primary key, document, paid)")  # only: receipts

inbox = Inbox(BOOKS)
