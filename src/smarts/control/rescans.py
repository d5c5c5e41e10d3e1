"""Which pieces of a cart staff rescan: those of which a look is likely to find most in the time that there is.

A partial rescan begins with counting the pieces in the bag, because what was never scanned is on no list. Then come
all pieces of the products chosen here. A single difference - a count that is wrong twice, a product of which the
bag holds more or fewer pieces than the cart, something that is not in the cart - makes it a rescan of everything.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from smarts.control.cart import CheckedCart, CheckedLine
from smarts.control.knowledge import GoodsFact, Knowledge
from smarts.control.pace import Pace
from smarts.control.seed import Seed
from smarts.wire.model import Model
from smarts.wire.money import Count

_LOOKS = 40
"""A product of which nothing is known counts like one that staff have looked at so often."""

_WRONG = 0.01
"""So often a product is wrong of which nothing is known."""

_SEVERAL = 2
"""So much more often it is where the cart holds several pieces of it."""


USUAL_PACE = Pace()


class RescanRule(Model, frozen=True, kw_only=True, omit_defaults=False):
    """How much staff rescan for the store's rules: what fits into so many seconds at the usual pace, or everything.

    The seconds are those of the whole check: walking there, counting, scanning.
    """

    seconds: Count | None = None


class RescanPiece(Model, frozen=True):
    """A product of which staff scan all pieces that they find, and how many there should be."""

    barcode: str
    pieces: int


def choose(
    rule: RescanRule, cart: CheckedCart, knowledge: Knowledge, seed: Seed
) -> Sequence[RescanPiece] | None:
    """What staff rescan of a cart that a rule of the store chose; None is everything.

    Chance has a part in it, so that nobody can tell beforehand what will be looked at, and goods of which nothing is
    known are looked at now and then: a product is the likelier, the more a second spent on it is expected to find.
    """
    pace, budget = USUAL_PACE, rule.seconds
    if budget is None or pace.start + pace.scan * cart.pieces <= budget:
        return None
    left = budget - pace.start - pace.count * cart.pieces
    if left < _seconds(1, pace):
        return ()
    return tuple(_fitting(_in_turn(cart, knowledge, pace, seed), left, pace))


def grows(counted: int | None, expected: int, looked_at: Iterable[tuple[int, int]]) -> bool:
    """Whether a rescan becomes one of everything: by the second count of the pieces, or by a product's pieces.

    `looked_at` are, of each product that was rescanned, the pieces in the cart and in the bag.
    """
    return (counted is not None and counted != expected) or any(cart != bag for cart, bag in looked_at)


def _fitting(pieces: Iterable[RescanPiece], seconds: float, pace: Pace) -> Iterable[RescanPiece]:
    for each in pieces:
        needed = _seconds(each.pieces, pace)
        if needed <= seconds:
            seconds -= needed
            yield each


def _in_turn(cart: CheckedCart, knowledge: Knowledge, pace: Pace, seed: Seed) -> list[RescanPiece]:
    """The cart's products, as in a race: the more a second finds, the sooner one is likely to arrive."""
    known = {fact.barcode: fact for fact in knowledge.goods}
    typical = float(cart.total) / max(cart.pieces, 1)

    def arrival(line: CheckedLine) -> float:
        found = expected_find(line, known.get(line.barcode), typical)
        drawn = float(seed.draw(line.barcode))
        return drawn / (1 - drawn) * _seconds(line.pieces, pace) / found

    return [RescanPiece(line.barcode, line.pieces) for line in sorted(_products(cart.lines), key=arrival)]


def expected_find(line: CheckedLine, fact: GoodsFact | None, typical: float) -> float:
    """What a look at a product is expected to find, in money: how often it was wrong, times what was missing then.

    Where little is known of it, several pieces may be one more, and cheap goods may stand for `typical` ones.
    """
    fact = fact or GoodsFact(barcode=line.barcode)
    rate = _WRONG * (_SEVERAL if line.pieces > 1 else 1)
    wrong = (fact.wrong + rate * _LOOKS) / (fact.looked + _LOOKS)
    price = float(line.unit_price)
    guess = max(price if line.pieces > 1 else 0.0, (typical - price) * line.pieces, 0.1 * price, 0.01)
    return wrong * (float(fact.missing) + guess) / (fact.wrong + 1)


def _products(lines: Iterable[CheckedLine]) -> Iterable[CheckedLine]:
    """A line for each product, however many the cart has of it."""
    merged = dict[str, CheckedLine]()
    for line in lines:
        before = merged.get(line.barcode)
        merged[line.barcode] = replace(line, pieces=before.pieces + line.pieces) if before else line
    return merged.values()


def _seconds(pieces: int, pace: Pace) -> float:
    return pace.find + pace.scan * pieces
