"""What the scripts of the worker's app ask for: what a code is, goods by name, the codes in a picture."""

from collections.abc import Sequence
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.edge.problems import NOT_MEDIA_TYPE, TOO_LARGE, invalid, malformed
from smarts.gateway.codes.api import PICTURE, FoundCodes
from smarts.gateway.codes.service import Codes
from smarts.gateway.control.rescanned import Rescanned
from smarts.gateway.journeys.work import Working
from smarts.gateway.parties import Role
from smarts.gateway.web.forms import Form, path_parameter, read_form
from smarts.gateway.web.languages import language_of, translations
from smarts.gateway.web.sessions import Sessions, staff_of
from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError, ProblemError
from smarts.wire.model import Model
from smarts.wire.money import Number
from smarts.wire.products import Product

LONGEST_CODE = 200
_LONGEST_NAME = 100


class ScannedGoods(Model, frozen=True, kw_only=True):
    """What a code is, for the one who checks: `quantity` is what a label's weight says, of weighed goods."""

    barcode: str
    name: str
    weighed: bool
    quantity: Number


class Refusal(Model, frozen=True):
    """Why not, in the reader's language."""

    words: str


class GoodsPages:
    """The handlers."""

    def __init__(self, working: Working, codes: Codes) -> None:
        self._working = working
        self._codes = codes

    async def product(self, request: Request) -> Response:
        """POST /work/checks/{id}/products: what a code is that the cart does not hold."""
        barcode = await _told(request, "barcode", LONGEST_CODE)
        invoice_id = path_parameter(request, "id")
        product = await self._working.product(staff_of(request), invoice_id, barcode)
        return _json(_scanned(product, language_of(request)))

    async def named(self, request: Request) -> Response:
        """POST /work/checks/{id}/search: goods by name, for those whose barcode cannot be read."""
        name = await _told(request, "name", _LONGEST_NAME)
        found = await self._working.search(staff_of(request), path_parameter(request, "id"), name)
        return _json(tuple(_scanned(each, language_of(request)) for each in found))

    async def rescan(self, request: Request) -> Response:
        """POST /work/checks/{id}/rescan: what was counted until now; tells whether everything is to be rescanned."""
        rescanned = rescanned_of(await read_form(request))
        invoice_id = path_parameter(request, "id")
        return _json(await self._working.rescan(staff_of(request), invoice_id, rescanned))

    async def replacement(self, request: Request) -> Response:
        """POST /work/orders/{id}/products: what a code is, if it may go out in place of goods of the order."""
        barcode = await _told(request, "barcode", LONGEST_CODE)
        replaces = await _told(request, "replaces", LONGEST_CODE)
        order_id = path_parameter(request, "id")
        try:
            product = await self._working.replacement(staff_of(request), order_id, barcode, replaces)
        except ProblemError as error:
            if not error.problem.errors:
                raise
            words = translations(language_of(request)).gettext(error.problem.errors[0].message)
            return _json(Refusal(words), error.problem.status)
        return _json(_scanned(product, language_of(request)))

    async def named_for_order(self, request: Request) -> Response:
        """POST /work/orders/{id}/search: goods by name, to go out in place of others."""
        name = await _told(request, "name", _LONGEST_NAME)
        order_id = path_parameter(request, "id")
        found = await self._working.search_for_order(staff_of(request), order_id, name)
        return _json(tuple(_scanned(each, language_of(request)) for each in found))

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


def rescanned_of(form: Form) -> Rescanned:
    """What the page has counted."""
    try:
        return decode(form.get("rescanned", "").encode(), Rescanned)
    except MalformedError as error:
        raise malformed(error) from None


async def _told(request: Request, field: str, longest: int) -> str:
    value = (await read_form(request)).get(field, "").strip()
    if not 0 < len(value) <= longest:
        raise invalid(field, f"Expected from 1 to {longest} characters")
    return value


def _scanned(product: Product, language: str) -> ScannedGoods:
    return ScannedGoods(
        barcode=product.barcode,
        name=product.translatable_name.in_language(language.upper()),
        weighed=bool(product.weight_item),
        quantity=product.quantity.value if product.weight_item and product.quantity else Decimal(1),
    )


def _json(document: object, status: int = 200) -> Response:
    return Response(encode(document), status, media_type="application/json")


def routes(pages: GoodsPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    rows = (
        ("/work/codes", pages.codes),
        ("/work/checks/{id}/rescan", pages.rescan),
        ("/work/checks/{id}/products", pages.product),
        ("/work/checks/{id}/search", pages.named),
        ("/work/orders/{id}/products", pages.replacement),
        ("/work/orders/{id}/search", pages.named_for_order),
    )
    return tuple(
        Route(path, sessions.guard(Role.WORKER, endpoint), methods=["POST"]) for path, endpoint in rows
    )
