"""The rows of all APIs, with what answers them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from smarts.edge.routes import Call, Route
from smarts.gateway.app.journeys import Journeys
from smarts.gateway.app.rooms import Rooms
from smarts.gateway.codes import api as codes_api
from smarts.gateway.journeys import (
    activity_api,
    check_policies_api,
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
    sent_api,
    shop_api,
    staff_api,
    stores_api,
    tokens_api,
    trial_api,
    work_api,
)
from smarts.gateway.journeys.activity_api import ActivityApi
from smarts.gateway.journeys.check_policies_api import CheckPoliciesApi
from smarts.gateway.journeys.goods_api import GoodsApi
from smarts.gateway.journeys.loyalty_api import LoyaltyCardsApi, LoyaltyKindsApi
from smarts.gateway.journeys.nodes_api import NodesApi
from smarts.gateway.journeys.operate_api import OperateApi
from smarts.gateway.journeys.orders_api import OrdersApi
from smarts.gateway.journeys.payments_api import PaymentsApi
from smarts.gateway.journeys.proof_of_purchase import Proofs
from smarts.gateway.journeys.purchases import Purchases
from smarts.gateway.journeys.recognise import InstitutionToken, ShopperToken, StaffToken
from smarts.gateway.journeys.sent_api import SentApi
from smarts.gateway.journeys.shop_api import ShopApi
from smarts.gateway.journeys.staff_api import StaffApi
from smarts.gateway.journeys.stores_api import StoresApi
from smarts.gateway.journeys.trial_api import TrialApi
from smarts.gateway.nodes.budget import budget
from smarts.gateway.parties import Role
from smarts.gateway.payments import api as webhook_api
from smarts.gateway.people import api as people_api
from smarts.gateway.web import (
    receipt_pdf,
)
from smarts.gateway.web.work import SessionOrToken

Handler = Callable[[Call[Any, Any]], Awaitable[Any]]
_SECONDS_AT_NODES = 8.0


def within_budget(*routes: Route) -> tuple[Route, ...]:
    """The same rows, whose handlers spend so many seconds at most on all their calls to nodes together."""
    return tuple(replace(route, handler=_budgeted(route.handler)) for route in routes)


def _budgeted(handler: Handler) -> Handler:
    @wraps(handler)
    async def budgeted(call: Call[Any, Any]) -> Any:
        with budget(_SECONDS_AT_NODES):
            return await handler(call)

    return budgeted


def shopper_routes(rooms: Rooms, journeys: Journeys) -> tuple[Route, ...]:
    """What shoppers call."""
    database, stores, carts = rooms.database, rooms.stores, rooms.carts
    shopper = ShopperToken(rooms.people)
    shop = ShopApi(
        database, carts, stores, rooms.states, journeys.shopping, journeys.checking_out, journeys.paying
    )
    goods = GoodsApi(stores, rooms.products, rooms.offers, rooms.loyalty)
    cards = LoyaltyCardsApi(database, journeys.linking, journeys.cards)
    purchases = Purchases(rooms.invoices, rooms.payments)
    return within_budget(
        *people_api.routes(rooms.people, shopper),
        *privacy_api.routes(journeys.privacy, shopper),
        *shop_api.routes(shop, shopper),
        *goods_api.routes(goods, shopper),
        *codes_api.routes(rooms.codes, shopper),
        *loyalty_api.card_routes(cards, shopper),
        *purchases_api.routes(purchases, shopper),
        *receipt_pdf.routes(Proofs(purchases, stores, rooms.payments), shopper),
    )


def other_routes(rooms: Rooms, journeys: Journeys) -> tuple[Route, ...]:
    """What merchants, staff and payment providers call, and what shoppers have in common with them."""
    database, stores, reach = rooms.database, rooms.stores, journeys.reach
    shopper, institution = ShopperToken(rooms.people), InstitutionToken(stores, rooms.bulkheads)
    worker, manager, operator = (
        StaffToken(rooms.people, role) for role in (Role.WORKER, Role.MANAGER, Role.OPERATOR)
    )
    staff = StaffApi(database, rooms.carts, reach, rooms.control, journeys.checking_out, journeys.working)
    managed = StoresApi(database, stores, reach, rooms.registry, journeys.setting_up)
    orders = OrdersApi(database, rooms.orders, journeys.ordering, journeys.packing, reach)
    nodes = NodesApi(database, stores, reach, rooms.registry, rooms.states, rooms.board, rooms.watcher)
    return (
        *delivery_api.routes(journeys.delivering, reach, shopper, manager),
        *orders_api.routes(orders, shopper, worker),
        *work_api.routes(journeys.working, SessionOrToken(rooms.accounts, worker)),
        *merchant_api.routes(database, journeys.checking_out, institution),
        *merchant_api.order_routes(database, rooms.orders, journeys.packing, institution),
        *staff_api.routes(staff, worker),
        *tokens_api.routes(rooms.programs, reach, worker),
        *stores_api.routes(managed, manager),
        *check_policies_api.routes(
            CheckPoliciesApi(journeys.check_policies, journeys.check_losses, reach), manager
        ),
        *trial_api.routes(TrialApi(reach, journeys.trials), manager),
        *operate_api.routes(OperateApi(database), operator),
        *loyalty_api.kind_routes(LoyaltyKindsApi(database, journeys.card_kinds), manager),
        *payments_api.routes(PaymentsApi(reach, journeys.refunding), manager),
        *activity_api.routes(ActivityApi(reach, journeys.activity), manager),
        *sent_api.routes(SentApi(reach, journeys.sent), manager),
        *(webhook_api.routes(rooms.payments, rooms.tells_events) if rooms.tells_events else ()),
        *nodes_api.routes(nodes, manager, operator),
    )
