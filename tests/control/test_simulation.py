"""The simulator: what is planted is what is found, and policies see what real ones see."""

import dataclasses
import random
from decimal import Decimal

import pytest
from msgspec.structs import replace

from smarts.control import Pace, Policy, Seed, unsound
from smarts.control.simulation import (
    MIXES,
    RECOMMENDED,
    USUAL,
    Assumptions,
    Extent,
    Good,
    Setting,
    Trip,
    Visit,
    Ways,
    compare,
    invented,
    season,
)
from smarts.control.simulation.looking import Picked, Some, Whole, look_at
from smarts.control.simulation.methods import ByPolicy, WholeByChance
from smarts.control.simulation.running import run
from smarts.wire.times import UtcMillis

BASKETS = invented(1, 600)
SMALL = Extent(40, 8)
SURE = Pace(miscounted=0.0)
ONIONS, SAFFRON, BEER = Good("1", 90, "A"), Good("2", 790, "A"), Good("3", 120, "B")


def luck() -> random.Random:
    """Draws that are always the same."""
    return random.Random(5)


def only(**ways: float) -> Assumptions:
    """Everybody is dishonest in one way, every time, and nobody makes mistakes."""
    none = dict.fromkeys(("hides", "undercounts", "swaps", "walks"), 0.0)
    return replace(
        USUAL, dishonest=1.0, tries=1.0, forgets=0.0, miscounts=0.0, mistakes=0.0, ways=Ways(**none | ways)
    )


