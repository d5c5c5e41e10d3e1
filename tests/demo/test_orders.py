import asyncio

import pytest
from msgspec.structs import replace

from smarts.wire import operations
from smarts.wire.codec import decode
from smarts.wire.examples import example
from smarts.wire.orders import Order
from smarts.wire.shipments import ShipmentStatus

LATEST = decode(example("Order"), Order)


def as_it_was(changes):
    """The golden order when it had changed its status so many times."""
    changelogs = LATEST.status_changelogs[:changes]
    shipment = replace(LATEST.shipment, status=changelogs[-1].new_status)
    return replace(LATEST, shipment=shipment, status_changelogs=changelogs)


WAITING, CONFIRMED, PACKED = map(as_it_was, (2, 3, 4))


async def kept(office):
    """Status, how often documents came, and the statuses that were received."""
    order = await office.read(f"orders/{LATEST.id}")
    history = [each["status"] for each in order["history"]]
    return order["order"]["shipment"]["status"], order["timesReceived"], history


async def test_an_order_and_its_changes(call, office):
    """The last document of an order is kept, and each status that it came with."""
    await call(operations.RECEIVE_ORDER, WAITING)
    await call(operations.RECEIVE_ORDER_UPDATE, CONFIRMED)
    await call(operations.RECEIVE_ORDER_UPDATE, PACKED)
    statuses = ["WAITING_FOR_CONFIRMATION", "CONFIRMED", "ASSEMBLE_READY"]
    assert await kept(office) == ("ASSEMBLE_READY", 3, statuses)
    document = (await office.read(f"orders/{LATEST.id}"))["order"]
    assert document["orderTotalPrice"] == 12.51


async def test_documents_that_come_again(call, office):
    """A document that comes again is counted, and one that is older than what is kept changes nothing."""
    for operation, order in (
        (operations.RECEIVE_ORDER, WAITING),
        (operations.RECEIVE_ORDER, WAITING),
        (operations.RECEIVE_ORDER_UPDATE, PACKED),
        (operations.RECEIVE_ORDER_UPDATE, CONFIRMED),
        (operations.RECEIVE_ORDER, WAITING),
    ):
        await call(operation, order)
    assert await kept(office) == ("ASSEMBLE_READY", 5, ["WAITING_FOR_CONFIRMATION", "ASSEMBLE_READY"])


async def test_an_update_without_the_order(call, office):
    """An update of an order that never came is an order like any other."""
    await call(operations.RECEIVE_ORDER_UPDATE, CONFIRMED)
    assert await kept(office) == ("CONFIRMED", 1, ["CONFIRMED"])


async def test_all_documents_at_once(call, office):
    """Whatever the order in which documents come in the same instant, the newest is kept."""
    orders = [as_it_was(changes) for changes in range(1, 7)] * 3
    await asyncio.gather(*(call(operations.RECEIVE_ORDER_UPDATE, order) for order in orders))
    status, times, history = await kept(office)
    assert (status, times) == (ShipmentStatus.READY_TO_PICKUP, 18)
    every = [change.new_status for change in LATEST.status_changelogs]
    assert history == [each for each in every if each in history]


async def test_the_office_lists_orders(call, office):
    """Orders are listed newest first, and the list goes on after the last one seen."""
    for name in "abc":
        await call(operations.RECEIVE_ORDER, replace(WAITING, id=name))
    first = await office.read("orders?limit=1")
    rest = await office.read(f"orders?after={first[0]['id']}")
    assert [order["id"] for order in first + rest] == ["c", "b", "a"]


@pytest.mark.parametrize("status", [None, ShipmentStatus.DRAFT])
async def test_an_order_without_a_status(call, office, status):
    """An order that names no status is a draft."""
    await call(operations.RECEIVE_ORDER, replace(WAITING, shipment=replace(WAITING.shipment, status=status)))
    assert (await office.read(f"orders/{LATEST.id}"))["history"][0]["status"] == "DRAFT"
