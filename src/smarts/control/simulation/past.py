"""Baskets out of carts that were really checked out: what was scanned is taken for what was in the bag."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from smarts.control.cart import CheckedCart, CheckedLine
from smarts.control.simulation.goods import Basket, Good, bounded


def baskets_of(carts: Iterable[CheckedCart]) -> Sequence[Basket]:
    """The carts in which there was something; a product has the price of its first piece, or of its first weighing."""
    goods: dict[str, Good] = {}
    baskets = [_basket(cart, goods) for cart in carts]
    return [bounded(basket) for basket in baskets if basket]


def _basket(cart: CheckedCart, goods: dict[str, Good]) -> Basket:
    basket: dict[Good, int] = {}
    for line in cart.lines:
        if line.pieces > 0:
            good = goods.setdefault(line.barcode, _good(line))
            basket[good] = basket.get(good, 0) + line.pieces
    return basket


def _good(line: CheckedLine) -> Good:
    price = line.total if line.weighed else line.unit_price
    cents = int((price * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return Good(line.barcode, max(1, cents), line.categories[0] if line.categories else "")
