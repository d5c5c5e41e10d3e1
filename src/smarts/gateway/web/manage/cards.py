"""The merchant's kinds of loyalty cards."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.journeys.reach import Reach
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.web.manage.tabs import managed, page, rows
from smarts.gateway.web.sessions import Sessions

_MOST_KINDS = 100


@dataclass(frozen=True)
class CardPages:
    """The handlers."""

    reach: Reach
    loyalty: Loyalty

    async def cards(self, request: Request) -> Response:
        """GET /manage/stores/{id}/cards."""
        store = await managed(self.reach, request)
        kinds = await self.loyalty.kinds(store.merchant_id, _MOST_KINDS, None)
        return page(request, "manage/cards.html", store, kinds=kinds)


def routes(pages: CardPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(sessions, ("GET /cards", pages.cards))
