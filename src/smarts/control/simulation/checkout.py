"""What a method may see of a checkout, and what a store keeps of the checks before it."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from smarts.control.cart import CheckedCart
from smarts.control.history import Depth, Ending, History, PastCheck, PastPurchase
from smarts.control.knowledge import GoodsFact, Knowledge, LookedAt, added, lessons
from smarts.control.simulation.carts import cart_of, moment, money
from smarts.control.simulation.goods import Good, cents_of
from smarts.control.simulation.looking import Chosen, Look, Picked, Seen, Whole
from smarts.control.simulation.season import Visit
from smarts.control.simulation.trips import Trip

_KEPT = timedelta(days=61)
_MOST_KEPT = 100
_FAILED_CENTS = 500
"""A check with so much missing is one that failed; with less, something was forgotten."""


@dataclass
class Past:
    """What a store knows of a shopper: newest first, as in a history."""

    bought: int = 0
    purchases: deque[PastPurchase] = field(default_factory=lambda: deque(maxlen=_MOST_KEPT))
    checks: deque[PastCheck] = field(default_factory=lambda: deque(maxlen=_MOST_KEPT))


@dataclass(frozen=True)
class Checkout:
    """A cart before it is paid, with what is known from before. Its bag is nobody's business."""

    scanned: Trip
    visit: Visit
    past: Past
    facts: Mapping[str, GoodsFact]

    @property
    def pieces(self) -> int:
        """Pieces that were scanned."""
        return self.scanned.listed

    @cached_property
    def cart(self) -> CheckedCart:
        """The cart."""
        return cart_of(self.scanned, self.visit.day, self.visit.minute)

    @cached_property
    def goods(self) -> Mapping[str, Good]:
        """The scanned products by their barcodes."""
        return {good.barcode: good for good in self.scanned.scanned}

    @cached_property
    def history(self) -> History:
        """The shopper's checks and purchases of the last two months."""
        since = self.cart.at - _KEPT
        return History(
            bought=self.past.bought,
            purchases=tuple(each for each in self.past.purchases if each.at >= since),
            checks=tuple(each for each in self.past.checks if each.at >= since),
        )

    @cached_property
    def knowledge(self) -> Knowledge:
        """What checks have taught about these goods."""
        return Knowledge(goods=tuple(self.facts[each] for each in self.goods if each in self.facts))


class Store:
    """What one store remembers during a season."""

    def __init__(self) -> None:
        self._pasts: defaultdict[int, Past] = defaultdict(Past)
        self._facts: dict[str, GoodsFact] = {}

    def checkout(self, visit: Visit, trip: Trip) -> Checkout:
        """A cart that is about to be paid; who comes as somebody new has no past."""
        past = Past() if visit.shopper.anew else self._pasts[visit.shopper.number]
        return Checkout(trip, visit, past, self._facts)

    def remember(self, checkout: Checkout, chosen: Chosen | None, seen: Seen | None) -> None:
        """Keeps what was bought, and what a check found."""
        visit, past = checkout.visit, checkout.past
        at = moment(visit.day, visit.minute)
        past.bought += 1
        total, pieces = money(cents_of(checkout.scanned.scanned)), checkout.pieces
        past.purchases.appendleft(
            PastPurchase(
                at=at, began=at, total=total, pieces=pieces, by_chance=chosen is not None and chosen.by_chance
            )
        )
        if chosen and seen:
            past.checks.appendleft(_check(visit, chosen.look, seen))
            if not isinstance(chosen.look, Picked):
                self._learn(checkout.scanned, seen)

    def _learn(self, trip: Trip, seen: Seen) -> None:
        looked_at = [
            LookedAt(
                barcode=good.barcode,
                unit_price=money(good.cents),
                in_cart=trip.scanned.get(good, 0),
                in_bag=trip.bag.get(good, 0),
            )
            for good in seen.goods
        ]
        for fact in lessons(looked_at):
            before = self._facts.get(fact.barcode)
            self._facts[fact.barcode] = added(before, fact) if before else fact


def _check(visit: Visit, look: Look, seen: Seen) -> PastCheck:
    ending = Ending.PASSED
    if seen.cents:
        ending = Ending.FAILED if seen.cents >= _FAILED_CENTS else Ending.CORRECTED
    depth = Depth.FULL if isinstance(look, Whole) else Depth.PART
    return PastCheck(
        at=moment(visit.day, visit.minute), depth=depth, ending=ending, missing=money(seen.cents)
    )
