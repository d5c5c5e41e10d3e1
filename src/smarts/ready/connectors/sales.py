"""What is booked in a shop system: a paid invoice or an order, in words that both kinds of shop system are told in."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple, Protocol

from smarts.wire.invoices import Invoice
from smarts.wire.money import Currency
from smarts.wire.orders import Order
from smarts.wire.receipts import Receipt, ReceiptPaymentConfirmationRequest, ReceiptProduct
from smarts.wire.shipments import Shipment, ShipmentMethod, ShipmentStatus

_CENT = Decimal("0.01")
_MOST_PIECES = 10_000


class Line(NamedTuple):
    """A sold row; `total` is what was paid for all of it, `rate` the VAT in percent where the document tells it."""

    product_id: str
    barcode: str
    name: str
    amount: Decimal
    total: Decimal
    rate: Decimal | None


class Sale(NamedTuple):
    """A purchase. The invoice and the order of a purchase have the same `reference`, and so are one sale.

    `status` is where an order's goods are; none for goods that the shopper has taken along. `bonus` is the part of the
    total that was paid with a loyalty card's bonus.
    """

    reference: str
    lines: tuple[Line, ...]
    total: Decimal
    currency: Currency
    is_paid: bool
    order_id: str | None = None
    status: ShipmentStatus | None = None
    shipment: Shipment | None = None
    bonus: Decimal = Decimal(0)

    @property
    def is_cancelled(self) -> bool:
        """Whether no goods go out, and nothing is paid."""
        return self.status in CANCELLED

    @property
    def adds_up(self) -> bool:
        """Whether its lines are what was paid for; they are not where less went out than a receipt was made for."""
        return sum((line.total for line in self.lines), self.shipment_price - self.bonus) == self.total

    @property
    def tolerance(self) -> Decimal:
        """By how much a shop system may reckon otherwise, by rounding alone: its unit prices are in whole cents."""
        uncounted = sum((line.amount for line in self.lines if line.amount != int(line.amount)), Decimal(0))
        return _CENT * (len(self.lines) + 1 + uncounted / 2)

    @property
    def shipment_price(self) -> Decimal:
        """What bringing the goods costs."""
        return (self.shipment and self.shipment.price) or Decimal(0)


class Change(NamedTuple):
    """What became of an order in the shop system: how far it has to be in the gateway."""

    order_id: str
    status: ShipmentStatus


class Books(Protocol):
    """Where a shop system keeps its sales; all methods raise `CallFailed`."""

    async def book(self, sale: Sale, known: str | None, tried_since: datetime | None) -> str:
        """Sees to it that the sale is there exactly once, as it is now, and gives what the shop system calls it.

        `known` is what this gave the last time; `tried_since` when it was called for the sale first, `None` if never.
        """
        ...

    async def changes(self, since: datetime) -> Sequence[Change]:
        """What became of orders at `since` or later."""
        ...


CANCELLED = frozenset(
    {
        ShipmentStatus.CANCELLED_BY_CLIENT,
        ShipmentStatus.CANCELLED_BY_INSTITUTION,
        ShipmentStatus.MISSED,
        ShipmentStatus.PAYMENT_FAILED,
    }
)


class NotBookable(Exception):  # noqa: N818 - reads as what it says
    """A sale that the shop system would book wrongly; the message tells a merchant why, and what to set."""


def of_invoice(invoice: Invoice) -> Sale:
    """The sale of a paid invoice."""
    return Sale(
        invoice.id,
        tuple(
            Line(
                row.id,
                row.barcode,
                row.translatable_name.original_text,
                row.quantity.value if row.quantity else Decimal(1),
                row.price.total,
                row.price.vat.vat_rate,
            )
            for row in invoice.products
        ),
        invoice.total.total_to_pay,
        invoice.currency,
        is_paid=True,
        shipment=invoice.shipment,
    )


def of_order(order: Order) -> Sale:
    """The sale of an order, as far as it is."""
    return Sale(
        order.invoice_id or order.id,
        _lines(order.products),
        order.order_total_price,
        order.currency,
        is_paid=False,
        order_id=order.id,
        status=order.shipment.status,
        shipment=order.shipment,
    )


def of_receipt(receipt: Receipt, confirmation: ReceiptPaymentConfirmationRequest) -> Sale:
    """The sale of a receipt that the node made, and that was paid."""
    return Sale(
        receipt.invoice_id,
        _lines(receipt.products),
        confirmation.total,
        receipt.currency,
        is_paid=True,
        shipment=receipt.shipment,
        bonus=sum((card.bonus_used or Decimal(0) for card in receipt.loyalty_cards), Decimal(0)),
    )


def _lines(rows: Iterable[ReceiptProduct]) -> tuple[Line, ...]:
    return tuple(Line(row.id, row.barcode, row.product_name, row.amount, row.row_price, None) for row in rows)


def priced(amount: Decimal, total: Decimal) -> tuple[tuple[Decimal, Decimal], ...]:
    """Amounts with unit prices in whole cents that come to a total: three for 10.00 are two at 3.33 and one at 3.34.

    What is not counted in pieces has one price, which may come to some cents less or more.
    """
    if amount != int(amount) or not 0 < amount <= _MOST_PIECES:
        return ((amount, (total / amount).quantize(Decimal("0.000001")) if amount else total),)
    low = (total / amount).quantize(_CENT, ROUND_DOWN)
    dearer = (total - low * amount) / _CENT
    parts = ((amount - dearer, low), (dearer, low + _CENT))
    return tuple((count, price) for count, price in parts if count)


def way_to(
    status: ShipmentStatus, now: ShipmentStatus | None, method: ShipmentMethod
) -> tuple[ShipmentStatus, ...]:
    """The changes by which the merchant gets an order to a status: it is confirmed before it is sent."""
    steps = [ShipmentStatus.WAITING_FOR_CONFIRMATION, ShipmentStatus.CONFIRMED, _sent(method)]
    if status is ShipmentStatus.CANCELLED_BY_INSTITUTION:
        return (status,) if now in {*steps[:2], ShipmentStatus.ASSEMBLE_READY} else ()
    wanted = _sent(method) if status is ShipmentStatus.SHIPPING else status
    at = 1 if now is ShipmentStatus.ASSEMBLE_READY else steps.index(now) if now in steps else len(steps)
    return tuple(steps[at + 1 : steps.index(wanted) + 1])


def _sent(method: ShipmentMethod) -> ShipmentStatus:
    return ShipmentStatus.READY_TO_PICKUP if method is ShipmentMethod.PICKUP else ShipmentStatus.SHIPPING
