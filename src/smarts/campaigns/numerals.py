"""JavaScript's numeric literals."""

import math
import re

from smarts.campaigns.sentences import RefusedError

_DIGITS = r"[0-9](?:_?[0-9])*"
_DECIMAL = re.compile(
    rf"(?:(?:0|[1-9](?:_?[0-9])*)(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?", re.ASCII
)
_WHOLE = re.compile(
    r"0(?:[xX][0-9a-fA-F](?:_?[0-9a-fA-F])*|[oO][0-7](?:_?[0-7])*|[bB][01](?:_?[01])*)", re.ASCII
)


class NumeralRefusedError(RefusedError):
    """A literal that JavaScript does not have, or that people read otherwise than it does; says what to write."""


def read_numeral(text: str) -> float:
    """The double that a literal stands for: `12`, `.5`, `5.`, `1e3`, `1_000`, `0xFF`.

    Raises:
        NumeralRefusedError: for `010` (8 in JavaScript), `10n` (no double), and what is no literal.
    """
    if _DECIMAL.fullmatch(text):
        return float(text.replace("_", ""))
    if _WHOLE.fullmatch(text):
        return _nearest(int(text.replace("_", ""), 0))
    if text.endswith("n"):
        raise NumeralRefusedError(
            "`%(numeral)s` is a BigInt, which is no price: write it without the n.", numeral=text
        )
    if re.match(r"0[0-9]", text):
        raise NumeralRefusedError(
            "`%(numeral)s` begins with a zero, which may mean another number: write it without.", numeral=text
        )
    raise NumeralRefusedError("`%(numeral)s` is not a number.", numeral=text)


def _nearest(whole: int) -> float:
    try:
        return float(whole)
    except OverflowError:
        return math.inf
