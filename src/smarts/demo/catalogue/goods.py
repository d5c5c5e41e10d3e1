"""Prices, quantities and rules as the contract's data objects, from how a merchant writes them."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from smarts.wire.products import (
    Addition,
    AdditionType,
    BetweenTime,
    Inspection,
    InspectionAction,
    MaxAmount,
    MaxTime,
    MinAge,
    MinAmount,
    MinTime,
    Price,
    Quantity,
    Unit,
)
from smarts.wire.times import TimeOfDay, TimeZone

_STORE_ZONE = TimeZone("Europe/Tallinn")
_HUNDREDTH = Decimal("0.01")
_UNITS = {
    "pcs": (Unit.PIECE, Decimal(1)),
    "kg": (Unit.KILOGRAM, Decimal(1)),
    "g": (Unit.GRAM, Decimal(1)),
    "oz": (Unit.POUND, Decimal("0.0625")),
    "l": (Unit.LITER, Decimal(1)),
    "dl": (Unit.DECILITER, Decimal(1)),
    "cl": (Unit.LITER, Decimal("0.01")),
    "ml": (Unit.LITER, Decimal("0.001")),
    "m": (Unit.METER, Decimal(1)),
    "cm": (Unit.CENTIMETER, Decimal(1)),
}


def quantity(amount: Decimal, unit: str) -> Quantity:
    """An amount in a shop's unit (`ml`, `pcs` …) in the contract's; `KeyError` for a unit that is not known."""
    contract_unit, factor = _UNITS[unit]
    return Quantity(contract_unit, _shortest(amount * factor))


def pieces(count: int) -> Quantity:
    """So many pieces."""
    return Quantity(Unit.PIECE, Decimal(count))


def price(total: Decimal, vat_rate: Decimal, addition: Decimal = Decimal(0)) -> Price:
    """The price of one piece or unit: `total` is what is paid, `vat_rate` in percent.

    `addition` is what is already in the total: below zero a discount, above zero a mark-up.
    """
    return Price.of(total, vat_rate, _addition(total, addition))


def _addition(total: Decimal, change: Decimal) -> Addition | None:
    if not change:
        return None
    kind = AdditionType.DISCOUNT if change < 0 else AdditionType.MARK_UP
    rate = (abs(change) * 100 / (total - change)).quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)
    return Addition(kind, abs(change), rate)


def inspections(text: str) -> tuple[Inspection, ...]:
    """Rules as a merchant writes them: `MIN_AGE 18; BETWEEN_TIME 10:00-22:00; MIN_AMOUNT 5 INSPECT`.

    Where no action is named, an age is inspected and everything else restricts. Times are the store's own.

    Raises:
        ValueError: a rule is not known or not whole.
    """
    return tuple(_inspection(*rule.split()) for rule in text.split(";") if rule.strip())


def _inspection(kind: str, value: str, action: str | None = None) -> Inspection:
    if kind not in _RULES:
        raise ValueError(f"Expected one of {', '.join(_RULES)}, got {kind}")
    usual = InspectionAction.INSPECT if kind == "MIN_AGE" else InspectionAction.RESTRICT
    return _RULES[kind](value, InspectionAction(action) if action else usual)


def _between(hours: str, action: InspectionAction) -> BetweenTime:
    start, end = map(TimeOfDay.read, hours.split("-"))
    return BetweenTime(start=start, end=end, timezone=_STORE_ZONE, action=action)


_RULES: dict[str, Callable[[str, InspectionAction], Inspection]] = {
    "BETWEEN_TIME": _between,
    "MIN_TIME": lambda time, action: MinTime(time=TimeOfDay.read(time), timezone=_STORE_ZONE, action=action),
    "MAX_TIME": lambda time, action: MaxTime(time=TimeOfDay.read(time), timezone=_STORE_ZONE, action=action),
    "MIN_AGE": lambda age, action: MinAge(age=int(age), action=action),
    "MIN_AMOUNT": lambda amount, action: MinAmount(amount=Decimal(amount), action=action),
    "MAX_AMOUNT": lambda amount, action: MaxAmount(amount=Decimal(amount), action=action),
}


def _shortest(number: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent."""
    return Decimal(f"{number.normalize():f}")
