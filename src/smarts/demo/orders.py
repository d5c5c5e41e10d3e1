"""Home delivery at the demo store: the orders, and each status that one had when the gateway told of it."""

import sqlite3
from datetime import UTC, datetime

import msgspec

from smarts.demo.database import Database
from smarts.demo.receipts import Receipts
from smarts.wire.codec import decode, encode
from smarts.wire.orders import Order
from smarts.wire.shipments import ShipmentStatus

_ORDER_TABLE = """
pickup_order (
    number integer primary key,
    id text not null unique,
    body blob not null,
    first_at text not null,
    times integer not null default 1
)
"""
_STATUS_TABLE = """
pickup_order_status (
    number integer primary key,
    order_id text not null,
    status text not null,
    received_at text not null
)
"""
_BODY = "select body from pickup_order where id = ?"
_COUNT = "update pickup_order set times = times + 1 where id = ?"
_KEEP = """
insert into pickup_order (id, body, first_at) values (?, ?, ?)
on conflict (id) do update set body = excluded.body, times = times + 1
"""
_KEEP_STATUS = "insert into pickup_order_status (order_id, status, received_at) values (?, ?, ?)"
_HISTORY = "select status, received_at from pickup_order_status where order_id = ? order by number"
_ONE = "select id, body, first_at, times from pickup_order where id = ?"
_PAGE = """
select id, body, first_at, times from pickup_order
where number < coalesce((select number from pickup_order where id = ?), 9223372036854775807)
order by number desc limit ?
"""


class ReceivedStatus(msgspec.Struct, frozen=True, rename="camel"):
    """A status, and when the store first got to know of it."""

    status: str
    received_at: str


class KeptOrder(msgspec.Struct, frozen=True, rename="camel"):
    """An order as it stands; `times_received` counts all documents of it that came."""

    id: str
    first_at: str
    times_received: int
    history: tuple[ReceivedStatus, ...]
    order: msgspec.Raw


class Orders:
    """The feature orders. Documents may come again, and an older one after a newer one, which then stays.

    What goes out is told to the receipts, whose bonus depends on it.
    """

    def __init__(self, database: Database, receipts: Receipts) -> None:
        database.prepare(_ORDER_TABLE, _STATUS_TABLE)
        self._database = database
        self._receipts = receipts

    def receive_order(self, order: Order, _: sqlite3.Connection) -> None:
        """Keeps a new order."""
        self.keep(order)

    def receive_order_update(self, order: Order, _: sqlite3.Connection) -> None:
        """Keeps an order that has changed."""
        self.keep(order)

    def keep(self, order: Order) -> None:
        """Keeps an order in place of an older document of it."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._database.transaction() as tx:
            before = _before(tx, order.id)
            if before and len(before.status_changelogs) > len(order.status_changelogs):
                tx.execute(_COUNT, (order.id,))
                return
            tx.execute(_KEEP, (order.id, encode(order), now))
            if before is None or before.shipment.status is not order.shipment.status:
                tx.execute(_KEEP_STATUS, (order.id, order.shipment.status or ShipmentStatus.DRAFT, now))
            self._receipts.bring(order)

    def order(self, order_id: str) -> KeptOrder | None:
        """The order with this id."""
        found = self._database.read(_ONE, order_id)
        return self._kept(*found[0]) if found else None

    def orders(self, limit: int, after: str | None = None) -> list[KeptOrder]:
        """Orders, newest first; `after` is the id of the last one seen."""
        return [self._kept(*row) for row in self._database.read(_PAGE, after, limit)]

    def _kept(self, order_id: str, body: bytes, first_at: str, times: int) -> KeptOrder:
        history = tuple(ReceivedStatus(*row) for row in self._database.read(_HISTORY, order_id))
        return KeptOrder(order_id, first_at, times, history, msgspec.Raw(body))


def _before(tx: sqlite3.Connection, order_id: str) -> Order | None:
    row = tx.execute(_BODY, (order_id,)).fetchone()
    return decode(row[0], Order) if row else None
