"""What goods cost that go out in place of ordered ones that are out. Pure functions."""

from dataclasses import dataclass
from decimal import Decimal

from smarts.wire.money import Currency, rounded
from smarts.wire.products import Product


@dataclass(frozen=True)
class Gap:
    """Ordered goods of which `missing` is out, and what the shopper would have paid for that, campaigns counted."""

    product: Product
    missing: Decimal
    worth: Decimal


def price_in_place_of(
    gap: Gap, product: Product, amount: Decimal, own: Decimal, left: Decimal, currency: Currency
) -> Decimal:
    """What `amount` of a product costs the shopper in place of what is missing, in money.

    That is its `own` price, but no more than the same amount of the missing goods (where both are counted alike), and
    no more than what is `left` of the gap's worth, of which other replacements may have used a part.
    """
    ceiling = gap.worth
    if counted_alike(gap.product, product) and amount < gap.missing:
        ceiling = rounded(gap.worth * amount / gap.missing, currency)
    return min(own, ceiling, left)


def counted_alike(one: Product, other: Product) -> bool:
    """Whether amounts of two products can be compared: both by the piece, or weighed in the same unit."""
    return _unit(one) == _unit(other)


def _unit(product: Product) -> str | None:
    if not product.weight_item:
        return None
    return product.quantity.unit if product.quantity else ""
