"""The sums of a receipt, exactly."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from smarts.kit.check import Unmet

_NOTHING = Decimal(0)
_CENT = Decimal("0.01")


class Equation(NamedTuple):
    """What a sum is, and what it may be: any of these, as near as rounding may come."""

    what: str
    found: Decimal
    wanted: tuple[Decimal, ...]
    near: Decimal

    @property
    def holds(self) -> bool:
        """Whether it is near one of them."""
        return any(abs(self.found - each) <= self.near for each in self.wanted)


@dataclass(frozen=True)
class Sums:
    """What a receipt's rows, shipment and bonus are in all, and its own sums; `near` is what rounding may make."""

    rows: Decimal
    shipment: Decimal
    bonus: Decimal
    without_addition: Decimal
    addition: Decimal
    without_vat: Decimal
    vat: Decimal
    total: Decimal
    near: Decimal

    @property
    def before_bonus(self) -> Decimal:
        """What goods and shipment cost."""
        return self.total + self.bonus

    @property
    def of_rows(self) -> Equation:
        """Rows and shipment are what is paid with money and bonus."""
        return Equation("total and bonus", self.before_bonus, (self.rows + self.shipment,), self.near)

    @property
    def of_vat(self) -> Equation:
        """The VAT is in what is paid, before or after the bonus."""
        found = self.without_vat + self.vat
        return Equation("totalWithoutVAT and vatSum", found, (self.before_bonus, self.total), self.near)

    @property
    def of_additions(self) -> Equation:
        """Additions lead to what is paid; whether discounts are below or above zero is not laid down."""
        ends = (self.before_bonus, self.total, self.without_vat)
        sizes = tuple(abs(self.without_addition - end) for end in ends)
        return Equation("the size of additionSum", abs(self.addition), sizes, self.near)


def sums_of(receipt: Mapping[str, Any]) -> Sums:
    """The sums; raises `Unmet` where one is no number."""
    rows = [amount for name, amount in priced(receipt) if name.startswith("products")]
    bonus = (amount for name, amount in priced(receipt) if name.startswith("loyaltyCards"))
    return Sums(
        rows=sum(rows, _NOTHING),
        shipment=shipping(receipt),
        bonus=sum(bonus, _NOTHING),
        without_addition=number(receipt, "totalWithoutAddition"),
        addition=number(receipt, "additionSum"),
        without_vat=number(receipt, "totalWithoutVAT"),
        vat=number(receipt, "vatSum"),
        total=number(receipt, "total"),
        near=_CENT * (len(rows) + 1),
    )


def priced(receipt: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """What is paid, and what for, each by its path."""
    for place, row in enumerate(receipt.get("products") or ()):
        yield f"products[{place}].rowPrice", number(row, "rowPrice")
    for place, card in enumerate(receipt.get("loyaltyCards") or ()):
        if card.get("bonusUsed") is not None:
            yield f"loyaltyCards[{place}].bonusUsed", number(card, "bonusUsed")
    yield "shipment.price", shipping(receipt)
    yield "total", number(receipt, "total")


def amounts(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Decimal]:
    """How much there is of each barcode: rows may be split, or put together."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[str(row.get("barcode"))] += number(row, "amount")
    return dict(found)


def number(document: Mapping[str, Any], name: str) -> Decimal:
    """A field as it stands on the wire, a number or one in a string; raises `Unmet` where it is none."""
    value = document.get(name)
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Unmet(f"a number as {name}", repr(value))
    return found


def shipping(receipt: Mapping[str, Any]) -> Decimal:
    """What delivery costs on a receipt."""
    shipment = receipt.get("shipment") or {}
    return number(shipment, "price") if shipment.get("price") is not None else _NOTHING
