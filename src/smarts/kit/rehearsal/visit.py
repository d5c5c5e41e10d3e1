"""A shopper's visit that exists only in the rehearsal: the cart, and the documents that a gateway would make of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

from msgspec.structs import replace

from smarts.campaigns import Buyer, CartLine, PricedCart, price_cart
from smarts.campaigns.sold import goods_row, invoice_row
from smarts.wire.codec import decode
from smarts.wire.control import PurchaseControlCheckRequest, PurchaseControlResult
from smarts.wire.examples import example
from smarts.wire.invoices import BuyerParty, Invoice, InvoiceStatus, SellerParty
from smarts.wire.loyalty import ClientCard
from smarts.wire.money import Currency
from smarts.wire.orders import Order, OrderProduct, OrderStatusChangeLog
from smarts.wire.products import Product, ProductSearchRequest, SearchType
from smarts.wire.receipts import (
    CreateReceiptRequest,
    Receipt,
    ReceiptPaymentConfirmationRequest,
    ReceiptProduct,
)
from smarts.wire.shipments import Shipment, ShipmentStatus
from smarts.wire.times import UnixMillis, UtcMillis


def _new_id() -> str:
    return str(uuid4())


@dataclass
class Visit:
    """Who shops where, what is in the cart, and what the node has answered so far.

    `check` is the document that the node was asked to decide on, `result` what the merchant sent for it. `card_codes`
    are the machine-readable codes of the linked cards. `orders` are by their ids.
    """

    institution_id: str = "rehearsal-store"
    person_id: str = field(default_factory=lambda: f"rehearsal-{uuid4()}")
    language: str = "EN"
    currency: Currency = Currency.EUR
    invoice_id: str = field(default_factory=_new_id)
    begun_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    lines: list[CartLine] = field(default_factory=list)
    cards: tuple[ClientCard, ...] = ()
    card_codes: frozenset[str] = frozenset()
    shipment: Shipment | None = None
    check: PurchaseControlCheckRequest | None = None
    result: PurchaseControlResult | None = None
    receipt: Receipt | None = None
    orders: dict[str, Order] = field(default_factory=dict)

    def put(self, product: Product, quantity: Decimal) -> None:
        """Puts so much of a product into the cart, under an invoice id of its own when a receipt was made before.

        Raises:
            ValueError: its price makes no sense.
        """
        line = CartLine(str(len(self.lines)), product, quantity)
        self.lines.append(line)
        if self.receipt or self.check:
            self.invoice_id, self.receipt, self.check, self.result = _new_id(), None, None, None

    def leave(self) -> None:
        """The visit is over; the shopper and the cards stay, another one begins."""
        self.invoice_id, self.begun_at = _new_id(), datetime.now(UTC)
        self.lines, self.shipment = [], None
        self.check, self.result, self.receipt = None, None, None

    def priced(self) -> PricedCart:
        """What the cart costs, by the node's prices and its products' campaigns."""
        return price_cart(self.lines, (), Buyer(bool(self.cards), self.card_codes), self.currency)

    def rows(self) -> tuple[ReceiptProduct, ...]:
        """The goods as checks, receipts and orders name them."""
        return tuple(goods_row(line, self.language) for line in self.priced().lines)

    def search(self) -> ProductSearchRequest:
        """A request for products, by this shopper in this store."""
        return ProductSearchRequest(
            type=SearchType.SELF_SERVICE,
            lang_code=self.language,
            person_id=self.person_id,
            institution_id=self.institution_id,
            loyalty_cards=self.cards,
        )

    def check_request(self) -> PurchaseControlCheckRequest:
        """The cart, for the node to decide on a check of it; another one after the cart has changed."""
        return self.check or PurchaseControlCheckRequest(
            invoice_id=self.invoice_id,
            lang_code=self.language,
            person_id=self.person_id,
            institution_id=self.institution_id,
            products=self.rows(),
            shipment=self.shipment,
            loyalty_cards=self.cards,
        )

    def receipt_request(self) -> CreateReceiptRequest:
        """The cart, for the store to make a receipt of."""
        return CreateReceiptRequest(
            invoice_id=self.invoice_id,
            products=self.rows(),
            shipment=self.shipment,
            loyalty_cards=self.cards,
            lang_code=self.language,
            person_id=self.person_id,
            institution_id=self.institution_id,
        )

    def confirmation(self) -> ReceiptPaymentConfirmationRequest:
        """The word that the store's receipt is paid; without one, the golden document under this visit's ids."""
        receipt = self.receipt
        golden = decode(example("ReceiptPaymentConfirmationRequest"), ReceiptPaymentConfirmationRequest)
        return replace(
            golden,
            invoice_id=self.invoice_id,
            institution_invoice_id=receipt.institution_invoice_id
            if receipt
            else golden.institution_invoice_id,
            institution_id=self.institution_id,
            paid_at=UtcMillis.of(datetime.now(UTC)),
            total=receipt.total if receipt else golden.total,
            currency=self.currency,
        )

    def invoice(self) -> Invoice:
        """The paid invoice, as the gateway makes it where the store makes no receipts."""
        prices = self.priced()
        return Invoice(
            id=self.invoice_id,
            seller=SellerParty(unique_code=self.institution_id),
            buyer=BuyerParty(unique_code=self.person_id, loyalty_cards=self.cards),
            status=InvoiceStatus.PAID,
            created_at=UnixMillis.of(self.begun_at),
            closed_at=UnixMillis.of(datetime.now(UTC)),
            products=tuple(invoice_row(line, line.line.quantity, line.vat) for line in prices.lines),
            currency=self.currency,
            total=prices.total,
            shipment=self.shipment,
        )

    def order(self) -> Order:
        """The order that a paid cart with home delivery becomes; its money is held."""
        rows = self.receipt.products if self.receipt else self.rows()
        shipment = self.shipment or decode(example("Shipment.courier"), Shipment)
        day = datetime.now(UTC).date()
        waiting = ShipmentStatus.WAITING_FOR_CONFIRMATION
        goods = sum((row.row_price for row in rows), Decimal(0))
        return Order(
            id=_new_id(),
            customer_id=self.person_id,
            institution_id=self.institution_id,
            institution_invoice_id=self.receipt.institution_invoice_id if self.receipt else None,
            invoice_id=self.invoice_id,
            shipment=replace(shipment, status=waiting),
            products=tuple(OrderProduct.from_row(row) for row in rows),
            currency=self.currency,
            order_total_price=goods + (shipment.price or Decimal(0)),
            created=day,
            closed=None,
            status_changelogs=_log((ShipmentStatus.DRAFT, waiting), day),
        )


_CLOSING = {
    ShipmentStatus.COMPLETED,
    ShipmentStatus.MISSED,
    ShipmentStatus.CANCELLED_BY_CLIENT,
    ShipmentStatus.CANCELLED_BY_INSTITUTION,
    ShipmentStatus.PAYMENT_FAILED,
}


def moved(order: Order, status: ShipmentStatus, person: str | None = None) -> Order:
    """The order when somebody has changed its status today."""
    day = datetime.now(UTC).date()
    change = OrderStatusChangeLog(
        person_name=person, previous_status=order.shipment.status, new_status=status, created=day
    )
    return replace(
        order,
        shipment=replace(order.shipment, status=status),
        closed=day if status in _CLOSING else None,
        status_changelogs=(*order.status_changelogs, change),
    )


def _log(statuses: Sequence[ShipmentStatus], day: date) -> tuple[OrderStatusChangeLog, ...]:
    before = (None, *statuses)
    return tuple(
        OrderStatusChangeLog(previous_status=previous, new_status=status, created=day)
        for previous, status in zip(before, statuses, strict=False)
    )
