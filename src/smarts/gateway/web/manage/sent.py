"""What was sent to a store's node, how it answered, and sending it again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.searches import MessageQuery, period
from smarts.gateway.journeys.sent import EVER, Sent, StoreMessage
from smarts.gateway.outbox.outcomes import State
from smarts.gateway.outbox.sent import Window
from smarts.gateway.parties import Store
from smarts.gateway.web.forms import path_parameter, read_form
from smarts.gateway.web.manage.listing import Column, Listing, asked, typed_in
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.sessions import Sessions
from smarts.wire.errors import Problem, ProblemError

_LONGEST_SHOWN = 50_000  # characters of a document
COLUMNS: Sequence[Column[StoreMessage]] = (
    Column("id", lambda row: row.id),
    Column("kind", lambda row: row.kind),
    Column("about", lambda row: row.about),
    Column("state", lambda row: row.state),
    Column("since", lambda row: row.since),
    Column("attempts", lambda row: row.attempts),
    Column("finishedAt", lambda row: row.finished_at),
    Column("detail", lambda row: row.detail),
)


@dataclass(frozen=True)
class SentPages:
    """The handlers."""

    reach: Reach
    sent: Sent

    def listing(self) -> Listing[MessageQuery, StoreMessage]:
        """GET /manage/stores/{id}/sent, and the same as a table."""
        more = {"states": tuple(State)}
        return Listing(
            self.reach, "sent", MessageQuery, self.sent.messages, lambda row: row.id, COLUMNS, more
        )

    async def message(self, request: Request) -> Response:
        """GET /manage/stores/{id}/sent/{message}: every attempt, and the document."""
        return await self._show(request, await managed(self.reach, request))

    async def resend(self, request: Request) -> Response:
        """POST /manage/stores/{id}/sent/{message}: sends it again."""
        store, message_id = await managed(self.reach, request), path_parameter(request, "message")
        try:
            await self.sent.resend(store, message_id, anew="anew" in await read_form(request))
        except ProblemError as error:
            return await self._show(request, store, error.problem)
        return back(store, f"/sent/{message_id}?done=resent")

    async def resend_dead(self, request: Request) -> Response:
        """POST /manage/stores/{id}/sent: sends all again that was given up, or what was in the days searched for."""
        store = await managed(self.reach, request)
        days = period(asked(typed_in(request), MessageQuery), store.time_zone)
        window = Window(since=days["since"] or EVER, until=days["until"])
        return back(store, f"/sent?resent={await self.sent.resend_all(store, window)}")

    async def _show(self, request: Request, store: Store, problem: Problem | None = None) -> Response:
        message = await self.sent.message(store, path_parameter(request, "message"))
        return page(
            request,
            "manage/message.html",
            store,
            problem,
            message=message,
            document=_readable(message.document)[:_LONGEST_SHOWN],
        )


def _readable(document: str) -> str:
    try:
        return json.dumps(json.loads(document), ensure_ascii=False, indent=2)
    except ValueError:
        return document


def routes(pages: SentPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    listing = pages.listing()
    return rows(
        sessions,
        ("GET /sent", listing.page),
        ("GET /sent.csv", listing.table),
        ("POST /sent", pages.resend_dead),
        ("GET /sent/{message}", pages.message),
        ("POST /sent/{message}", pages.resend),
    )
