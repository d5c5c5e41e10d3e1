"""What is odd about a store's campaigns before anybody shops: tried on sums around what their operations ask about.

A conflict is a warning. What cannot work at all is a flaw and is told elsewhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from smarts.campaigns.code import EVERYBODY, CampaignCode, Client, CodeRefusedError, Kind
from smarts.campaigns.operation import BadResultError, Operation, compile_operation
from smarts.campaigns.sentences import Sentence
from smarts.campaigns.striking import require_sum
from smarts.campaigns.syntax import OperationRefusedError
from smarts.wire.products import Campaign

_TOTALS = (0.01, 1.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 1000.0)
_AMOUNTS = (1.0, 2.0, 5.0, 20.0)
_MOST_ENDS = 6  # of an operation's limits that are tried, on both sides
_WITNESSES = 12
_MOST_OTHERS = 3
_MOST_WORK = 4_000_000  # characters of operations, each counted about as often as it is run
_KEPT_LISTS = 64
_KEPT = 4096
_CENT = 0.005
_SMALL = 1.0

T = TypeVar("T")

Point = tuple[float, float]
"""Pieces and a total without VAT."""


class Oddity(StrEnum):
    """What is odd; one word for machines."""

    NEVER_STRIKES = "NEVER_STRIKES"
    NO_PRICE = "NO_PRICE"
    FREE = "FREE"
    DEARER = "DEARER"
    TWICE = "TWICE"
    TOGETHER = "TOGETHER"


_NEVER = "It changes nothing, whatever a purchase costs."
_NEVER_TRIED = "It changed none of the %(count)s purchases that it was tried on."
_NO_PRICE = "Of %(total)s without VAT it makes %(result)s, which is no price: it is left out there."
_FREE = "Of %(total)s without VAT it leaves nothing to pay."
_DEARER = "It makes %(result)s of %(total)s without VAT, which is more."
_TWICE = "The same campaign is listed twice, and counts twice."
_TOGETHER = (
    "“%(name)s” strikes the same purchases: of %(total)s without VAT both leave %(both)s,"
    " in the other order %(swapped)s."
)


@dataclass(frozen=True)
class Conflict:
    """Something odd about the campaign at a place of the list, in its `field`; `other` is whom it meets there."""

    place: int
    oddity: Oddity
    sentence: Sentence
    other: int | None = None
    field: str = "operation"


@dataclass(frozen=True)
class _Read:
    campaign: Campaign
    code: CampaignCode
    operation: Operation

    def at(self, point: Point) -> float:
        """What it leaves of a total; the total itself where it gives no price."""
        try:
            result = self.operation(*_inputs(self.operation, point))
            require_sum(result)
        except BadResultError:
            return point[1]
        return result


def conflicts_of(campaigns: Sequence[Campaign], place: int) -> tuple[Conflict, ...]:
    """What is odd about one of a store's campaigns, by itself and beside the others."""
    pairs = ((place, other) for other in range(len(campaigns)) if other != place)
    return (*_alone(campaigns[place], place), *_together(campaigns, pairs))


def conflicts_in(campaigns: Sequence[Campaign]) -> tuple[Conflict, ...]:
    """What is odd about a store's campaigns; of a long list, not every one is held against every other."""
    return _found(tuple(campaigns))


@lru_cache(_KEPT_LISTS)
def _found(campaigns: tuple[Campaign, ...]) -> tuple[Conflict, ...]:
    looked_at = _within_limits(enumerate(campaigns), lambda each: 30 * len(each[1].operation))
    alone = [conflict for place, campaign in looked_at for conflict in _alone(campaign, place)]
    pairs = ((one, other) for other in range(len(campaigns)) for one in range(other))
    return tuple(sorted([*alone, *_together(campaigns, pairs)], key=lambda each: each.place))


def _together(campaigns: Sequence[Campaign], pairs: Iterable[tuple[int, int]]) -> Iterator[Conflict]:
    told = Counter[int]()
    for one, other in _within_limits(
        pairs, lambda pair: 400 + 10 * sum(len(campaigns[place].operation) for place in pair)
    ):
        if told[one] < _MOST_OTHERS:
            for conflict in _meeting(campaigns, one, other):
                told[one] += 1
                yield conflict


def _within_limits(each: Iterable[T], work: Callable[[T], int]) -> Iterator[T]:
    """As many as are looked at in a moment, however long their operations are."""
    done = 0
    for one in each:
        done += work(one)
        if done > _MOST_WORK:
            return
        yield one


