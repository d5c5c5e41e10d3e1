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
from smarts.gateway.journeys import (
    delivery_api,
    goods_api,
    loyalty_api,
    merchant_api,
    nodes_api,
    orders_api,
    payments_api,
    privacy_api,
    shop_api,
    staff_api,
)
from smarts.gateway.journeys.cards import Cards
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.deliver import Delivering
from smarts.gateway.journeys.forgetting import Forgetting
from smarts.gateway.journeys.goods_api import GoodsApi
from smarts.gateway.journeys.housekeeping import Housekeeping
from smarts.gateway.journeys.invoicing import Billing
from smarts.gateway.journeys.linking import Linking
from smarts.gateway.journeys.loyalty_api import LoyaltyCardsApi, LoyaltyKindsApi
from smarts.gateway.journeys.nodes_api import NodesApi
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.journeys.orders_api import OrdersApi
from smarts.gateway.journeys.pay import Paying
from smarts.gateway.journeys.payments_api import PaymentsApi
from smarts.gateway.journeys.privacy import Privacy
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.receipts import Receipting
from smarts.gateway.journeys.recognise import InstitutionToken, ShopperToken, StaffToken
from smarts.gateway.journeys.settle import Settling
from smarts.gateway.journeys.shop import Shopping
from smarts.gateway.journeys.shop_api import ShopApi
from smarts.gateway.journeys.staff_api import StaffApi
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.nodes.model import Rhythm
from smarts.gateway.nodes.registry import CHANNEL as NODES_CHANNEL
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.nodes.states import States
from smarts.gateway.nodes.watching import Watcher
from smarts.gateway.offers.service import Offers
from smarts.gateway.orders.service import CHANNEL as ORDER_CHANNEL
from smarts.gateway.orders.service import Orders
from smarts.gateway.outbox import CHANNEL, Worker
from smarts.gateway.parties import Role
from smarts.gateway.payments import api as webhook_api
from smarts.gateway.payments.sandbox import Sandbox
from smarts.gateway.payments.service import Payments
from smarts.gateway.payments.stripe import STRIPE_URL, Stripe
from smarts.gateway.people import api as people_api
from smarts.gateway.people.service import People
from smarts.gateway.products.service import Products
from smarts.gateway.receipts.service import Receipts
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
    loyalty: Loyalty
    orders: Orders
    node_states: States
    routes: tuple[Route, ...]
    measures: Measures
    worker: Worker
    watcher: Watcher
    housekeeping: Housekeeping

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Delivers, fires timers, asks nodes how they are and forgets in time until the end of the block."""
        async with self.worker.running(), self.watcher.running(), self.housekeeping.running():
            yield


@asynccontextmanager
async def open_gateway(
    settings: Settings, database_url: str, *, serves: bool = True, works: bool = True
) -> AsyncIterator[Gateway]:
    """Builds the gateway on a database that is migrated already, and takes it down at the end.

    What a process is for decides which notices wake it: those of carts and orders where it `serves`, those of the
    outbox and of nodes where it `works`.
    """
    channels = (*(("cart", ORDER_CHANNEL) if serves else ()), *((CHANNEL, NODES_CHANNEL) if works else ()))
    async with (
        Database.open(database_url, connections=settings.connections) as database,
        Notices.open(database_url, channels=channels) as notices,
    ):
        caller = Caller(allow_private_addresses=settings.allow_private_nodes)
        stripe = _stripe(settings, database) if settings.stripe_key else None
        try:
            yield _assemble(settings, database, notices, caller, stripe)
        finally:
            await caller.close()
            if stripe:
                await stripe.close()


def _stripe(settings: Settings, database: Database) -> Stripe:
    url = settings.stripe_url or STRIPE_URL
    return Stripe(database, settings.stripe_key, settings.stripe_webhook_secret, url)


def _assemble(
    settings: Settings, database: Database, notices: Notices, caller: Caller, stripe: Stripe | None
) -> Gateway:
    measures = Measures()
    stores, people, invoices = Stores(database), People(database), Invoices(database)
    registry = Registry(database, allow_private_addresses=settings.allow_private_nodes)
    states = States(database)
    nodes = Nodes(registry, states, caller, measures.node_call)
    watcher = Watcher(states, nodes, notices, Rhythm(settings.health_every, settings.version_every))
    carts = Carts(database, notices, utc_now)
    control = Control(database, settings.lock_for)
    sandbox = Sandbox(database, settings.sandbox_authorisation) if settings.sandbox_payments else None
    payments = Payments(database, [provider for provider in (sandbox, stripe) if provider], utc_now)
    loyalty = Loyalty(database, utc_now)
    receipts, orders = Receipts(), Orders(database, notices)
    billing = Billing(invoices, receipts)
    ordering = Ordering(database, carts, stores, payments, orders, billing)
    delivering = Delivering(database, carts, stores, orders, ordering)
    shopping = Shopping(carts, stores, nodes, control, loyalty, ordering)
    cards = Cards(carts, stores, loyalty, shopping)
    linking = Linking(database, stores, people, loyalty, nodes, utc_now)
    receipting = Receipting(carts, stores, nodes, receipts)
    checking_out = CheckingOut(carts, stores, nodes, control, shopping, cards, receipting)
    paying = Paying(carts, stores, payments, receipting, ordering, billing)
    shop = ShopApi(database, carts, stores, states, shopping, checking_out, paying)
    goods = GoodsApi(stores, Products(nodes), Offers(nodes, utc_now), loyalty)
    reach = Reach(stores)
    staff = StaffApi(database, carts, stores, reach, registry, control, checking_out)
    shopper, institution = ShopperToken(people), InstitutionToken(stores)
    worker, manager, operator = (
        StaffToken(people, role) for role in (Role.WORKER, Role.MANAGER, Role.OPERATOR)
    )
    privacy = Privacy(database, people, carts, control, ordering, orders, payments, invoices, loyalty)
    details = (
        invoices.forget_details,
        control.forget_documents,
        orders.forget_details,
        Forgetting(database, carts, payments).carts,
        states.forget_reports,
    )
    routes = (
        *people_api.routes(people, shopper),
        *privacy_api.routes(privacy, shopper),
        *shop_api.routes(shop, shopper),
        *goods_api.routes(goods, shopper),
        *loyalty_api.card_routes(LoyaltyCardsApi(database, linking, cards), shopper),
        *loyalty_api.kind_routes(LoyaltyKindsApi(database, loyalty, reach), manager),
        *invoices_api.routes(invoices, shopper),
        *delivery_api.routes(delivering, reach, shopper, manager),
        *orders_api.routes(OrdersApi(database, orders, ordering, reach), shopper, worker),
        *merchant_api.routes(database, checking_out, institution),
        *merchant_api.order_routes(database, orders, ordering, institution),
        *staff_api.routes(staff, worker, manager, operator),
        *payments_api.routes(PaymentsApi(database, reach, payments, utc_now), manager),
        *(webhook_api.routes(payments, stripe) if stripe and settings.stripe_webhook_secret else ()),
        *nodes_api.routes(NodesApi(stores, reach, states, watcher), manager, operator),
    )
    routes = tuple(replace(route, problems=(*route.problems, STORAGE_UNAVAILABLE)) for route in routes)
    return Gateway(
        database,
        stores,
        people,
        registry,
        loyalty,
        orders,
        states,
        (*routes, *machines.routes(database, measures, version("smarts"), routes)),
        measures,
        Worker(
            database,
            notices,
            Settling(nodes, checking_out, receipting, paying, payments, ordering, privacy).handlers(),
        ),
        watcher,
        Housekeeping(database, details, utc_now),
    )


def application(gateway: Gateway) -> EdgeApp:
    """The gateway's ASGI application."""
    return EdgeApp(gateway.routes, observe=gateway.measures.request)
