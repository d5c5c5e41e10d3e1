"""The worker's app: what waits, checks of carts, orders to pack. Works with a thumb, and with a scanner on a desk."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, unquote
from uuid import uuid4

import msgspec
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smarts.edge.problems import NOT_FOUND, invalid, malformed
from smarts.edge.security import Authenticate
from smarts.gateway.carts.inspections import born_by
from smarts.gateway.carts.model import CartState
from smarts.gateway.carts.view import cart_document
from smarts.gateway.control.store import OPEN_STATES, Check
from smarts.gateway.journeys.orders_api import Picked, opened_order
from smarts.gateway.journeys.recognise import fence_in
from smarts.gateway.journeys.work import Working
from smarts.gateway.orders.model import OrderRecord
from smarts.gateway.orders.rules import due, takes_picking
from smarts.gateway.parties import Role, Staff
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.web.forms import Form, path_parameter, read_form
from smarts.gateway.web.pages import render
from smarts.gateway.web.reasons import age_limits, other_reasons
from smarts.gateway.web.sessions import Sessions, claim_of_form, staff_of
from smarts.gateway.web.work_goods import LONGEST_CODE, rescanned_of
from smarts.wire.codec import decode
from smarts.wire.control import CheckStatus, Decision
from smarts.wire.errors import MalformedError, Problem, ProblemError
from smarts.wire.shipments import ShipmentStatus

_STORE = "work-store"
_LONGEST_ID = 200
_RESULTS = frozenset({CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.FAILED_ALLOW_PAYMENT})
Chosen = TypeVar("Chosen", CheckStatus, ShipmentStatus)
_Goods = Annotated[tuple[Picked, ...], msgspec.Meta(max_length=1000)]


class SessionOrToken:
    """Recognises staff by the session of their browser too, for what changes nothing."""

    def __init__(self, accounts: Accounts, token: Authenticate[Staff]) -> None:
        self.scheme = token.scheme
        self._accounts = accounts
        self._token = token

    async def __call__(self, headers: Mapping[str, str], /) -> Staff:
        """Somebody of the staff, or a 401 or 403."""
        cookies = cookie_parser(headers.get("cookie", ""))
        session = cookies.get("__Host-session") or cookies.get("session")
        staff = await self._accounts.recognise(session) if session else None
        if staff is None:
            return await self._token(headers)
        fence_in(staff)
        return staff


class WorkPages:
    """The handlers."""

    def __init__(self, working: Working) -> None:
        self._working = working

    async def list(self, request: Request) -> Response:
        """GET /work; a `store` that is chosen is remembered in the browser."""
        response = await self._list(request)
        chosen = request.query_params.get("store")
        if chosen is not None:
            secure = request.url.scheme == "https"
            kept = quote(chosen[:_LONGEST_ID], safe="")  # headers hold no other letters than those of English
            response.set_cookie(_STORE, kept, secure=secure, samesite="lax", httponly=True, path="/work")
        return response

    async def _list(self, request: Request, problem: Problem | None = None) -> Response:
        status = problem.status if problem else 200
        return await self._waiting(request, "work/list.html", status, problem=problem)

    async def part(self, request: Request) -> Response:
        """GET /work/list: what waits, without the page around it."""
        return await self._waiting(request, "work/list_part.html", 200)

    async def _waiting(self, request: Request, template: str, status: int, **values: Any) -> Response:
        chosen = request.query_params.get("store", unquote(request.cookies.get(_STORE, "")))
        to_do = await self._working.to_do(staff_of(request), chosen)
        return render(request, template, status, to_do=to_do, due=due, now=datetime.now(UTC), **values)

    async def open(self, request: Request) -> Response:
        """POST /work/open: by the code on a shopper's screen."""
        code = (await read_form(request)).get("code", "").strip()
        try:
            if not 0 < len(code) <= LONGEST_CODE:
                raise NOT_FOUND.error()
            found = await self._working.open(staff_of(request), code)
        except ProblemError as error:
            return await self._list(request, error.problem)
        return RedirectResponse(_address(found), 303)

    async def check(self, request: Request) -> Response:
        """GET /work/checks/{id}."""
        return await self._check(request)

    async def _check(self, request: Request, problem: Problem | None = None) -> Response:
        staff = staff_of(request)
        check = await self._working.check(staff, path_parameter(request, "id"))
        cart = await self._working.cart(check)
        document = cart_document(cart)
        waits = (
            check.status in OPEN_STATES
            and cart.state is CartState.LOCKED
            and cart.head.invoice_id == check.invoice_id
        )
        return render(
            request,
            "work/check.html",
            problem.status if problem else 200,
            check=check,
            cart=document,
            ages=age_limits(document, self._working.today(cart.head.time_zone)),
            reasons=other_reasons(document),
            waits=waits,
            key=uuid4(),
            mine=check.holder is not None and check.holder.person_id == staff.person_id,
            everything=check.decision is Decision.FULL,
            part=None if check.part is None else {each.barcode for each in check.part},
            pieces=sum(1 if line.product.weight_item else line.quantity for line in document.lines),
            problem=problem,
        )

    async def take(self, request: Request) -> Response:
        """POST /work/checks/{id}/take."""
        invoice_id, form = path_parameter(request, "id"), await read_form(request)
        try:
            await self._working.take_over(staff_of(request), invoice_id, form.get("holder", ""))
        except ProblemError as error:
            return await self._check(request, error.problem)
        return RedirectResponse(f"/work/checks/{invoice_id}", 303)

    async def result(self, request: Request) -> Response:
        """POST /work/checks/{id}/result."""
        form, staff = await read_form(request), staff_of(request)
        try:
            status = _chosen(form, CheckStatus)
            if status not in _RESULTS:
                raise invalid("status", "Expected a result")
            invoice_id, claim = path_parameter(request, "id"), claim_of_form(request, form)
            rescanned = rescanned_of(form) if form.get("rescanned") else None
            await self._working.decide(staff, invoice_id, status, _goods(form), claim, rescanned)
        except ProblemError as error:
            return await self._check(request, error.problem)
        return RedirectResponse(f"/work?done={status}", 303)

    async def order(self, request: Request) -> Response:
        """GET /work/orders/{id}."""
        return await self._order(request)

    async def _order(self, request: Request, problem: Problem | None = None) -> Response:
        at_work = await self._working.order(staff_of(request), path_parameter(request, "id"))
        order, opened = at_work.order, opened_order(at_work.order, at_work.handling)
        packs = order.status is ShipmentStatus.CONFIRMED or "again" in request.query_params
        picks = {status for status in opened.may_become if packs and takes_picking(order.status, status)}
        return render(
            request,
            "work/order.html",
            problem.status if problem else 200,
            order=opened,
            document=opened.order,
            log=order.log,
            store=at_work.store,
            picks=picks,
            latest=born_by(opened.min_age, self._working.today(at_work.store.time_zone))
            if opened.min_age
            else None,
            key=uuid4(),
            problem=problem,
        )

    async def move_on(self, request: Request) -> Response:
        """POST /work/orders/{id}/status."""
        form, staff = await read_form(request), staff_of(request)
        order_id = path_parameter(request, "id")
        try:
            status, claim = _chosen(form, ShipmentStatus), claim_of_form(request, form)
            await self._working.move_on(staff, order_id, status, _goods(form), claim)
        except ProblemError as error:
            return await self._order(request, error.problem)
        goes_on = status in (ShipmentStatus.CONFIRMED, ShipmentStatus.ASSEMBLE_READY)
        return RedirectResponse(f"/work/orders/{order_id}" if goes_on else f"/work?done={status}", 303)


