"""The composition root: the only place that builds the gateway's parts and puts them together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

from smarts.caller import Caller
from smarts.edge.app import EdgeApp
from smarts.edge.routes import Route
from smarts.gateway.carts.service import Carts
from smarts.gateway.control.service import Control
from smarts.gateway.errors import STORAGE_UNAVAILABLE
from smarts.gateway.invoices import api as invoices_api
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.journeys import merchant_api, shop_api, staff_api
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.housekeeping import Housekeeping
from smarts.gateway.journeys.pay import Paying
from smarts.gateway.journeys.recognise import InstitutionToken, ShopperToken, StaffToken
from smarts.gateway.journeys.settle import Settling
from smarts.gateway.journeys.shop import Shopping
from smarts.gateway.journeys.shop_api import ShopApi
from smarts.gateway.journeys.staff_api import StaffApi
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.outbox import CHANNEL, Worker
from smarts.gateway.parties import Role
from smarts.gateway.payments.sandbox import Sandbox
from smarts.gateway.payments.service import Payments
from smarts.gateway.people import api as people_api
from smarts.gateway.people.service import People
from smarts.gateway.products.service import Products
from smarts.gateway.settings import Settings
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.notices import Notices
from smarts.gateway.stores.service import Stores
from smarts.gateway.web import machines
from smarts.gateway.web.measures import Measures


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Gateway:
    """The parts that the command line and the applications use."""

    database: Database
    stores: Stores
    people: People
    registry: Registry
    routes: tuple[Route, ...]
    measures: Measures
    worker: Worker
    housekeeping: Housekeeping

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Delivers, fires timers and forgets in time until the end of the block."""
        async with self.worker.running(), self.housekeeping.running():
            yield


@asynccontextmanager
async def open_gateway(
    settings: Settings, database_url: str, *, serves: bool = True, works: bool = True
) -> AsyncIterator[Gateway]:
    """Builds the gateway on a database that is migrated already, and takes it down at the end.

    What a process is for decides which notices wake it: those of carts where it `serves`, those of the outbox where it
    `works`.
    """
    channels = (*(("cart",) if serves else ()), *((CHANNEL,) if works else ()))
    async with (
        Database.open(database_url, connections=settings.connections) as database,
        Notices.open(database_url, channels=channels) as notices,
    ):
        caller = Caller(allow_private_addresses=settings.allow_private_nodes)
        try:
            yield _assemble(settings, database, notices, caller)
        finally:
            await caller.close()


def _assemble(settings: Settings, database: Database, notices: Notices, caller: Caller) -> Gateway:
    measures = Measures()
    stores, people, invoices = Stores(database), People(database), Invoices(database)
    registry = Registry(database, allow_private_addresses=settings.allow_private_nodes)
    nodes = Nodes(registry, caller, measures.node_call)
    carts = Carts(database, notices, utc_now)
    control = Control(database, settings.lock_for)
    payments = Payments(database, [Sandbox(database)] if settings.sandbox_payments else [])
    shopping = Shopping(carts, stores, nodes, control)
    checking_out = CheckingOut(carts, stores, nodes, control, shopping)
    paying = Paying(carts, stores, payments, invoices)
    shop = ShopApi(database, carts, stores, Products(nodes), shopping, checking_out, paying)
    staff = StaffApi(database, carts, stores, registry, control, checking_out)
    shopper = ShopperToken(people)
    routes = (
        *people_api.routes(people),
        *shop_api.routes(shop, shopper),
        *invoices_api.routes(invoices, shopper),
        *merchant_api.routes(database, checking_out, InstitutionToken(stores)),
        *staff_api.routes(
            staff, *(StaffToken(people, role) for role in (Role.WORKER, Role.MANAGER, Role.OPERATOR))
        ),
    )
    routes = tuple(replace(route, problems=(*route.problems, STORAGE_UNAVAILABLE)) for route in routes)
    return Gateway(
        database,
        stores,
        people,
        registry,
        (*routes, *machines.routes(database, measures, version("smarts"), routes)),
        measures,
        Worker(database, notices, Settling(nodes, checking_out, paying).handlers()),
        Housekeeping(database, invoices, utc_now),
    )


def application(gateway: Gateway) -> EdgeApp:
    """The gateway's ASGI application."""
    return EdgeApp(gateway.routes, observe=gateway.measures.request)
