"""The stores of a manager, each with how its node is."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.journeys.reach import Reach
from smarts.gateway.nodes.states import States
from smarts.gateway.parties import Role
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Sessions, staff_of


@dataclass(frozen=True)
class StorePages:
    """The handlers."""

    reach: Reach
    states: States

    async def list(self, request: Request) -> Response:
        """GET /manage."""
        stores = await self.reach.stores_of(staff_of(request))
        records = await self.states.records([store.institution_id for store in stores])
        return render(request, "manage/stores.html", stores=stores, records=records)


def routes(pages: StorePages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return (Route("/manage", sessions.guard(Role.MANAGER, pages.list), methods=["GET"]),)
