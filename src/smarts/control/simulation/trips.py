"""What lies in a bag, and what was scanned of it: mistakes of honest shoppers, and omissions of others, planted."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from smarts.control.simulation.assumptions import Assumptions
from smarts.control.simulation.goods import Basket, Good, cents_of, pieces_of

_SWAPPED_TIMES = (
    2  # as dear at least as what is scanned in its stead, where the swap is not one of the store's pairs
)


@dataclass(frozen=True)
class Trip:
    """A bag at the exit, and the cart in the phone: what was `scanned`."""

    bag: Basket
    scanned: Basket

    @cached_property
    def missing_cents(self) -> int:
        """What the shopper would not pay for; nothing where more was scanned than taken."""
        return max(0, cents_of(self.bag) - cents_of(self.scanned))

    @cached_property
    def bagged(self) -> int:
        """Pieces in the bag."""
        return pieces_of(self.bag)

    @cached_property
    def listed(self) -> int:
        """Pieces that were scanned."""
        return pieces_of(self.scanned)

    def differs(self, good: Good) -> bool:
        """Whether the bag holds another number of pieces than the cart."""
        return self.bag.get(good, 0) != self.scanned.get(good, 0)


@dataclass(frozen=True)
class Planting:
    """Makes trips of baskets."""

    assumed: Assumptions
    pairs: Mapping[Good, Good]
    chance: random.Random

    def honest(self, basket: Basket, carelessness: float) -> Trip:
        """A trip in which nothing is wrong but by mistake."""
        scanned = dict[Good, int]()
        for good, pieces in basket.items():
            for _ in range(pieces):
                self._scan(scanned, good, carelessness)
            self._miscount(scanned, good, pieces, carelessness)
        return Trip(basket, scanned or basket)

    def _scan(self, scanned: dict[Good, int], good: Good, carelessness: float) -> None:
        if self.chance.random() < self.assumed.forgets * carelessness:
            return
        if good in self.pairs and self.chance.random() < self.assumed.mistakes * carelessness:
            good = self.pairs[good]
        scanned[good] = scanned.get(good, 0) + 1

    def _miscount(self, scanned: dict[Good, int], good: Good, pieces: int, carelessness: float) -> None:
        if pieces > 1 and good in scanned and self.chance.random() < self.assumed.miscounts * carelessness:
            _add(scanned, good, self.chance.choice((-1, 1)))

    def dishonest(self, basket: Basket) -> Trip:
        """A trip in which something is left out on purpose; none where there is but one piece."""
        if pieces_of(basket) < 2:
            return Trip(basket, basket)
        ways = self.assumed.ways
        weights = {
            self._hide: ways.hides,
            self._undercount: ways.undercounts,
            self._swap: ways.swaps,
            self._walk: ways.walks,
        }
        if not any(weights.values()):
            return Trip(basket, basket)
        (way,) = self.chance.choices(list(weights), weights=list(weights.values()))
        return Trip(basket, self._tried(way, basket))

    def _tried(self, way: Callable[[Basket], Basket | None], basket: Basket) -> Basket:
        """What is scanned; who finds no goods for a way hides some."""
        return way(basket) or self._hide(basket)

    def _hide(self, basket: Basket) -> Basket:
        scanned = dict(basket)
        for _ in range(self.chance.choice((1, 2)) if pieces_of(basket) > 2 else 1):
            dearest = sorted(scanned, key=lambda good: -good.cents)[:3]
            _add(scanned, self.chance.choice(dearest), -1)
        return scanned

    def _undercount(self, basket: Basket) -> Basket | None:
        several = [good for good, pieces in basket.items() if pieces > 1]
        if not several:
            return None
        return {**basket, max(several, key=lambda good: good.cents * basket[good]): 1}

    def _swap(self, basket: Basket) -> Basket | None:
        swap = self._swapped(basket)
        if swap is None:
            return None
        dear, cheap = swap
        scanned = dict(basket)
        pieces = scanned.pop(dear)
        _add(scanned, cheap, pieces)
        return scanned

    def _swapped(self, basket: Basket) -> tuple[Good, Good] | None:
        """Dear goods of the bag, and what is scanned for them: one of the store's pairs, or the cheapest in the bag."""
        familiar = [good for good in basket if good in self.pairs]
        if familiar and self.chance.random() < self.assumed.familiar:
            dear = max(familiar, key=lambda good: good.cents)
            return dear, self.pairs[dear]
        dear = max(basket, key=lambda good: good.cents)
        cheap = min(basket, key=lambda good: good.cents)
        return (dear, cheap) if dear.cents >= _SWAPPED_TIMES * cheap.cents else None

    def _walk(self, basket: Basket) -> Basket | None:
        every = [good for good, pieces in basket.items() for _ in range(pieces)]
        left_out = min(max(1, round(len(every) * self.assumed.walked)), len(every) - 1)
        scanned = dict(basket)
        for good in self.chance.sample(every, left_out):
            _add(scanned, good, -1)
        return scanned


def _add(scanned: dict[Good, int], good: Good, pieces: int) -> None:
    scanned[good] = scanned.get(good, 0) + pieces
    if not scanned[good]:
        del scanned[good]
