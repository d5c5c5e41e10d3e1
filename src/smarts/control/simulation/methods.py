"""Ways to decide who is checked and what is looked at: the published defaults, plain chance, and a store's policy.

Each sees what a real one would: the cart as scanned and what earlier checks of the shopper found, never the bag.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import ClassVar, Protocol

from smarts.control.decision import decide
from smarts.control.policy import Policy
from smarts.control.reasons import Rule
from smarts.control.rescans import RescanPiece, choose
from smarts.control.seed import Seed
from smarts.control.simulation.checkout import Checkout
from smarts.control.simulation.looking import Chosen, Look, Picked, Some, Whole


class Method(Protocol):
    """A way to decide."""

    def look(self, checkout: Checkout, chance: random.Random) -> Chosen | None:
        """What staff look at of a cart, and how likely; None lets it pass whatever is drawn."""


@dataclass(frozen=True)
class PartByChance:
    """A published default: so many carts by chance, of each a part of the pieces, whichever come to hand."""

    name: str
    share: float
    part: float
    least: int
    most: int

    def look(self, checkout: Checkout, chance: random.Random) -> Chosen | None:
        """Some pieces of carts that chance has chosen."""
        pieces = min(max(ceil(self.part * checkout.pieces), self.least), self.most)
        return Chosen(Picked(pieces), self.share, chance.random() < self.share)

    def scaled(self, share: float) -> "PartByChance":
        """Another share of the carts."""
        return PartByChance(self.name, share, self.part, self.least, self.most)


@dataclass(frozen=True)
class WholeByChance:
    """Plain random choice: so many carts by chance, wholly."""

    share: float
    name: str = "chance, whole carts"

    def look(self, checkout: Checkout, chance: random.Random) -> Chosen | None:
        """Everything in carts that chance has chosen."""
        return Chosen(Whole(), self.share, chance.random() < self.share)

    def scaled(self, share: float) -> "WholeByChance":
        """Another share of the carts."""
        return WholeByChance(share, self.name)


@dataclass(frozen=True)
class ByPolicy:
    """A store's policy, decided as the gateway decides."""

    policy: Policy
    name: ClassVar[str] = "the policy"

    def look(self, checkout: Checkout, chance: random.Random) -> Chosen | None:
        """What the policy wants looked at."""
        seed = Seed(chance.randbytes(32))
        outcome = decide(self.policy, checkout.cart, checkout.history, seed, checkout.knowledge)
        struck = {reason.code for reason in outcome.reasons}
        if struck - {Rule.SHARE}:
            return Chosen(_look(checkout, outcome.rescan), 1.0, drawn=True)
        likely = float(outcome.chances.share)
        if not likely:
            return None
        # What the draw would have looked at is known without it, so that nothing hangs on few lucky draws.
        rescan = choose(self.policy.rescan, checkout.cart, checkout.knowledge, seed.named("rescan"))
        return Chosen(_look(checkout, rescan), likely, bool(struck))


def _look(checkout: Checkout, rescan: Sequence[RescanPiece] | None) -> Look:
    return Whole() if rescan is None else Some([checkout.goods[piece.barcode] for piece in rescan])


ByShare = PartByChance | WholeByChance
"""Methods that are set by the share of carts."""

THIRTY_PERCENT = PartByChance("A: 30 %, 1 to 10 pieces", 0.10, 0.3, 1, 10)
"""One published default; 5, 10 or 15 % of the carts by the store's risk, 10 in the middle."""

HALF = PartByChance("B: 50 %, at most 5 pieces", 0.05, 0.5, 1, 5)
"""Another published default."""

BASELINES: Sequence[ByShare] = (THIRTY_PERCENT, HALF, WholeByChance(0.05))