def test_invented_baskets_are_like_those_of_grocers() -> None:
    """Half have about five products, one in twenty 11 to 36, and about 80 % of them are there once."""
    sizes = sorted(len(basket) for basket in invented(7))
    assert 4 <= sizes[len(sizes) // 2] <= 6
    assert 11 <= sizes[len(sizes) * 95 // 100] <= 36
    single = [pieces == 1 for basket in invented(7) for pieces in basket.values()]
    assert 0.7 <= sum(single) / len(single) <= 0.85


def test_the_largest_basket_is_not_among_the_usual_ones() -> None:
    """Shoppers whose baskets are large do not all buy the largest: fewer than one purchase in fifty is so large."""
    bagged = [visit.trip.bagged for visit in season(BASKETS, USUAL, Extent(150, 8), "sizes")]
    largest = max(sum(basket.values()) for basket in BASKETS)
    assert sum(pieces == largest for pieces in bagged) < 0.02 * len(bagged)


@pytest.mark.parametrize("way", ["hides", "undercounts", "swaps", "walks"])
def test_each_way_leaves_something_out_and_never_everything(way: str) -> None:
    """Whatever the way, bags of two pieces and more are worth more than what was scanned, and something was scanned."""
    visits = season(BASKETS, only(**{way: 1.0}), SMALL, way)
    tried = [visit.trip for visit in visits if visit.trip.bagged > 1]
    assert len(tried) > 100
    assert all(trip.scanned for trip in tried)
    assert sum(trip.missing_cents > 0 for trip in tried) > 0.95 * len(tried)


def test_swapped_barcodes_leave_the_count_as_it_is() -> None:
    """A cheap barcode for dear goods is not found by counting: mostly as many pieces were scanned as are there."""
    visits = season(BASKETS, only(swaps=1.0), SMALL, "swaps")
    assert sum(visit.trip.bagged == visit.trip.listed for visit in visits) > len(visits) / 2


def test_honest_shoppers_without_mistakes_owe_nothing() -> None:
    """Without dishonest shoppers and mistakes, every bag is what was scanned, and no method finds anything."""
    perfect = replace(USUAL, dishonest=0.0, forgets=0.0, miscounts=0.0, mistakes=0.0)
    visits = season(BASKETS, perfect, SMALL, "perfect")
    assert all(visit.trip.bag == visit.trip.scanned for visit in visits)
    tally = run(visits, WholeByChance(1.0), SURE)
    assert (tally.missing, tally.caught, tally.found, tally.checked) == (0, 0, 0, len(visits))


def test_looking_at_everything_finds_everything() -> None:
    """Where every cart is looked at wholly, all that was missing is caught."""
    tally = run(season(BASKETS, USUAL, SMALL, "all"), WholeByChance(1.0), USUAL.pace)
    assert tally.missing > 0
    assert tally.caught == tally.missing


def test_a_count_finds_what_was_never_scanned_and_not_what_was_swapped() -> None:
    """Counting finds a piece too many; for a swap somebody has to look for the cheap goods."""
    forgotten = Trip({ONIONS: 1, BEER: 2}, {ONIONS: 1, BEER: 1})
    swapped = Trip({SAFFRON: 1, BEER: 1}, {ONIONS: 1, BEER: 1})
    assert look_at(forgotten, Some([]), SURE, luck()).cents == 120
    assert look_at(swapped, Some([]), SURE, luck()).cents == 0
    assert look_at(swapped, Some([BEER]), SURE, luck()).cents == 0
    assert look_at(swapped, Some([ONIONS]), SURE, luck()).cents == 700


def test_what_a_look_takes() -> None:
    """Seconds are those of the pace: 20 to start, 3 a piece; a difference grows into all pieces and 15 to set right."""
    pace = Pace(start=20, count=1, find=4, scan=3, right=15, miscounted=0)
    fine, wrong = Trip({BEER: 4}, {BEER: 4}), Trip({BEER: 4, ONIONS: 1}, {BEER: 4})
    assert look_at(fine, Whole(), pace, luck()).seconds == 20 + 4 * 3
    assert look_at(fine, Some([BEER]), pace, luck()).seconds == 20 + 4 * 1 + 4 + 4 * 3
    assert look_at(fine, Picked(2), pace, luck()).seconds == 20 + 2 * 3
    assert look_at(wrong, Some([BEER]), pace, luck()).seconds == 20 + 2 * 5 * 1 + 5 * 3 + 15


def test_a_policy_does_not_see_the_bag() -> None:
    """Two bags with the same scanned cart and the same draws get the same look, whatever lies in them."""
    visits = season(BASKETS, USUAL, SMALL, "blind")
    policy = ByPolicy(replace(RECOMMENDED, risk=None, after_failed=0))
    blind = [replace_bag(visit) for visit in visits]
    seen, unseen = run(visits, policy, SURE), run(blind, policy, SURE)
    assert seen.checked == unseen.checked
    assert (seen.caught > 0, unseen.caught) == (True, 0)


def replace_bag(visit: Visit) -> Visit:
    """The visit with a bag in which nothing is but what was scanned."""
    honest = Trip(visit.trip.scanned, visit.trip.scanned)
    return dataclasses.replace(visit, trip=honest, mended=honest)


def test_a_comparison_is_at_equal_minutes_and_the_same_for_the_same_seed() -> None:
    """Baselines take the policy's staff minutes, within 2 %, and a seed gives the same figures again."""
    setting = Setting(seasons=2, shoppers=40, weeks=8)
    first, again = (compare(BASKETS, RECOMMENDED, setting=setting) for _ in range(2))
    assert first == again
    for row in first.equal:
        assert row.minutes.value == pytest.approx(first.policy.minutes.value, rel=0.02)
    assert first != compare(BASKETS, RECOMMENDED, setting=replace(setting, seed="2"))


def test_no_policy_is_no_check() -> None:
    """A policy without a rule takes no time and catches nothing."""
    found = compare(BASKETS, Policy(), setting=Setting(seasons=2, shoppers=20, weeks=4))
    assert (found.policy.minutes.value, found.policy.caught.value, found.times.value) == (0, 0, 0)


def test_the_recommended_policy_may_be_saved() -> None:
    """It makes sense by the same rules as what a manager types."""
    assert not unsound(RECOMMENDED, UtcMillis.read("2026-11-23T08:30:00.000Z"))
    assert RECOMMENDED.rescan.seconds
    assert set(MIXES) > {"usual"}
    assert Seed.of("a") != Seed.of("b")
    assert RECOMMENDED.share < Decimal("0.1")
