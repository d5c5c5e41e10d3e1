"""What a store loses: an estimate from the checks that chance alone chose, each of everything in the bag.

Every purchase had a chance that was known beforehand, so what was found counts for the purchases that were not looked
at: the sum of what was missing, each over its chance (Horvitz and Thompson), is right on average whatever goods are
missing and whoever leaves them out. Checks that were chosen for a suspicion have no part in it.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import exp, lgamma, log

from smarts.wire.model import Model
from smarts.wire.money import Count, Number

CONFIDENCE = 0.95
_STEPS = 200
_CLOSE = 1e-12
_CENT = Decimal("0.01")
_NOTHING = Decimal(0)


class Probe(Model, frozen=True):
    """A check that chance alone chose: the `chance` it had, above 0 to 1, and what was `missing`, with VAT."""

    chance: Number
    missing: Number


class LossEstimate(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What was missing in all purchases together, found or not; money with VAT, in whole cents.

    `probes` were looked at, something was missing in `found` of them. `total` is between `least` and `most` with a
    confidence of 95 %; `most` is None where nothing was found, so that nothing says how much one loss comes to.
    """

    probes: Count
    found: Count
    total: Number
    least: Number
    most: Number | None


def estimate(probes: Sequence[Probe]) -> LossEstimate:
    """The estimate and its interval (Fay and Feuer's, made for sums of few and unequal parts)."""
    parts = [probe.missing / probe.chance for probe in probes if probe.missing > 0]
    total = sum(parts, _NOTHING)
    least, most = _interval([float(part) for part in parts])
    return LossEstimate(
        probes=len(probes),
        found=len(parts),
        total=_cents(total),
        least=_cents(Decimal(least)),
        most=None if most is None else _cents(Decimal(most)),
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT)


def _interval(parts: Sequence[float]) -> tuple[float, float | None]:
    """A gamma distribution with the sum's mean and variance; for the upper end as if one more large part were found."""
    if not parts:
        return 0.0, None
    total, squares, largest = sum(parts), sum(part * part for part in parts), max(parts)
    tail = (1 - CONFIDENCE) / 2
    least = squares / total * gamma_quantile(tail, total * total / squares)
    mean, spread = total + largest, squares + largest * largest
    return least, spread / mean * gamma_quantile(1 - tail, mean * mean / spread)


def gamma_quantile(probability: float, shape: float) -> float:
    """The value that a gamma distribution of scale 1 stays below with a probability."""
    low, high = 0.0, max(shape, 1.0)
    while gamma_below(high, shape) < probability:
        low, high = high, high * 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if high - low <= _CLOSE * high:
            break
        low, high = (middle, high) if gamma_below(middle, shape) < probability else (low, middle)
    return (low + high) / 2


def gamma_below(value: float, shape: float) -> float:
    """How likely a gamma distribution of scale 1 stays below a value: the regularised lower incomplete gamma."""
    if value <= 0:
        return 0.0
    scale = exp(shape * log(value) - value - lgamma(shape + 1))
    if value < shape + 1:
        return scale * _series(value, shape)
    return 1 - scale * shape * _fraction(value, shape)


def _series(value: float, shape: float) -> float:
    term = total = 1.0
    for step in _counted():
        term *= value / (shape + step)
        total += term
        if term < total * _CLOSE:
            break
    return total


def _fraction(value: float, shape: float) -> float:
    """The upper incomplete gamma over value^shape e^-value, as Legendre's continued fraction (Lentz's way)."""
    below = value + 1 - shape
    upper, lower = 1e300, 1 / below
    result = lower
    for step in _counted():
        factor = -step * (step - shape)
        below += 2
        lower = 1 / (factor * lower + below)
        upper = below + factor / upper
        result *= lower * upper
        if abs(lower * upper - 1) < _CLOSE:
            break
    return result


def _counted() -> Iterable[int]:
    return range(1, 100_000)
