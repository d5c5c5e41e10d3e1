"""What a store loses: an estimate from the checks that chance alone chose, each of everything in the bag.

Every purchase had a chance that was known beforehand, so what was found counts for the purchases that were not looked
at: the sum of what was missing, each over its chance (Horvitz and Thompson), is right on average whatever goods are
missing and whoever leaves them out. Checks that were chosen for a suspicion have no part in it.
"""

from collections.abc import Sequence
from decimal import Decimal
from math import exp, hypot, sqrt

from smarts.control.student import student
from smarts.wire.model import Model
from smarts.wire.money import Count, Number

LEAST_FOUND = 3
"""With fewer finds nothing tells how much they differ, so there is no upper end."""

_CENT = Decimal("0.01")
_NOTHING = Decimal(0)


class Probe(Model, frozen=True):
    """A check that chance alone chose: the `chance` it had, above 0 to 1, and what was `missing`, with VAT."""

    chance: Number
    missing: Number


class LossEstimate(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What was missing in all purchases together, found or not; money with VAT, in whole cents.

    `probes` were looked at, something was missing in `found` of them. `total` is between `least` and `most` with a
    confidence of 95 %, and `least` is never below what was found; `most` is None where fewer than three were found, as
    nothing tells then how much one loss differs from another.
    """

    probes: Count
    found: Count
    total: Number
    least: Number
    most: Number | None


def estimate(probes: Sequence[Probe]) -> LossEstimate:
    """The estimate and its interval."""
    wrong = [probe for probe in probes if probe.missing > 0]
    least, most = _interval(wrong)
    return LossEstimate(
        probes=len(probes),
        found=len(wrong),
        total=_cents(_total(wrong)),
        least=_cents(max(least, sum((probe.missing for probe in wrong), _NOTHING))),
        most=None if most is None else _cents(most),
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT)


def _total(probes: Sequence[Probe]) -> Decimal:
    return sum((probe.missing / probe.chance for probe in probes), _NOTHING)


def _interval(wrong: Sequence[Probe]) -> tuple[Decimal, Decimal | None]:
    """Symmetric on a logarithmic scale, as sums of few and unequal parts are skew; with Student's factor."""
    if len(wrong) < LEAST_FOUND:
        return _NOTHING, None
    total = _total(wrong)
    error = hypot(*(float(probe.missing / probe.chance) * sqrt(1 - probe.chance) for probe in wrong))
    factor = Decimal(exp(student(len(wrong) - 1) * error / float(total)))
    return total / factor, total * factor
