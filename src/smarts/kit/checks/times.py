"""Checks of how fast a node answers."""

from typing import Any

from smarts.kit.asked import golden, page, search
from smarts.kit.check import Unmet, check
from smarts.kit.expect import needed
from smarts.kit.goods import products
from smarts.kit.subject import Case
from smarts.kit.timings import Timing, timing
from smarts.wire import operations
from smarts.wire.operations import Operation

_TIMES = 20
_BRISK = 5  # a deadline divided by this is what 19 of 20 answers keep to


@check("times.deadline")
async def deadline(case: Case) -> None:
    """Asks each thing twenty times, one after another."""
    await _measured(case)


@check("times.brisk")
async def brisk(case: Case) -> None:
    """Looks at the times of the same requests."""
    with needed("times.deadline"):
        found = await _measured(case)
    for operation, times in found.items():
        limit = operation.deadline * case.subject.patience / _BRISK
        if times.p95 > limit:
            words = f"{times.p95:.3f} s (median {times.median:.3f} s, longest {times.largest:.3f} s)"
            raise Unmet(f"19 of 20 answers of {operation.path} within {limit:g} s", words)


async def _measured(case: Case) -> dict[Operation, Timing]:
    return await case.subject.fact("times", lambda: _measure(case))


async def _measure(case: Case) -> dict[Operation, Timing]:
    asked: dict[Operation, Any] = {
        operations.VERSION: None,
        operations.HEALTH: None,
        operations.PRODUCT_SEARCH: page(case),
        operations.PRODUCT_BY_BARCODE: search(case, barcode=(await products(case))[0]["barcode"]),
        operations.PRODUCTS_BY_NAME: golden(case, operations.PRODUCTS_BY_NAME),
        operations.CATEGORIES: search(case),
    }
    return {
        operation: timing(
            operation.path, [(await case.ask(operation, document)).seconds for _ in range(_TIMES)]
        )
        for operation, document in asked.items()
    }
