"""The cart: what it holds, and how the shopper sees it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from smarts.wire.control import CheckStatus, Decision
from smarts.wire.loyalty import ClientCard
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.products import Campaign, Product
from smarts.wire.times import TimeZone, UtcMillis


class CartState(StrEnum):
    """OPEN -> (LOCKED ->) READY -> PAID, or CANCELLED; a change to the lines takes READY back to OPEN."""

    OPEN = "OPEN"
    LOCKED = "LOCKED"
    READY = "READY"
    PAID = "PAID"
    CANCELLED = "CANCELLED"


class Reason(Model, frozen=True):
    """Why a cart is checked, or a product refused: a code for programs, a sentence for people."""

    code: str
    message: str


class CheckView(Model, frozen=True, kw_only=True):
    """The check of a cart as its shopper sees it."""

    decision: Decision
    status: CheckStatus
    reasons: tuple[Reason, ...] = none()
    locked_at: UtcMillis
    expires_at: UtcMillis


class PaymentStatus(StrEnum):
    """PENDING while the provider is asked, UNKNOWN when it did not answer in time."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"


class PaymentView(Model, frozen=True, kw_only=True):
    """The newest payment of a cart as its shopper sees it."""

    id: str
    method: str
    status: PaymentStatus
    amount: Number
    currency: Currency
    detail: str | None = None


class Line(Model, frozen=True):
    """A product and how much of it: pieces, or units of `product.quantity` for weighed goods."""

    line_id: str
    product: Product
    quantity: Decimal


class Head(Model, frozen=True, kw_only=True):
    """A cart without its lines.

    What prices depend on (the store's campaigns, whether the shopper is a client, the cards) is kept in the cart, so
    that the price the shopper saw is the price that is paid. `attempted` says that the invoice id was given to a node.
    `check_needed` says that staff found a fault in this cart, so that it is checked whatever the node decides next.
    """

    lang_code: str
    currency: Currency
    time_zone: TimeZone
    campaigns: tuple[Campaign, ...] = none()
    client: bool = False
    card_codes: tuple[str, ...] = none()
    loyalty_cards: tuple[ClientCard, ...] = none()
    invoice_id: str
    attempted: bool = False
    check_needed: bool = False
    check: CheckView | None = None
    payment: PaymentView | None = None


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
