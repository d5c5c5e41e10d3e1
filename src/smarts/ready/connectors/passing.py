"""Passes sales on to a shop system: each is kept first, then told until the shop system has it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import structlog

from smarts.caller import CallFailed
from smarts.ready.connectors.outbox import Message, Outbox, pause_after
from smarts.ready.connectors.sales import Books, NotBookable, Sale, of_invoice, of_order, of_receipt
from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError, ProblemError
from smarts.wire.invoices import Invoice
from smarts.wire.model import Model
from smarts.wire.nodes import HealthStatus, PartHealth
from smarts.wire.orders import Order
from smarts.wire.receipts import Receipt, ReceiptPaymentConfirmationRequest

_log = structlog.get_logger(__name__)
_LASTING = timedelta(hours=1)  # between tries of what people have to mend
_KEPT = timedelta(days=62)  # as long as the gateway keeps invoices
_IDLE = 1.0  # seconds between looks whether anything is due
_AWAY = 5.0
_INVOICE, _ORDER, _RECEIPT = "invoice", "order", "receipt"


class _PaidReceipt(Model, frozen=True):
    receipt: Receipt
    confirmation: ReceiptPaymentConfirmationRequest


class PassingOn:
    """The shop system as one that takes what was sold (`smarts.ready.sales.Sales`)."""

    def __init__(self, name: str, books: Books, outbox: Outbox) -> None:
        self._name = name
        self._books = books
        self._forgets_next = _now()
        self._outbox = outbox

    def invoice_paid(self, invoice: Invoice) -> None:
        """Keeps a paid invoice to be passed on."""
        self._outbox.put(_INVOICE, invoice.id, encode(invoice).decode())

    def receipt_paid(self, receipt: Receipt, confirmation: ReceiptPaymentConfirmationRequest) -> None:
        """Keeps a paid receipt to be passed on."""
        document = encode(_PaidReceipt(receipt, confirmation)).decode()
        self._outbox.put(_RECEIPT, receipt.invoice_id, document)

    def order_changed(self, order: Order) -> None:
        """Keeps an order to be passed on."""
        self._outbox.put(_ORDER, order.invoice_id or order.id, encode(order).decode())

    async def run(self) -> None:
        """Passes on until it is cancelled; what was passed on long ago is let go of."""
        while True:
            try:
                is_idle = not await self.pass_one()
                if is_idle and _now() >= self._forgets_next:
                    await asyncio.to_thread(self._outbox.forget, _now() - _KEPT)
                    self._forgets_next = _now() + _LASTING
                pause = _IDLE
            except ProblemError:  # the database is away, and says so itself
                is_idle, pause = True, _AWAY
            if is_idle:
                await asyncio.sleep(pause)

    async def pass_one(self) -> bool:
        """Tries one document, if any is due."""
        message = await asyncio.to_thread(self._outbox.due, _now())
        if message is None:
            return False
        try:
            known = await self._books.book(_sale(message), message.known, message.tried_since)
        except CallFailed as failure:
            pause = max(pause_after(message.tries).total_seconds(), failure.retry_after or 0.0)
            await self._put_off(message, failure.detail, pause)
        except (NotBookable, MalformedError) as reason:
            await self._put_off(message, str(reason), _LASTING.total_seconds())
        except Exception as error:  # noqa: BLE001 - what one sale leads to holds up no other
            _log.error("a sale cannot be passed on", sale=message.reference, exc_info=error)
            await self._put_off(message, f"{type(error).__name__}: {error}", _LASTING.total_seconds())
        else:
            await asyncio.to_thread(self._outbox.passed, message, known, _now())
        return True

    def health(self) -> Mapping[str, PartHealth]:
        """Whether anything waits."""
        try:
            documents, reason = self._outbox.waiting()
        except ProblemError as problem:
            return {f"{self._name} sales": PartHealth(HealthStatus.DEGRADED, problem.problem.detail)}
        if not reason:
            return {f"{self._name} sales": PartHealth(HealthStatus.UP, f"{documents} to be passed on")}
        return {
            f"{self._name} sales": PartHealth(HealthStatus.DEGRADED, f"{documents} to be passed on: {reason}")
        }

    async def _put_off(self, message: Message, reason: str, pause: float) -> None:
        _log.warning("a sale waits", shop=self._name, sale=message.reference, reason=reason, seconds=pause)
        await asyncio.to_thread(self._outbox.failed, message, reason, pause, _now())


def _sale(message: Message) -> Sale:
    document = message.document.encode()
    if message.kind == _INVOICE:
        return of_invoice(decode(document, Invoice))
    if message.kind == _ORDER:
        return of_order(decode(document, Order))
    paid = decode(document, _PaidReceipt)
    return of_receipt(paid.receipt, paid.confirmation)


def _now() -> datetime:
    return datetime.now(UTC)
