"""Who comes when: all moments are fixed before the first request, whatever becomes of the others."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from smarts.demo.replay.baskets import Basket

Scans = tuple[tuple[str, Decimal], ...]
_HURRY = 10  # by so much steps are quicker that do not count any more


@dataclass(frozen=True)
class Visit:
    """A shopper in a store: when each step is due, in seconds from the beginning, and what is bought.

    Steps without a moment of their own (`pauses` is 0) are due when the one before was answered.
    """

    number: int
    due: float
    store: int
    gateway: int
    basket: int
    scans: Scans
    searched: tuple[str | None, ...]
    pauses: tuple[float, ...]
    address: str

    def moments(self, ends: float) -> Iterator[float | None]:
        """When the steps are due, one after another; those after the end do not count, and hurry."""
        at, paced = self.due, any(self.pauses)
        for number, pause in enumerate(self.pauses):
            at += pause if at < ends else pause / _HURRY
            yield at if paced or not number else None


@dataclass(frozen=True)
class Load:
    """How much there is to do: `rate` scans a second for `seconds`, after `warm_up` seconds that do not count."""

    rate: float
    seconds: float
    warm_up: float
    think: float
    search_share: float
    stores: int
    gateways: int

    @property
    def ends(self) -> float:
        """When nobody comes any more, in seconds from the beginning."""
        return self.warm_up + self.seconds

    def counts(self, at: float) -> bool:
        """Whether a moment is in the time that is measured."""
        return self.warm_up <= at < self.ends


def visits(load: Load, baskets: Sequence[Basket], names: Sequence[str], seed: int) -> list[Visit]:
    """Shoppers who come independently of each other, at random, so many that scans are of the wanted rate."""
    chance = random.Random(seed)
    lines = sum(len(basket.scans) for basket in baskets) / len(baskets)
    planned: list[Visit] = []
    at = chance.expovariate(load.rate / lines)
    while at < load.ends:
        planned.append(_visit(len(planned), at, load, baskets, names, chance))
        at += chance.expovariate(load.rate / lines)
    return planned


def _visit(
    number: int, at: float, load: Load, baskets: Sequence[Basket], names: Sequence[str], chance: random.Random
) -> Visit:
    basket = chance.randrange(len(baskets))
    scans = baskets[basket].scans
    searched = tuple(chance.choice(names) if chance.random() < load.search_share else None for _ in scans)
    steps = 2 + len(scans) + sum(name is not None for name in searched) + 3
    pauses = (0.0, *(load.think * chance.uniform(0.5, 1.5) for _ in range(steps - 1)))
    address = ".".join(str(chance.randrange(256)) for _ in range(3))
    return Visit(
        number=number, due=at, store=chance.randrange(load.stores), gateway=number % load.gateways,
        basket=basket, scans=scans, searched=searched, pauses=pauses, address=f"10.{address}",
    )  # fmt: skip
