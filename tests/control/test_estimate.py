"""The estimate of a store's loss is right on average, and its interval holds the truth as often as it says."""

import random
from decimal import Decimal
from math import sqrt
from statistics import fmean, stdev

import pytest

from smarts.control.estimate import LEAST_FOUND, LossEstimate, Probe, estimate
from smarts.control.simulation import USUAL, Extent, invented, season

SAMPLES = 400
STORES = 25
SAMPLES_OF_A_STORE = 40


def losses(seed: str) -> list[int]:
    """What is missing in each purchase of a simulated season, in cents: the truth."""
    return [visit.trip.missing_cents for visit in season(invented(3, 1500), USUAL, Extent(150, 26), seed)]


def probes(truth: list[int], chance: Decimal, luck: random.Random) -> list[Probe]:
    """What the purchases that chance chooses show."""
    return [Probe(chance, Decimal(cents) / 100) for cents in truth if luck.random() < chance]


def holds(made: LossEstimate, truth: float) -> bool:
    """Whether the truth is not below the interval, nor above it where it has an upper end."""
    return float(made.least) <= truth and (made.most is None or truth <= float(made.most))


@pytest.mark.parametrize("chance", [Decimal("0.05"), Decimal("0.2")])
def test_it_is_right_on_average(chance: Decimal) -> None:
    """Over hundreds of draws the mean is the truth, as near as they allow."""
    truth = losses("a")
    luck = random.Random(f"estimate {chance}")
    totals = [float(estimate(probes(truth, chance, luck)).total) for _ in range(SAMPLES)]
    assert abs(fmean(totals) - sum(truth) / 100) < 3.5 * stdev(totals) / sqrt(SAMPLES)


@pytest.fixture(scope="module")
def stores() -> list[list[int]]:
    """What is missing in purchases of stores that differ in their shoppers; those that are right change no interval."""
    return [[cents for cents in losses(f"store {number}") if cents] for number in range(STORES)]


@pytest.mark.parametrize("share", ["0.01", "0.02", "0.05", "0.1", "0.2"])
def test_its_interval_holds_the_truth_as_often_as_it_says(stores: list[list[int]], share: str) -> None:
    """Of nominally 95 %: at least 93 of 100, also of those alone that have an upper end, and these are of use."""
    chance, luck = Decimal(share), random.Random(f"interval {share}")
    truths = [sum(truth) / 100 for truth in stores for _ in range(SAMPLES_OF_A_STORE)]
    made = [estimate(probes(truth, chance, luck)) for truth in stores for _ in range(SAMPLES_OF_A_STORE)]
    held = [holds(each, truth) for each, truth in zip(made, truths, strict=True)]
    closed = [each for each, one in zip(held, made, strict=True) if one.most is not None]
    assert fmean(held) >= 0.93
    assert fmean(closed) >= 0.93
    assert len(closed) > 0.2 * len(made)
    assert all((each.most is None) == (each.found < LEAST_FOUND) for each in made)


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
        for _ in range(SAMPLES)
    ]
    assert abs(fmean(totals) - sum(truth) / 100) < 3.5 * stdev(totals) / sqrt(SAMPLES)


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


def test_few_finds_have_no_upper_end_and_at_least_what_was_found() -> None:
    """Two finds do not tell how much others differ from them; what was found in them is missing for certain."""
    two = [Probe(Decimal("0.1"), Decimal("3.00")), Probe(Decimal("0.1"), Decimal("4.50"))]
    made = estimate([*two, *[Probe(Decimal("0.1"), Decimal(0))] * 8])
    assert (made.found, made.total, made.least, made.most) == (2, 75, Decimal("7.50"), None)


def test_more_finds_narrow_the_interval() -> None:
    """A hundred times as many of the same finds make it about ten times as narrow, on the scale of multiples."""
    few, many = (estimate([Probe(Decimal("0.1"), Decimal("2.00"))] * count) for count in (30, 3000))
    assert few.most
    assert many.most
    assert 1.3 < few.most / few.total < 1.6
    assert 1.03 < many.most / many.total < 1.05


def test_where_everything_was_looked_at_nothing_is_left_to_doubt() -> None:
    """Checks that were certain found all that was missing: the interval is the sum itself."""
    made = estimate([Probe(Decimal(1), Decimal(euros)) for euros in (0, 1, 2, 40)])
    assert (made.least, made.total, made.most) == (43, 43, 43)


def test_money_is_exact() -> None:
    """Ten findings of 1.10 at a chance of a tenth are 110.00, to the cent."""
    assert estimate([Probe(Decimal("0.1"), Decimal("1.10"))] * 10).total == Decimal("110.00")
