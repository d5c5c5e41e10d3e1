"""The worker's app: what waits, checks of carts, orders to pack. Works with a thumb, and with a scanner on a desk."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smarts.edge.problems import NOT_FOUND, NOT_MEDIA_TYPE, TOO_LARGE, invalid, malformed
from smarts.edge.security import Authenticate
from smarts.gateway.carts.model import CartState
from smarts.gateway.carts.view import cart_document
from smarts.gateway.codes.api import PICTURE, FoundCodes
from smarts.gateway.codes.service import Codes
from smarts.gateway.control.store import OPEN_STATES
from smarts.gateway.journeys.orders_api import Picked, opened_order
from smarts.gateway.journeys.work import Working
from smarts.gateway.orders.rules import takes_picking
from smarts.gateway.parties import Role, Staff
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.web.forms import Form, path_parameter, read_form
from smarts.gateway.web.languages import language_of
from smarts.gateway.web.pages import render
from smarts.gateway.web.reasons import age_limits, other_reasons
from smarts.gateway.web.sessions import Sessions, staff_of
from smarts.wire.codec import decode, encode
from smarts.wire.control import CheckStatus, Decision
from smarts.wire.errors import MalformedError, Problem, ProblemError
from smarts.wire.model import Model
from smarts.wire.money import Number
from smarts.wire.products import Product
from smarts.wire.shipments import ShipmentStatus

_LONGEST_CODE = 200
_RESULTS = frozenset({CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.FAILED_ALLOW_PAYMENT})
Chosen = TypeVar("Chosen", CheckStatus, ShipmentStatus)
_Goods = Annotated[tuple[Picked, ...], msgspec.Meta(max_length=1000)]


class ScannedGoods(Model, frozen=True, kw_only=True):
    """What a code is, for the one who checks: `quantity` is what a label's weight says, of weighed goods."""

    barcode: str
    name: str
    weighed: bool
    quantity: Number


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
        return staff or await self._token(headers)


class WorkPages:
    """The handlers."""

    def __init__(self, working: Working, codes: Codes) -> None:
        self._working = working
        self._codes = codes

    async def list(self, request: Request) -> Response:
        """GET /work."""
        return await self._list(request)

    async def _list(self, request: Request, problem: Problem | None = None) -> Response:
        to_do = await self._working.to_do(staff_of(request))
        status = problem.status if problem else 200
        return render(request, "work/list.html", status, to_do=to_do, problem=problem)

    async def part(self, request: Request) -> Response:
        """GET /work/list: what waits, without the page around it."""
        return render(request, "work/list_part.html", to_do=await self._working.to_do(staff_of(request)))

    async def open(self, request: Request) -> Response:
        """POST /work/open: by the code on a shopper's screen."""
        code = (await read_form(request)).get("code", "").strip()
        try:
            if not 0 < len(code) <= _LONGEST_CODE:
                raise NOT_FOUND.error()
            check = await self._working.open(staff_of(request), code)
        except ProblemError as error:
            return await self._list(request, error.problem)
        return RedirectResponse(f"/work/checks/{check.invoice_id}", 303)

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
            ages=age_limits(document, self._working.today(cart)),
            reasons=other_reasons(document),
            waits=waits,
            mine=check.holder is not None and check.holder.person_id == staff.person_id,
            everything=check.decision is Decision.FULL,
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

    async def product(self, request: Request) -> Response:
        """POST /work/checks/{id}/products: what a code is that the cart does not hold."""
        barcode = (await read_form(request)).get("barcode", "").strip()
        if not 0 < len(barcode) <= _LONGEST_CODE:
            raise invalid("barcode", "Expected a barcode")
        invoice_id = path_parameter(request, "id")
        product = await self._working.product(staff_of(request), invoice_id, barcode)
        return _json(_scanned(product, language_of(request)))

    async def result(self, request: Request) -> Response:
        """POST /work/checks/{id}/result."""
        form = await read_form(request)
        try:
            status = _chosen(form, CheckStatus)
            if status not in _RESULTS:
                raise invalid("status", "Expected a result")
            await self._working.decide(staff_of(request), path_parameter(request, "id"), status, _goods(form))
        except ProblemError as error:
            return await self._check(request, error.problem)
        return RedirectResponse(f"/work?done={status}", 303)

    async def order(self, request: Request) -> Response:
        """GET /work/orders/{id}."""
        return await self._order(request)

    async def _order(self, request: Request, problem: Problem | None = None) -> Response:
        order, store = await self._working.order(staff_of(request), path_parameter(request, "id"))
        opened = opened_order(order)
        return render(
            request,
            "work/order.html",
            problem.status if problem else 200,
            order=opened,
            document=opened.order,
            store=store,
            picks={status for status in opened.may_become if takes_picking(order.status, status)},
            problem=problem,
        )

    async def move_on(self, request: Request) -> Response:
        """POST /work/orders/{id}/status."""
        form, order_id = await read_form(request), path_parameter(request, "id")
        try:
            status = _chosen(form, ShipmentStatus)
            await self._working.move_on(staff_of(request), order_id, status, _goods(form))
        except ProblemError as error:
            return await self._order(request, error.problem)
        return RedirectResponse(f"/work/orders/{order_id}", 303)

    async def codes(self, request: Request) -> Response:
        """POST /work/codes: the codes in a picture."""
        if request.headers.get("content-type", "") not in PICTURE.types:
            raise NOT_MEDIA_TYPE.error()
        picture = bytearray()
        async for chunk in request.stream():
            picture += chunk
            if len(picture) > PICTURE.limit:
                raise TOO_LARGE.error()
        return _json(FoundCodes(await self._codes.decode(bytes(picture))))


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


def _scanned(product: Product, language: str) -> ScannedGoods:
    return ScannedGoods(
        barcode=product.barcode,
        name=product.translatable_name.in_language(language.upper()),
        weighed=bool(product.weight_item),
        quantity=product.quantity.value if product.weight_item and product.quantity else Decimal(1),
    )


def _json(document: object) -> Response:
    return Response(encode(document), media_type="application/json")


def routes(pages: WorkPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    rows = (
        ("GET", "/work", pages.list),
        ("GET", "/work/list", pages.part),
        ("POST", "/work/open", pages.open),
        ("POST", "/work/codes", pages.codes),
        ("GET", "/work/checks/{id}", pages.check),
        ("POST", "/work/checks/{id}/take", pages.take),
        ("POST", "/work/checks/{id}/products", pages.product),
        ("POST", "/work/checks/{id}/result", pages.result),
        ("GET", "/work/orders/{id}", pages.order),
        ("POST", "/work/orders/{id}/status", pages.move_on),
    )
    return tuple(
        Route(path, sessions.guard(Role.WORKER, endpoint), methods=[method])
        for method, path, endpoint in rows
    )
