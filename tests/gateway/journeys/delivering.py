"""A store that delivers: its merchant, its staff, and the way from a cart to an order and to the money's books."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from gateway.journeys.till import Till, receipt_for
from gateway.journeys.world import (
    BREAD,
    MILK,
    NODE_TOKEN,
    Client,
    Merchant,
    Reply,
    Shopper,
    World,
    small_world,
    until,
)
from smarts.gateway.orders.service import ORDER_DUE
from smarts.gateway.outbox import resume
from smarts.gateway.parties import Role
from smarts.node import Node
from smarts.wire.invoices import Invoice
from smarts.wire.orders import Order
from smarts.wire.receipts import CreateReceiptRequest, Receipt

ALL_WEEK = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
TERMS = {
    "price": 3.9,
    "vatRate": 24,
    "weekdays": ALL_WEEK,
    "hoursFrom": "00:00",
    "hoursTo": "00:00",
    "reactWithinMinutes": 60,
    "deliverWithinMinutes": 1440,
}
MACHINES = [{"parcelId": "locker-1", "name": "Keskuse pakiautomaat", "address": {"level1": "Eesti"}}]
CHOICES = {
    "COURIER": {
        "method": "COURIER",
        "contactName": "Mari",
        "contactPhone": "+372 5555 5555",
        "address": {"level1": "Eesti", "level5": "Pikk 1", "postalCode": "10123"},
    },
    "PARCEL": {"method": "PARCEL", "parcelId": "locker-1", "contactPhone": "+372 5555 5555"},
    "PICKUP": {"method": "PICKUP", "contactEmail": "mari@example.com"},
}
SENT_OUT = {"COURIER": "SHIPPING", "PARCEL": "SHIPPING", "PICKUP": "READY_TO_PICKUP"}
HELD = ("WAITING_FOR_CONFIRMATION", "CONFIRMED", "ASSEMBLE_READY")
TAKEN = ("SHIPPING", "READY_TO_PICKUP", "COMPLETED")
OVER = ("CANCELLED_BY_CLIENT", "CANCELLED_BY_INSTITUTION", "MISSED")


class DeliveringMerchant(Till):
    """A merchant's node that takes orders, too; `trouble` is raised instead."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[Order] = []
        self.updates: list[Order] = []
        self.order_tries = 0

    async def receive_order(self, order: Order) -> None:
        self._receive(self.orders, order)

    async def receive_order_update(self, order: Order) -> None:
        self._receive(self.updates, order)

    def _receive(self, into: list[Order], order: Order) -> None:
        self.order_tries += 1
        if self.trouble:
            raise self.trouble
        into.append(order)

    def told(self, order_id: str) -> list[str]:
        """The statuses that the node was told of, in order."""
        heard = [each for each in (*self.orders, *self.updates) if each.id == order_id]
        return [str(each.shipment.status) for each in heard]


def with_delivery(request: CreateReceiptRequest) -> Receipt:
    """A receipt for the goods and what brings them."""
    receipt, shipment = receipt_for(request), request.shipment
    assert shipment
    assert shipment.price
    return msgspec.structs.replace(
        receipt,
        shipment=shipment,
        total_without_addition=receipt.total_without_addition + shipment.price,
        total_without_vat=receipt.total_without_vat + shipment.price,
        total=receipt.total + shipment.price,
    )


