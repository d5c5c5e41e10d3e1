"""The poster for a store's door: a code that opens the shop there, and what to do, in all languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.journeys.reach import Reach
from smarts.gateway.web.languages import LANGUAGES
from smarts.gateway.web.manage.tabs import managed, page, rows
from smarts.gateway.web.pages import part
from smarts.gateway.web.sessions import Sessions


@dataclass(frozen=True)
class DoorPages:
    """The handlers."""

    reach: Reach

    async def door(self, request: Request) -> Response:
        """GET /manage/stores/{id}/door: the code has the address under which this page was asked for."""
        store = await managed(self.reach, request)
        address = f"{request.base_url}shop?store={quote(store.institution_id, safe='')}"
        words = {language: part(language, "manage/door_words.html") for language in LANGUAGES}
        return page(request, "manage/door.html", store, address=address, words=words)


def routes(pages: DoorPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(sessions, ("GET /door", pages.door))
