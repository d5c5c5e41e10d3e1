"""The composition root: the only place that builds the gateway's parts and puts them together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
from starlette.routing import BaseRoute

from smarts.caller import Caller, Refused
from smarts.edge.app import ASGIApp, EdgeApp
from smarts.edge.routes import Route
from smarts.gateway.carts.service import Carts
from smarts.gateway.codes import api as codes_api
from smarts.gateway.codes.service import Codes
from smarts.gateway.control.service import Control
from smarts.gateway.errors import STORAGE_UNAVAILABLE
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.journeys import (
    activity_api,
    check_rules_api,
    delivery_api,
    goods_api,
    loyalty_api,
    merchant_api,
    nodes_api,
    operate_api,
    orders_api,
    payments_api,
    privacy_api,
    purchases_api,
    shop_api,
    staff_api,
    stores_api,
    trial_api,
    work_api,
)
from smarts.gateway.journeys.activity import Activity
from smarts.gateway.journeys.activity_api import ActivityApi
from smarts.gateway.journeys.card_kinds import CardKinds
from smarts.gateway.journeys.cards import Cards
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.check_rules import StoreRules
from smarts.gateway.journeys.deliver import Delivering
from smarts.gateway.journeys.figures import StoreFigures
from smarts.gateway.journeys.forgetting import Forgetting
from smarts.gateway.journeys.goods_api import GoodsApi
from smarts.gateway.journeys.hire import Hiring
from smarts.gateway.journeys.housekeeping import Housekeeping
from smarts.gateway.journeys.invoicing import Billing
from smarts.gateway.journeys.linking import Linking
from smarts.gateway.journeys.loyalty_api import LoyaltyCardsApi, LoyaltyKindsApi
from smarts.gateway.journeys.nodes_api import NodesApi
from smarts.gateway.journeys.operate_api import OperateApi
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.journeys.orders_api import OrdersApi
from smarts.gateway.journeys.packing import Packing
from smarts.gateway.journeys.pay import Paying
from smarts.gateway.journeys.payments_api import PaymentsApi
from smarts.gateway.journeys.privacy import Privacy
from smarts.gateway.journeys.proof_of_purchase import Proofs
from smarts.gateway.journeys.purchases import Purchases
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.receipts import Receipting
from smarts.gateway.journeys.recognise import InstitutionToken, ShopperToken, StaffToken
from smarts.gateway.journeys.refunds import Refunding
from smarts.gateway.journeys.set_up import SettingUp
from smarts.gateway.journeys.settle import Settling
from smarts.gateway.journeys.shop import Shopping
from smarts.gateway.journeys.shop_api import ShopApi
from smarts.gateway.journeys.staff_api import StaffApi
from smarts.gateway.journeys.stores_api import StoresApi
from smarts.gateway.journeys.trial import Trials
from smarts.gateway.journeys.trial_api import TrialApi
from smarts.gateway.journeys.work import Working
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.nodes.calls import ANSWERED, Nodes
from smarts.gateway.nodes.model import Rhythm
from smarts.gateway.nodes.registry import CHANNEL as NODES_CHANNEL
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.nodes.states import States
from smarts.gateway.nodes.timings import Timings
from smarts.gateway.nodes.watching import Watcher
from smarts.gateway.offers.service import Offers
from smarts.gateway.orders.service import CHANNEL as ORDER_CHANNEL
from smarts.gateway.orders.service import Orders
from smarts.gateway.outbox import CHANNEL, Worker
from smarts.gateway.parties import WORK, Role
from smarts.gateway.payments import api as webhook_api
from smarts.gateway.payments.sandbox import Sandbox
from smarts.gateway.payments.service import Payments
from smarts.gateway.payments.stripe import STRIPE_URL, Stripe
from smarts.gateway.people import api as people_api
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.people.passwords import Passwords
from smarts.gateway.people.service import People
from smarts.gateway.products.service import Products
from smarts.gateway.receipts.service import Receipts
from smarts.gateway.settings import SettingError, Settings
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.notices import Notices
from smarts.gateway.stores.service import Stores
from smarts.gateway.web import demo, machines, operate, receipt_pdf, shop, signing_in, work
from smarts.gateway.web.demo import Demo, DemoPages
from smarts.gateway.web.manage import (
    campaigns,
    cards,
    check_rules,
    checks,
    delivery,
    door,
    node,
    orders,
    overview,
    purchases,
    staff,
    stores,
)
from smarts.gateway.web.manage import settings as store_settings
from smarts.gateway.web.measures import Measures
from smarts.gateway.web.operate import Operating
from smarts.gateway.web.sessions import Sessions
from smarts.gateway.web.shop import Shop
from smarts.gateway.web.signing_in import SigningIn
from smarts.gateway.web.site import site
from smarts.gateway.web.work import SessionOrToken, WorkPages


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Gateway:
    """The parts that the command line and the applications use."""

    database: Database
    stores: Stores
    setting_up: SettingUp
    people: People
    accounts: Accounts
    registry: Registry
    loyalty: Loyalty
    orders: Orders
    node_states: States
    routes: tuple[Route, ...]
    site: ASGIApp
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
    channels = (
        *(("cart", ORDER_CHANNEL, WORK) if serves else ()),
        *((CHANNEL, NODES_CHANNEL) if works else ()),
    )
    async with (
        Database.open(database_url, connections=settings.connections) as database,
        Notices.open(database_url, channels=channels) as notices,
    ):
        caller = Caller(allow_private_addresses=settings.allow_private_nodes)
        stripe = _stripe(settings, database) if settings.stripe_key else None
        try:
            rooms = _Rooms(settings, database, notices, caller, stripe, Measures())
            with closing(rooms.codes):
                async with rooms.timings.running():
                    yield _assemble(rooms, notices)
        finally:
            await caller.close()
            if stripe:
                await stripe.close()


def _stripe(settings: Settings, database: Database) -> Stripe:
    url = settings.stripe_url or STRIPE_URL
    return Stripe(database, settings.stripe_key, settings.stripe_webhook_secret, url)


def _demo(file: str) -> Demo:
    try:
        return msgspec.json.decode(Path(file).read_bytes(), type=Demo)
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingError(f"SMARTS_DEMO: {file} cannot be read: {error}") from error


class _Rooms:
    """The rooms and what lies below them; they know nothing of each other."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        notices: Notices,
        caller: Caller,
        stripe: Stripe | None,
        measures: Measures,
    ) -> None:
        self.database = database
        self.notices = notices
        self.tells_events = stripe if settings.stripe_webhook_secret else None
        self.measures = measures
        self.registry = Registry(database, allow_private_addresses=settings.allow_private_nodes)
        self.states = States(database)
        self.stores = Stores(database)
        self.timings = Timings(database, utc_now)
        self.nodes = Nodes(self.registry, self.states, caller, self._observe, self.stores.features_off)
        self.watcher = Watcher(
            self.states, self.nodes, notices, Rhythm(settings.health_every, settings.version_every)
        )
        self.people = People(database, settings.joins_per_hour)
        self.accounts = Accounts(database, utc_now, Passwords())
        self.products = Products(self.nodes)
        self.offers = Offers(self.nodes, utc_now)
        self.carts = Carts(database, notices, utc_now)
        self.control = Control(database, settings.lock_for)
        self.codes = Codes()
        self.loyalty = Loyalty(database, utc_now)
        self.invoices = Invoices(database)
        self.receipts = Receipts()
        self.orders = Orders(database, notices)
        sandbox = Sandbox(database, settings.sandbox_authorisation) if settings.sandbox_payments else None
        self.payments = Payments(database, [each for each in (sandbox, stripe) if each], utc_now)
        self.demo = _demo(settings.demo) if settings.demo else None

    def _observe(self, institution_id: str, operation: str, outcome: str, seconds: float) -> None:
        failed = outcome not in (ANSWERED, Refused.__name__)
        self.timings.add(institution_id, operation, seconds, failed=failed)
        self.measures.node_call(operation, outcome, seconds)


