"""Goods and baskets: what shoppers of a simulation take from the shelves."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp

MOST_PIECES = 150
MOST_OF_A_PRODUCT = 24

_KINDS = 2000
_CATEGORIES = 40
_BASKETS = 3000


@dataclass(frozen=True, eq=False)
class Good:
    """A product; two of them are the same only if they are one object. The price is in cents, with VAT."""

    barcode: str
    cents: int
    category: str


Basket = Mapping[Good, int]
"""How many pieces of what were bought together."""


def pieces_of(basket: Basket) -> int:
    """All pieces."""
    return sum(basket.values())


def cents_of(basket: Basket) -> int:
    """The price of all pieces."""
    return sum(good.cents * pieces for good, pieces in basket.items())


def bounded(basket: Basket) -> Basket:
    """A basket that one person carries: bounded in pieces, and in those of one product."""
    kept, left = dict[Good, int](), MOST_PIECES
    for good, pieces in basket.items():
        if taken := min(pieces, MOST_OF_A_PRODUCT, left):
            kept[good] = taken
            left -= taken
    return kept


def invented(seed: int, baskets: int = _BASKETS) -> Sequence[Basket]:
    """Baskets as grocers have them: half have five products or fewer, one in twenty 20 or more; most pieces are single.

    Some goods are bought far more often than others, and prices are many low ones and few high ones.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    goods = [_invented_good(chance, number) for number in range(_KINDS)]
    popular = list(accumulate(1 / (rank + 10) for rank in range(_KINDS)))
    return [_invented_basket(chance, goods, popular) for _ in range(baskets)]


def _invented_good(chance: random.Random, number: int) -> Good:
    cents = max(10, round(100 * exp(chance.gauss(0.85, 0.85))))
    return Good(f"{number:07}", cents, f"C{chance.randrange(_CATEGORIES)}")


def _invented_basket(chance: random.Random, goods: Sequence[Good], popular: Sequence[float]) -> Basket:
    kinds = max(1, round(exp(chance.gauss(1.65, 0.85))))
    taken = chance.choices(goods, cum_weights=popular, k=min(kinds, MOST_PIECES))
    return bounded({good: 1 if chance.random() < 0.8 else 2 + int(chance.expovariate(1.2)) for good in taken})
