"""The pages for people, with what answers them."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from smarts.edge.app import ASGIApp
from smarts.gateway.app.journeys import Journeys
from smarts.gateway.app.rooms import Rooms
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.web import (
    demo,
    operate,
    shop,
    signing_in,
    work,
    work_goods,
)
from smarts.gateway.web.demo import DemoPages
from smarts.gateway.web.manage import (
    campaigns,
    cards,
    check_policy,
    checks,
    delivery,
    door,
    node,
    orders,
    overview,
    purchases,
    sent,
    staff,
    stores,
)
from smarts.gateway.web.manage import settings as store_settings
from smarts.gateway.web.operate import Operating
from smarts.gateway.web.sessions import Sessions
from smarts.gateway.web.shop import Shop
from smarts.gateway.web.signing_in import SigningIn
from smarts.gateway.web.site import site
from smarts.gateway.web.work import WorkPages
from smarts.gateway.web.work_goods import GoodsPages


def pages_for_people(rooms: Rooms, journeys: Journeys) -> ASGIApp:
    """The pages for people."""
    sessions = Sessions(rooms.accounts)
    return site(
        signing_in.routes(SigningIn(rooms.accounts, sessions), sessions),
        shop.routes(Shop(rooms.payments.methods)),
        operate.routes(Operating(rooms.database, rooms.stores, rooms.states, rooms.board), sessions),
        work.routes(WorkPages(journeys.working), sessions),
        work_goods.routes(GoodsPages(journeys.working, rooms.codes), sessions),
        *_manage(rooms, journeys, sessions),
        *_first_impression(rooms, journeys.reach, sessions),
    )


def _first_impression(rooms: Rooms, reach: Reach, sessions: Sessions) -> tuple[Sequence[BaseRoute], ...]:
    """The page of a demonstration; nothing anywhere else."""
    if rooms.demo is None:
        return ()
    pages = DemoPages(rooms.demo, sessions, rooms.accounts, reach, rooms.stores, rooms.products)
    return (demo.routes(pages),)


def _manage(rooms: Rooms, journeys: Journeys, sessions: Sessions) -> tuple[Sequence[BaseRoute], ...]:
    """The manager's pages, a tab a line."""
    database, registry, states = rooms.database, rooms.registry, rooms.states
    reach, setting_up, activity = journeys.reach, journeys.setting_up, journeys.activity
    nodes = node.NodePages(database, rooms.stores, reach, registry, states, rooms.board, rooms.watcher)
    return (
        stores.routes(stores.StorePages(database, rooms.stores, reach, states, setting_up, nodes), sessions),
        node.routes(nodes, sessions),
        store_settings.routes(store_settings.SettingsPages(reach, registry, setting_up), sessions),
        door.routes(door.DoorPages(reach), sessions),
        campaigns.routes(
            campaigns.CampaignPages(database, rooms.stores, reach, states, journeys.trials), sessions
        ),
        cards.routes(cards.CardPages(database, reach, rooms.stores, journeys.card_kinds), sessions),
        delivery.routes(delivery.DeliveryPages(reach, journeys.delivering), sessions),
        overview.routes(overview.OverviewPages(reach, journeys.figures), sessions),
        purchases.routes(
            purchases.PurchasePages(reach, activity, journeys.refunding, journeys.sent), sessions
        ),
        checks.routes(checks.CheckPages(reach, activity, journeys.check_policies), sessions),
        check_policy.routes(
            check_policy.CheckPolicyPages(reach, journeys.check_policies, journeys.check_losses), sessions
        ),
        orders.routes(orders.OrderPages(reach, activity, journeys.sent), sessions),
        sent.routes(sent.SentPages(reach, journeys.sent), sessions),
        staff.routes(
            staff.StaffPages(database, reach, rooms.stores, rooms.accounts, journeys.hiring), sessions
        ),
    )
