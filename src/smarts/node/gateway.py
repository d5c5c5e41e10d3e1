"""The merchant's way back: the contract's reversed direction, as a typed client."""

import asyncio
import threading
import uuid
from collections.abc import Coroutine, Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import Any, Self, TypeVar

from smarts.caller import Caller, Target
from smarts.wire import operations
from smarts.wire.control import (
    CheckStatus,
    PurchaseControlCheckRequest,
    PurchaseControlCheckResendRequest,
    PurchaseControlResult,
)
from smarts.wire.operations import Operation
from smarts.wire.orders import Order, OrderProduct, PickupOrderStatusChangeRequest
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.shipments import ShipmentStatus

T = TypeVar("T")


class Gateway:
    """Calls the gateway for one store.

    Every call has a deadline (the operation's, or `deadline` in seconds) and is repeated within it where the way was
    bad; the gateway knows a repeated call by its key and does nothing twice. All methods raise
    `smarts.caller.CallFailed`. An object belongs to the event loop that first used it.
    """

    def __init__(
        self,
        url: str,
        token: str,
        institution_id: str,
        *,
        deadline: float | None = None,
        caller: Caller | None = None,
    ) -> None:
        self._target = Target(url.rstrip("/").removesuffix("/v1") + "/v1", token)
        self._institution_id = institution_id
        self._deadline = deadline
        # A merchant knows its gateway, which may well be in its own network.
        self._caller = caller or Caller(allow_private_addresses=True)

    async def send_check_result(
        self, invoice_id: str, status: CheckStatus, products: Sequence[ReceiptProduct] | None = None
    ) -> None:
        """Tells what the check of a purchase found; `products` is the whole new cart where the check changed it."""
        changed = None if products is None else tuple(products)
        result = PurchaseControlResult(
            invoice_id=invoice_id, institution_id=self._institution_id, status=status, products=changed
        )
        await self._call(operations.SEND_CHECK_RESULT, result)

    async def resend_check(self, invoice_id: str) -> PurchaseControlCheckRequest:
        """The document of a purchase's check, as it was sent the first time; changes nothing."""
        request = PurchaseControlCheckResendRequest(invoice_id, self._institution_id)
        document: PurchaseControlCheckRequest = await self._call(operations.RESEND_CHECK, request)
        return document

    async def change_order_status(
        self,
        order_id: str,
        status: ShipmentStatus,
        *,
        resolver_id: str | None = None,
        person_name: str | None = None,
        products: Sequence[ReceiptProduct] | None = None,
    ) -> Order:
        """Moves an order on; `resolver_id` and `person_name` say which employee did it.

        `products` is what was really picked, with these amounts, where that is not all that was ordered. Where the
        order says `replacements_welcome`, an `OrderProduct` that `replaces` the barcode of goods that are out goes out
        in their place.
        """
        change = PickupOrderStatusChangeRequest(
            order_id=order_id,
            institution_id=self._institution_id,
            status=status,
            resolver_id=resolver_id,
            person_name=person_name,
            products=None if products is None else tuple(map(OrderProduct.from_row, products)),
        )
        order: Order = await self._call(operations.CHANGE_ORDER_STATUS, change)
        return order

    async def find_order(self, order_id: str) -> Order:
        """An order by its id."""
        order: Order = await self._call(operations.FIND_ORDER, path={"id": order_id})
        return order

    async def find_order_by_invoice(self, invoice_id: str) -> Order:
        """An order by the gateway's invoice id."""
        order: Order = await self._call(operations.FIND_ORDER_BY_INVOICE, path={"invoiceId": invoice_id})
        return order

    async def find_order_by_institution_invoice(self, institution_invoice_id: str) -> Order:
        """An order by the store's own invoice id."""
        path = {"institutionInvoiceId": institution_invoice_id}
        order: Order = await self._call(operations.FIND_ORDER_BY_INSTITUTION_INVOICE, path=path)
        return order

    async def close(self) -> None:
        """Closes the connections."""
        await self._caller.close()

    async def __aenter__(self) -> Self:
        """Use as `async with Gateway(...) as gateway`."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connections."""
        await self.close()

    async def _call(
        self, operation: Operation, body: object = None, path: Mapping[str, str] | None = None
    ) -> Any:
        key = uuid.uuid4().hex if operation.method == "POST" else None
        return await self._caller.call(
            self._target, operation, body, path, deadline=self._deadline, idempotency_key=key
        )


def blocking(call: Coroutine[Any, Any, T]) -> T:
    """Waits for a call in code that is not `async`.

    An example: `order = blocking(gateway.find_order("o-1"))`.
    """
    return asyncio.run_coroutine_threadsafe(call, _background_loop()).result()


@cache
def _background_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="smarts-gateway-calls", daemon=True).start()
    return loop
