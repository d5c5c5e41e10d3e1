"""Barcodes as they are looked up, whichever way their zeros are written, and the ones that scales print."""

import re
from decimal import Decimal
from typing import NamedTuple

from stdnum import ean

from smarts.ready.catalogue.settings import Holds, Scale

_GTIN_LENGTHS = (8, 12, 13, 14)
_LONGEST_NUMBER = 18
_LONGEST = 200  # characters, with blanks and dashes between the digits
_SUMS = [3 * (four // 1000 + four // 10 % 10) + four // 100 % 10 + four % 10 for four in range(10**4)]
"""Of four digits, each by its weight."""

_ALLOWED = re.compile(r"[0-9A-Za-z][0-9A-Za-z ._/+-]{0,79}", re.ASCII)
_ROUNDED = re.compile(r"\d+[.,]?\d*E\+?\d+", re.ASCII | re.IGNORECASE)


class Printed(NamedTuple):
    """What scales printed: keys of the item, the likeliest first, and its weight or price."""

    keys: tuple[int | str, ...]
    value: Decimal
    holds: Holds


def read_barcode(text: str) -> str:
    """The barcode of a row.

    Raises:
        ValueError: there is none, or a spreadsheet has spoiled it.
    """
    if not text:
        raise ValueError("is empty")
    if len(text) <= _LONGEST_NUMBER and text.isascii() and text.isdigit():
        return text
    if len(text) > _LONGEST:
        raise ValueError(f"{text[:40]}… is not a barcode")
    if _ROUNDED.fullmatch(text):
        raise ValueError(f"{text} is a number that a spreadsheet has rounded; format the column as text")
    compact = text.replace(" ", "").replace("-", "")
    if compact.isascii() and compact.isdigit():
        text = compact
    if not _ALLOWED.fullmatch(text):
        raise ValueError(f"{text[:40]} is not a barcode")
    return text


def key_of(barcode: str) -> int | str:
    """The same for UPC-A, EAN-13 and GTIN-14 of one product, which differ in the zeros before them."""
    is_number = barcode.isascii() and barcode.isdigit() and len(barcode) <= _LONGEST_NUMBER
    return int(barcode) if is_number else barcode


def has_wrong_check_digit(barcode: str) -> bool:
    """Whether it is a GTIN that no scanner reads; codes for use inside a store need have no check digit."""
    if not (barcode.isascii() and barcode.isdigit() and len(barcode) in _GTIN_LENGTHS):
        return False
    return _weighted_sum(int(barcode)) % 10 != 0 and not _is_in_store(barcode)


def _weighted_sum(number: int) -> int:
    """As `ean.validate` reckons it, many times faster; a million barcodes are looked at."""
    return (
        _SUMS[number % 10**4]
        + _SUMS[number // 10**4 % 10**4]
        + _SUMS[number // 10**8 % 10**4]
        + _SUMS[number // 10**12]
    )


def _is_in_store(barcode: str) -> bool:
    return (
        barcode[0] in "02" if len(barcode) == 8 else barcode.zfill(14)[1] == "2" or barcode.startswith("04")
    )


def printed(barcode: str, scales: tuple[Scale, ...]) -> Printed | None:
    """What a barcode of scales says; `None` for any other barcode, and for one whose check digit is wrong."""
    digits = barcode.zfill(13) if barcode.isascii() and barcode.isdigit() else ""
    if len(digits) != 13 or ean.calc_check_digit(digits[:-1]) != digits[-1]:
        return None
    scale = next((each for each in scales if digits.startswith(each.prefix)), None)
    return _printed(digits, scale) if scale else None


def _printed(digits: str, scale: Scale) -> Printed | None:
    item_end = len(scale.prefix) + scale.item_digits
    value_start = item_end + scale.check_digit_before_value
    value = Decimal(digits[value_start:12] or "0").scaleb(-scale.decimals)
    if not value:
        return None
    item = digits[:item_end]
    without_value = item + "0" * (12 - item_end)
    forms = (
        without_value + ean.calc_check_digit(without_value),
        without_value + "0",
        item,
        digits[len(scale.prefix) : item_end],
    )
    return Printed(tuple(map(key_of, forms)), value, scale.holds)
