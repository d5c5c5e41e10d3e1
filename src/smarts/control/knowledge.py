"""What a store's checks have taught about its goods: how often they were looked at, and how often they were wrong."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from smarts.wire.model import Model, none
from smarts.wire.money import Count, Number

_NOTHING = Decimal(0)


class LookedAt(Model, frozen=True, kw_only=True):
    """A product that staff looked at in a check: its pieces in the cart and in the bag, its price with VAT."""

    barcode: str
    unit_price: Number
    in_cart: Count
    in_bag: Count


class GoodsFact(Model, frozen=True, kw_only=True):
    """What checks found where a product was in the cart.

    `looked` counts the carts in which staff looked at it, `wrong` those of them in which the bag held another number of
    its pieces than the cart, `missing` what their shoppers would not have paid for because of that, with VAT.
    """

    barcode: str
    looked: Count = 0
    wrong: Count = 0
    missing: Number = _NOTHING


class Knowledge(Model, frozen=True, kw_only=True):
    """What is known of the goods of one cart, each barcode once at most; of others nothing is known."""

    goods: tuple[GoodsFact, ...] = none()


def lessons(looked_at: Sequence[LookedAt]) -> Iterable[GoodsFact]:
    """What one check teaches about the products that were in the cart; facts of the same barcode add up.

    Of a product of which the bag held more, those pieces were missing. One of which it held fewer stood for something
    else: what was not in the cart at all, less what was scanned in its stead.
    """
    absent = [each for each in looked_at if each.in_bag < each.in_cart]
    unlisted = sum((each.unit_price * each.in_bag for each in looked_at if not each.in_cart), _NOTHING)
    stood_for = sum((each.unit_price * (each.in_cart - each.in_bag) for each in absent), _NOTHING)
    hidden = max(unlisted - stood_for, _NOTHING)
    for each in looked_at:
        if each.in_cart == each.in_bag:
            yield GoodsFact(barcode=each.barcode, looked=1)
        elif each.in_cart:
            more = each.unit_price * (each.in_bag - each.in_cart)
            missing = more if more > 0 else hidden / len(absent)
            yield GoodsFact(barcode=each.barcode, looked=1, wrong=1, missing=missing)


def added(fact: GoodsFact, other: GoodsFact) -> GoodsFact:
    """What two facts about a product come to."""
    return GoodsFact(
        barcode=fact.barcode,
        looked=fact.looked + other.looked,
        wrong=fact.wrong + other.wrong,
        missing=fact.missing + other.missing,
    )
