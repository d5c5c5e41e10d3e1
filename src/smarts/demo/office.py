"""The demo store's own small back office, for people who look what the gateway has sent.

JSON beside the node, behind the node's token: `GET /invoices`, `GET /invoices/{id}`, `GET /checks` (lists newest first,
with `limit` and `after`), and `POST /checks/{invoiceId}/result` with a status, which tells the gateway what the store's
staff found.
"""

import contextlib
import hmac
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from smarts.caller import CallFailed, Refused
from smarts.demo.ledger import KeptCheck, KeptInvoice, Ledger
from smarts.node import Gateway, Node, NotFound
from smarts.wire.codec import decode, encode
from smarts.wire.control import CheckStatus
from smarts.wire.errors import MalformedError, Problem, ProblemError
from smarts.wire.operations import TOKEN_HEADER
from smarts.wire.receipts import ReceiptProduct


class CheckResult(msgspec.Struct, frozen=True):
    """What the store's staff found; `products` is the whole new cart where the check changed it."""

    status: CheckStatus
    products: tuple[ReceiptProduct, ...] | None = None


class _Page(msgspec.Struct, frozen=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    after: str | None = None


def with_office(node: Node, ledger: Ledger, token: str, gateway: Gateway | None) -> Starlette:
    """The node with the back office beside it; without a gateway no results are sent."""
    office = _Office(ledger, token, gateway)
    return Starlette(
        routes=[
            Route("/invoices", office.invoices),
            Route("/invoices/{id}", office.invoice),
            Route("/checks", office.checks),
            Route("/checks/{id}/result", office.send_result, methods=["POST"]),
            Mount("/", node),
        ],
        exception_handlers={
            ProblemError: _problem_response,
            MalformedError: _malformed_response,
            CallFailed: _failed_response,
        },
        lifespan=office.lifespan,
    )


class _Office:
    def __init__(self, ledger: Ledger, token: str, gateway: Gateway | None) -> None:
        self._ledger = ledger
        self._token = token.encode()
        self._gateway = gateway

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        if self._gateway:
            await self._gateway.close()

    def invoices(self, request: Request) -> Response:
        return self._list(request, self._ledger.invoices)

    def checks(self, request: Request) -> Response:
        return self._list(request, self._ledger.checks)

    def invoice(self, request: Request) -> Response:
        self._authenticate(request)
        invoice = self._ledger.invoice(request.path_params["id"])
        if not invoice:
            raise NotFound("No such invoice has come")
        return _json(invoice)

    async def send_result(self, request: Request) -> Response:
        self._authenticate(request)
        result = decode(await request.body(), CheckResult)
        if not self._gateway:
            raise NotFound("The store was started without the address of a gateway")
        await self._gateway.send_check_result(request.path_params["id"], result.status, result.products)
        return Response(status_code=204)

    def _list(
        self, request: Request, read: Callable[[int, str | None], Sequence[KeptInvoice | KeptCheck]]
    ) -> Response:
        self._authenticate(request)
        try:
            page = msgspec.convert(dict(request.query_params), _Page, strict=False)
        except msgspec.ValidationError as error:
            raise MalformedError(str(error), is_json=True) from None
        return _json(read(page.limit, page.after))

    def _authenticate(self, request: Request) -> None:
        shown = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(shown.encode(), self._token):
            raise ProblemError(Problem("token-unknown", "The token is missing or unknown.", 401))


def _json(document: object) -> Response:
    return Response(encode(document), media_type="application/json")


def _problem(problem: Problem) -> Response:
    return Response(encode(problem), problem.status, media_type="application/problem+json")


def _problem_response(_: Request, error: Any) -> Response:
    return _problem(error.problem)


def _malformed_response(_: Request, error: Any) -> Response:
    kind, status = ("wrong-shape", 422) if error.is_json else ("not-json", 400)
    return _problem(Problem(kind, "The request has the wrong shape.", status, error.error.message))


def _failed_response(_: Request, error: Any) -> Response:
    if isinstance(error, Refused):
        return _problem(error.problem)
    return _problem(Problem("gateway", "The gateway did not take it.", 502, error.detail, error.retryable))
