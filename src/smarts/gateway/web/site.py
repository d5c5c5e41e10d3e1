"""The site for people: all pages as one application."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from smarts.edge.answers import problem_answer
from smarts.edge.problems import INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND, ErrorKind
from smarts.gateway.web import static
from smarts.gateway.web.pages import SecurityHeaders, render
from smarts.wire.errors import ProblemError

_KINDS: dict[int, ErrorKind] = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED}


def site(*routes: Sequence[BaseRoute]) -> ASGIApp:
    """The application of the parts' rows; what goes wrong is told as a page, or as a document to who takes none."""
    parts = (route for part in routes for route in part)
    pages = Starlette(
        routes=[*static.routes(), *parts, Route("/", _front)],  # a part may have a first page of its own
        exception_handlers={ProblemError: _trouble, HTTPException: _unknown, Exception: _broken},
    )
    pages.router.redirect_slashes = False  # an address is right or wrong
    return SecurityHeaders(pages)


async def _front(request: Request) -> Response:
    return render(request, "front.html")


async def _trouble(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    answer = problem_answer(error)
    if "text/html" not in request.headers.get("accept", ""):
        return Response(answer.body, answer.status, answer.headers, answer.media_type)
    return render(request, "trouble.html", answer.status, answer.headers, problem=error.problem)


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = await _trouble(request, _KINDS.get(error.status_code, NOT_FOUND).error())
    response.headers.update(error.headers or {})
    return response


async def _broken(request: Request, _: Exception) -> Response:
    # Starlette raises the error again afterwards, so that the server logs it.
    return await _trouble(request, INTERNAL.error())
