"""The cart as its shopper, its node and its invoice see it: priced, with the effect of each campaign in words."""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import field

from smarts.campaigns import (
    Basket,
    Buyer,
    CampaignEffect,
    CartLine,
    Hint,
    PricedCart,
    PricedLine,
    nearest_hints,
    price_cart,
)
from smarts.campaigns.sold import goods_row
from smarts.campaigns.sums import by_rate, vat_in
from smarts.campaigns.telling import effect_words, hint_words
from smarts.gateway.carts import inspections
from smarts.gateway.carts.model import Cart, CartState, CheckView, ChosenShipment, Head, Line, PaymentView
from smarts.wire.control import PurchaseControlCheckRequest
from smarts.wire.invoices import Total, TotalVAT
from smarts.wire.loyalty import ClientCard
from smarts.wire.model import Model
from smarts.wire.money import Currency, Number
from smarts.wire.products import VAT, Product
from smarts.wire.receipts import Receipt, ReceiptProduct
from smarts.wire.shipments import Shipment
from smarts.wire.times import UtcMillis

_MOST_ADVISED = 1000  # pieces of one thing


class EffectDocument(Model, frozen=True, kw_only=True):
    """What a campaign did: `words` for people, `reason` and `parameters` to make them in another language.

    `before` and `after` are what the line (or the purchase) cost with VAT before and after it, in the cart's currency.
    """

    name: str
    code: str
    struck: bool
    reason: str
    words: str
    before: Number
    after: Number
    parameters: dict[str, str]


class HintDocument(Model, frozen=True, kw_only=True):
    """A near miss: with `quantity` of the line, `more` than now, the purchase costs `total` and the row `row_total`.

    `total` is the cart's `total.totalToPay` then. `saving` is by how much less the additional pieces cost than without
    campaigns. `words` are for people; `reason` and `parameters` make them in another language.
    """

    line_id: str
    name: str
    code: str
    reason: str
    words: str
    quantity: Number
    more: int
    row_total: Number
    total: Number
    saving: Number
    parameters: dict[str, str]


class LineDocument(Model, frozen=True, kw_only=True):
    """A line: `price_before` without campaigns, `row_total` with the product's own, both with VAT."""

    line_id: str
    product: Product
    quantity: Number
    row_total: Number
    price_before: Number
    campaigns: tuple[EffectDocument, ...]


class CartTotal(Model, frozen=True, kw_only=True):
    """What is paid, the delivery with it; `rates` are the sums by VAT rate, and add up to `vat`.

    Where the store makes its own receipt, `vat` is that one's, and it names no rates.
    """

    vat: TotalVAT
    total_to_pay: Number
    rates: tuple[VAT, ...]


class CartDocument(Model, frozen=True, kw_only=True, omit_defaults=False):
    """The cart as the shopper's API answers it; `campaigns` are the effects of the store's campaigns on the whole.

    `receipt_difference` is by how much the store's receipt is dearer than the cart was, or cheaper where below zero.
    `replacements_welcome` says whether the store may bring other goods for what is out. `hints` are one or two near
    misses of an open cart, if any.
    """

    id: str
    institution_id: str
    person_id: str
    invoice_id: str
    state: CartState
    lang_code: str
    currency: Currency
    lines: tuple[LineDocument, ...]
    campaigns: tuple[EffectDocument, ...]
    hints: tuple[HintDocument, ...] = ()
    total: CartTotal
    check: CheckView | None = None
    receipt: Receipt | None = None
    receipt_difference: Number | None = None
    shipment: Shipment | None = None
    replacements_welcome: bool = False
    loyalty_cards: tuple[ClientCard, ...] = field(default_factory=lambda: ())
    payment: PaymentView | None = None
    order_id: str | None = None
    created_at: UtcMillis
    updated_at: UtcMillis


def cart_line(line: Line) -> CartLine:
    """The line as prices are computed from it; raises `ValueError` where its price makes no sense."""
    return CartLine(line.line_id, line.product, line.quantity)


def basket_of(cart: Cart) -> Basket:
    """The goods of a cart, and what of its shopper counts for prices."""
    buyer = Buyer(cart.head.client, frozenset(cart.head.card_codes))
    return Basket([cart_line(line) for line in cart.lines], buyer, cart.head.currency)


def priced(cart: Cart) -> PricedCart:
    """What the cart costs, from what is in it alone: the same whenever it is computed."""
    basket = basket_of(cart)
    return price_cart(basket.lines, cart.head.campaigns, basket.buyer, basket.currency)


def amount_due(cart: Cart) -> Decimal:
    """What the shopper pays, in the cart's currency: the store's receipt where it made one."""
    return cart.head.receipt.total if cart.head.receipt else _reckoned(cart, priced(cart)).total_to_pay


def total_with_shipment(
    goods: Iterable[VAT], chosen: ChosenShipment | None, currency: Currency
) -> tuple[Total, tuple[VAT, ...]]:
    """What goods, by their VAT, and their delivery cost together, and the sums by VAT rate."""
    rates = by_rate([*goods, *_delivery(chosen, currency)])
    with_vat = sum((vat.sum_with_vat for vat in rates), Decimal(0))
    vat_sum = sum((vat.vat_sum for vat in rates), Decimal(0))
    return Total(TotalVAT(with_vat, with_vat - vat_sum, vat_sum), with_vat), rates


