"""How documents that a gateway sends are looked at."""

from decimal import Decimal
from typing import Any

from smarts.kit.check import Unmet
from smarts.kit.schemas import violations

_CENT = Decimal("0.01")


def require_document(schema: str, document: Any, where: str) -> None:
    """Raises `Unmet` where a document is not as its published schema says."""
    found = violations(schema, document)
    if found:
        told = "; ".join(f"{path}: {message}" for path, message in found[:3])
        raise Unmet(f"{where} as the schema of {schema} says", told)


def money(value: Any) -> Decimal:
    """An amount of money out of JSON.

    Raises:
        Unmet: it is no number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unmet("an amount as a JSON number", repr(value))
    return Decimal(str(value)).quantize(_CENT)
