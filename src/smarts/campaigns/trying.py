"""What a campaign of the store would do, before it is one: to a cart, and to sums around its thresholds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from smarts.campaigns.code import Buyer, Kind
from smarts.campaigns.effects import CampaignEffect
from smarts.campaigns.operation import BadResultError, Operation
from smarts.campaigns.pricing import PricedCart, price_cart
from smarts.campaigns.rows import CartLine
from smarts.campaigns.sentences import SILENCE, Sentence
from smarts.campaigns.striking import require_sum
from smarts.wire.money import Currency
from smarts.wire.products import Campaign


@dataclass(frozen=True)
class Basket:
    """Goods, and what of their buyer counts: what a campaign is tried on."""

    lines: Sequence[CartLine]
    buyer: Buyer
    currency: Currency


@dataclass(frozen=True)
class Candidate:
    """A campaign that the store may have, and the store's others: so many of them have their turn before it."""

    campaign: Campaign
    others: Sequence[Campaign] = ()
    place: int = 0


class Trial(msgspec.Struct, frozen=True):
    """A cart priced without a campaign and with it; `effect` is the campaign's own."""

    without: PricedCart
    with_it: PricedCart
    effect: CampaignEffect

    @property
    def change(self) -> Decimal:
        """By how much the whole cart costs more, or less where below zero: later campaigns see another total too."""
        return self.with_it.total.total_to_pay - self.without.total.total_to_pay


def try_campaign(candidate: Candidate, basket: Basket) -> Trial:
    """Prices a cart twice; a campaign that does not work leaves it as it was, and its effect says why."""
    others, place, campaign = candidate.others, candidate.place, candidate.campaign

    def priced(campaigns: Sequence[Campaign]) -> PricedCart:
        return price_cart(basket.lines, campaigns, basket.buyer, basket.currency, watched=campaign)

    with_it = priced((*others[:place], campaign, *others[place:]))
    effect = next(effect for effect in with_it.effects if effect.campaign is campaign)
    return Trial(priced(others), with_it, effect)


@dataclass(frozen=True)
class Step:
    """What an operation gives for some inputs, in the order of its kind's; no result where it gave none that counts."""

    inputs: tuple[Decimal, ...]
    result: Decimal | None
    problem: Sentence = SILENCE

    @property
    def change(self) -> Decimal:
        """What it takes off, as a number below zero, or adds."""
        return Decimal(0) if self.result is None else self.result - self.inputs[-1]


_USUAL = {
    "amount": tuple(map(Decimal, (1, 2, 5, 10, 20, 50))),
    "total": tuple(map(Decimal, (5, 10, 20, 50, 100, 200))),
}
_FEW_TOTALS = tuple(map(Decimal, (10, 50, 100)))
_FINEST = {"amount": Decimal(1), "total": Decimal("0.01")}
_MOST_THRESHOLDS = 4
_NUMBER = r"\d{1,6}(?:\.\d{1,2})?(?![\w.])"
_THRESHOLD = re.compile(
    rf"\b(?P<name>amount|total)\s*[<>]=?\s*(?P<right>{_NUMBER})"
    rf"|(?<![\w.])(?P<left>{_NUMBER})\s*[<>]=?\s*(?P<other>amount|total)\b"
)


def ladder(operation: Operation) -> tuple[tuple[Step, ...], ...]:
    """What the operation of a store's campaign gives for rising inputs, those that it compares something with included.

    A row for each total; of an operation on amounts, a row for each amount, whose steps are some totals.
    """
    if operation.kind is Kind.AMOUNT_TOTAL:
        totals = _around(operation, "total")[: len(_FEW_TOTALS)] or _FEW_TOTALS
        return tuple(
            tuple(_step(operation, (amount, total)) for total in totals)
            for amount in _rising(operation, "amount")
        )
    return tuple((_step(operation, (total,)),) for total in _rising(operation, "total"))


def _rising(operation: Operation, name: str) -> list[Decimal]:
    return sorted({*_USUAL[name], *_around(operation, name)})


def _around(operation: Operation, name: str) -> tuple[Decimal, ...]:
    """The numbers that an operation compares an input with, and those just below and above them."""
    found = [
        Decimal(match["right"] or match["left"])
        for match in _THRESHOLD.finditer(operation.source)
        if name in (match["name"], match["other"])
    ]
    finest = _FINEST[name]
    near = {each + step for each in found[:_MOST_THRESHOLDS] for step in (-finest, 0, finest)}
    return tuple(sorted(each for each in near if each > 0))


def _step(operation: Operation, inputs: tuple[Decimal, ...]) -> Step:
    try:
        result = operation(*map(float, inputs))
        require_sum(result)
    except BadResultError as error:
        return Step(inputs, None, error.sentence)
    return Step(inputs, Decimal(repr(result)))