@dataclass
class Delivering:
    """A world whose store delivers in all three ways."""

    world: World
    merchant: Any
    manager: Client
    worker: Client
    shopper: Shopper = field(repr=False)

    async def anew(self) -> "Delivering":
        """The store on its usual terms, and a new shopper."""
        for method in CHOICES:
            assert (await self.set(method)).status == 200
        return await self.another()

    async def another(self) -> "Delivering":
        """The same store, seen by another shopper."""
        return replace(self, shopper=await self.world.shopper(name="Mari"))

    async def colleague(self) -> "Delivering":
        """The same store, with somebody else at work."""
        return replace(self, worker=await self.world.staff(Role.WORKER, self.world.institution_id))

    def invoices(self, order: dict[str, Any]) -> list[Invoice]:
        """What the node was sent of an order's invoice."""
        return [each for each in self.merchant.invoices if each.id == order["invoiceId"]]

    async def set(self, method: str, **changes: Any) -> Reply:
        """The manager sets a way of delivery."""
        machines = {"parcelMachines": MACHINES} if method == "PARCEL" else {}
        path = f"/manage/v1/stores/{self.world.institution_id}/delivery/{method}"
        return await self.manager.call("PUT", path, TERMS | machines | changes)

    async def ready(self, method: str = "COURIER", *barcodes: str) -> dict[str, Any]:
        """A cart that is ready to be paid for and brought."""
        cart = await self.shopper.cart(self.world.institution_id, *(barcodes or (BREAD, MILK)))
        chosen = await self.shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/shipment", CHOICES[method])
        assert chosen.status == 200, chosen.text
        return await self.shopper.check_out(chosen.body)

    async def order(self, method: str = "COURIER", card: str | None = None, *barcodes: str) -> dict[str, Any]:
        """An order that waits for the store's answer."""
        paid = await self.shopper.pay(await self.ready(method, *barcodes), card)
        assert paid.status == 200, paid.text
        return await self.look(paid.body["orderId"])

    async def order_of(self, cart: dict[str, Any]) -> str | None:
        """The order of a cart, as soon as there is one."""
        order_id: str | None = (await self.shopper.look(cart))["orderId"]
        return order_id

    async def look(self, order_id: str) -> dict[str, Any]:
        reply = await self.shopper.get(f"/shop/v1/orders/{order_id}")
        assert reply.status == 200, reply.text
        order: dict[str, Any] = reply.body
        return order

    async def cancel(self, order: dict[str, Any], **headers: str) -> Reply:
        return await self.shopper.post(f"/shop/v1/orders/{order['id']}/cancel", **headers)

    async def by_api(self, order: dict[str, Any], status: str, **more: Any) -> Reply:
        """The merchant moves an order on through the API."""
        body = {"orderId": order["id"], "institutionId": self.world.institution_id, "status": status}
        return await self.world.as_store().post("/v1/pickup/order/status", body | more)

    async def by_staff(self, order: dict[str, Any], status: str, **more: Any) -> Reply:
        """Staff move an order on in the worker app."""
        return await self.worker.post(f"/work/v1/orders/{order['id']}/status", {"status": status} | more)

    async def moved(self, order: dict[str, Any], *statuses: str) -> dict[str, Any]:
        """The order after the store has moved it on, step by step."""
        for status in statuses:
            reply = await self.by_api(order, status)
            assert reply.status == 200, reply.text
            order = reply.body
        return order

    async def money(self, order: dict[str, Any]) -> dict[str, Any]:
        """The newest payment of an order, as the manager sees it, with what the shopper was charged in all."""
        path = f"/manage/v1/stores/{self.world.institution_id}/payments/{order['invoiceId']}"
        reply = await self.manager.get(path)
        assert reply.status == 200, reply.text
        payment: dict[str, Any] = reply.body["payments"][0]
        return payment | {"charged": reply.body["charged"]}

    async def agrees(self, order: dict[str, Any]) -> bool:
        """Whether the money is where the order's status says."""
        status, money = order["shipment"]["status"], await self.money(order)
        if status in HELD:
            return bool(money["status"] == "AUTHORISED" and money["charged"] == 0)
        if status in TAKEN:
            return bool(money["status"] == "CAPTURED" and money["charged"] == order["orderTotalPrice"])
        if status == "PAYMENT_FAILED":
            return bool(money["status"] == "DECLINED" and money["charged"] == 0)
        if status == "DRAFT":
            return False  # the shopper is paying: never at rest
        assert status in OVER
        return money["status"] in ("RELEASED", "REFUNDED", "DECLINED") and money["charged"] == 0

    async def becomes(self, order: dict[str, Any], status: str) -> dict[str, Any]:
        """The order once it has a status and the money is where that says."""

        async def now() -> dict[str, Any] | None:
            seen = await self.look(order["id"])
            return seen if seen["shipment"]["status"] == status and await self.agrees(seen) else None

        found: dict[str, Any] = await until(now)
        return found

    async def hurry(self, kind: str, about: str | None = None) -> None:
        """Messages of a kind are due now (those about one thing, or all): the time they waited for has come."""
        async with self.world.gateway.database.transaction() as tx:
            rows = await tx.fetch(
                "UPDATE outbox_messages SET due = '-infinity', retry_at = '-infinity'"
                " WHERE kind = $1 AND state = 'waiting' AND order_key = coalesce($2, order_key) RETURNING lane",
                kind,
                about,
            )
            for lane in {row["lane"] for row in rows}:
                await resume(tx, lane)

    async def let_time_pass(self, order: dict[str, Any], field: str) -> None:
        """The order's `reactBy` or `lapsesAt` has come."""
        async with self.world.gateway.database.connection() as connection:
            await connection.execute(
                "UPDATE orders SET details = jsonb_set(details::jsonb, $2, $3::jsonb)::json WHERE id = $1",
                order["id"],
                [field],
                '"2026-01-01T00:00:00Z"',
            )
        await self.hurry(ORDER_DUE, order["id"])

    async def holds_expire(self) -> None:
        """The provider lets go of all the money that it holds."""
        async with self.world.gateway.database.connection() as connection:
            await connection.execute("UPDATE sandbox_charges SET expires_at = now() - interval '1 day'")


@asynccontextmanager
async def delivering_world(
    database_url: str,
    *,
    merchant: Merchant | None = None,
    takes_orders: bool = True,
    in_front: Callable[[Any], Any] = lambda node: node,
    **settings: Any,
) -> AsyncIterator[Delivering]:
    """Nobody delivers messages yet: see `World.gateway.working`.

    `takes_orders` says whether the node does, `in_front` makes the application that is called instead of the node.
    """
    merchant = merchant or (DeliveringMerchant() if takes_orders else Merchant())
    node = in_front(Node(merchant, token=NODE_TOKEN, name="tests", version="1"))
    async with small_world(database_url, merchant=merchant, node=node, **settings) as world:
        manager = await world.staff(Role.MANAGER)
        worker = await world.staff(Role.WORKER, world.institution_id)
        made = Delivering(world, merchant, manager, worker, await world.shopper())
        yield await made.anew()
