"""One season under one method: who is looked at, what is found, and what that takes."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from smarts.control.pace import Pace
from smarts.control.simulation.checkout import Store
from smarts.control.simulation.looking import Seen, look_at
from smarts.control.simulation.methods import Method
from smarts.control.simulation.season import Visit
from smarts.control.simulation.trips import Trip


@dataclass
class Tally:
    """What a season came to, in cents and seconds. Looks count as much as they were likely, not only where drawn.

    `wrong` counts carts in which something was missing, `found` looks that found it. `prevented` is what shoppers
    would have left out, had they not been caught before. Honest carts are those of honest shoppers.
    """

    carts: int = 0
    wrong: int = 0
    checked: float = 0
    found: float = 0
    seconds: float = 0
    missing: int = 0
    caught: float = 0
    prevented: int = 0
    honest_carts: int = 0
    honest_checked: float = 0


def run(visits: Iterable[Visit], method: Method, pace: Pace) -> Tally:
    """Plays a season. Whoever was caught as often as their patience lasts leaves nothing out on purpose any more."""
    tally, store, caught = Tally(), Store(), Counter[int]()
    for visit in visits:
        stopped = caught[visit.shopper.number] >= visit.shopper.patience
        trip = visit.mended if stopped else visit.trip
        checkout = store.checkout(visit, trip)
        chance = random.Random(visit.luck)  # noqa: S311 - no secret
        chosen = method.look(checkout, chance)
        seen = look_at(trip, chosen.look, pace, chance) if chosen else None
        drawn = bool(chosen and chosen.drawn)
        store.remember(checkout, chosen if drawn else None, seen)
        caught[visit.shopper.number] += bool(drawn and seen and seen.cents)
        _count(tally, visit, trip)
        if chosen and seen:
            _count_look(tally, visit, seen, chosen.likely)
    return tally


def _count(tally: Tally, visit: Visit, trip: Trip) -> None:
    tally.carts += 1
    tally.wrong += bool(trip.missing_cents)
    tally.missing += trip.missing_cents
    tally.prevented += max(0, visit.trip.missing_cents - trip.missing_cents)
    tally.honest_carts += not visit.shopper.dishonest


def _count_look(tally: Tally, visit: Visit, seen: Seen, likely: float) -> None:
    tally.checked += likely
    tally.found += likely * bool(seen.cents)
    tally.seconds += likely * seen.seconds
    tally.caught += likely * seen.cents
    tally.honest_checked += likely * (not visit.shopper.dishonest)
