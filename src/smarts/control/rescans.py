"""Which pieces of a cart staff rescan."""

from collections.abc import Sequence

from smarts.control.cart import CheckedCart
from smarts.control.knowledge import Knowledge
from smarts.control.seed import Seed
from smarts.wire.model import Model
from smarts.wire.money import Count


class RescanRule(Model, frozen=True, kw_only=True, omit_defaults=False):
    """How much staff rescan for the store's rules: what fits into so many seconds, or everything."""

    seconds: Count | None = None


class RescanPiece(Model, frozen=True):
    """So many pieces of a product."""

    barcode: str
    pieces: int


def choose(
    rule: RescanRule, cart: CheckedCart, knowledge: Knowledge, seed: Seed
) -> Sequence[RescanPiece] | None:
    """What staff rescan of a cart that a rule of the store chose; None is everything."""
    return None
