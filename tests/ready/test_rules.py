"""Rules of purchase control: pure, and the same for everybody who asks twice."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.ready.kinds import Amount, Share, Weekday
from smarts.ready.rules import Purchase, chance, decide, strictness, strikes
from smarts.ready.settings import CheckSettings, RuleSettings, ShopperKind
from smarts.wire.control import Decision
from smarts.wire.times import TimeOfDay

SECRET = "secret"
FRIDAY_NIGHT = datetime(2026, 11, 27, 23, 30, tzinfo=ZoneInfo("Europe/Tallinn"))
SATURDAY_ONE = datetime(2026, 11, 28, 1, 0, tzinfo=ZoneInfo("Europe/Tallinn"))


def purchase(**changes):
    usual = {
        "store": "store-1",
        "shopper": "person-1",
        "before": 1,
        "total": Decimal("50.00"),
        "pieces": Decimal(10),
        "barcodes": frozenset({"1"}),
        "categories": frozenset({"food"}),
        "has_age_goods": False,
        "moment": FRIDAY_NIGHT,
    }
    return Purchase(**(usual | changes))


def rule(decision=Decision.FULL, **says):
    return RuleSettings(name=says.pop("name", "rule"), decision=decision, **says)


NIGHT = {"starts": TimeOfDay.read("22:00"), "ends": TimeOfDay.read("02:00")}


@pytest.mark.parametrize(
    ("says", "changes", "expected"),
    [
        ({}, {}, True),
        ({"total_over": Amount(50)}, {}, False),
        ({"total_over": Amount(50)}, {"total": Decimal("50.01")}, True),
        ({"pieces_over": 10}, {}, False),
        ({"pieces_over": 9}, {}, True),
        ({"barcodes": ("2", "1")}, {}, True),
        ({"barcodes": ("2",)}, {}, False),
        ({"barcodes": ("2",), "categories": ("FOOD",)}, {}, True),
        ({"categories": ("Foo",)}, {}, False),
        ({"age_goods": True}, {}, False),
        ({"age_goods": False}, {}, True),
        ({"shopper": ShopperKind.NEW}, {}, False),
        ({"shopper": ShopperKind.NEW}, {"before": 0}, True),
        ({"shopper": ShopperKind.KNOWN}, {}, True),
        ({"weekdays": (Weekday.FRIDAY,)}, {}, True),
        ({"weekdays": (Weekday.SATURDAY,)}, {}, False),
        (NIGHT, {}, True),
        (NIGHT, {"moment": FRIDAY_NIGHT.replace(hour=21)}, False),
        ({**NIGHT, "weekdays": (Weekday.FRIDAY,)}, {"moment": SATURDAY_ONE}, True),
        ({**NIGHT, "weekdays": (Weekday.SATURDAY,)}, {"moment": SATURDAY_ONE}, False),
        ({**NIGHT, "weekdays": (Weekday.FRIDAY,)}, {"moment": SATURDAY_ONE.replace(hour=2)}, False),
        ({"total_over": Amount(10), "pieces_over": 10}, {}, False),
    ],
)
def test_a_rule_strikes_where_all_that_it_says_is_so(says, changes, expected):
    """Amounts are exceeded, not reached; goods are any of those named; a night belongs to the day it began on."""
    assert strikes(rule(**says), purchase(**changes), SECRET) is expected


def test_the_strictest_of_the_highest_priority_counts():
    """A rule of a higher priority silences those below it, be it laxer; age goods are checked all the same."""
    rules = (
        rule(Decision.AGE, name="a"),
        rule(Decision.FULL, name="b"),
        rule(Decision.NO, name="never", priority=5, total_over=Amount(40)),
    )
    settings = CheckSettings(rules=rules)
    assert decide(settings, purchase(), SECRET).decision is Decision.NO
    cheap = decide(settings, purchase(total=Decimal(1)), SECRET)
    assert (cheap.decision, cheap.rules) == (Decision.FULL, ("b",))
    assert decide(settings, purchase(has_age_goods=True), SECRET).rules == ("age_goods",)
    without_age = CheckSettings(age_goods=False, rules=rules)
    assert decide(without_age, purchase(has_age_goods=True), SECRET).decision is Decision.NO


decisions = st.sampled_from(Decision)
some_rules = st.lists(
    st.builds(
        RuleSettings,
        name=st.text("abc", min_size=1, max_size=3),
        decision=decisions,
        priority=st.just(0),
        share=st.none() | st.builds(Share, st.sampled_from(["0", "0.3", "1"])),
        pieces_over=st.none() | st.integers(0, 20),
        starts=st.none(),
        ends=st.none(),
    ),
    max_size=6,
)
purchases = st.builds(
    purchase, shopper=st.text(max_size=20), pieces=st.integers(0, 30).map(Decimal), has_age_goods=st.booleans()
)  # fmt: skip


@given(some_rules, purchases)
def test_the_order_of_rules_means_nothing_and_more_rules_never_check_less(rules, bought):
    """Without priorities the answer is the same in any order, twice the same, and never laxer with a rule more."""
    settings = CheckSettings(rules=tuple(rules))
    answer = decide(settings, bought, SECRET)
    assert decide(settings, bought, SECRET) == answer
    assert decide(CheckSettings(rules=tuple(reversed(rules))), bought, SECRET).decision is answer.decision
    for place in range(len(rules)):
        fewer = decide(CheckSettings(rules=tuple(rules[:place] + rules[place + 1 :])), bought, SECRET)
        assert strictness(fewer.decision) <= strictness(answer.decision)
    if bought.has_age_goods:
        assert answer.decision is not Decision.NO


@given(st.text(max_size=50), st.text(max_size=10))
def test_chance_is_a_part_of_one_that_no_basket_changes(shopper, name):
    """A shopper draws the same number until something is paid; all strike with a share of 1, none with a share of 0."""
    drawn = chance(SECRET, name, purchase(shopper=shopper))
    assert 0 <= drawn < 1
    other_basket = purchase(shopper=shopper, total=Decimal(1), pieces=Decimal(1), barcodes=frozenset())
    assert chance(SECRET, name, other_basket) == drawn
    assert chance(SECRET, name, purchase(shopper=shopper, before=2)) != drawn
    assert strikes(rule(share=Share(1)), purchase(shopper=shopper), SECRET)
    assert not strikes(rule(share=Share(0)), purchase(shopper=shopper), SECRET)


def test_a_share_is_kept_over_many_purchases_and_differs_by_rule_and_secret():
    """Every tenth of ten thousand is a thousand, give or take five standard deviations; others draw otherwise."""
    tenth = rule(share=Share("0.1"))
    struck = [strikes(tenth, purchase(shopper=f"person-{place}"), SECRET) for place in range(10_000)]
    assert 850 < sum(struck) < 1150
    assert chance(SECRET, "a", purchase()) != chance(SECRET, "b", purchase())
    assert chance("other", "a", purchase()) != chance(SECRET, "a", purchase())
