"""Means of seasons and what they may be: intervals that hold the true mean in 95 of 100 simulations."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean

from smarts.control.student import student
from smarts.wire.model import Model


class Interval(Model, frozen=True):
    """A value, and between which ones it lies with a confidence of 95 %."""

    value: float
    least: float
    most: float


def ratio(overs: Sequence[float], unders: Sequence[float]) -> Interval:
    """The ratio of two sums over seasons, with an interval from the ratios that leave one season out (jackknife)."""
    over, under = sum(overs), sum(unders)
    without = [_ratio(over - o, under - u) for o, u in zip(overs, unders, strict=True)]
    return around(_ratio(over, under), without)


def around(value: float, without: Sequence[float]) -> Interval:
    """The interval around a value, from its values with each season left out."""
    count = len(without)
    if count < 2:
        return Interval(value, value, value)
    mean = fmean(without)
    spread = sqrt((count - 1) / count * sum((each - mean) ** 2 for each in without))
    width = student(count - 1) * spread
    return Interval(value, max(0.0, value - width), value + width)


def _ratio(over: float, under: float) -> float:
    return over / under if under else 0.0