def _delivery(chosen: ChosenShipment | None, currency: Currency) -> tuple[VAT, ...]:
    if chosen is None or not chosen.price:
        return ()
    vat_sum = vat_in(chosen.price, chosen.vat_rate, currency)
    return (VAT(chosen.price - vat_sum, vat_sum, chosen.price, chosen.vat_rate),)


def _reckoned(cart: Cart, prices: PricedCart) -> CartTotal:
    total, rates = total_with_shipment(prices.vat, cart.head.shipment, cart.head.currency)
    return CartTotal(vat=total.vat, total_to_pay=total.total_to_pay, rates=rates)


def _receipt_total(receipt: Receipt) -> CartTotal:
    with_vat = receipt.total_without_vat + receipt.vat_sum
    vat = TotalVAT(with_vat, receipt.total_without_vat, receipt.vat_sum)
    return CartTotal(vat=vat, total_to_pay=receipt.total, rates=())


def cart_document(cart: Cart) -> CartDocument:
    """The cart as its shopper sees it."""
    prices, head = priced(cart), cart.head
    total, receipt = _reckoned(cart, prices), head.receipt
    return CartDocument(
        id=cart.id,
        institution_id=cart.institution_id,
        person_id=cart.person_id,
        invoice_id=head.invoice_id,
        state=cart.state,
        lang_code=head.lang_code,
        currency=head.currency,
        lines=tuple(_line_document(line, head.lang_code) for line in prices.lines),
        campaigns=_effects(prices.effects, head.lang_code),
        hints=_hints(cart, prices),
        total=_receipt_total(receipt) if receipt else total,
        check=head.check,
        receipt=receipt,
        receipt_difference=receipt.total - total.total_to_pay if receipt else None,
        shipment=head.shipment.shipment if head.shipment else None,
        replacements_welcome=head.shipment is not None and head.shipment.replacements_welcome,
        loyalty_cards=head.loyalty_cards,
        payment=head.payment,
        order_id=head.order_id,
        created_at=UtcMillis.of(cart.created_at),
        updated_at=UtcMillis.of(cart.updated_at),
    )


def _line_document(line: PricedLine, language: str) -> LineDocument:
    return LineDocument(
        line_id=line.key,
        product=line.line.product,
        quantity=line.line.quantity,
        row_total=line.row_total,
        price_before=line.price_before,
        campaigns=_effects(line.effects, language),
    )


def _effects(effects: tuple[CampaignEffect, ...], language: str) -> tuple[EffectDocument, ...]:
    """What shoppers are shown: campaigns that were for them and work."""
    return tuple(effect_document(effect, language) for effect in effects if effect.struck)


def _hints(cart: Cart, prices: PricedCart) -> tuple[HintDocument, ...]:
    if cart.state is not CartState.OPEN or cart.payment_under_way:
        return ()
    head = cart.head
    buyer = Buyer(head.client, frozenset(head.card_codes))
    found = nearest_hints(prices, head.campaigns, buyer, _may_be_advised)
    return tuple(_hint_document(hint, head) for hint in found)


def _may_be_advised(line: CartLine) -> bool:
    return line.quantity <= _MOST_ADVISED and inspections.unguarded(line.product, line.quantity)


def _hint_document(hint: Hint, head: Head) -> HintDocument:
    total = hint.total + (head.shipment.with_goods(hint.total).price if head.shipment else 0)
    parameters = hint.parameters | {"total": str(total)}
    return HintDocument(
        line_id=hint.line,
        name=hint.campaign.name,
        code=hint.campaign.code,
        reason=hint.nudge,
        words=hint_words(hint, parameters, head.lang_code),
        quantity=hint.quantity,
        more=hint.more,
        row_total=hint.row_total,
        total=total,
        saving=hint.saving,
        parameters=parameters,
    )


def effect_document(effect: CampaignEffect, language: str = "EN") -> EffectDocument:
    """What a campaign did, or why it did nothing; in words of a language, where these are for a shopper."""
    return EffectDocument(
        name=effect.campaign.name,
        code=effect.campaign.code,
        struck=effect.changed,
        reason=effect.reason,
        words=effect_words(effect, language),
        before=effect.before,
        after=effect.after,
        parameters=effect.parameters,
    )


def check_request(cart: Cart) -> PurchaseControlCheckRequest:
    """The cart as the node is asked to decide on a check of it."""
    return PurchaseControlCheckRequest(
        invoice_id=cart.head.invoice_id,
        lang_code=cart.head.lang_code,
        person_id=cart.person_id,
        institution_id=cart.institution_id,
        products=receipt_products(cart),
        shipment=cart.head.shipment.shipment if cart.head.shipment else None,
        loyalty_cards=cart.head.loyalty_cards,
    )


def receipt_products(cart: Cart) -> tuple[ReceiptProduct, ...]:
    """The goods as checks, receipts and orders name them; the row prices hold the product's own campaigns."""
    return tuple(goods_row(line, cart.head.lang_code) for line in priced(cart).lines)
