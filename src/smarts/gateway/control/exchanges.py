"""Goods that were scanned for others, as the rescans of a store tell: a pure function."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from smarts.gateway.control.findings import Difference
from smarts.gateway.control.rescanned import Finding
from smarts.wire.model import Model
from smarts.wire.money import Number

_NOTHING = Decimal(0)


class ExchangedProduct(Model, frozen=True, kw_only=True):
    """A product of a pair, named as in the latest check that found it."""

    barcode: str
    product_name: str


class ExchangedPair(Model, frozen=True, kw_only=True):
    """A product that was scanned where another one was found.

    So it was in as many checks as `times`. `value` is by how much more was to be paid once staff had put that right,
    with VAT; below zero where what was found is cheaper. A check that let nobody pay adds nothing to it.
    """

    scanned: ExchangedProduct
    found: ExchangedProduct
    times: int
    value: Number


@dataclass
class _Sum:
    times: int = 0
    value: Decimal = field(default=_NOTHING)


def most_exchanged(
    checks: Iterable[tuple[Sequence[Finding], Sequence[Difference]]], most: int
) -> tuple[ExchangedPair, ...]:
    """The pairs that were found most often, of those as often the dearer; the checks come newest first."""
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    names: dict[str, str] = {}
    for findings, differences in checks:
        paid = {each.barcode: each.price_after - each.price_before for each in differences}
        for each in findings:
            names.setdefault(each.barcode, each.product_name)
            if each.exchanged_for is None or each.found > each.scanned:
                continue
            pair = sums[each.barcode, each.exchanged_for]
            pair.times += 1
            pair.value += paid.get(each.barcode, _NOTHING) + paid.get(each.exchanged_for, _NOTHING)
    ranked = sorted(sums.items(), key=lambda item: (-item[1].times, -item[1].value, item[0]))
    return tuple(
        ExchangedPair(
            scanned=ExchangedProduct(barcode=scanned, product_name=names[scanned]),
            found=ExchangedProduct(barcode=found, product_name=names[found]),
            times=pair.times,
            value=pair.value,
        )
        for (scanned, found), pair in ranked[:most]
    )
