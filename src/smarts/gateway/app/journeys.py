"""The flows that cross rooms, built from the rooms."""

from smarts.gateway.app.rooms import Rooms, utc_now
from smarts.gateway.journeys.activity import Activity
from smarts.gateway.journeys.ages import Ages
from smarts.gateway.journeys.card_kinds import CardKinds
from smarts.gateway.journeys.cards import Cards
from smarts.gateway.journeys.check_losses import CheckLosses
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.check_policies import CheckPolicies
from smarts.gateway.journeys.deciding import Deciding
from smarts.gateway.journeys.deliver import Delivering
from smarts.gateway.journeys.figures import StoreFigures
from smarts.gateway.journeys.forgetting import Forgetting
from smarts.gateway.journeys.hire import Hiring
from smarts.gateway.journeys.invoicing import Billing
from smarts.gateway.journeys.linking import Linking
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.journeys.packing import Packing
from smarts.gateway.journeys.pay import Paying
from smarts.gateway.journeys.privacy import Privacy
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.receipts import Receipting
from smarts.gateway.journeys.refunds import Refunding
from smarts.gateway.journeys.rescans import Rescans
from smarts.gateway.journeys.sent import Sent
from smarts.gateway.journeys.set_up import SettingUp
from smarts.gateway.journeys.settle import Settling
from smarts.gateway.journeys.shop import Shopping
from smarts.gateway.journeys.trial import Trials
from smarts.gateway.journeys.work import Working


class Journeys:
    """The flows that cross rooms, each made of rooms and of journeys before it."""

    def __init__(self, rooms: Rooms) -> None:
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
        self.rescans = Rescans(self.shopping, rooms.lessons)
        self.ages = Ages(rooms.ages_seen, rooms.policies)
        self.receipting = Receipting(carts, stores, nodes, rooms.receipts)
        self.check_policies = CheckPolicies(rooms.control, rooms.policies)
        self.check_losses = CheckLosses(rooms.control, rooms.policies, rooms.losses, rooms.simulator, utc_now)
        self.deciding = Deciding(
            rooms.control, rooms.policies, rooms.lessons, rooms.ages_seen, carts, rooms.invoices, stores
        )
        self.checking_out = CheckingOut(
            database,
            carts,
            stores,
            nodes,
            rooms.control,
            self.shopping,
            self.cards,
            self.deciding,
            self.rescans,
            self.ages,
            self.receipting,
            self.ordering,
        )
        self.working = Working(
            database,
            rooms.notices,
            self.reach,
            carts,
            rooms.control,
            rooms.orders,
            rooms.products,
            self.shopping,
            self.checking_out,
            self.rescans,
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
            rooms.ages_seen,
            self.ordering,
            rooms.orders,
            rooms.payments,
            rooms.invoices,
            rooms.loyalty,
        )
        self.refunding = Refunding(database, rooms.payments, utc_now)
        self.activity = Activity(rooms.invoices, rooms.control, rooms.orders, rooms.payments)
        self.sent = Sent(database)
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
