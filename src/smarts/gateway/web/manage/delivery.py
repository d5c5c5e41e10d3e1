"""How a store delivers."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.journeys.reach import Reach
from smarts.gateway.orders.service import Orders
from smarts.gateway.web.manage.tabs import managed, page, rows
from smarts.gateway.web.sessions import Sessions


@dataclass(frozen=True)
class DeliveryPages:
    """The handlers."""

    reach: Reach
    orders: Orders

    async def delivery(self, request: Request) -> Response:
        """GET /manage/stores/{id}/delivery."""
        store = await managed(self.reach, request)
        methods = await self.orders.methods(store.institution_id)
        return page(request, "manage/delivery.html", store, methods=methods)


def routes(pages: DeliveryPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(sessions, ("GET /delivery", pages.delivery))
