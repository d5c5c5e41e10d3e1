"""The demo store's own small back office, for people who look what the gateway has sent, and who pack orders.

JSON beside the node, behind the node's token. Lists are newest first, with `limit` and `after`:

- `GET /invoices`, `/invoices/{id}`, `/checks`, `/receipts`, `/receipts/{invoiceId}`, `/orders`, `/orders/{id}`
- `GET /members`: all holders of cards, their bonus and who has linked the card
- `DELETE /members/{number}/link`: the card may be linked by somebody else
- `POST /checks/{invoiceId}/result` with a status: tells the gateway what the store's staff found
- `POST /orders/{id}/status` with a status: tells the gateway how far the order is
"""

import contextlib
import hmac
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from smarts.caller import CallFailed, Refused
from smarts.demo.store import DemoStore
from smarts.node import Gateway, NotFound
from smarts.wire.codec import decode, encode
from smarts.wire.control import CheckStatus
from smarts.wire.errors import MalformedError, Problem, ProblemError
from smarts.wire.model import Model
from smarts.wire.operations import TOKEN_HEADER
from smarts.wire.orders import OrderProduct
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.shipments import ShipmentStatus


class CheckResult(Model, frozen=True):
    """What the store's staff found; `products` is the whole new cart where the check changed it."""

    status: CheckStatus
    products: tuple[ReceiptProduct, ...] | None = None


class StatusChange(Model, frozen=True):
    """How far an order is, and who did it; `products` is what was picked where that is not all."""

    status: ShipmentStatus
    person_name: str | None = None
    products: tuple[OrderProduct, ...] | None = None


class _Page(msgspec.Struct, frozen=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    after: str | None = None


def with_office(store: DemoStore, token: str, gateway: Gateway | None = None) -> Starlette:
    """The store's node with the back office beside it; without a gateway nothing is sent."""
    office = _Office(store, token, gateway)
    return Starlette(
        routes=[
            Route("/invoices", office.listing(store.ledger.invoices)),
            Route("/invoices/{id}", office.one(store.ledger.invoice)),
            Route("/checks", office.listing(store.ledger.checks)),
            Route("/checks/{id}/result", office.send_result, methods=["POST"]),
            Route("/receipts", office.listing(store.receipts.receipts)),
            Route("/receipts/{id}", office.one(store.receipts.receipt)),
            Route("/orders", office.listing(store.orders.orders)),
            Route("/orders/{id}", office.one(store.orders.order)),
            Route("/orders/{id}/status", office.change_status, methods=["POST"]),
            Route("/members", office.members),
            Route("/members/{id}/link", office.free_card, methods=["DELETE"]),
            Mount("/", store.node(token)),
        ],
        exception_handlers={
            ProblemError: _problem_response,
            MalformedError: _malformed_response,
            CallFailed: _failed_response,
        },
        lifespan=office.lifespan,
    )


class _Office:
    def __init__(self, store: DemoStore, token: str, gateway: Gateway | None) -> None:
        self._store = store
        self._token = token.encode()
        self._gateway = gateway

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        if self._gateway:
            await self._gateway.close()

    def listing(self, read: Callable[[int, str | None], Sequence[object]]) -> Callable[[Request], Response]:
        def respond(request: Request) -> Response:
            self._authenticate(request)
            try:
                page = msgspec.convert(dict(request.query_params), _Page, strict=False)
            except msgspec.ValidationError as error:
                raise MalformedError(str(error), is_json=True) from None
            return _json(read(page.limit, page.after))

        return respond

    def one(self, find: Callable[[str], object]) -> Callable[[Request], Response]:
        def respond(request: Request) -> Response:
            self._authenticate(request)
            found = find(request.path_params["id"])
            if found is None:
                raise NotFound("Nothing with this id has come")
            return _json(found)

        return respond

    def members(self, request: Request) -> Response:
        self._authenticate(request)
        return _json(self._store.members.standings())

    def free_card(self, request: Request) -> Response:
        self._authenticate(request)
        if not self._store.members.free(request.path_params["id"]):
            raise NotFound("There is no such card")
        return Response(status_code=204)

    async def send_result(self, request: Request) -> Response:
        gateway = self._reach(request)
        result = decode(await request.body(), CheckResult)
        await gateway.send_check_result(request.path_params["id"], result.status, result.products)
        return Response(status_code=204)

    async def change_status(self, request: Request) -> Response:
        gateway = self._reach(request)
        change = decode(await request.body(), StatusChange)
        order = await gateway.change_order_status(
            request.path_params["id"],
            change.status,
            person_name=change.person_name,
            products=change.products,
        )
        await run_in_threadpool(self._store.orders.keep, order)
        return _json(order)

    def _reach(self, request: Request) -> Gateway:
        self._authenticate(request)
        if not self._gateway:
            raise NotFound("The store was started without the address of a gateway")
        return self._gateway

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
