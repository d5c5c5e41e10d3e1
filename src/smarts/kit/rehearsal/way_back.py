"""The gateway's side of a rehearsal: where the merchant's system sends results and changes of orders to."""

from collections.abc import Awaitable, Callable
from typing import Any

from smarts.edge.access import AccessTokens
from smarts.edge.app import EdgeApp
from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route, serve
from smarts.kit.rehearsal.play import Play
from smarts.kit.rehearsal.visit import moved
from smarts.wire import operations
from smarts.wire.control import (
    PurchaseControlCheckRequest,
    PurchaseControlCheckResendRequest,
    PurchaseControlResult,
)
from smarts.wire.operations import Operation
from smarts.wire.orders import Order, PickupOrderStatusChangeRequest


class WayBack:
    """Answers the merchant's calls from what has been rehearsed; `heard` is told of each in words."""

    def __init__(self, play: Play, token: str, heard: Callable[[str], None]) -> None:
        self._play = play
        self._token = AccessTokens([token])
        self._heard = heard

    def app(self) -> EdgeApp:
        """The application that serves `/v1`."""
        return EdgeApp(
            [
                self._route(operations.SEND_CHECK_RESULT, self._result),
                self._route(operations.RESEND_CHECK, self._resend),
                self._route(operations.CHANGE_ORDER_STATUS, self._change_status),
                self._route(operations.FIND_ORDER, self._find("id", "id")),
                self._route(operations.FIND_ORDER_BY_INVOICE, self._find("invoice_id", "invoiceId")),
                self._route(
                    operations.FIND_ORDER_BY_INSTITUTION_INVOICE,
                    self._find("institution_invoice_id", "institutionInvoiceId"),
                ),
            ]
        )

    def _route(self, operation: Operation, handle: Callable[[Call[Any, None]], Awaitable[Any]]) -> Route:
        async def told(call: Call[Any, None]) -> Any:
            body = f"\n{call.raw.decode()}" if call.raw else ""
            self._heard(f"← {operation.method} /v1{operation.path} {dict(call.path) or ''}{body}")
            return await handle(call)

        return serve(operation, told, self._token, "/v1", problems=(NOT_FOUND,), takes_idempotency_key=True)

    async def _result(self, call: Call[PurchaseControlResult, None]) -> None:
        if call.body.invoice_id != self._play.visit.invoice_id or not self._play.visit.check:
            raise NOT_FOUND.error("There is no such check in this rehearsal.")
        self._play.visit.result = call.body
        self._play.returned.set()

    async def _resend(
        self, call: Call[PurchaseControlCheckResendRequest, None]
    ) -> PurchaseControlCheckRequest:
        check = self._play.visit.check
        if check is None or check.invoice_id != call.body.invoice_id:
            raise NOT_FOUND.error("There is no such check in this rehearsal.")
        return check

    async def _change_status(self, call: Call[PickupOrderStatusChangeRequest, None]) -> Order:
        order = self._play.visit.orders.get(call.body.order_id)
        if order is None:
            raise NOT_FOUND.error("There is no such order in this rehearsal.")
        changed = moved(order, call.body.status, call.body.person_name)
        self._play.visit.orders[changed.id] = changed
        return changed

    def _find(self, field: str, parameter: str) -> Callable[[Call[Any, None]], Awaitable[Order]]:
        async def find(call: Call[None, None]) -> Order:
            for order in self._play.visit.orders.values():
                if getattr(order, field) == call.path[parameter]:
                    return order
            raise NOT_FOUND.error("There is no such order in this rehearsal.")

        return find
