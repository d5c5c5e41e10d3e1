"""Whatever the table of an order's life does not have is a 409 at every door, and changes nothing."""

import asyncio
from typing import Any

import pytest

from gateway.journeys.delivering import CHOICES, SENT_OUT, Delivering
from smarts.gateway.orders.model import Actor
from smarts.gateway.orders.rules import TABLE
from smarts.gateway.payments.sandbox import DECLINED_CARD, LOST_ANSWER_CARD
from smarts.wire.shipments import ShipmentMethod, ShipmentStatus


def lives(method: str) -> dict[str, list[str]]:
    """How the store brings a placed order to where it can be, by each way."""
    out = ["CONFIRMED", SENT_OUT[method]]
    found = {
        "WAITING_FOR_CONFIRMATION": [],
        "CONFIRMED": ["CONFIRMED"],
        "ASSEMBLE_READY": ["CONFIRMED", "ASSEMBLE_READY"],
        SENT_OUT[method]: out,
        "COMPLETED": [*out, "COMPLETED"],
        "CANCELLED_BY_INSTITUTION": ["CANCELLED_BY_INSTITUTION"],
        "MISSED": [*out, "MISSED"],
    }
    return found | ({"READY_TO_PICKUP": [*out, "READY_TO_PICKUP"]} if method == "PARCEL" else {})


async def unpaid(delivering: Delivering, method: str, card: str) -> dict[str, Any]:
    """An order whose payment is not known, or was declined."""
    cart = await delivering.ready(method)
    await delivering.shopper.pay(cart, card)
    return await delivering.look((await delivering.shopper.look(cart))["orderId"])


async def orders_everywhere(delivering: Delivering, method: str) -> list[dict[str, Any]]:
    """One order in each status that orders of this kind can have."""
    placed = [
        await delivering.moved(await delivering.order(method), *life) for life in lives(method).values()
    ]
    cancelled = (await delivering.cancel(await delivering.order(method))).body
    drafts = [await unpaid(delivering, method, card) for card in (LOST_ANSWER_CARD, DECLINED_CARD)]
    return [*drafts, *placed, cancelled]


def has(order: dict[str, Any], wanted: ShipmentStatus, actor: Actor) -> bool:
    shipment = order["shipment"]
    permission = TABLE.get((ShipmentStatus(shipment["status"]), wanted))
    return bool(
        permission and permission.actor is actor and ShipmentMethod(shipment["method"]) in permission.methods
    )


@pytest.mark.parametrize("method", list(CHOICES))
async def test_whatever_the_table_does_not_have_is_refused(delivering: Delivering, method: str) -> None:
    """Every status to every other one, by the merchant's API, the worker app and the shopper."""
    orders = await orders_everywhere(delivering, method)
    statuses = {order["shipment"]["status"] for order in orders}
    assert len(statuses) == len(orders) == (11 if method == "PARCEL" else 10)
    for order in orders:
        wanted = [status for status in ShipmentStatus if not has(order, status, Actor.MERCHANT)]
        tries = [
            *(delivering.by_api(order, status) for status in wanted),
            *(delivering.by_staff(order, status) for status in wanted),
        ]
        if not has(order, ShipmentStatus.CANCELLED_BY_CLIENT, Actor.CLIENT):
            tries.append(delivering.cancel(order))
        replies = await asyncio.gather(*tries)
        assert {(reply.status, reply.body["type"]) for reply in replies} == {(409, "order-change-refused")}
        assert await delivering.look(order["id"]) == order
