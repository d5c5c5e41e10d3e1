"""Pages to sign in, sign out, and change one's password."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smarts.gateway.parties import Role
from smarts.gateway.people import passwords
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.web.forms import field_errors, read_form
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Session, Sessions, require_own_origin
from smarts.wire.errors import Problem, ProblemError

HOME = {Role.OPERATOR: "/operate", Role.MANAGER: "/manage", Role.WORKER: "/work"}


class SigningIn:
    """The handlers."""

    def __init__(self, accounts: Accounts, sessions: Sessions) -> None:
        self._accounts = accounts
        self._sessions = sessions

    async def page(self, request: Request) -> Response:
        """GET /sign-in."""
        session = await self._sessions.of(request)
        if session:
            return RedirectResponse(
                _inside(request.query_params.get("next")) or HOME[session.staff.role], 303
            )
        return _page(request)

    async def sign_in(self, request: Request) -> Response:
        """POST /sign-in."""
        require_own_origin(request)
        form = await read_form(request)
        email, address = form.get("email", "").strip(), request.client.host if request.client else ""
        try:
            token = await self._accounts.sign_in(email, form.get("password", ""), address)
        except ProblemError as error:
            return _page(request, email, error.problem)
        staff = await self._accounts.recognise(token)
        home = HOME[staff.role] if staff else "/sign-in"
        response = RedirectResponse(_inside(request.query_params.get("next")) or home, 303)
        self._sessions.begin(request, response, token)
        return response

    async def sign_out(self, request: Request) -> Response:
        """POST /sign-out."""
        session: Session = request.state.session
        await self._accounts.sign_out(session.token)
        response = RedirectResponse("/sign-in?done=out", 303)
        self._sessions.end(request, response)
        return response

    async def account(self, request: Request) -> Response:
        """GET /account."""
        return _account(request)

    async def change_password(self, request: Request) -> Response:
        """POST /account."""
        session: Session = request.state.session
        form = await read_form(request)
        try:
            await self._accounts.change_password(
                session.staff.person_id, session.token, form.get("current", ""), form.get("new", "")
            )
        except ProblemError as error:
            return _account(request, error.problem)
        return RedirectResponse("/account?done=changed", 303)


def _page(request: Request, email: str = "", problem: Problem | None = None) -> Response:
    status = problem.status if problem else 200
    return render(request, "account/sign_in.html", status, email=email, problem=problem)


def _account(request: Request, problem: Problem | None = None) -> Response:
    return render(
        request,
        "account/account.html",
        problem.status if problem else 200,
        problem=problem,
        errors=field_errors(problem),
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )


def _inside(address: str | None) -> str | None:
    """An address of this very site, or None: nobody is led elsewhere by a link to the sign-in page."""
    if address is None or not address.startswith("/") or not address.isprintable():
        return None
    return None if "\\" in address or address.startswith("//") else address


def routes(pages: SigningIn, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return (
        Route("/sign-in", pages.page, methods=["GET"]),
        Route("/sign-in", pages.sign_in, methods=["POST"]),
        Route("/sign-out", sessions.guard(Role.WORKER, pages.sign_out), methods=["POST"]),
        Route("/account", sessions.guard(Role.WORKER, pages.account), methods=["GET"]),
        Route("/account", sessions.guard(Role.WORKER, pages.change_password), methods=["POST"]),
    )
