"""Checks of what a receipt reckons."""

from collections.abc import AsyncIterator, Iterable
from decimal import Decimal

from smarts.kit import documents
from smarts.kit.carts import Json
from smarts.kit.check import check
from smarts.kit.checks.receipts import request
from smarts.kit.subject import Case
from smarts.kit.sums import Equation, number, priced, sums_of
from smarts.kit.verdicts import needs, once, require
from smarts.wire.operations import CREATE_RECEIPT

_CENT = Decimal("0.01")


async def _receipts(case: Case) -> AsyncIterator[Json]:
    """Receipts of a cart with few rows, and of one with many and a shipment."""
    await needs(case, "receipts.answer.shape")
    shipment = documents.shipments(case, "DRAFT")[0]
    for name, asked in (
        ("short receipt", await request(case, 2)),
        ("long receipt", await request(case, 10, shipment=shipment)),
    ):
        yield await once(case, CREATE_RECEIPT, asked, name=name)


def require_holds(equation: Equation) -> None:
    """A sum is what it is to be, as near as rounding may come."""
    what, found, (wanted, *_), near = equation
    require(equation.holds, f"{what} to be {wanted}, by at most {near}", found)


@check("receipts.sums.rows")
async def rows(case: Case) -> None:
    """Adds up rows and shipment."""
    async for found in _receipts(case):
        require_holds(sums_of(found).of_rows)


@check("receipts.sums.vat")
async def vat(case: Case) -> None:
    """Adds the VAT to the sum without it."""
    async for found in _receipts(case):
        require_holds(sums_of(found).of_vat)


@check("receipts.sums.additions")
async def additions(case: Case) -> None:
    """Adds the additions to the sum without them."""
    async for found in _receipts(case):
        require_holds(sums_of(found).of_additions)


@check("receipts.sums.exact")
async def exact(case: Case) -> None:
    """Adds up everything without any leeway."""
    async for found in _receipts(case):
        sums = sums_of(found)
        for what, one, other in (
            ("rows and shipment", sums.rows + sums.shipment, sums.before_bonus),
            ("totalWithoutVAT and vatSum", sums.without_vat + sums.vat, sums.before_bonus),
            (
                "totalWithoutAddition and additionSum",
                sums.without_addition + sums.addition,
                sums.before_bonus,
            ),
        ):
            require(one == other, f"{what} to be total and bonus, {other}", one)


@check("receipts.sums.cents")
async def cents(case: Case) -> None:
    """Looks at each sum that is paid."""
    async for found in _receipts(case):
        for name, amount in priced(found):
            require(amount % _CENT == 0, f"whole cents as {name}", amount)


@check("receipts.sums.negative")
async def negative(case: Case) -> None:
    """Looks at each sum that cannot be below zero."""
    async for found in _receipts(case):
        for name, amount in (*priced(found), *_reckoned(found)):
            require(amount >= 0, f"0 or more as {name}", amount)


def _reckoned(found: Json) -> Iterable[tuple[str, Decimal]]:
    return ((name, number(found, name)) for name in ("totalWithoutAddition", "totalWithoutVAT", "vatSum"))
