"""What staff find when they rescan goods: pure functions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from smarts.control.knowledge import LookedAt
from smarts.wire.model import Model
from smarts.wire.money import Count, Number

_MOST_ROWS = 1000
_LONGEST_BARCODE = 200


class RescanKind(StrEnum):
    """How goods came to be rescanned: with all others, as a part, or with all because a part differed."""

    FULL = "FULL"
    PART = "PART"
    GROWN = "GROWN"


class CountedProduct(Model, frozen=True):
    """How much of a product staff counted in the bag, in pieces or units; 0 where there is none."""

    barcode: Annotated[str, Meta(min_length=1, max_length=_LONGEST_BARCODE)]
    amount: Number


class Rescanned(Model, frozen=True, kw_only=True):
    """What staff counted: the `pieces` in the bag altogether, where they did, and each product that they looked at.

    With `differs` they say that something does, whatever was counted.
    """

    pieces: Count | None = None
    differs: bool = False
    products: Annotated[tuple[CountedProduct, ...], Meta(max_length=_MOST_ROWS)]


class Finding(Model, frozen=True, kw_only=True):
    """A product that staff rescanned: how much of it was scanned, and how much was there.

    `exchanged_for` is what was there in its stead, or for which it was scanned.
    """

    barcode: str
    product_name: str
    scanned: Number
    found: Number
    rescan: RescanKind
    exchanged_for: str | None = None


@dataclass(frozen=True)
class Looked:
    """A product that staff looked at; the price is that of a piece or unit, with VAT."""

    barcode: str
    product_name: str
    unit_price: Decimal
    weighed: bool
    scanned: Decimal
    found: Decimal

    @property
    def differs(self) -> bool:
        """Whether there was more or less than scanned."""
        return self.scanned != self.found

    @property
    def in_cart(self) -> int:
        """The pieces in the cart; what is weighed is one."""
        return _pieces(self.scanned, weighed=self.weighed)

    @property
    def in_bag(self) -> int:
        """The pieces in the bag; of what is weighed there is one more where there is more of it than scanned."""
        more = self.weighed and self.found > self.scanned > 0
        return _pieces(self.found, weighed=self.weighed) + more

    @property
    def worth(self) -> Decimal:
        """What the difference comes to."""
        return abs(self.scanned - self.found) * self.unit_price

    def lesson(self) -> LookedAt:
        """The same, to learn from."""
        return LookedAt(
            barcode=self.barcode, unit_price=self.unit_price, in_cart=self.in_cart, in_bag=self.in_bag
        )


def findings(looked: Sequence[Looked], kind: RescanKind) -> tuple[Finding, ...]:
    """What is kept of a rescan."""
    pairs = dict(_both_ways(exchanged(looked)))
    return tuple(
        Finding(
            barcode=each.barcode,
            product_name=each.product_name,
            scanned=each.scanned,
            found=each.found,
            rescan=kind,
            exchanged_for=pairs.get(each.barcode),
        )
        for each in looked
    )


def exchanged(looked: Iterable[Looked]) -> tuple[tuple[str, str], ...]:
    """Pairs of barcodes: what was scanned and was not there, and what was there in its stead.

    Where several products are short and several are over, those of which equally much is go together first, and the
    dear ones before the cheap ones; each is in one pair at most.
    """
    rows = sorted(looked, key=lambda each: (-each.worth, each.barcode))
    short = [each for each in rows if each.found < each.scanned]
    pairs = []
    for over in (each for each in rows if each.found > each.scanned):
        match = next((each for each in short if _gap(each) == _gap(over)), next(iter(short), None))
        if match:
            short.remove(match)
            pairs.append((match.barcode, over.barcode))
    return tuple(pairs)


def _both_ways(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for scanned, found in pairs:
        yield scanned, found
        yield found, scanned


def _gap(each: Looked) -> Decimal:
    return abs(each.scanned - each.found)


def _pieces(amount: Decimal, *, weighed: bool) -> int:
    return int(amount > 0) if weighed else int(amount)
