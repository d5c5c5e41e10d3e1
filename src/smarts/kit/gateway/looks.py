"""How what a gateway says and sends is looked at."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from smarts.kit import check as kit_check
from smarts.kit.check import Unmet
from smarts.kit.schemas import violations

_CENT = Decimal("0.01")
Look = Callable[[Any], Awaitable[None]]


def check(requirement_id: str) -> Callable[[Look], Look]:
    """Registers a check; a document without what it reads there is no mistake of the check, but `Unmet`."""

    def register(look: Look) -> Look:
        @wraps(look)
        async def guarded(case: Any) -> None:
            try:
                await look(case)
            except KeyError as error:
                raise Unmet(f"the field {error.args[0]}", "none") from error
            except (IndexError, TypeError, ValueError, AttributeError) as error:
                raise Unmet("documents as they are described", f"what cannot be read: {error}") from error

        return kit_check.check(requirement_id)(guarded)

    return register


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
