"""Who looks at a page: sessions in a cookie, and proof that a form comes from a page of that session."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smarts.edge.problems import FORBIDDEN, TOKEN_UNKNOWN
from smarts.edge.tokens import same
from smarts.gateway.errors import CSRF_REFUSED
from smarts.gateway.journeys.recognise import fence_in
from smarts.gateway.parties import Role, Staff
from smarts.gateway.people.accounts import SESSION_LIVES, Accounts
from smarts.gateway.storage.answers import Claim
from smarts.gateway.web.forms import Form, read_form
from smarts.wire.codec import encode

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Session:
    """Somebody who has signed in; `token` is what the browser holds."""

    token: str = field(repr=False)
    staff: Staff

    @property
    def csrf(self) -> str:
        """What forms of this session carry; a site that can make a browser send its cookie cannot read it."""
        return hmac.digest(self.token.encode(), b"csrf", "sha256").hex()


class Sessions:
    """Finds the session of a request, and lets only those through who may see a page."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def of(self, request: Request) -> Session | None:
        """The session of a request, or None."""
        token = request.cookies.get(_cookie(request))
        staff = await self._accounts.recognise(token) if token else None
        return Session(token, staff) if token and staff else None

    def begin(self, request: Request, response: Response, token: str) -> None:
        """Gives the browser a session."""
        seconds = int(SESSION_LIVES.total_seconds())
        response.set_cookie(
            _cookie(request), token, seconds, secure=_secure(request), httponly=True, samesite="lax"
        )

    def end(self, request: Request, response: Response) -> None:
        """Takes the session from the browser."""
        response.delete_cookie(_cookie(request), secure=_secure(request), httponly=True, samesite="lax")

    def guard(self, role: Role, endpoint: Endpoint) -> Endpoint:
        """A page for staff who may do what `role` may; others are sent to sign in, and strangers' forms refused.

        The page finds its session in `request.state.session`.
        """
        allowed = frozenset(list(Role)[: list(Role).index(role) + 1])

        async def guarded(request: Request) -> Response:
            session = await self.of(request)
            if session is None:
                return _sign_in_first(request)
            request.state.session = session
            fence_in(session.staff)
            if session.staff.role not in allowed:
                raise FORBIDDEN.error()
            await require_csrf(request, session)
            return await endpoint(request)

        return guarded


def staff_of(request: Request) -> Staff:
    """Who looks at a guarded page."""
    session: Session = request.state.session
    return session.staff


def claim_of_form(request: Request, form: Form) -> Claim | None:
    """The claim of a form that carries a key: the same form sent again, its answer lost, does nothing twice."""
    if not form.get("key"):
        return None
    told = [field for field in form.multi_items() if field[0] != CSRF_FIELD]
    digest = sha256(encode([request.url.path, *sorted(told)]))
    return Claim(staff_of(request).person_id, f"page {digest.hexdigest()}", digest.digest())


async def require_csrf(request: Request, session: Session) -> None:
    """Refuses what changes something and does not come from a page of the session.

    Raises:
        ProblemError: 403.
    """
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(CSRF_HEADER) or (await read_form(request)).get(CSRF_FIELD, "")
    if not same(given, session.csrf):
        raise CSRF_REFUSED.error()


def require_own_origin(request: Request) -> None:
    """Refuses what another site made a browser send; other clients have no session that could be misused.

    Raises:
        ProblemError: 403.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    foreign = site not in (None, "same-origin", "none")
    if foreign or (origin is not None and origin.partition("://")[2] != request.headers.get("host")):
        raise CSRF_REFUSED.error()


def _sign_in_first(request: Request) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        raise TOKEN_UNKNOWN.error("Sign in first")
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    following = f"?next={quote(here, safe='')}" if request.method in SAFE_METHODS else ""
    return RedirectResponse(f"/sign-in{following}", 303)


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _cookie(request: Request) -> str:
    # Browsers keep the first name from being set by other hosts of a domain, but only take it over https.
    return "__Host-session" if _secure(request) else "session"
