"""How many times as fast Smarts is, by rounds that took turns."""

from collections.abc import Sequence
from statistics import median


def times(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """The median of the rounds, the least and the most."""
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    return f"{median(ratios):.1f} × ({min(ratios):.1f} to {max(ratios):.1f})"
