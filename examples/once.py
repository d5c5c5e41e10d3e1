"""A store whose sales are kept once, however often they are sent, and whose node answers only signed requests."""

import os
import sqlite3

from corner_shop import CornerShop

from smarts.node import Inbox, Node, SQLiteFile
from smarts.wire.invoices import Invoice

books = SQLiteFile(os.environ.get("BOOKS", "books.sqlite3"))
inbox = Inbox(books)


class Sales:
    def receive_invoice(self, invoice: Invoice, tx: sqlite3.Connection) -> None:
        tx.execute("create table if not exists sales (invoice text, total text)")
        tx.execute("insert into sales values (?, ?)", (invoice.id, str(invoice.total.total_to_pay)))


TOKEN = "token-of-the-example"
node = Node(
    CornerShop(),
    Sales(),
    token=TOKEN,
    name="Corner shop",
    version="1.0",
    inbox=inbox,
    signing_secrets=os.environ.get("NODE_SIGNING_SECRETS", "").split(),
)
