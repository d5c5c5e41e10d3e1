"""A paid cart as the invoice that the store's node receives."""

from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from smarts.campaigns import PricedLine
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.view import priced
from smarts.gateway.parties import Store
from smarts.wire.invoices import BuyerParty, Invoice, InvoiceStatus
from smarts.wire.products import Addition, AdditionType, Campaign, Price, Product, Quantity
from smarts.wire.times import UnixMillis


def invoice_of(cart: Cart, store: Store, paid_at: datetime) -> Invoice:
    """The invoice of a cart that is paid: each row's price holds its part of the store's campaigns."""
    prices = priced(cart)
    struck = {_key(effect.campaign) for effect in prices.effects if effect.changed}
    return Invoice(
        id=cart.head.invoice_id,
        seller=store.seller,
        buyer=BuyerParty(unique_code=cart.person_id, loyalty_cards=cart.head.loyalty_cards),
        status=InvoiceStatus.PAID,
        created_at=UnixMillis.of(cart.created_at),
        closed_at=UnixMillis.of(paid_at),
        products=tuple(_sold(line) for line in prices.lines),
        currency=cart.head.currency,
        total=prices.total,
        institution_campaigns=tuple(each for each in cart.head.campaigns if _key(each) in struck),
    )


def _key(campaign: Campaign) -> str:
    return campaign.code + campaign.name


def _sold(line: PricedLine) -> Product:
    product, quantity = line.line.product, line.line.quantity
    return replace(
        product,
        quantity=Quantity(line.line.unit, quantity),
        price=Price(line.vat, line.vat.sum_with_vat, _addition(line)),
        campaigns=tuple(effect.campaign for effect in line.effects if effect.changed),
    )


def _addition(line: PricedLine) -> Addition | None:
    """What campaigns took off the row, or added to it."""
    change: Decimal = line.vat.sum_with_vat - line.price_before
    if not change:
        return line.line.product.price.addition
    return Addition(AdditionType.DISCOUNT if change < 0 else AdditionType.MARK_UP, abs(change))
