"""The estimate of a store's loss is right on average, and its interval holds the truth as often as it says."""

import random
from decimal import Decimal
from math import exp, sqrt
from statistics import fmean, stdev

import pytest

from smarts.control.estimate import Probe, estimate, gamma_below, gamma_quantile
from smarts.control.simulation import USUAL, Extent, invented, season

STORES = 400


def losses(seed: str) -> list[int]:
    """What is missing in each purchase of a simulated season, in cents: the truth."""
    return [visit.trip.missing_cents for visit in season(invented(3, 1500), USUAL, Extent(150, 26), seed)]


def probes(truth: list[int], chance: Decimal, luck: random.Random) -> list[Probe]:
    """What the purchases that chance chooses show."""
    return [Probe(chance, Decimal(cents) / 100) for cents in truth if luck.random() < chance]


@pytest.mark.parametrize("chance", [Decimal("0.05"), Decimal("0.2")])
def test_it_is_right_on_average_and_its_interval_holds_the_truth(chance: Decimal) -> None:
    """Over hundreds of draws the mean is the truth, as near as they allow, and 91 of 100 intervals hold it."""
    truth = losses("a")
    total = sum(truth) / 100
    luck = random.Random(f"estimate {chance}")
    made = [estimate(probes(truth, chance, luck)) for _ in range(STORES)]
    totals = [float(each.total) for each in made]
    assert abs(fmean(totals) - total) < 3.5 * stdev(totals) / sqrt(STORES)
    held = fmean(each.most is not None and float(each.least) <= total <= float(each.most) for each in made)
    assert held >= 0.91


def test_unequal_chances_are_weighed() -> None:
    """A purchase that had half the chance stands for twice as many, so that a change of the share biases nothing."""
    luck = random.Random("unequal")
    truth = losses("b")
    chances = [Decimal("0.05") if place % 2 else Decimal("0.2") for place in range(len(truth))]
    totals = [
        float(
            estimate(
                [
                    Probe(chance, Decimal(cents) / 100)
                    for cents, chance in zip(truth, chances, strict=True)
                    if luck.random() < chance
                ]
            ).total
        )
        for _ in range(STORES)
    ]
    assert abs(fmean(totals) - sum(truth) / 100) < 3.5 * stdev(totals) / sqrt(STORES)


def test_targeted_checks_would_mislead() -> None:
    """The same reckoning on checks that were chosen for a suspicion is far off: they have no part in it."""
    visits = season(invented(3, 1500), USUAL, Extent(150, 26), "c")
    truth = sum(visit.trip.missing_cents for visit in visits) / 100
    suspected = [visit for visit in visits if visit.shopper.dishonest]
    chance = Decimal(len(suspected)) / len(visits)
    misled = estimate([Probe(chance, Decimal(visit.trip.missing_cents) / 100) for visit in suspected])
    assert float(misled.total) > 3 * truth


def test_nothing_found_has_no_upper_end() -> None:
    """Where nothing was missing, the estimate is nothing, and it does not pretend to know the most."""
    found = estimate([Probe(Decimal("0.02"), Decimal(0))] * 40)
    assert (found.probes, found.found, found.total, found.least, found.most) == (40, 0, 0, 0, None)
    assert estimate([]).probes == 0


def test_money_is_exact() -> None:
    """Ten findings of 1.10 at a chance of a tenth are 110.00, to the cent."""
    assert estimate([Probe(Decimal("0.1"), Decimal("1.10"))] * 10).total == Decimal("110.00")


@pytest.mark.parametrize("value", [0.01, 0.5, 1.0, 3.0, 20.0])
def test_the_gamma_distribution_is_that_of_the_books(value: float) -> None:
    """For shape 1 it is the exponential distribution, for shape 3 a sum of three: both are known in closed form."""
    assert gamma_below(value, 1) == pytest.approx(1 - exp(-value))
    known = 1 - exp(-value) * (1 + value + value**2 / 2)
    assert gamma_below(value, 3) == pytest.approx(known, abs=1e-12)


@pytest.mark.parametrize("shape", [0.2, 1.0, 7.5, 400.0])
@pytest.mark.parametrize("probability", [0.025, 0.5, 0.975])
def test_quantiles_are_the_distributions_inverse(shape: float, probability: float) -> None:
    """The distribution at a quantile is the probability that the quantile was asked for."""
    assert gamma_below(gamma_quantile(probability, shape), shape) == pytest.approx(probability)
