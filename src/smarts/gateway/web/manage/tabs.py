"""What all tabs of a store have in common: whose store it is, the page around, the way back after a change."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smarts.gateway.journeys.reach import Reach
from smarts.gateway.parties import Role, Store
from smarts.gateway.web.forms import field_errors, path_parameter
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Endpoint, Sessions, staff_of
from smarts.wire.errors import Problem


async def managed(reach: Reach, request: Request) -> Store:
    """The store of the address, if it is within the reach of who looks; it is hidden from others."""
    return await reach.store(staff_of(request), path_parameter(request, "id"))


def page(
    request: Request, template: str, store: Store, problem: Problem | None = None, **values: Any
) -> Response:
    """A tab of a store; it tells what was wrong with what was sent, and where."""
    status = problem.status if problem else 200
    errors = field_errors(problem)
    return render(request, template, status, store=store, problem=problem, errors=errors, **values)


def back(store: Store, rest: str) -> Response:
    """Leads to a tab, after something has changed."""
    return RedirectResponse(f"/manage/stores/{store.institution_id}{rest}", 303)


def rows(sessions: Sessions, *lines: tuple[str, Endpoint]) -> Sequence[Route]:
    """Rows for managers: a method and a path below that of a store, and who answers."""

    def row(line: str, endpoint: Endpoint) -> Route:
        method, _, path = line.partition(" ")
        return Route(f"/manage/stores/{{id}}{path}", sessions.guard(Role.MANAGER, endpoint), methods=[method])

    return tuple(row(line, endpoint) for line, endpoint in lines)
