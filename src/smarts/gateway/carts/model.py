"""The cart: what it holds, and how the shopper sees it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec.structs import replace

from smarts.control import Reason
from smarts.wire.control import CheckStatus, Decision
from smarts.wire.loyalty import ClientCard
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.products import Campaign, Product
from smarts.wire.receipts import Receipt
from smarts.wire.shipments import Shipment
from smarts.wire.times import TimeZone, UtcMillis


class CartState(StrEnum):
    """OPEN -> (LOCKED ->) READY -> PAID, or CANCELLED; a change to the lines takes READY back to OPEN."""

    OPEN = "OPEN"
    LOCKED = "LOCKED"
    READY = "READY"
    PAID = "PAID"
    CANCELLED = "CANCELLED"


class CheckView(Model, frozen=True, kw_only=True):
    """The check of a cart as its shopper sees it."""

    decision: Decision
    status: CheckStatus
    reasons: tuple[Reason, ...] = none()
    locked_at: UtcMillis
    expires_at: UtcMillis


class PaymentStatus(StrEnum):
    """PENDING while the provider is asked, UNKNOWN when it did not answer in time, AUTHORISED until goods go out."""

    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    DECLINED = "DECLINED"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    RELEASED = "RELEASED"


class PaymentView(Model, frozen=True, kw_only=True):
    """The payment of a cart as its shopper sees it, as it stood when the cart was paid for.

    `action` is what the provider's own program on the phone needs, where the shopper has to confirm the payment.
    """

    id: str
    method: str
    status: PaymentStatus
    amount: Number
    currency: Currency
    detail: str | None = None
    action: str | None = None


class ChosenShipment(Model, frozen=True):
    """Home delivery as the shopper chose it; its price has VAT of `vat_rate` percent in it.

    With a `free_from` it follows the goods: `full_price` where they cost less, nothing from there on. The store may
    bring other goods for what is out where `replacements_welcome`.
    """

    shipment: Shipment
    vat_rate: Number
    full_price: Number = Decimal(0)
    free_from: Number | None = None
    replacements_welcome: bool = False

    @property
    def price(self) -> Decimal:
        """What the delivery costs, with VAT."""
        return self.shipment.price or Decimal(0)

    def with_goods(self, goods: Decimal) -> "ChosenShipment":
        """The same delivery of goods that cost so much."""
        if self.free_from is None:
            return self
        price = Decimal(0) if goods >= self.free_from else self.full_price
        return replace(self, shipment=replace(self.shipment, price=price))


class Membership(Model, frozen=True):
    """The loyalty cards that a cart uses, their codes in campaigns, and whether the shopper has linked any at all."""

    cards: tuple[ClientCard, ...] = none()
    codes: tuple[str, ...] = none()
    member: bool = False


class Line(Model, frozen=True):
    """A product and how much of it: pieces, or units of `product.quantity` for weighed goods."""

    line_id: str
    product: Product
    quantity: Decimal


class Head(Model, frozen=True, kw_only=True):
    """A cart without its lines.

    What prices depend on (the store's campaigns, whether the shopper is a client, the cards) is kept in the cart, so
    that the price the shopper saw is the price that is paid. `member` says that the shopper has linked a card of the
    store, whether it is used or not. `ready_at` is when it last became READY, in UTC. `attempted` says that the
    invoice id was given to a node. `check_needed` says that staff found a fault in this cart, so that it is checked
    whatever the node decides next. `receipt` is the store's own one, which is what is paid then.
    """

    lang_code: str
    currency: Currency
    time_zone: TimeZone
    campaigns: tuple[Campaign, ...] = none()
    client: bool = False
    member: bool = False
    card_codes: tuple[str, ...] = none()
    loyalty_cards: tuple[ClientCard, ...] = none()
    invoice_id: str
    attempted: bool = False
    ready_at: datetime | None = None
    check_needed: bool = False
    check: CheckView | None = None
    shipment: ChosenShipment | None = None
    receipt: Receipt | None = None
    payment: PaymentView | None = None
    order_id: str | None = None


class Cart(Model, frozen=True, kw_only=True):
    """A shopper's cart in one store; `version` counts its changes. Times are UTC."""

    id: str
    institution_id: str
    person_id: str
    state: CartState
    version: int
    head: Head
    lines: tuple[Line, ...] = none()
    created_at: datetime
    updated_at: datetime

    @property
    def payment_under_way(self) -> bool:
        """Whether a provider is, or may be, taking money for this cart."""
        payment = self.head.payment
        return payment is not None and payment.status in (PaymentStatus.PENDING, PaymentStatus.UNKNOWN)