class _Journeys:
    """The flows that cross rooms, each made of rooms and of journeys before it."""

    def __init__(self, rooms: _Rooms) -> None:
        database, stores, carts, nodes = rooms.database, rooms.stores, rooms.carts, rooms.nodes
        billing = Billing(rooms.invoices, rooms.receipts)
        self.reach = Reach(stores)
        self.card_kinds = CardKinds(database, rooms.loyalty, self.reach)
        self.hiring = Hiring(database, stores, rooms.people, rooms.accounts)
        self.setting_up = SettingUp(database, stores, carts, rooms.registry)
        self.ordering = Ordering(database, carts, stores, rooms.payments, rooms.orders, billing)
        self.delivering = Delivering(database, carts, stores, rooms.orders, self.ordering)
        self.shopping = Shopping(carts, stores, nodes, rooms.control, rooms.loyalty, self.ordering)
        self.trials = Trials(carts, self.shopping)
        self.packing = Packing(carts, self.shopping, self.ordering)
        self.cards = Cards(carts, stores, rooms.loyalty, self.shopping)
        self.linking = Linking(database, stores, rooms.people, rooms.loyalty, nodes, utc_now)
        self.receipting = Receipting(carts, stores, nodes, rooms.receipts)
        self.store_rules = StoreRules(rooms.control, rooms.invoices)
        self.checking_out = CheckingOut(
            carts,
            stores,
            nodes,
            rooms.control,
            self.shopping,
            self.cards,
            self.store_rules,
            self.receipting,
            self.ordering,
        )
        self.working = Working(
            rooms.notices,
            self.reach,
            carts,
            rooms.control,
            rooms.orders,
            self.shopping,
            self.checking_out,
            self.packing,
        )
        self.paying = Paying(
            carts, stores, rooms.payments, self.receipting, self.ordering, billing, self.cards
        )
        self.forgetting = Forgetting(database, carts, self.ordering, rooms.payments)
        self.privacy = Privacy(
            database,
            rooms.people,
            carts,
            rooms.control,
            self.ordering,
            rooms.orders,
            rooms.payments,
            rooms.invoices,
            rooms.loyalty,
        )
        self.refunding = Refunding(database, rooms.payments, utc_now)
        self.activity = Activity(rooms.invoices, rooms.control, rooms.orders, rooms.payments)
        self.figures = StoreFigures(rooms.invoices, rooms.control, rooms.timings, utc_now)
        self.settling = Settling(
            nodes,
            self.checking_out,
            self.receipting,
            self.paying,
            rooms.payments,
            self.ordering,
            self.privacy,
        )


