"""What stands in cells, as values: prices, amounts, days, hours. Each raises `ValueError` with a reason for people."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from smarts.wire.products import Unit
from smarts.wire.times import TimeOfDay

_MONEY_SIGNS = re.compile(r"[\s'’_]|€|\$|EUR|USD|eur|usd|\.-$|,-$")
_NUMBER = re.compile(r"[+-]?(?:\d{1,12}(?:[.,]\d{1,9})?|[.,]\d{1,9})", re.ASCII)
_GROUPED = re.compile(r"([+-]?[1-9]\d{0,2})((?:([.,])\d{3})(?:\3\d{3})*)((?!\3)[.,]\d{1,9})?", re.ASCII)
_THREE_DECIMALS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_SIZE = re.compile(r"(?:(\d{1,4})\s*[x×*]\s*)?(\d{1,7}(?:[.,]\d{1,6})?)\s*([^\W\d]+\.?)?")
_DAY = re.compile(
    r"(?:(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})|(?P<d2>\d{1,2})\.(?P<m2>\d{1,2})\.(?P<y2>\d{4}))"
    r"(?:[T ](?P<time>\d{1,2}:\d{2})(?::\d{2})?.*)?",
    re.ASCII,
)
_LARGEST = Decimal(10**9)
_ONE = Decimal(1)
_UNITS = {
    Unit.PIECE: "pcs pc piece pieces tk шт kpl st stk gab vnt szt pièce u",
    Unit.KILOGRAM: "kg kilo kilogram кг",
    Unit.GRAM: "g gr gram г гр",
    Unit.TON: "t ton",
    Unit.LITER: "l liter litre л ltr",
    Unit.DECILITER: "dl дл",
    Unit.METER: "m meter metre м jm",
    Unit.CENTIMETER: "cm см",
    Unit.DECIMETER: "dm",
    Unit.POUND: "lb lbs pound",
    Unit.PINT: "pint pt",
    Unit.GALLON: "gallon gal",
    Unit.INCH: "inch in",
    Unit.FOOT: "foot feet ft",
    Unit.YARD: "yard yd",
}
_SCALED = {
    "ml": (Unit.LITER, Decimal("0.001")),
    "мл": (Unit.LITER, Decimal("0.001")),
    "cl": (Unit.LITER, Decimal("0.01")),
    "mg": (Unit.GRAM, Decimal("0.001")),
    "mm": (Unit.CENTIMETER, Decimal("0.1")),
    "oz": (Unit.POUND, Decimal("0.0625")),
}
_KNOWN_UNITS = {name: (unit, _ONE) for unit, names in _UNITS.items() for name in names.split()} | _SCALED
_YES = frozenset(["1", "true", "yes", "y", "jah", "j", "x", "да", "on", "t"])
_NO = frozenset(["0", "false", "no", "n", "ei", "e", "нет", "off", "f", "-"])


def text_of(cell: object) -> str:
    """A cell as text without spaces around it; a spreadsheet's whole numbers without a fraction."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def number_of(cell: object, decimal_sign: str = "") -> Decimal:
    """A number as people write it: `1 234,50 €`, `1.234,50`, `0,5`, 12."""
    if isinstance(cell, Decimal | int | float) and not isinstance(cell, bool):
        return round(_bounded(Decimal(str(cell))), 6)
    return _number(text_of(cell), decimal_sign)


@lru_cache(maxsize=20_000)
def _number(text: str, decimal_sign: str) -> Decimal:
    bare = _MONEY_SIGNS.sub("", text).removesuffix("%")
    if not decimal_sign and _THREE_DECIMALS.fullmatch(bare):
        raise ValueError(f"{text} can be read in two ways; decimal_sign says which")
    grouped = _GROUPED.fullmatch(bare)
    if grouped and grouped[3] != decimal_sign:
        fraction = grouped[4] or ""
        bare = grouped[1] + grouped[2].replace(grouped[3], "") + fraction
        if decimal_sign and fraction and fraction[0] != decimal_sign:
            raise ValueError(f"{text} has another decimal sign than {decimal_sign}")
    if not _NUMBER.fullmatch(bare):
        raise ValueError(f"{_shown(text)} is not a number")
    return _bounded(Decimal(bare.replace(",", ".")))


def _bounded(number: Decimal) -> Decimal:
    if not number.is_finite() or abs(number) > _LARGEST:
        raise ValueError(f"{number} is too large")
    return number


def size_of(amount: object, unit: str) -> tuple[Decimal, Unit]:
    """What is in a pack: an amount and its unit, which may stand behind it: `500` and `g`, `4x125 g`."""
    return _size(text_of(amount), unit)


@lru_cache(maxsize=20_000)
def _size(amount: str, unit: str) -> tuple[Decimal, Unit]:
    match = _SIZE.fullmatch(amount or "1")
    if not match:
        raise ValueError(f"{_shown(amount)} is not an amount")
    name = (unit or match[3] or "pcs").strip().rstrip(".").casefold()
    if name not in _KNOWN_UNITS:
        raise ValueError(f"{_shown(name)} is not a unit")
    contract_unit, factor = _KNOWN_UNITS[name]
    value = int(match[1] or 1) * Decimal(match[2].replace(",", ".")) * factor
    if not value:
        raise ValueError("0 is not an amount")
    return value.quantize(_ONE) if value == value.to_integral_value() else value.normalize(), contract_unit


def whole_of(cell: object) -> int:
    """A whole number from 0 to 999, such as an age, also with a plus sign: `18+`."""
    text = text_of(cell).removesuffix("+")
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII):
        raise ValueError(f"{_shown(text)} is not a whole number")
    return int(text)


def answer_of(cell: object) -> bool:
    """Yes or no, in some languages; an empty cell is no."""
    text = text_of(cell).casefold()
    if text in _YES:
        return True
    if text in _NO or not text:
        return False
    raise ValueError(f"{_shown(text)} is neither yes nor no")


def day_of(cell: object) -> datetime:
    """A day, and the time of day where there is one: `2026-12-24`, `24.12.2026 10:00`; without a time zone."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - the store's own zone is the reader's to say
    match = _DAY.fullmatch(text_of(cell))
    if not match:
        raise ValueError(f"{_shown(text_of(cell))} is not a day such as 2026-12-24 or 24.12.2026")
    year, month, day = (match[part] or match[part + "2"] for part in "ymd")
    hour, minute = (match["time"] or "0:0").split(":")
    try:
        return datetime(int(year), int(month), int(day), int(hour), int(minute))  # noqa: DTZ001 - as above
    except ValueError:
        raise ValueError(f"{_shown(text_of(cell))} is not in the calendar") from None


def hours_of(cell: object) -> tuple[TimeOfDay, TimeOfDay]:
    """From when to when: `10:00-22:00`."""
    start, _, end = text_of(cell).replace("–", "-").partition("-")
    try:
        return _time(start), _time(end)
    except ValueError:
        raise ValueError(f"{_shown(text_of(cell))} are not hours such as 10:00-22:00") from None


def _time(text: str) -> TimeOfDay:
    return TimeOfDay.read(text.strip().zfill(5))


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
