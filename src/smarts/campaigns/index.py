"""A store's campaigns by what they can touch: for whom they are, of which totals and how many pieces.

A set of campaigns is a number with a bit for each, so that to find those that may count takes a few steps, whatever
the cart: nothing is remembered of carts that were priced before.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import inf
from operator import xor

from smarts.campaigns.code import EVERYBODY, Buyer, CampaignCode, Client, CodeRefusedError
from smarts.campaigns.operation import Operation
from smarts.campaigns.reading import read_campaign
from smarts.campaigns.regions import Span
from smarts.campaigns.syntax import OperationRefusedError
from smarts.wire.products import Campaign

ALWAYS_TOLD = 20
"""So many of a store's campaigns tell why they change nothing; of a longer list, the others are silent then."""

_KEPT_INDEXES = 64
_KEPT_LISTS = 8
_INPUTS = ("amount", "total")

Places = int
"""Some of the campaigns: the bit of each place is set."""


@dataclass(frozen=True)
class _Reach:
    """Which campaigns the value of an input does not rule out: `places` below, at and above each of the `ends`."""

    ends: Sequence[float]
    places: Sequence[Places]

    @classmethod
    def of(cls, spans: Mapping[int, Span]) -> "_Reach":
        """Of the span of each campaign."""
        ends = sorted({end for span in spans.values() for end in (span.low, span.high) if 0 < end < inf})
        at = {end: 2 * number + 1 for number, end in enumerate(ends)}
        turning = [0] * (2 * len(ends) + 2)
        for place, span in spans.items():
            turning[at.get(span.low, 0)] ^= 1 << place
            turning[at.get(span.high, 2 * len(ends)) + 1] ^= 1 << place
        return cls(ends, tuple(accumulate(turning, xor)))

    def __getitem__(self, value: float) -> Places:
        number = bisect_left(self.ends, value)
        exactly = number < len(self.ends) and self.ends[number] == value
        return self.places[2 * number + exactly]


@dataclass(frozen=True)
class CampaignIndex:
    """The campaigns of a store in the order of their turns; a place counts them so, from 0.

    `order` says where in the store's list a place is. `erroneous` are those that cannot run, for nobody; `begins` are
    the values of each input, rising, at which campaigns begin.
    """

    order: tuple[int, ...]
    operations: Mapping[int, Operation]
    erroneous: Places
    by_whom: Mapping[tuple[Client, str], Places]
    begins: Mapping[str, Sequence[tuple[float, int]]]
    by_amount: _Reach
    by_total: _Reach

    def whose(self, buyer: Buyer) -> Places:
        """Those that are for a shopper."""
        of_client = Client.CLIENTS if buyer.client else Client.UNAUTHENTICATED
        cards = {EVERYBODY, *(code.rjust(len(EVERYBODY), "0") for code in buyer.card_codes)}
        found = 0
        for card in cards:
            found |= self.by_whom.get((Client.BOTH, card), 0) | self.by_whom.get((of_client, card), 0)
        return found

    def counting(self, whose: Places, amount: float, total: float) -> Places:
        """Which of somebody's may change so many pieces at this total without VAT, and those that cannot run."""
        return whose & self.by_amount[amount] & self.by_total[total] | self.erroneous

    def beginning(self, whose: Places, name: str, above: float, most: float) -> Iterator[tuple[float, int]]:
        """Where the next of somebody's begin above a value of an input and at `most`: at which value, and the place."""
        begins = self.begins[name]
        for number in range(bisect_right(begins, (above, inf)), len(begins)):
            value, place = begins[number]
            if value > most:
                return
            if whose >> place & 1:
                yield value, place

    def told(self, campaigns: Sequence[Campaign], watched: Campaign | None) -> Places:
        """Those that tell what became of them in any case."""
        first = (1 << min(ALWAYS_TOLD, len(self.order))) - 1
        if watched is None:
            return first
        return first | _set(place for place, at in enumerate(self.order) if campaigns[at] is watched)


def turn_of(campaign: Campaign) -> int:
    """When it has its turn."""
    try:
        return CampaignCode.parse(campaign.code).kind.turn
    except CodeRefusedError:
        return 0  # it changes nothing, whenever its turn is


_latest: dict[int, tuple[tuple[Campaign, ...], CampaignIndex]] = {}


def index_of(campaigns: tuple[Campaign, ...]) -> CampaignIndex:
    """The index of a store's campaigns; one that was needed lately is not made again."""
    # A cart is priced several times with the very same list, and to compare a long one with itself takes a while.
    known = _latest.get(id(campaigns))
    if known is not None and known[0] is campaigns:
        return known[1]
    index = _index_of(campaigns)
    if len(_latest) >= _KEPT_LISTS:
        _latest.clear()
    _latest[id(campaigns)] = campaigns, index
    return index


@lru_cache(_KEPT_INDEXES)
def _index_of(campaigns: tuple[Campaign, ...]) -> CampaignIndex:
    order = tuple(sorted(range(len(campaigns)), key=lambda place: turn_of(campaigns[place])))
    operations: dict[int, Operation] = {}
    by_whom: defaultdict[tuple[Client, str], Places] = defaultdict(int)
    erroneous = []
    for place, at in enumerate(order):
        try:
            read = read_campaign(campaigns[at])
        except (CodeRefusedError, OperationRefusedError):
            erroneous.append(place)
            continue
        if read.code.kind.is_product_based:
            erroneous.append(place)
            continue
        operations[place] = read.operation
        by_whom[read.code.client, read.code.card] |= 1 << place
    return CampaignIndex(
        order,
        operations,
        _set(erroneous),
        dict(by_whom),
        {name: _begins(operations, name) for name in _INPUTS},
        *(_reach(operations, name) for name in _INPUTS),
    )


def _set(places: Iterable[int]) -> Places:
    return sum(1 << place for place in places)


def _begins(operations: Mapping[int, Operation], name: str) -> Sequence[tuple[float, int]]:
    boxes = ((box, place) for place, operation in operations.items() for box in operation.changing)
    return sorted({(box[name].low, place) for box, place in boxes if name in box})


def _reach(operations: Mapping[int, Operation], name: str) -> _Reach:
    return _Reach.of(
        {
            place: _around([box.get(name, Span()) for box in operation.changing])
            for place, operation in operations.items()
            if operation.changing
        }
    )


def _around(spans: Sequence[Span]) -> Span:
    """One span that holds them all."""
    return Span(min(span.low for span in spans), max(span.high for span in spans))
