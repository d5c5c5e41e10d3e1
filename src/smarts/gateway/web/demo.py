"""The page of a demonstration: a purchase in both roles side by side, with goods to scan from the screen.

A gateway has it only where it was started as a demonstration (`SMARTS_DEMO`): the page tells everybody the passwords of
the demonstration's staff, and signs browsers in as one of them.
"""

import asyncio
from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smarts.edge.problems import NOT_FOUND, invalid
from smarts.gateway.codes.drawing import drawn
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.parties import NOBODY, Role, Shopper
from smarts.gateway.people.accounts import Accounts
from smarts.gateway.products.service import Products, Wanted
from smarts.gateway.stores.service import Stores
from smarts.gateway.web.forms import path_parameter, read_form
from smarts.gateway.web.languages import language_of
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Session, Sessions, require_own_origin
from smarts.gateway.web.signing_in import HOME
from smarts.wire.errors import ProblemError
from smarts.wire.products import MinAge, Product

_SHELF = 6  # products, where the demonstration does not say which


class Account(msgspec.Struct, frozen=True, rename="camel"):
    """With what a person of the demonstration signs in on the pages."""

    role: Role
    email: str
    password: str


class Demo(msgspec.Struct, frozen=True, rename="camel"):
    """What the page tells: `barcodes` are those of its shelf, else the first products of the store.

    `phone_url` is where other devices reach this gateway, empty where they do not.
    """

    institution_id: str
    accounts: tuple[Account, ...]
    barcodes: tuple[str, ...] = ()
    phone_url: str = ""


class _Article(msgspec.Struct, frozen=True):
    """A product of the shelf, by the barcode to scan, which may carry its weight; `age` that one must have, or 0."""

    barcode: str
    product: Product
    age: int


class DemoPages:
    """The handlers."""

    def __init__(
        self,
        demo: Demo,
        sessions: Sessions,
        accounts: Accounts,
        reach: Reach,
        stores: Stores,
        products: Products,
    ) -> None:
        self._demo = demo
        self._sessions = sessions
        self._accounts = accounts
        self._reach = reach
        self._stores = stores
        self._products = products

    async def page(self, request: Request) -> Response:
        """GET /demo."""
        shelf, session = await self._shelf(language_of(request)), await self._sessions.of(request)
        store = await self._stores.get(self._demo.institution_id)
        return render(
            request,
            "demo/demo.html",
            demo=self._demo,
            store=store,
            shelf=shelf,
            ages=any(article.age for article in shelf),
            signed_in=session.staff if session else None,
        )

    async def _shelf(self, language: str) -> Sequence[_Article]:
        """What the store's node says of the products; nothing where it says nothing."""
        anybody = Shopper(NOBODY, language.upper(), client=False)
        try:
            found = await self._goods(anybody)
        except ProblemError:
            return ()
        return [_article(barcode, product) for barcode, product in found if product]

    async def _goods(self, anybody: Shopper) -> Sequence[tuple[str, Product | None]]:
        store, barcodes = self._demo.institution_id, self._demo.barcodes
        if barcodes:
            asked = (self._products.of_barcode(anybody, store, barcode) for barcode in barcodes)
            return list(zip(barcodes, await asyncio.gather(*asked), strict=True))
        wanted = Wanted(name=None, category=None, page=1, limit=_SHELF, order=None, order_field=None)
        page = await self._products.page(anybody, store, (), wanted)
        return [(product.barcode, product) for product in page.result]

    async def sign_in(self, request: Request) -> Response:
        """POST /demo/sign-in: as the demonstration's person of a role.

        Whoever is signed in already and may do in this store what the role may stays who they are.
        """
        require_own_origin(request)
        account = self._account((await read_form(request)).get("role", ""))
        session = await self._sessions.of(request)
        if session and await self._suffices(session, account.role):
            return RedirectResponse(HOME[account.role], 303)
        address = request.client.host if request.client else ""
        try:
            token = await self._accounts.sign_in(account.email, account.password, address)
        except ProblemError:  # the password was changed, or somebody has tried too many
            return RedirectResponse(f"/sign-in?next={HOME[account.role]}", 303)
        if session:
            await self._accounts.sign_out(session.token)
        response = RedirectResponse(HOME[account.role], 303)
        self._sessions.begin(request, response, token)
        return response

    def _account(self, role: str) -> Account:
        for account in self._demo.accounts:
            if account.role == role:
                return account
        raise invalid("role", "Expected a role of the demonstration's staff")

    async def _suffices(self, session: Session, role: Role) -> bool:
        order = list(Role)
        if order.index(session.staff.role) > order.index(role):
            return False
        try:
            await self._reach.store(session.staff, self._demo.institution_id)
        except ProblemError:
            return False
        return True


def _article(barcode: str, product: Product) -> _Article:
    ages = [rule.age for rule in product.inspections if isinstance(rule, MinAge)]
    return _Article(barcode, product, max(ages, default=0))


async def _front(_: Request) -> Response:
    """GET /: whoever comes to a demonstration begins with it."""
    return RedirectResponse("/demo", 303)


async def _barcode(request: Request) -> Response:
    """GET /demo/barcodes/{barcode}: its picture."""
    try:
        picture = drawn(path_parameter(request, "barcode"))
    except ValueError as error:
        raise NOT_FOUND.error() from error
    return Response(picture, 200, {"Cache-Control": "private, max-age=86400"}, "image/svg+xml")


def routes(pages: DemoPages) -> Sequence[Route]:
    """The rows."""
    return (
        Route("/", _front, methods=["GET"]),
        Route("/demo", pages.page, methods=["GET"]),
        Route("/demo/sign-in", pages.sign_in, methods=["POST"]),
        Route("/demo/barcodes/{barcode}", _barcode, methods=["GET"]),
    )
