"""A store's own campaigns."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.journeys.reach import Reach
from smarts.gateway.web.manage.tabs import managed, page, rows
from smarts.gateway.web.sessions import Sessions


@dataclass(frozen=True)
class CampaignPages:
    """The handlers."""

    reach: Reach

    async def campaigns(self, request: Request) -> Response:
        """GET /manage/stores/{id}/campaigns."""
        return page(request, "manage/campaigns.html", await managed(self.reach, request))


def routes(pages: CampaignPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(sessions, ("GET /campaigns", pages.campaigns))
