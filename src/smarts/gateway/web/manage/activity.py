"""What goes on in a store."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.control.service import Control
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.orders.service import Orders
from smarts.gateway.web.manage.tabs import managed, page, rows
from smarts.gateway.web.sessions import Sessions

_LATEST = 50


@dataclass(frozen=True)
class ActivityPages:
    """The handlers."""

    reach: Reach
    control: Control
    orders: Orders
    invoices: Invoices

    async def activity(self, request: Request) -> Response:
        """GET /manage/stores/{id}/activity: what waits, and the latest purchases."""
        store = await managed(self.reach, request)
        one = frozenset({store.institution_id})
        after = request.query_params.get("after")
        purchases = await self.invoices.in_store(store.institution_id, _LATEST, after)
        return page(
            request,
            "manage/activity.html",
            store,
            checks=await self.control.waiting(one, _LATEST),
            orders=await self.orders.to_do(one, _LATEST),
            purchases=purchases,
            more=purchases[-1].invoice_id if len(purchases) == _LATEST else None,
        )


def routes(pages: ActivityPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(sessions, ("GET /activity", pages.activity))
