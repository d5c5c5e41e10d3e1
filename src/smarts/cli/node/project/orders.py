"""Orders: goods that go to shoppers' homes, to parcel machines, or are picked up.

How far an order is goes back to the gateway by `smarts.node.Gateway.change_order_status`.
"""

import sqlite3

from smarts.wire.codec import decode, encode
from smarts.wire.orders import Order


def receive_order(order: Order, tx: sqlite3.Connection) -> None:
    """Keeps a new order; it may come after one that is newer."""
    keep(order, tx)


def receive_order_update(order: Order, tx: sqlite3.Connection) -> None:
    """Keeps an order as it has become elsewhere."""
    keep(order, tx)


def keep(order: Order, tx: sqlite3.Connection) -> None:
    """An order that has seen more changes is the newer one."""
    kept = tx.execute("select document from orders where id = ?", (order.id,)).fetchone()
    if kept and len(decode(kept[0].encode(), Order).status_changelogs) > len(order.status_changelogs):
        return
    tx.execute("insert or replace into orders values (?, ?)", (order.id, encode(order).decode()))
