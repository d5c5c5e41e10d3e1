"""A store's checks: how often carts were looked at, by whom, and what that found."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.control.store import CheckState
from smarts.gateway.journeys.activity import Activity, StoreCheck
from smarts.gateway.journeys.check_policies import CheckPolicies
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.searches import CheckQuery
from smarts.gateway.web.forms import path_parameter
from smarts.gateway.web.manage.listing import Column, Listing
from smarts.gateway.web.manage.tabs import managed, page, rows
from smarts.gateway.web.sessions import Sessions
from smarts.wire.control import Decision
from smarts.wire.errors import ProblemError

COLUMNS: Sequence[Column[StoreCheck]] = (
    Column("invoiceId", lambda row: row.invoice_id),
    Column("createdAt", lambda row: row.created_at),
    Column("decision", lambda row: row.decision),
    Column("reasons", lambda row: "; ".join(reason.message for reason in row.reasons)),
    Column("status", lambda row: row.status),
    Column("closedAt", lambda row: row.closed_at),
    Column("takenBy", lambda row: row.taken_by),
    Column("endedBy", lambda row: row.ended_by),
    Column("changed", lambda row: row.changed),
)


@dataclass(frozen=True)
class CheckPages:
    """The handlers."""

    reach: Reach
    activity: Activity
    policies: CheckPolicies

    def listing(self) -> Listing[CheckQuery, StoreCheck]:
        """GET /manage/stores/{id}/checks, and the same as a table."""
        return Listing(
            self.reach,
            "checks",
            CheckQuery,
            self.activity.checks,
            lambda row: row.invoice_id,
            COLUMNS,
            {"decisions": tuple(Decision), "results": tuple(CheckState)},
        )

    async def check(self, request: Request) -> Response:
        """GET /manage/stores/{id}/checks/{invoice}: why, how it ended, and what was changed."""
        store = await managed(self.reach, request)
        check = await self.activity.check(store, path_parameter(request, "invoice"))
        paid = await self.activity.was_paid(store, check.invoice_id)
        try:
            why = await self.policies.why(store, check.invoice_id)
        except ProblemError:  # it was never decided, or before there were policies
            why = None
        return page(request, "manage/check.html", store, check=check, paid=paid, why=why)


def routes(pages: CheckPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    listing = pages.listing()
    return rows(
        sessions,
        ("GET /checks", listing.page),
        ("GET /checks.csv", listing.table),
        ("GET /checks/{invoice}", pages.check),
    )