def _assemble(rooms: _Rooms, notices: Notices) -> Gateway:
    journeys = _Journeys(rooms)
    routes = tuple(
        replace(route, problems=(*route.problems, STORAGE_UNAVAILABLE))
        for route in (*_shopper_routes(rooms, journeys), *_other_routes(rooms, journeys))
    )
    return Gateway(
        rooms.database,
        rooms.stores,
        journeys.setting_up,
        rooms.people,
        rooms.accounts,
        rooms.registry,
        rooms.loyalty,
        rooms.orders,
        rooms.states,
        (*routes, *machines.routes(rooms.database, rooms.measures, version("smarts"), routes)),
        _site(rooms, journeys),
        rooms.measures,
        Worker(rooms.database, notices, journeys.settling.handlers()),
        rooms.watcher,
        _housekeeping(rooms, journeys),
    )


def _housekeeping(rooms: _Rooms, journeys: _Journeys) -> Housekeeping:
    details = (
        rooms.invoices.forget_details,
        rooms.control.forget_documents,
        rooms.orders.forget_details,
        journeys.forgetting.carts,
        rooms.states.forget_reports,
        rooms.accounts.forget,
    )
    return Housekeeping(rooms.database, details, rooms.timings.forget, utc_now)


def _shopper_routes(rooms: _Rooms, journeys: _Journeys) -> tuple[Route, ...]:
    database, stores, carts = rooms.database, rooms.stores, rooms.carts
    shopper = ShopperToken(rooms.people)
    shop = ShopApi(
        database, carts, stores, rooms.states, journeys.shopping, journeys.checking_out, journeys.paying
    )
    goods = GoodsApi(stores, rooms.products, rooms.offers, rooms.loyalty)
    cards = LoyaltyCardsApi(database, journeys.linking, journeys.cards)
    purchases = Purchases(rooms.invoices, rooms.payments)
    return (
        *people_api.routes(rooms.people, shopper),
        *privacy_api.routes(journeys.privacy, shopper),
        *shop_api.routes(shop, shopper),
        *goods_api.routes(goods, shopper),
        *codes_api.routes(rooms.codes, shopper),
        *loyalty_api.card_routes(cards, shopper),
        *purchases_api.routes(purchases, shopper),
        *receipt_pdf.routes(Proofs(purchases, stores, rooms.payments), shopper),
    )


