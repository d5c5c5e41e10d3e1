"""Kinds of values that settings have beside texts, numbers and days; each is read with a sentence for people."""

from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from smarts.wire.text import Translatable

_LARGEST = Decimal(10) ** 9
_CENT = Decimal("0.01")


class Secret:
    """Something that is never shown: it prints and logs as stars."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    @classmethod
    def read(cls, value: Any) -> Self:
        """Reads a text; what it says is in no message."""
        if type(value) is not str or not value.strip():
            raise ValueError("Expected a text that is not empty, or ${NAME} for the variable NAME")
        return cls(value.strip())

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)


class Amount(Decimal):
    """A sum of money of at least 0, in whole cents."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """Reads a number, or a number in a text."""
        amount = _number(value, "Expected an amount such as 12.50")
        if not 0 <= amount < _LARGEST or amount % _CENT:
            raise ValueError(f"Expected an amount from 0 in whole cents, got {amount}")
        return cls(amount)


class Share(Decimal):
    """A part of a whole: 0 is none, 1 is all."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """Reads a number."""
        share = _number(value, "Expected a share such as 0.1, which is every tenth")
        if not 0 <= share <= 1:
            raise ValueError(f"Expected a share from 0 to 1, where 0.1 is every tenth, got {share}")
        return cls(share)


class Percent(Decimal):
    """A percentage from 0 to 100."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """Reads a number."""
        percent = _number(value, "Expected a percentage such as 24")
        if not 0 <= percent <= 100:
            raise ValueError(f"Expected a percentage from 0 to 100, got {percent}")
        return cls(percent)


class Words:
    """A text for people: in one language, or a table of languages such as `{ ET = "Piim", EN = "Milk" }`."""

    __slots__ = ("text",)

    def __init__(self, text: Translatable) -> None:
        self.text = text

    @classmethod
    def read(cls, value: Any) -> Self:
        """Reads a text or a table of texts by language code; the first one is shown where a language is missing."""
        texts = {"": value} if type(value) is str else value
        if (
            type(texts) is not dict
            or not texts
            or not all(type(text) is str and text for text in texts.values())
        ):
            raise ValueError('Expected a text, or texts by language such as { ET = "Piim", EN = "Milk" }')
        wrong = [
            name for name in texts if name and not (len(name) == 2 and name.isascii() and name.isupper())
        ]
        if wrong:
            raise ValueError(f"Expected languages of two capital letters such as ET and EN, got {wrong[0]}")
        translations = tuple({language: text} for language, text in texts.items() if language)
        return cls(Translatable(next(iter(texts.values())), translations))


class Weekday(StrEnum):
    """A day of the week; `weekday()` of a date is its place here."""

    MONDAY = "MON"
    TUESDAY = "TUE"
    WEDNESDAY = "WED"
    THURSDAY = "THU"
    FRIDAY = "FRI"
    SATURDAY = "SAT"
    SUNDAY = "SUN"


def _number(value: Any, expected: str) -> Decimal:
    try:
        number = Decimal(str(value)) if type(value) in (int, Decimal, str) else None
    except ArithmeticError:
        number = None
    if number is None or not number.is_finite():
        raise ValueError(f"{expected}, got {value}")
    return number
