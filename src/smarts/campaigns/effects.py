"""What a campaign did and why, for the shopper and the store manager."""

from decimal import ROUND_UP, Decimal
from enum import StrEnum

import msgspec

from smarts.campaigns.reading import read_campaign
from smarts.campaigns.sentences import SILENCE, Sentence, told
from smarts.wire.money import Currency, rounded
from smarts.wire.products import Campaign, Unit


class Reason(StrEnum):
    """What became of a campaign; one word for machines, from which every language can make its sentence."""

    CHANGED_AMOUNT = "CHANGED_AMOUNT"
    CHANGED_UNIT_PRICE = "CHANGED_UNIT_PRICE"
    CHANGED_ROW = "CHANGED_ROW"
    CHANGED_TOTAL = "CHANGED_TOTAL"
    UNCHANGED = "UNCHANGED"
    NOTHING_TO_PAY = "NOTHING_TO_PAY"
    CLIENTS_ONLY = "CLIENTS_ONLY"
    UNAUTHENTICATED_ONLY = "UNAUTHENTICATED_ONLY"
    CARD_ONLY = "CARD_ONLY"
    BAD_CODE = "BAD_CODE"
    BAD_OPERATION = "BAD_OPERATION"
    BAD_RESULT = "BAD_RESULT"
    PRODUCT_KIND = "PRODUCT_KIND"


_STRUCK = {
    Reason.CHANGED_AMOUNT,
    Reason.CHANGED_UNIT_PRICE,
    Reason.CHANGED_ROW,
    Reason.CHANGED_TOTAL,
    Reason.UNCHANGED,
}
_ERRORS = {Reason.BAD_CODE, Reason.BAD_OPERATION, Reason.BAD_RESULT, Reason.PRODUCT_KIND}

_SENTENCES = {
    Reason.CHANGED_AMOUNT: "You pay for {newAmount} of {amount} {unit}: {change} {currency} {direction}.",
    Reason.CHANGED_UNIT_PRICE: (
        "One {unit} costs {newUnitPrice} instead of {unitPrice} {currency}: {change} {currency} {direction}."
    ),
    Reason.CHANGED_ROW: "This costs {after} instead of {before} {currency}: {change} {currency} {direction}.",
    Reason.CHANGED_TOTAL: (
        "The purchase costs {after} instead of {before} {currency}: {change} {currency} {direction}."
    ),
    Reason.UNCHANGED: "It changes nothing this time.",
    Reason.NOTHING_TO_PAY: "Nothing is left to pay that it could change.",
    Reason.CLIENTS_ONLY: "It is for clients only.",
    Reason.UNAUTHENTICATED_ONLY: "It is only for shoppers who are not clients.",
    Reason.CARD_ONLY: "It is only for holders of a card with the code {card}.",
    Reason.BAD_CODE: "It was left out: {problem}",
    Reason.BAD_OPERATION: "It was left out: {problem}",
    Reason.BAD_RESULT: "It was left out: {problem}",
    Reason.PRODUCT_KIND: "It was left out: its kind changes a product's row, and it came with the store.",
}
_NEEDED = {
    "amount": "It counts from {from} {unit} on.",
    "total": "It counts from {from} {currency} without VAT on, about {fromWithVat} {currency} with it.",
}
_IRREGULAR_PLURALS = {Unit.FOOT: "feet", Unit.INCH: "inches", Unit.STONE: "stone"}


class CampaignEffect(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign on one line, or on the purchase where `line` is None.

    `before` and `after` are what the line, or the purchase, cost with VAT before and after this campaign.
    `measures` are the amounts that were paid for (`CHANGED_AMOUNT`) or the prices of one unit with VAT
    (`CHANGED_UNIT_PRICE`), before and after. `inputs` are what its operation was called with, in the order of its
    kind's, and `result` is what it gave. `card` is the card that a `CARD_ONLY` campaign asks for; `problem` tells what
    is wrong with an erroneous one, `position` at which of its operation's characters, from 1.
    """

    campaign: Campaign
    reason: Reason
    currency: Currency
    before: Decimal
    after: Decimal
    line: str | None = None
    unit: Unit = Unit.PIECE
    measures: tuple[Decimal, Decimal] | None = None
    inputs: tuple[float, ...] = ()
    result: float | None = None
    card: str = ""
    problem: Sentence = SILENCE
    position: int | None = None

    @property
    def struck(self) -> bool:
        """Whether it was for this shopper and ran; only then is it shown to the shopper."""
        return self.reason in _STRUCK

    @property
    def changed(self) -> bool:
        """Whether it changed what is paid."""
        return self.before != self.after

    @property
    def is_error(self) -> bool:
        """Whether the store manager must be told that the campaign does not work; the shopper never is."""
        return self.reason in _ERRORS

    @property
    def needs(self) -> tuple[str, Decimal] | None:
        """Which input would have to be how large for an `UNCHANGED` one to change something, where that is known."""
        if self.reason is not Reason.UNCHANGED or not self.inputs:
            return None
        found = read_campaign(self.campaign).operation.needs(*self.inputs)
        return (found[0], Decimal(repr(found[1]))) if found else None

    @property
    def words(self) -> str:
        """An English sentence."""
        needs = self.needs
        sentence = _NEEDED.get(needs[0], "") if needs else ""
        return (sentence or _SENTENCES[self.reason]).format_map(self.parameters)

    @property
    def parameters(self) -> dict[str, str]:
        """What a sentence about the reason is made with: plain numbers, names of units, codes."""
        change = self.after - self.before
        parameters = {
            "before": str(self.before),
            "after": str(self.after),
            "change": str(abs(change)),
            "direction": "more" if change > 0 else "less",
            "currency": self.currency.value,
            "card": self.card,
            "problem": told(self.problem, self.position),
        }
        return parameters | self._measured() | self._needed()

    def _needed(self) -> dict[str, str]:
        needs = self.needs
        if needs is None:
            return {}
        name, least = needs
        if name != "total":
            return {"needs": name, "from": plain(least), "unit": _counted(self.unit, least)}
        # What a purchase costs with VAT depends on what is added: reckoned as if by the rates that are in it now.
        gross = (self.before * least / Decimal(repr(self.inputs[-1]))).quantize(
            self.currency.minor_unit, ROUND_UP
        )
        return {"needs": name, "from": str(rounded(least, self.currency)), "fromWithVat": str(gross)}

    def _measured(self) -> dict[str, str]:
        if self.measures is None:
            return {}
        if self.reason is Reason.CHANGED_AMOUNT:
            amount, new_amount = self.measures
            return {
                "amount": plain(amount),
                "newAmount": plain(new_amount),
                "unit": _counted(self.unit, amount),
            }
        price, new_price = (str(rounded(measure, self.currency)) for measure in self.measures)
        return {"unitPrice": price, "newUnitPrice": new_price, "unit": _counted(self.unit, Decimal(1))}


def plain(amount: Decimal) -> str:
    """A number without needless zeros and exponents."""
    return f"{amount.normalize():f}"


def _counted(unit: Unit, amount: Decimal) -> str:
    if amount == 1:
        return unit.lower()
    return _IRREGULAR_PLURALS.get(unit, f"{unit.lower()}s")