def _other_routes(rooms: _Rooms, journeys: _Journeys) -> tuple[Route, ...]:
    """What merchants, staff and payment providers call, and what shoppers have in common with them."""
    database, stores, reach = rooms.database, rooms.stores, journeys.reach
    shopper, institution = ShopperToken(rooms.people), InstitutionToken(stores)
    worker, manager, operator = (
        StaffToken(rooms.people, role) for role in (Role.WORKER, Role.MANAGER, Role.OPERATOR)
    )
    staff = StaffApi(database, rooms.carts, reach, rooms.control, journeys.checking_out)
    managed = StoresApi(database, stores, reach, rooms.registry, journeys.setting_up)
    orders = OrdersApi(database, rooms.orders, journeys.ordering, journeys.packing, reach)
    nodes = NodesApi(stores, reach, rooms.states, rooms.watcher)
    return (
        *delivery_api.routes(journeys.delivering, reach, shopper, manager),
        *orders_api.routes(orders, shopper, worker),
        *work_api.routes(journeys.working, SessionOrToken(rooms.accounts, worker)),
        *merchant_api.routes(database, journeys.checking_out, institution),
        *merchant_api.order_routes(database, rooms.orders, journeys.packing, institution),
        *staff_api.routes(staff, worker),
        *stores_api.routes(managed, manager),
        *check_rules_api.routes(journeys.store_rules, reach, manager),
        *trial_api.routes(TrialApi(reach, journeys.trials), manager),
        *operate_api.routes(OperateApi(database), operator),
        *loyalty_api.kind_routes(LoyaltyKindsApi(database, journeys.card_kinds), manager),
        *payments_api.routes(PaymentsApi(reach, journeys.refunding), manager),
        *activity_api.routes(ActivityApi(reach, journeys.activity), manager),
        *(webhook_api.routes(rooms.payments, rooms.tells_events) if rooms.tells_events else ()),
        *nodes_api.routes(nodes, manager, operator),
    )


def _site(rooms: _Rooms, journeys: _Journeys) -> ASGIApp:
    """The pages for people."""
    sessions = Sessions(rooms.accounts)
    return site(
        signing_in.routes(SigningIn(rooms.accounts, sessions), sessions),
        shop.routes(Shop(rooms.payments.methods)),
        operate.routes(Operating(rooms.database, rooms.stores, rooms.states), sessions),
        work.routes(WorkPages(journeys.working, rooms.codes), sessions),
        *_manage(rooms, journeys, sessions),
        *_first_impression(rooms, journeys.reach, sessions),
    )


def _first_impression(rooms: _Rooms, reach: Reach, sessions: Sessions) -> tuple[Sequence[BaseRoute], ...]:
    """The page of a demonstration; nothing anywhere else."""
    if rooms.demo is None:
        return ()
    pages = DemoPages(rooms.demo, sessions, rooms.accounts, reach, rooms.stores, rooms.products)
    return (demo.routes(pages),)


def _manage(rooms: _Rooms, journeys: _Journeys, sessions: Sessions) -> tuple[Sequence[BaseRoute], ...]:
    """The manager's pages, a tab a line."""
    database, registry, states = rooms.database, rooms.registry, rooms.states
    reach, setting_up, activity = journeys.reach, journeys.setting_up, journeys.activity
    nodes = node.NodePages(database, rooms.stores, reach, registry, states, rooms.watcher)
    return (
        stores.routes(stores.StorePages(database, rooms.stores, reach, states, setting_up, nodes), sessions),
        node.routes(nodes, sessions),
        store_settings.routes(store_settings.SettingsPages(reach, registry, setting_up), sessions),
        door.routes(door.DoorPages(reach), sessions),
        campaigns.routes(
            campaigns.CampaignPages(database, rooms.stores, reach, states, journeys.trials), sessions
        ),
        cards.routes(cards.CardPages(reach, rooms.stores, journeys.card_kinds), sessions),
        delivery.routes(delivery.DeliveryPages(reach, journeys.delivering), sessions),
        overview.routes(overview.OverviewPages(reach, journeys.figures), sessions),
        purchases.routes(purchases.PurchasePages(reach, activity, journeys.refunding), sessions),
        checks.routes(checks.CheckPages(reach, activity), sessions),
        check_rules.routes(check_rules.CheckRulesPages(reach, journeys.store_rules, setting_up), sessions),
        orders.routes(orders.OrderPages(reach, activity), sessions),
        staff.routes(
            staff.StaffPages(database, reach, rooms.stores, rooms.accounts, journeys.hiring), sessions
        ),
    )


def application(gateway: Gateway) -> EdgeApp:
    """The gateway's ASGI application."""
    return EdgeApp(gateway.routes, observe=gateway.measures.request, fallback=gateway.site)
