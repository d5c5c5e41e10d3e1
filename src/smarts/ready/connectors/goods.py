"""What a shop system sells, as it says so itself; both shop systems tell it in these words."""

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import NamedTuple, Protocol

from smarts.wire.money import Currency, rounded
from smarts.wire.products import Unit

_FINEST = Decimal("0.000001")  # shop systems reckon in doubles, which leave residues behind
CATEGORY_SEPARATOR = " > "
# What a catalogue calls the units that it knows.
_SYMBOLS: Mapping[Unit, str] = {
    Unit.PIECE: "pcs", Unit.KILOGRAM: "kg", Unit.GRAM: "g", Unit.TON: "t", Unit.LITER: "l", Unit.DECILITER: "dl",
    Unit.METER: "m", Unit.CENTIMETER: "cm", Unit.DECIMETER: "dm", Unit.POUND: "lb", Unit.PINT: "pint",
    Unit.GALLON: "gallon", Unit.INCH: "inch", Unit.FOOT: "foot", Unit.YARD: "yard",
}  # fmt: skip

Cell = str | bool | None


class Good(NamedTuple):
    """One thing that is sold or was.

    Attributes:
        key: what the shop system knows it by.
        number: what its people find it by.
        cells: what it is, as a row of a catalogue; `None` where it is not sold (any more).
        changed: when it was changed, by the shop system's clock and in its spelling, which can be compared.
        fault: why it cannot be sold here, in words for the merchant; then its cells say nothing.
        is_followed: whether a look at what has changed would see its changes.
    """

    key: str
    number: int
    cells: Mapping[str, Cell] | None
    changed: str
    fault: str = ""
    is_followed: bool = True


class Unsellable(Exception):  # noqa: N818 - reads as what it says
    """Something that the shop system sells in a way that is not understood here; the message is the fault to tell."""


class Page(NamedTuple):
    """Some goods of a look; `is_whole` is False where the shop changed meanwhile, so that some may be missing."""

    goods: tuple[Good, ...]
    is_whole: bool = True


class Goods(Protocol):
    """What a shop system sells; all methods raise `CallFailed`."""

    def look(self, since: str | None) -> AsyncIterator[Page]:
        """All goods, or those that were changed at `since` or later; some that were not may come too."""
        ...

    async def one(self, barcode: str, key: str | None, seconds: float) -> Good | None:
        """What has a barcode now; the `key` by which it was known is a hint. `None` where there is no such thing."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


def unit_cells(unit: Unit) -> Mapping[str, Cell]:
    """The cells that say by what something is sold and priced: by the piece, or weighed in a unit.

    Raises:
        Unsellable: a catalogue does not know the unit.
    """
    if unit not in _SYMBOLS:
        raise Unsellable(f"it is sold by {unit}")
    return {"quantity": "1", "unit": _SYMBOLS[unit], "weighed": unit is not Unit.PIECE}


def price_with_tax(price: Decimal, rate: Decimal, currency: Currency, *, is_included: bool) -> Decimal:
    """What a shopper pays for a price of the shop system; the rate is in percent."""
    exact = price.quantize(_FINEST)
    return rounded(exact if is_included else exact * (100 + rate) / 100, currency)


def category_path(id_: int, names: Mapping[int, str], parents: Mapping[int, int | None]) -> str:
    """The names from the top down to a category."""
    way: list[int] = []
    above: int | None = id_
    while above is not None and above in names and above not in way:
        way.append(above)
        above = parents.get(above)
    return CATEGORY_SEPARATOR.join(names[each].replace(">", "›").strip() for each in reversed(way))
