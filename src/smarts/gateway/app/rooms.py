"""The rooms and what lies below them, built from the settings."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from smarts.caller import Caller, Refused
from smarts.gateway.carts.service import Carts
from smarts.gateway.codes.service import Codes
from smarts.gateway.control.age_service import AgesSeen
from smarts.gateway.control.lessons import Lessons
from smarts.gateway.control.losses import Losses
from smarts.gateway.control.policies import Policies
from smarts.gateway.control.service import Control
from smarts.gateway.control.simulator import Simulator
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.nodes.board import Board
from smarts.gateway.nodes.bulkheads import Bulkheads
from smarts.gateway.nodes.calls import ANSWERED, Nodes
from smarts.gateway.nodes.model import Rhythm
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.nodes.states import States
from smarts.gateway.nodes.timings import Timings
from smarts.gateway.nodes.watching import Watcher
from smarts.gateway.offers.service import Offers
from smarts.gateway.orders.service import Orders
from smarts.gateway.outbox import end_rests
from smarts.gateway.payments.sandbox import Sandbox
from smarts.gateway.payments.service import Payments
from smarts.gateway.payments.stripe import Stripe
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.people.passwords import Passwords
from smarts.gateway.people.programs import Programs
from smarts.gateway.people.service import People
from smarts.gateway.products.service import Products
from smarts.gateway.receipts.service import Receipts, receipts_lane
from smarts.gateway.settings import SettingError, Settings
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.notices import Notices
from smarts.gateway.stores.service import Stores
from smarts.gateway.web.demo import Demo
from smarts.gateway.web.measures import Measures


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


def _demo(file: str) -> Demo:
    try:
        return msgspec.json.decode(Path(file).read_bytes(), type=Demo)
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingError(f"SMARTS_DEMO: {file} cannot be read: {error}") from error


class Rooms:
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
        self.board = Board(database)
        self.bulkheads = Bulkheads(
            self.registry, caller, self.board, notices, self.stores.node_limits, measures, self._returned
        )
        self.nodes = Nodes(
            self.registry,
            self.states,
            caller,
            self.bulkheads,
            self._observe,
            self.stores.features_off,
            self.stores.makes_receipts,
        )
        self.watcher = Watcher(
            self.states, self.nodes, notices, Rhythm(settings.health_every, settings.version_every)
        )
        self.people = People(database, settings.joins_per_hour)
        self.accounts = Accounts(database, utc_now, Passwords())
        self.programs = Programs(database, utc_now)
        self.products = Products(self.nodes)
        self.offers = Offers(self.nodes, utc_now)
        self.carts = Carts(database, notices, utc_now)
        self.control = Control(database, settings.lock_for)
        self.policies = Policies(database, utc_now)
        self.losses = Losses(database)
        self.simulator = Simulator()
        self.ages_seen = AgesSeen(database)
        self.lessons = Lessons(database)
        self.codes = Codes()
        self.loyalty = Loyalty(database, utc_now)
        self.invoices = Invoices(database)
        self.receipts = Receipts()
        self.orders = Orders(database, notices)
        sandbox = Sandbox(database, settings.sandbox_authorisation) if settings.sandbox_payments else None
        self.payments = Payments(database, [each for each in (sandbox, stripe) if each], utc_now)
        self.demo = _demo(settings.demo) if settings.demo else None

    async def _returned(self, institution_id: str) -> None:
        """A store's node may be asked again: what waits for it need not rest any longer."""
        async with self.database.unfenced().connection() as connection:
            await end_rests(connection, (institution_id, receipts_lane(institution_id)))

    def _observe(self, institution_id: str, operation: str, outcome: str, seconds: float) -> None:
        failed = outcome not in (ANSWERED, Refused.__name__)
        self.timings.add(institution_id, operation, seconds, failed=failed)
        self.measures.node_call(operation, outcome, seconds)
