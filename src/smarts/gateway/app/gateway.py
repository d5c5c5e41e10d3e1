"""The gateway as a whole, from its settings to its ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version

from smarts.caller import Caller
from smarts.edge.answers import Send
from smarts.edge.app import ASGIApp, EdgeApp, Scope
from smarts.edge.requests import Receive
from smarts.edge.routes import Route
from smarts.gateway.app.api import other_routes, shopper_routes
from smarts.gateway.app.journeys import Journeys
from smarts.gateway.app.pages import pages_for_people
from smarts.gateway.app.rooms import Rooms, utc_now
from smarts.gateway.control.policies import Policies
from smarts.gateway.errors import STORAGE_UNAVAILABLE
from smarts.gateway.journeys.housekeeping import DETAILS_KEPT, LESSONS_KEPT, TIMINGS_KEPT, Housekeeping
from smarts.gateway.journeys.recognise import for_method
from smarts.gateway.journeys.sent import Sent
from smarts.gateway.journeys.set_up import SettingUp
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.nodes.board import CHANNEL as BREAKERS_CHANNEL
from smarts.gateway.nodes.registry import CHANNEL as NODES_CHANNEL
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.nodes.states import States
from smarts.gateway.nodes.watching import Watcher
from smarts.gateway.orders.service import CHANNEL as ORDER_CHANNEL
from smarts.gateway.orders.service import Orders
from smarts.gateway.outbox import CHANNEL, Worker
from smarts.gateway.parties import WORK
from smarts.gateway.payments.stripe import STRIPE_URL, Stripe
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.people.service import People
from smarts.gateway.settings import SettingError, Settings
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.fence import outside
from smarts.gateway.storage.notices import Notices
from smarts.gateway.stores.service import Stores
from smarts.gateway.web import (
    machines,
)
from smarts.gateway.web.measures import Measures


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
    sent: Sent
    orders: Orders
    policies: Policies
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

    `database_url` may lead through a pooler, if the settings say how the database is reached past it.

    What a process is for decides which notices wake it: those of carts and orders where it `serves`, those of the
    outbox and of nodes where it `works`.
    """
    channels = (
        *(("cart", ORDER_CHANNEL, WORK) if serves else ()),
        *((CHANNEL, NODES_CHANNEL) if works else ()),
        BREAKERS_CHANNEL,
    )
    direct = settings.direct_database_url
    async with (
        Database.open(database_url, connections=settings.connections, pooled=bool(direct)) as database,
        Notices.open(direct or database_url, channels=channels) as notices,
    ):
        caller = _caller(settings)
        stripe = _stripe(settings, database) if settings.stripe_key else None
        try:
            rooms = Rooms(settings, database, notices, caller, stripe, Measures())
            with closing(rooms.codes):
                async with rooms.timings.running(), rooms.bulkheads.running():
                    yield _assemble(rooms, notices)
        finally:
            await caller.close()
            if stripe:
                await stripe.close()


def _caller(settings: Settings) -> Caller:
    """Connections are limited by store, not by host: a merchant's stores may well share one."""
    try:
        return Caller(
            allow_private_addresses=settings.allow_private_nodes,
            connections_per_host=0,
            ca_file=settings.node_ca_file,
        )
    except OSError as error:
        raise SettingError(f"SMARTS_NODE_CA_FILE: {settings.node_ca_file} cannot be used: {error}") from None


def _stripe(settings: Settings, database: Database) -> Stripe:
    url = settings.stripe_url or STRIPE_URL
    return Stripe(database, settings.stripe_key, settings.stripe_webhook_secret, url)


def _assemble(rooms: Rooms, notices: Notices) -> Gateway:
    journeys = Journeys(rooms)
    routes = tuple(
        replace(
            route,
            problems=(*route.problems, STORAGE_UNAVAILABLE),
            authenticate=for_method(route.authenticate, route.method),
        )
        for route in (*shopper_routes(rooms, journeys), *other_routes(rooms, journeys))
    )
    return Gateway(
        rooms.database,
        rooms.stores,
        journeys.setting_up,
        rooms.people,
        rooms.accounts,
        rooms.registry,
        rooms.loyalty,
        journeys.sent,
        rooms.orders,
        rooms.policies,
        rooms.states,
        (*routes, *machines.document(version("smarts"), routes)),
        pages_for_people(rooms, journeys),
        rooms.measures,
        Worker(
            rooms.database, notices, journeys.settling.handlers(), observe=rooms.measures.delivery_attempt
        ),
        rooms.watcher,
        _housekeeping(rooms, journeys),
    )


def _housekeeping(rooms: Rooms, journeys: Journeys) -> Housekeeping:
    details = (
        rooms.invoices.forget_details,
        rooms.control.forget_documents,
        rooms.orders.forget_details,
        journeys.forgetting.carts,
        rooms.states.forget_reports,
        rooms.accounts.forget,
    )
    rest = (
        *((forget, DETAILS_KEPT) for forget in details),
        (rooms.timings.forget, TIMINGS_KEPT),
        (rooms.lessons.forget, LESSONS_KEPT),
        (rooms.ages_seen.forget, timedelta()),  # each has an end of its own
    )
    return Housekeeping(rooms.database, rest, utc_now)


class _Application(EdgeApp):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with outside():
            await super().__call__(scope, receive, send)


def application(gateway: Gateway, *, access_log: bool = False) -> EdgeApp:
    """The gateway's ASGI application, whose readiness ends when it begins to stop."""
    app = _Application(
        (*gateway.routes, *machines.routes(gateway.database, gateway.measures, lambda: app.is_draining)),
        observe=gateway.measures.request,
        fallback=gateway.site,
        access_log=access_log,
    )
    gateway.measures.count_streams(lambda: app.open_streams)
    return app


def observation(gateway: Gateway) -> EdgeApp:
    """What a worker tells machines, as it serves nobody else."""
    app = EdgeApp(machines.routes(gateway.database, gateway.measures, lambda: app.is_draining))
    return app
