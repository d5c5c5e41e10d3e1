"""A season of a store: who comes when, with what in the bag. The same for every policy that is tried on it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from smarts.control.simulation.assumptions import Assumptions
from smarts.control.simulation.goods import Basket, pieces_of
from smarts.control.simulation.pairs import confusing_pairs
from smarts.control.simulation.trips import Planting, Trip

_SPREAD = 0.15  # how far one shopper's baskets lie apart in the order of their sizes
_LAST_PLACE = 0.999999
_MINUTES_OPEN = (8 * 60, 22 * 60)
_MOST_CAUGHT = 1000


@dataclass(frozen=True)
class Shopper:
    """Somebody who comes again and again; `patience` is how often they are caught before they stop trying."""

    number: int
    dishonest: bool
    anew: bool
    a_week: float
    carelessness: float
    size: float
    patience: int


@dataclass(frozen=True)
class Visit:
    """One purchase: `trip` as it is meant, `mended` as it is once a dishonest shopper has stopped; `luck` draws."""

    number: int
    day: int
    minute: int
    shopper: Shopper
    trip: Trip
    mended: Trip
    luck: int


@dataclass(frozen=True)
class Extent:
    """How long a season is, and how many shoppers a store has."""

    shoppers: int = 200
    weeks: int = 26


def season(baskets: Sequence[Basket], assumed: Assumptions, extent: Extent, seed: str) -> Sequence[Visit]:
    """The visits of one season, in their order."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    planting = Planting(assumed, confusing_pairs(baskets, assumed.pairs, chance), chance)
    by_size = sorted(baskets, key=pieces_of)
    shoppers = _shoppers(assumed, extent.shoppers, chance)
    moments = sorted(
        (day, chance.randrange(*_MINUTES_OPEN), shopper.number)
        for shopper in shoppers
        for day in range(extent.weeks * 7)
        if chance.random() < shopper.a_week / 7
    )
    return [
        _visit(number, day, minute, shoppers[who], by_size, planting)
        for number, (day, minute, who) in enumerate(moments)
    ]


def _shoppers(assumed: Assumptions, count: int, chance: random.Random) -> Sequence[Shopper]:
    """Exactly as many dishonest ones as their share says, so that seasons do not differ by that."""
    dishonest = set(chance.sample(range(count), round(count * assumed.dishonest)))
    return [
        Shopper(
            number,
            number in dishonest,
            number in dishonest and chance.random() < assumed.anew,
            min(0.3 + chance.expovariate(1.4), 6),
            chance.expovariate(1),
            chance.random(),
            _patience(assumed.stops, chance),
        )
        for number in range(count)
    ]


def _patience(stops: float, chance: random.Random) -> int:
    caught = 1
    while caught < _MOST_CAUGHT and chance.random() >= stops:
        caught += 1
    return caught


def _visit(
    number: int, day: int, minute: int, shopper: Shopper, by_size: Sequence[Basket], planting: Planting
) -> Visit:
    chance = planting.chance
    basket = by_size[int(_mirrored(shopper.size + chance.gauss(0, _SPREAD)) * len(by_size))]
    honest = planting.honest(basket, shopper.carelessness)
    tries = shopper.dishonest and chance.random() < planting.assumed.tries
    trip = planting.dishonest(basket) if tries else honest
    return Visit(number, day, minute, shopper, trip, honest, chance.getrandbits(64))


def _mirrored(place: float) -> float:
    """A place from 0 to below 1; mirrored at the ends, else the largest basket would be among the most usual ones."""
    return min(1 - abs(1 - abs(place) % 2), _LAST_PLACE)
