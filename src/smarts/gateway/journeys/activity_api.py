"""What went on in a store, over HTTP for its managers (`/manage/v1`)."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.journeys.activity import Activity, StoreCheck, StoreOrder, StoreOrderInDetail
from smarts.gateway.journeys.purchases import DetailedPurchaseDocument, PurchaseDocument
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.searches import CheckQuery, OrderQuery, PurchaseQuery
from smarts.gateway.parties import Staff, Store

StaffCall = Call[None, Staff]


class ActivityApi:
    """The handlers; a store that is not within reach is hidden."""

    def __init__(self, reach: Reach, activity: Activity) -> None:
        self._reach = reach
        self._activity = activity

    async def _store(self, call: StaffCall) -> Store:
        return await self._reach.store(call.who, call.path["id"])

    async def store_purchases(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores/{id}/purchases."""
        return await self._activity.purchases(await self._store(call), call.query)

    async def store_purchase(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores/{id}/purchases/{invoiceId}."""
        return await self._activity.purchase(await self._store(call), call.path["invoiceId"])

    async def store_checks(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores/{id}/checks."""
        return await self._activity.checks(await self._store(call), call.query)

    async def store_check(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores/{id}/checks/{invoiceId}."""
        return await self._activity.check(await self._store(call), call.path["invoiceId"])

    async def store_orders(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores/{id}/orders."""
        return await self._activity.orders(await self._store(call), call.query)

    async def store_order(self, call: StaffCall) -> Any:
        """GET /manage/v1/stores/{id}/orders/{orderId}."""
        return await self._activity.order(await self._store(call), call.path["orderId"])


def routes(api: ActivityApi, manager: Authenticate[Staff]) -> Sequence[Route]:
    """The managers' rows."""

    def row(path: str, handler: Any, response: Any, summary: str, **more: Any) -> Route:
        at = f"/manage/v1/stores/{{id}}/{path}"
        return Route(
            "GET", at, handler, None, response, summary, "manage", manager, problems=(NOT_FOUND,), **more
        )

    # fmt: off
    return (
        row("purchases", api.store_purchases, tuple[PurchaseDocument, ...], "The store's purchases, newest first",
            query=PurchaseQuery),
        row("purchases/{invoiceId}", api.store_purchase, DetailedPurchaseDocument, "A purchase in detail"),
        row("checks", api.store_checks, tuple[StoreCheck, ...],
            "The store's checks, newest first: what was decided, why, how it ended and what it changed",
            query=CheckQuery),
        row("checks/{invoiceId}", api.store_check, StoreCheck, "A check"),
        row("orders", api.store_orders, tuple[StoreOrder, ...], "The store's orders, newest first", query=OrderQuery),
        row("orders/{orderId}", api.store_order, StoreOrderInDetail, "An order, and everything that happened to it"),
    )
    # fmt: on
