"""Invoices and orders: kept once, whatever comes and however often."""

import asyncio
import threading
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import select

from ready.parts import calling, invoice, order, ready_store
from smarts.edge.problems import NODE_DOWN
from smarts.ready.database import Database, database_url
from smarts.ready.kinds import Secret
from smarts.ready.settings import DatabaseSettings
from smarts.ready.tables import FACTS, INVOICES, METADATA, ORDERS, add, find
from smarts.wire.codec import decode, encode
from smarts.wire.orders import Order
from smarts.wire.shipments import ShipmentStatus


def kept(store, table):
    return store.database.read(lambda tx: list(tx.execute(select(table)).mappings()))


async def test_an_invoice_is_kept_once(tmp_path, database_section):
    """The same invoice sent many times at once is one row, word for word; another one under its id is refused."""
    store = ready_store(tmp_path, database_section)
    async with calling(store) as node:
        await asyncio.gather(*(node.post("/invoice", invoice()) for _ in range(12)))
        refusal = await node.post("/invoice", invoice(institution_invoice_id="other"), status=409)
        assert invoice().id in refusal["detail"]
        await node.post("/invoice", invoice(id="another"))
        rows = {each["id"]: each for each in kept(store, INVOICES)}
    assert set(rows) == {invoice().id, "another"}
    first = rows[invoice().id]
    assert first["document"].encode() == encode(invoice())
    assert first["times_received"] == 12
    assert first["total_cents"] == int(invoice().total.total_to_pay * 100)


async def test_an_order_is_kept_as_it_was_last(tmp_path, database_section):
    """A newer document takes the place of an older one, an older one that comes later changes nothing."""
    first = order()
    log = first.status_changelogs[-1]
    shipped = order(
        shipment=replace(first.shipment, status=ShipmentStatus.SHIPPING),
        status_changelogs=(*first.status_changelogs, log),
    )
    store = ready_store(tmp_path, database_section + "[orders]")
    async with calling(store) as node:
        await node.post("/pickup/order/update", shipped)
        await node.post("/pickup/order", first)
        await node.post("/pickup/order/update", shipped)
        (row,) = kept(store, ORDERS)
    assert decode(row["document"].encode(), Order) == shipped
    assert row["status"] == "SHIPPING"


class ShopSystem:
    """A shop system that is away the first time."""

    def __init__(self):
        self.taken = []
        self.tries = 0

    def invoice_paid(self, taken):
        self.tries += 1
        if self.tries == 1:
            raise NODE_DOWN.error("The shop system is away.", retry_after=1)
        self.taken.append(taken.id)

    def order_changed(self, taken):
        self.taken.append((taken.id, taken.shipment.status))


async def test_a_shop_system_takes_the_sales_too(tmp_path):
    """What a shop system could not take is to be sent again, and is then taken; an outdated order is not passed on."""
    system = ShopSystem()
    async with calling(ready_store(tmp_path, "[orders]"), system) as node:
        problem = await node.post("/invoice", invoice(), status=503)
        assert problem["retryable"] is True
        await node.post("/invoice", invoice())
        await node.post("/pickup/order", order())
        await node.post("/pickup/order", order(status_changelogs=()))
    assert system.taken == [invoice().id, (order().id, order().shipment.status)]


async def test_ids_that_are_too_long_for_a_database(tmp_path, database_section):
    """An id of a thousand characters is bad input, not trouble with the database."""
    store = ready_store(tmp_path, database_section)
    async with calling(store) as node:
        problem = await node.post("/invoice", invoice(id="x" * 1000), status=422)
    assert problem["errors"][0]["path"] == "$.id"


async def test_features_are_those_of_the_settings(tmp_path):
    """A node without settings has product search and invoices; each section adds its feature, and no other."""
    (tmp_path / "cards.csv").write_text("number\n1\n")
    sections = {
        "[checks]": {"purchase-control"},
        "[receipts]": {"receipts"},
        "[orders]": {"orders"},
        '[loyalty]\nfile = "cards.csv"': {"loyalty-cards"},
        '[loyalty]\nfile = "cards.csv"\nbonus = true': {"loyalty-cards", "loyalty-bonus"},
        '[[offers]]\nid = "a"\ntitle = "b"': {"offers"},
        "": set(),
    }
    for text, features in sections.items():
        async with calling(ready_store(tmp_path, text)) as node:
            version = await node.get("/version")
        assert set(version["features"]) == features | {"invoices"}, text


async def test_two_who_write_the_same_row_at_once(empty_database_url):
    """Both found nothing and both add: one of them does it all anew, and finds what the other has added."""
    database = Database(database_url(DatabaseSettings(url=Secret(empty_database_url)), Path()), METADATA)
    database.read(lambda tx: None)  # so that the tables are there
    both_have_looked = threading.Barrier(2, timeout=20)
    tries = []

    def write(who):
        looks = iter((both_have_looked.wait,))

        def change(tx):
            tries.append(who)
            kept = find(tx, FACTS, "same")
            next(looks, lambda: None)()
            if kept is None:
                add(tx, FACTS, name="same", value=who)
            return kept and kept["value"]

        return database.write(change)

    found = await asyncio.gather(asyncio.to_thread(write, "a"), asyncio.to_thread(write, "b"))
    database.close()
    assert set(found) in ({None, "a"}, {None, "b"})
    assert len(tries) == 3