def _address(found: Check | OrderRecord) -> str:
    if isinstance(found, Check):
        return f"/work/checks/{quote(found.invoice_id, safe='')}"
    return f"/work/orders/{quote(found.id, safe='')}"


def _chosen(form: Form, kind: type[Chosen]) -> Chosen:
    try:
        return kind(form.get("status", ""))
    except ValueError:
        raise invalid("status", "Expected one that there is") from None


def _goods(form: Form) -> tuple[Picked, ...] | None:
    """The goods as the page has counted them; absent where they are as they should be."""
    if not form.get("goods"):
        return None
    try:
        goods: tuple[Picked, ...] = decode(form["goods"].encode(), _Goods)
    except MalformedError as error:
        raise malformed(error) from None
    return goods


def routes(pages: WorkPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    rows = (
        ("GET", "/work", pages.list),
        ("GET", "/work/list", pages.part),
        ("POST", "/work/open", pages.open),
        ("GET", "/work/checks/{id}", pages.check),
        ("POST", "/work/checks/{id}/take", pages.take),
        ("POST", "/work/checks/{id}/result", pages.result),
        ("GET", "/work/orders/{id}", pages.order),
        ("POST", "/work/orders/{id}/status", pages.move_on),
    )
    return tuple(
        Route(path, sessions.guard(Role.WORKER, endpoint), methods=[method])
        for method, path, endpoint in rows
    )
