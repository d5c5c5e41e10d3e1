"""EAN barcodes, and the store's own ones that carry a weight.

A weighed good's barcode is EAN-13 with the prefix 23, which is restricted to use inside a store: five digits of the
article, five digits of the weight in grams, the check digit. The article's own barcode has the weight 00000.
"""

import re
from decimal import Decimal

_EAN = re.compile(r"\d{8}|\d{13}", re.ASCII)
_WEIGHED_PREFIX = "23"
_ARTICLE_LENGTH = 7  # the prefix and the article's five digits
_GRAMS = Decimal("0.001")


def check_digit(digits: str) -> str:
    """The digit that makes an EAN-8 or EAN-13 of seven or twelve digits."""
    tripled = sum(int(digit) for digit in digits[::-2])
    return str(-(3 * tripled + sum(int(digit) for digit in digits[-2::-2])) % 10)


def is_barcode(text: str) -> bool:
    """Whether the text is an EAN-8 or EAN-13 with the right check digit."""
    return _EAN.fullmatch(text) is not None and check_digit(text[:-1]) == text[-1]


def with_weight(article: str, grams: int) -> str:
    """The barcode that scales print for so many grams of the article, which is named by its own barcode.

    Raises:
        ValueError: the weight is not between 1 gram and 99.999 kilograms.
    """
    if not 0 < grams < 100_000:
        raise ValueError(f"Expected 1 to 99999 grams, got {grams}")
    digits = f"{article[:_ARTICLE_LENGTH]}{grams:05d}"
    return digits + check_digit(digits)


def split_weight(barcode: str) -> tuple[str, Decimal] | None:
    """The article's own barcode and the kilograms in a barcode that scales printed; `None` for any other."""
    if not (is_barcode(barcode) and len(barcode) == 13 and barcode.startswith(_WEIGHED_PREFIX)):
        return None
    digits = barcode[:_ARTICLE_LENGTH] + "00000"
    kilograms = int(barcode[_ARTICLE_LENGTH:-1]) * _GRAMS
    return (digits + check_digit(digits), kilograms) if kilograms else None
