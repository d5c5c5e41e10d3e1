"""Checks of what a receipt reckons."""

from collections.abc import AsyncIterator, Iterable
from decimal import Decimal

from smarts.kit import documents
from smarts.kit.carts import Json
from smarts.kit.check import check
from smarts.kit.checks.receipts import request
from smarts.kit.subject import Case
from smarts.kit.sums import Sums, number, priced, sums_of
from smarts.kit.verdicts import needs, once, require
from smarts.wire.operations import CREATE_RECEIPT

_CENT = Decimal("0.01")


async def _receipts(case: Case) -> AsyncIterator[Json]:
    """Receipts of a cart with few rows, and of one with many and a shipment."""
    await needs(case, "receipts.answer.shape")
    shipment = documents.golden(case, "Shipment")
    for name, asked in (
        ("short receipt", await request(case, 2)),
        ("long receipt", await request(case, 10, shipment=shipment)),
    ):
        yield await once(case, CREATE_RECEIPT, asked, name=name)


def _require_near(sums: Sums, what: str, found: Decimal, *wanted: Decimal) -> None:
    near = any(abs(found - each) <= sums.near for each in wanted)
    require(near, f"{what} to be {wanted[0]}, by at most {sums.near}", found)


@check("receipts.sums.rows")
async def rows(case: Case) -> None:
    """Adds up rows and shipment."""
    async for found in _receipts(case):
        sums = sums_of(found)
        _require_near(sums, "total and bonus", sums.before_bonus, sums.rows + sums.shipment)


@check("receipts.sums.vat")
async def vat(case: Case) -> None:
    """Adds the VAT to the sum without it."""
    async for found in _receipts(case):
        sums = sums_of(found)
        _require_near(
            sums, "totalWithoutVAT and vatSum", sums.without_vat + sums.vat, sums.before_bonus, sums.total
        )


@check("receipts.sums.additions")
async def additions(case: Case) -> None:
    """Adds the additions to the sum without them; whether discounts are below or above zero is not laid down."""
    async for found in _receipts(case):
        sums = sums_of(found)
        ends = (sums.before_bonus, sums.total, sums.without_vat)
        changes = [abs(sums.without_addition - end) for end in ends]
        _require_near(sums, "the size of additionSum", abs(sums.addition), *changes)


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
