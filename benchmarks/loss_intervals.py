"""How often the estimate of a store's loss has the truth in its interval, beside a normal interval of the same checks.

Seasons of stores are simulated, so that what was missing is known; checks are drawn at several shares. The table is by
how many finds a sample is expected to have, then by how many it has: the latter are not samples of all kinds, since
few finds are mostly those of who had bad luck. Run: `python benchmarks/loss_intervals.py`.
"""

import argparse
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import hypot
from statistics import fmean, median

from smarts.control.estimate import Probe, estimate
from smarts.control.simulation import USUAL, Extent, invented, season

SHARES = ("0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5")
FOUND = (1, 3, 5, 10, 20, 50, 100, 1_000_000)


@dataclass(frozen=True)
class Sample:
    """What one draw came to, all as multiples of the truth; `normal` are the ends of the textbooks' interval."""

    found: int
    least: float
    most: float | None
    normal: tuple[float, float]

    @property
    def holds(self) -> bool:
        """Whether the truth is in the interval, as far as that has an end."""
        return self.least <= 1 and (self.most is None or self.most >= 1)


def losses(store: int) -> Sequence[Decimal]:
    """What is missing in the purchases of a store where something is; the others change no interval."""
    visits = season(invented(3, 1500), USUAL, Extent(150, 26), f"interval {store}")
    return [Decimal(visit.trip.missing_cents) / 100 for visit in visits if visit.trip.missing_cents]


def sample(missing: Sequence[Decimal], chance: Decimal, luck: random.Random) -> Sample:
    """One draw of checks, and what is said of it."""
    found = [Probe(chance, each) for each in missing if luck.random() < chance]
    made, truth = estimate(found), float(sum(missing))
    total = float(made.total) / truth
    error = hypot(*(float(probe.missing / chance) for probe in found)) * float(1 - chance) ** 0.5 / truth
    most = None if made.most is None else float(made.most) / truth
    return Sample(made.found, float(made.least) / truth, most, (total - 1.96 * error, total + 1.96 * error))


def row(name: str, samples: Sequence[Sample]) -> str:
    """What samples came to, in percent."""
    closed = [each for each in samples if each.most is not None]
    above = fmean(each.most is not None and each.most < 1 for each in samples)
    below = fmean(each.least > 1 for each in samples)
    normal = fmean(each.normal[0] <= 1 <= each.normal[1] for each in samples)
    of_closed = f"{fmean(each.holds for each in closed):>7.1%}" if closed else f"{'-':>7}"
    wide = f"{median(each.most or 0 for each in closed):>6.2f}" if closed else f"{'-':>6}"
    cells = (fmean(each.holds for each in samples), len(closed) / len(samples), above, below, normal)
    held, ended, over, under, usual = (f"{each:>7.1%}" for each in cells)
    return f"{name:>12} {len(samples):>8} {held} {ended} {of_closed} {over} {under} {wide} {usual}"


def between(samples: Iterable[Sample], least: int, end: int) -> Sequence[Sample]:
    """Samples with so many finds."""
    return [each for each in samples if least <= each.found < end]


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=100)
    parser.add_argument("--samples", type=int, default=40, help="of each store at each share")
    asked = parser.parse_args()
    stores = [losses(number) for number in range(asked.stores)]
    luck = random.Random("loss intervals")
    names = ("samples", "hold", "closed", "hold", "above", "below", "most", "normal")
    heading = " ".join(
        f"{name:>{width}}" for name, width in zip(names, (8, 7, 7, 7, 7, 7, 6, 7), strict=True)
    )
    print("Hold: of all, then of those with an upper end (closed). Above, below: where the truth is else.")
    print(
        "Most: the median upper end as a multiple of the truth. Normal: what ± 1.96 standard errors hold.\n"
    )
    print(f"{'share':>12} {heading}")
    every = list[Sample]()
    for share in SHARES:
        drawn = [sample(each, Decimal(share), luck) for each in stores for _ in range(asked.samples)]
        print(row(f"{share} ~{fmean(each.found for each in drawn):.0f}", drawn))
        every += drawn
    print(f"\n{'found':>12} {heading}")
    for least, end in pairwise(FOUND):
        some = between(every, least, end)
        name = f"{least} to {end - 1}" if end < FOUND[-1] else f"{least} and more"
        if some:
            print(row(name, some))


if __name__ == "__main__":
    main()
