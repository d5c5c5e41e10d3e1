"""A store's campaigns by what they can touch: for whom they are, of which totals and how many pieces."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf

from smarts.campaigns.code import EVERYBODY, Buyer, CampaignCode, Client, CodeRefusedError
from smarts.campaigns.operation import Operation, compile_operation
from smarts.campaigns.regions import Box
from smarts.campaigns.syntax import OperationRefusedError
from smarts.wire.products import Campaign

ALWAYS_TOLD = 20
"""So many of a store's campaigns tell why they change nothing; of a longer list, the others are silent then."""

_KEPT_INDEXES = 64
_KEPT_LISTS = 8
_KEPT_CELLS = 256
_INPUTS = ("amount", "total")

Whom = tuple[tuple[Client, str], ...]
"""What a campaign's code may say of whom it is for, to be for one shopper."""


@dataclass(frozen=True)
class CampaignIndex:
    """The campaigns of a store in the order of their turns; a place counts them so, from 0.

    `order` says where in the store's list a place is. `erroneous` are those that cannot run, for nobody; `steps` the
    numbers, for each input, at which something begins or ends.
    """

    order: tuple[int, ...]
    operations: Mapping[int, Operation]
    erroneous: tuple[int, ...]
    by_whom: Mapping[tuple[Client, str], tuple[int, ...]]
    steps: Mapping[str, Sequence[float]]
    _cells: dict[object, tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)
    _begins: dict[object, Sequence[tuple[float, int]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def places(self, whom: Whom, amount: float, total: float) -> tuple[int, ...]:
        """Which may change a purchase of so many pieces and this total without VAT, or cannot run, in order."""
        cell = (whom, _step(self.steps["amount"], amount), _step(self.steps["total"], total))
        found = self._cells.get(cell)
        if found is None:
            if len(self._cells) >= _KEPT_CELLS:
                self._cells.clear()
            self._cells[cell] = found = self._looked_up(whom, {"amount": amount, "total": total})
        return found

    def whom(self, buyer: Buyer) -> Whom:
        """For whom campaigns may be to be for this shopper, as far as there are any."""
        of_client = Client.CLIENTS if buyer.client else Client.UNAUTHENTICATED
        cards = (EVERYBODY, *sorted(code.rjust(len(EVERYBODY), "0") for code in buyer.card_codes))
        asked = ((client, card) for client in (Client.BOTH, of_client) for card in cards)
        return tuple(each for each in asked if each in self.by_whom)

    def begin(self, whom: Whom, name: str, value: float, most: int) -> Iterator[tuple[float, int]]:
        """The next campaigns for somebody that begin at a higher value of an input: at which, and which."""
        begins = self._begins.get((whom, name))
        if begins is None:
            if len(self._begins) >= _KEPT_CELLS:
                self._begins.clear()
            self._begins[whom, name] = begins = self._sorted_begins(whom, name)
        first = bisect_right(begins, (value, inf))
        return iter(begins[first : first + most])

    def _sorted_begins(self, whom: Whom, name: str) -> Sequence[tuple[float, int]]:
        return sorted(
            {
                (box[name].low, place)
                for each in whom
                for place in self.by_whom[each]
                for box in self.operations[place].changing
                if name in box
            }
        )

    def told(self, campaigns: Sequence[Campaign], watched: Campaign | None) -> tuple[int, ...]:
        """The places of those that tell what became of them in any case."""
        first = tuple(range(min(ALWAYS_TOLD, len(self.order))))
        if watched is None:
            return first
        places = (place for place, at in enumerate(self.order) if campaigns[at] is watched)
        return tuple(sorted({*first, *places}))

    def _looked_up(self, whom: Whom, inputs: Mapping[str, float]) -> tuple[int, ...]:
        may = (
            place
            for each in whom
            for place in self.by_whom[each]
            if any(_inside(box, inputs) for box in self.operations[place].changing)
        )
        return tuple(sorted({*self.erroneous, *may}))


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
    by_whom: defaultdict[tuple[Client, str], list[int]] = defaultdict(list)
    erroneous = []
    for place, at in enumerate(order):
        try:
            code = CampaignCode.parse(campaigns[at].code)
            operation = compile_operation(campaigns[at].operation, code.kind)
        except (CodeRefusedError, OperationRefusedError):
            erroneous.append(place)
            continue
        if code.kind.is_product_based:
            erroneous.append(place)
            continue
        operations[place] = operation
        by_whom[code.client, code.card].append(place)
    return CampaignIndex(
        order,
        operations,
        tuple(erroneous),
        {each: tuple(places) for each, places in by_whom.items()},
        {name: _steps(operations.values(), name) for name in _INPUTS},
    )


def _steps(operations: Iterable[Operation], name: str) -> tuple[float, ...]:
    spans = (box[name] for operation in operations for box in operation.changing if name in box)
    return tuple(sorted({end for span in spans for end in (span.low, span.high) if 0 < end < inf}))


def _step(steps: Sequence[float], value: float) -> tuple[int, bool]:
    """Between which steps a value is, or on which: all values for which this is the same are in the same spans."""
    place = bisect_left(steps, value)
    return place, place < len(steps) and steps[place] == value


def _inside(box: Box, inputs: Mapping[str, float]) -> bool:
    return all(inputs[name] in span for name, span in box.items())
