"""Money sums that must add up: the VAT in a sum, sums by VAT rate, and a sum split over parts without loss."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from smarts.wire.money import Currency, rounded
from smarts.wire.products import VAT

_HUNDRED = Decimal(100)


def vat_in(gross: Decimal, rate: Decimal, currency: Currency) -> Decimal:
    """The VAT in a sum that has it, rounded once; `rate` is in percent."""
    return rounded(gross * rate / (_HUNDRED + rate), currency)


def by_rate(sums: Iterable[VAT]) -> tuple[VAT, ...]:
    """The sums added up, one for each VAT rate, by rising rate."""
    added: dict[Decimal, VAT] = {}
    for more in sums:
        before = added.get(more.vat_rate)
        added[more.vat_rate] = _added(before, more) if before else more
    return tuple(added[rate] for rate in sorted(added))


def _added(vat: VAT, more: VAT) -> VAT:
    return VAT(
        vat.sum_without_vat + more.sum_without_vat,
        vat.vat_sum + more.vat_sum,
        vat.sum_with_vat + more.sum_with_vat,
        vat.vat_rate,
    )


def split(
    total: Decimal, weights: Sequence[Decimal], ranks: Sequence[Any], currency: Currency
) -> list[Decimal]:
    """Splits a sum of money in proportion to other sums of money, to the minor unit and without loss.

    Each part is its exact share, rounded down; what that leaves goes, a minor unit each, to those that lost most by
    it, then to the larger ones, then by rank, so that the order of the parts does not matter. Total and weights are
    rounded and at least 0; some weight is above 0, or the total is 0.
    """
    everything = sum(weights)
    if total == everything:
        return list(weights)
    unit = currency.minor_unit
    units = total / unit
    divided = [divmod(units * weight, everything) for weight in weights]
    shares = [share * unit for share, _ in divided]
    left = total - sum(shares)
    if left:
        by_loss = sorted(
            range(len(weights)), key=lambda place: (-divided[place][1], -weights[place], ranks[place])
        )
        for place in by_loss[: int(left / unit)]:
            shares[place] += unit
    return shares
