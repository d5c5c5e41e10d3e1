"""Carts for tests: products at their price with VAT, and campaigns by code and operation."""

from decimal import Decimal

from smarts.campaigns import Buyer, CartLine, PricedCart, price_cart
from smarts.wire.money import Currency
from smarts.wire.products import VAT, Campaign, Price, Product, Quantity, Unit, net_and_vat
from smarts.wire.text import Translatable

CLIENT = Buyer(client=True)
PASSER_BY = Buyer(client=False)

SECOND_FREE = "amount >= 2 ? amount - (Math.floor(amount / 2) * 1) : amount"
HALF_OFF_FROM_FIVE = "amount >= 5 ? unitPrice – 0.5 : unitPrice"
TWO_PERCENT_OFF = "total >= 50 ? total * 0.98 : total"


def campaign(operation: str, code: str = "B00000000002", name: str = "Autumn") -> Campaign:
    """A campaign, for everybody where the code does not say otherwise."""
    return Campaign(name, code, operation)


def product(total: str, *campaigns: Campaign, rate: str = "24", net: str | None = None) -> Product:
    """A product that costs `total` with VAT; `net` is the price without, as the node says it."""
    with_vat, percent = Decimal(total), Decimal(rate)
    without_vat = net_and_vat(with_vat, percent)[0] if net is None else Decimal(net)
    vat = VAT(without_vat, with_vat - without_vat, with_vat, percent)
    return Product("milk", "4740000000001", Translatable("Piim"), Price(vat, with_vat), campaigns=campaigns)


def weighed(total: str, *campaigns: Campaign) -> Product:
    """A product that costs `total` with VAT a kilogram."""
    sold = product(total, *campaigns)
    return Product(
        sold.id,
        sold.barcode,
        sold.translatable_name,
        sold.price,
        quantity=Quantity(Unit.KILOGRAM, Decimal(1)),
        weight_item=True,
        campaigns=sold.campaigns,
    )


def line(sold: Product, quantity: str = "1", key: str = "line") -> CartLine:
    """A line of a cart."""
    return CartLine(key, sold, Decimal(quantity))


def priced(*lines: CartLine, store: tuple[Campaign, ...] = (), buyer: Buyer = PASSER_BY) -> PricedCart:
    """The cart in euros, with the store's campaigns."""
    return price_cart(lines, store, buyer, Currency.EUR)
