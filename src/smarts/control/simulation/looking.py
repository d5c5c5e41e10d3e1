"""What staff find when they look at a bag, and how long that takes them."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smarts.control.pace import Pace
from smarts.control.simulation.goods import Good
from smarts.control.simulation.trips import Trip


@dataclass(frozen=True)
class Whole:
    """Every piece is scanned again."""


@dataclass(frozen=True)
class Some:
    """The pieces in the bag are counted, and those of some products scanned again."""

    goods: Sequence[Good]


@dataclass(frozen=True)
class Picked:
    """So many pieces, whichever come to hand, are scanned again."""

    pieces: int


Look = Whole | Some | Picked


@dataclass(frozen=True)
class Chosen:
    """What staff look at of a cart if it is `drawn`, and how likely that was; certain where it was no chance."""

    look: Look
    likely: float
    drawn: bool

    @property
    def by_chance(self) -> bool:
        """Whether another draw could have spared the cart."""
        return self.likely < 1


@dataclass(frozen=True)
class Seen:
    """What came of a look; `whole` says that every piece was scanned in the end, `goods` which products were looked at.

    Whatever is found by a whole look is found: `cents` is all that was missing then, else nothing.
    """

    seconds: float
    whole: bool
    goods: Sequence[Good]
    wrong: Sequence[Good]
    cents: int


def look_at(trip: Trip, look: Look, pace: Pace, chance: random.Random) -> Seen:
    """What staff see; a single difference has them look at everything."""
    match look:
        case Whole():
            return _whole(trip, pace, pace.start)
        case Some(goods):
            return _some(trip, goods, pace, chance)
        case Picked(pieces):
            return _picked(trip, pieces, pace, chance)


def _whole(trip: Trip, pace: Pace, before: float, scanned_already: int = 0) -> Seen:
    goods = list(dict.fromkeys((*trip.scanned, *trip.bag)))
    wrong = [good for good in goods if trip.differs(good)]
    seconds = before + pace.scan * max(0, trip.bagged - scanned_already) + pace.right * bool(wrong)
    return Seen(seconds, True, goods, wrong, trip.missing_cents)


def _some(trip: Trip, goods: Sequence[Good], pace: Pace, chance: random.Random) -> Seen:
    seconds, fits = _counted(trip, pace, chance)
    if not fits:
        return _whole(trip, pace, seconds)
    scanned = 0
    for good in goods:
        pieces = trip.bag.get(good, 0)
        seconds += pace.find + pace.scan * pieces
        scanned += pieces
        if trip.differs(good):
            return _whole(trip, pace, seconds, scanned)
    return Seen(seconds, False, goods, (), 0)


def _counted(trip: Trip, pace: Pace, chance: random.Random) -> tuple[float, bool]:
    """How long it takes to know whether the number of pieces is right: what is not is counted a second time."""
    seconds = pace.start
    for _ in range(2):
        seconds += pace.count * trip.bagged
        if _count(trip.bagged, pace, chance) == trip.listed:
            return seconds, True
    return seconds, False


def _count(pieces: int, pace: Pace, chance: random.Random) -> int:
    slips = chance.random() > (1 - pace.miscounted) ** pieces
    return pieces + (chance.choice((-1, 1)) if slips else 0)


def _picked(trip: Trip, pieces: int, pace: Pace, chance: random.Random) -> Seen:
    every = [good for good, count in trip.bag.items() for _ in range(count)]
    taken = chance.sample(every, min(pieces, len(every)))
    seconds = pace.start + pace.scan * len(taken)
    if _more_than_listed(trip, taken):
        return _whole(trip, pace, seconds, len(taken))
    return Seen(seconds, False, list(dict.fromkeys(taken)), (), 0)


def _more_than_listed(trip: Trip, taken: Iterable[Good]) -> bool:
    left = dict(trip.scanned)
    for good in taken:
        left[good] = left.get(good, 0) - 1
        if left[good] < 0:
            return True
    return False
