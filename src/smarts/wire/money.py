"""Numbers and money of the contract: exact decimals, never floats."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

# Senders that reckon in doubles leave residues such as 5.551115123125783e-17, which has 32 decimals.
_MOST_DECIMALS = 32
_PLAIN = re.compile(rf"-?(?:0|[1-9]\d{{0,14}})(?:\.\d{{1,{_MOST_DECIMALS}}})?", re.ASCII)
_LARGEST = 10**15
_LONGEST = 64  # characters; JSON allows numbers and exponents of any length
_TOO_LARGE = "Expected a number below 10^15"

Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class _PlainDecimal(type):
    """Lets a plain `Decimal` stand where a number type is expected, so that no copy is made when reading."""

    # msgspec asks this of every number that was read, so the answer is found in C; it never asks of anything else.
    __instancecheck__ = staticmethod(Decimal.is_finite)


if TYPE_CHECKING:
    Number = Decimal
    LooseNumber = Decimal
else:

    class Number(metaclass=_PlainDecimal):
        """A JSON number, read exactly: below 10^15 in size, at most 32 decimals."""

    class LooseNumber(metaclass=_PlainDecimal):
        """A JSON number or the same number as a string: `1.03` and `"1.03"` (contract section 3)."""


# Reads numbers of up to 15 digits at the speed of C, and is trapped by any other, so that `exact` can look at it.
usual = Context(
    prec=15, Emax=14, Emin=14 - _MOST_DECIMALS, clamp=1, traps=list(Context().traps)
).create_decimal


def exact(text: str) -> Decimal:
    """Reads the text of any JSON number with a fraction or an exponent.

    Raises:
        ValueError: the number is too large, or finer than anything that is reckoned with.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"Expected a number of at most {_LONGEST} characters")
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise ValueError(_TOO_LARGE) from None
    if not -_LARGEST < number < _LARGEST:
        raise ValueError(_TOO_LARGE)
    exponent = int(number.as_tuple().exponent)
    if exponent < -_MOST_DECIMALS:
        raise ValueError(f"Expected a number with at most {_MOST_DECIMALS} decimals")
    return number if exponent <= 0 else number.quantize(Decimal(1))  # 1E+2 is written as 100


def read_number(value: Any) -> Decimal:
    """Reads what JSON, with `exact` for fractions, gave for a `Number`.

    Raises:
        ValueError: it is no number, or too large.
    """
    if type(value) is Decimal:
        return value
    if type(value) is not int:
        raise ValueError(f"Expected `number`, got `{_json_name(value)}`")
    if not -_LARGEST < value < _LARGEST:
        raise ValueError(_TOO_LARGE)
    return Decimal(value)


def read_loose_number(value: Any) -> Decimal:
    """Reads what JSON gave for a `LooseNumber`; raises `ValueError` with a sentence for people."""
    if type(value) is not str:
        return read_number(value)
    if not _PLAIN.fullmatch(value):
        raise ValueError("Expected a number or a decimal number in a string, such as `1.03`")
    return Decimal(value)


def _json_name(value: object) -> str:
    names = {str: "str", bool: "bool", type(None): "null", list: "array", dict: "object"}
    return names[type(value)]


_CENT = Decimal("0.01")


class Currency(StrEnum):
    """The contract's currencies (section 3); both have two decimals in their minor unit."""

    EUR = "EUR"
    USD = "USD"

    @property
    def minor_unit(self) -> Decimal:
        """The smallest amount that can be paid."""
        return _CENT


def rounded(amount: Decimal, currency: Currency) -> Decimal:
    """The amount to the currency's minor unit, half up: the one place where money is rounded."""
    return amount.quantize(currency.minor_unit, ROUND_HALF_UP)