@lru_cache(_KEPT)
def _read(campaign: Campaign) -> _Read | None:
    """A store's campaign that can work."""
    try:
        code = CampaignCode.parse(campaign.code)
        operation = compile_operation(campaign.operation, code.kind)
    except (CodeRefusedError, OperationRefusedError):
        return None
    return None if code.kind.is_product_based else _Read(campaign, code, operation)


def _alone(campaign: Campaign, place: int) -> Iterator[Conflict]:
    read = _read(campaign)
    for oddity, sentence in _oddities(read.operation.source, read.operation.kind) if read else ():
        yield Conflict(place, oddity, sentence)


@lru_cache(_KEPT)
def _oddities(source: str, kind: Kind) -> tuple[tuple[Oddity, Sentence], ...]:
    """Each kind of oddity once, where it begins."""
    operation = compile_operation(source, kind)
    points = _points(operation)
    found: dict[Oddity, Sentence] = {}
    changes = False
    for point in points:
        result = operation.evaluate(*_inputs(operation, point))
        changes = changes or result != point[1]
        odd = _odd(point[1], result)
        if odd:
            found.setdefault(*odd)
    if not changes:
        never = Sentence(_NEVER) if not operation.changing else _sentence(_NEVER_TRIED, count=len(points))
        found[Oddity.NEVER_STRIKES] = never
    return tuple(found.items())


def _odd(total: float, result: float) -> tuple[Oddity, Sentence] | None:
    about = {"total": f"{total:.2f}", "result": f"{result:.2f}"}
    if not 0.0 <= result < float("inf"):
        return Oddity.NO_PRICE, _sentence(_NO_PRICE, **about)
    if result < _CENT and not _is_small(total):
        return Oddity.FREE, _sentence(_FREE, **about)
    if result > total:
        return Oddity.DEARER, _sentence(_DEARER, **about)
    return None


def _meeting(campaigns: Sequence[Campaign], place: int, other: int) -> Iterator[Conflict]:
    """How two campaigns meet, told of the one at `place`."""
    one, two = _read(campaigns[place]), _read(campaigns[other])
    if one is None or two is None or not _same_shoppers(one.code, two.code):
        return
    if (one.code, one.operation.source) == (two.code, two.operation.source):
        yield Conflict(place, Oddity.TWICE, Sentence(_TWICE), other)
        return
    first, second = (one, two) if place < other else (two, one)
    for pieces, total in sorted(
        (*_witnesses(first), *_witnesses(second)), key=lambda each: _is_small(each[1])
    ):
        once, turned = first.at((pieces, total)), second.at((pieces, total))
        both = second.at((pieces, once))
        if once == total or both == once:
            continue
        about = {
            "name": campaigns[other].name[:100],
            "total": f"{total:.2f}",
            "both": f"{both:.2f}",
            "swapped": f"{first.at((pieces, turned)):.2f}",
        }
        yield Conflict(place, Oddity.TOGETHER, _sentence(_TOGETHER, **about), other)
        return


def _is_small(total: float) -> bool:
    """Whether a purchase is of so little that rounding hides what becomes of it."""
    return total < _SMALL


def _same_shoppers(one: CampaignCode, two: CampaignCode) -> bool:
    """Whether there is a shopper for whom both are, as far as one card goes."""
    clients = {one.client, two.client} - {Client.BOTH}
    cards = {one.card, two.card} - {EVERYBODY}
    return len(clients) < 2 and len(cards) < 2


@lru_cache(_KEPT)
def _witnesses(read: _Read) -> tuple[Point, ...]:
    """Some of the purchases that it changes."""
    changed = [point for point in _points(read.operation) if read.at(point) != point[1]]
    return tuple(changed[:: max(1, len(changed) // _WITNESSES)][:_WITNESSES])


def _points(operation: Operation) -> tuple[Point, ...]:
    totals = _around(operation, "total", 0.01, _TOTALS)
    if operation.kind is Kind.TOTAL:
        return tuple((pieces, total) for pieces in (1.0,) for total in totals)
    return tuple(
        (pieces, total) for pieces in _around(operation, "amount", 1.0, _AMOUNTS) for total in totals
    )


def _around(operation: Operation, name: str, step: float, usual: Iterable[float]) -> list[float]:
    spans = [box[name] for box in operation.changing if name in box]
    ends = sorted({end for span in spans for end in (span.low, span.high) if 0 < end < 1e9})[:_MOST_ENDS]
    return sorted({*usual, *(end + by for end in ends for by in (-step, 0.0, step) if end + by > 0)})


def _inputs(operation: Operation, point: Point) -> tuple[float, ...]:
    return point if operation.kind is Kind.AMOUNT_TOTAL else point[1:]


def _sentence(text: str, **values: object) -> Sentence:
    return Sentence(text, {name: str(value) for name, value in values.items()})
