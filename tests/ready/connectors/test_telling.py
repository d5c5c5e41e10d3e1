"""What the shop's people make of an order reaches the gateway, by the changes that it allows."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from gateway.journeys.world import until
from ready.connectors.parts import (
    MILK,
    WINE,
    invoice,
    odoo_settings,
    order,
    shop_over,
    stocked_odoo,
    stocked_woocommerce,
    woocommerce_settings,
)
from serving import serving
from smarts.gateway.orders.model import Actor
from smarts.gateway.orders.rules import TABLE, allowed
from smarts.ready.connectors.sales import way_to
from smarts.ready.connectors.settings import GatewaySettings
from smarts.ready.kinds import Secret
from smarts.wire import operations
from smarts.wire.codec import decode, encode
from smarts.wire.errors import Problem
from smarts.wire.orders import PickupOrderStatusChangeRequest
from smarts.wire.shipments import ShipmentMethod, ShipmentStatus

OVER = {
    "odoo": (stocked_odoo, odoo_settings),
    "woocommerce": (stocked_woocommerce, woocommerce_settings),
}


class GatewayServer:
    """The gateway's orders, which are changed by its own table of what a merchant may."""

    def __init__(self):
        self.orders = {}
        self.changes = []
        self.app = Starlette(
            routes=[
                Route("/v1/pickup/order/status", self._change, methods=["POST"]),
                Route("/v1/pickup/order/{id}", self._find),
            ]
        )

    async def _find(self, request):
        return _answer(self.orders[request.path_params["id"]])

    async def _change(self, request):
        change = decode(await request.body(), PickupOrderStatusChangeRequest)
        known = self.orders[change.order_id]
        if change.status not in allowed(known.shipment.status, known.shipment.method, Actor.MERCHANT):
            return _answer(Problem("conflict", "No", 409), 409, "application/problem+json")
        self.orders[known.id] = replace(known, shipment=replace(known.shipment, status=change.status))
        self.changes.append(change.status)
        return _answer(self.orders[known.id])


def _answer(body, status=200, media="application/json"):
    return Response(encode(body), status, media_type=media)


def _at(address):
    return GatewaySettings(url=address, token=Secret("token"), institution_id="store")


@asynccontextmanager
async def ordered(name, tmp_path, **more):
    """An order of milk that waits for confirmation, in the gateway and in the shop."""
    make, settings = OVER[name]
    server, gateway_server = make(), GatewayServer()
    async with (
        serving(gateway_server.app) as address,
        shop_over(server, settings, tmp_path, gateway=_at(address), **more) as shop,
    ):
        placed = order((await shop.scan(MILK), 2, "2.48"), status=ShipmentStatus.WAITING_FOR_CONFIRMATION)
        gateway_server.orders[placed.id] = placed
        shop.connector._telling._outbox.set_mark(
            f"{shop.connector.name} orders", datetime(2026, 1, 1, tzinfo=UTC)
        )
        await shop.ask(operations.RECEIVE_ORDER, placed)
        await shop.pass_on()
        await shop.connector._telling.tell()
        assert gateway_server.changes == []
        yield server, gateway_server, shop


def move(server, to):
    """What the shop's people do: put to work, send, or cancel."""
    if hasattr(server, "orders") and isinstance(server.orders, dict):
        (id_,) = server.orders
        server.order_changed(id_, {"confirm": "processing", "send": "completed", "cancel": "cancelled"}[to])
    else:
        (found,) = server.orders
        values = {
            "confirm": {"state": "sale"},
            "send": {"state": "sale", "delivery_status": "full"},
            "cancel": {"state": "cancel"},
        }
        server.change("sale.order", found["id"], **values[to])


@pytest.mark.parametrize("name", OVER)
async def test_what_is_confirmed_and_sent_is_told(name, tmp_path):
    """Confirmed first, then sent; each once, however often is looked."""
    async with ordered(name, tmp_path) as (server, gateway, shop):
        move(server, "confirm")
        await shop.connector._telling.tell()
        await shop.connector._telling.tell()
        assert gateway.changes == [ShipmentStatus.CONFIRMED]
        move(server, "send")
        await shop.connector._telling.tell()
        assert gateway.changes[1:] in ([ShipmentStatus.SHIPPING], [ShipmentStatus.READY_TO_PICKUP])


@pytest.mark.parametrize("name", OVER)
async def test_what_is_sent_at_once_is_confirmed_on_the_way(name, tmp_path):
    """The gateway knows no way from waiting to sent; the order goes by way of confirmed."""
    async with ordered(name, tmp_path) as (server, gateway, shop):
        move(server, "send")
        await shop.connector._telling.tell()
        assert gateway.changes[0] is ShipmentStatus.CONFIRMED
        assert len(gateway.changes) == 2


@pytest.mark.parametrize("name", OVER)
async def test_what_the_shop_cancels_is_cancelled(name, tmp_path):
    """A cancelled order gives the shopper's money back."""
    async with ordered(name, tmp_path) as (server, gateway, shop):
        move(server, "cancel")
        await shop.connector._telling.tell()
        assert gateway.changes == [ShipmentStatus.CANCELLED_BY_INSTITUTION]


async def test_however_many_orders_have_changed_none_is_overlooked(tmp_path):
    """After a long time away there are more changes than one answer of an Odoo has."""
    async with ordered("odoo", tmp_path) as (server, _, shop):
        for number in range(100, 1601):
            server.add("sale.order", number, state="sale", origin=f"Smarts o-{number} CONFIRMED")
        changes = await shop.connector._telling._books.changes(datetime(2026, 1, 1, tzinfo=UTC))
        assert {change.order_id for change in changes} == {f"o-{number}" for number in range(100, 1601)}


@pytest.mark.parametrize("name", OVER)
async def test_while_the_node_serves_all_of_it_goes_on_by_itself(name, database_address, tmp_path):
    """Unasked, new goods come, sales go, orders are told, with either database; nothing goes on afterwards."""
    async with ordered(name, tmp_path, look_every=0.05, database=database_address) as (server, gateway, shop):
        milk = await shop.scan(MILK)
        before = asyncio.all_tasks()
        async with shop.connector.at_work():
            move(server, "confirm")
            await until(lambda: gateway.changes == [ShipmentStatus.CONFIRMED])
            server.product(14, "Wine", WINE, "9.90")
            await until(lambda: shop.connector.mirror.find(WINE))
            await shop.ask(operations.RECEIVE_INVOICE, invoice((milk, 2, "2.48"), id_="inv-2"))
            await until(lambda: not shop.connector.sales._outbox.waiting().documents)
            assert len(server.orders) == 2
        assert not [task for task in asyncio.all_tasks() - before if "connectors" in repr(task)]


@given(some.sampled_from(ShipmentStatus), some.sampled_from(ShipmentMethod))
def test_ways_are_made_of_changes_that_the_gateway_allows(now, method):
    """From wherever an order is, each step is one that a merchant may make, and the last is what was wanted."""
    for wanted in (
        ShipmentStatus.CONFIRMED,
        ShipmentStatus.SHIPPING,
        ShipmentStatus.CANCELLED_BY_INSTITUTION,
    ):
        at = now
        for step in way_to(wanted, now, method):
            assert step in allowed(at, method, Actor.MERCHANT)
            assert (at, step) in TABLE
            at = step
