"""Which rules of a store strike on a cart, and the chance that nobody can draw anew."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.gateway.control.rules import (
    UNASKED,
    Facts,
    Past,
    StoreRule,
    ask_for_the_past,
    decided,
    past,
    require_sound,
    struck,
)
from smarts.gateway.parties import AgeCheck, CheckRules
from smarts.wire.codec import decode, encode
from smarts.wire.control import Decision
from smarts.wire.errors import ProblemError

SECRET = "known to this installation alone"
REGULAR = Past(first=False, chance=0.5)


def facts(**changes: Any) -> Facts:
    """Three pieces for ten euros, of which neither the node nor the goods want a check."""
    known = {"person_id": "p", "total": Decimal("10.00"), "pieces": 3, "decision": Decision.NO}
    return Facts(**(known | changes))


@pytest.mark.parametrize(
    ("rules", "cart", "before", "expected"),
    [
        (CheckRules(), facts(total=Decimal(10**6), pieces=10**5), Past(first=True, chance=0.0), ()),
        (CheckRules(share=Decimal("0.5")), facts(), Past(first=False, chance=0.4999), (StoreRule.SHARE,)),
        (CheckRules(share=Decimal("0.5")), facts(), Past(first=False, chance=0.5), ()),
        (CheckRules(first_purchase=True), facts(), Past(first=True, chance=0.9), (StoreRule.FIRST_PURCHASE,)),
        (CheckRules(first_purchase=True), facts(), REGULAR, ()),
        (CheckRules(total_over=Decimal("9.99")), facts(), REGULAR, (StoreRule.TOTAL,)),
        (CheckRules(total_over=Decimal(10)), facts(), REGULAR, ()),
        (CheckRules(total_over=Decimal(0)), facts(total=Decimal(0)), REGULAR, ()),
        (CheckRules(pieces_over=2), facts(), REGULAR, (StoreRule.PIECES,)),
        (CheckRules(pieces_over=3), facts(), REGULAR, ()),
        (CheckRules(age=AgeCheck.FULL), facts(decision=Decision.AGE), REGULAR, (StoreRule.AGE,)),
        (CheckRules(age=AgeCheck.FULL), facts(), REGULAR, ()),
    ],
)
def test_a_rule_strikes_above_its_limit_and_not_at_it(
    rules: CheckRules, cart: Facts, before: Past, expected: tuple[StoreRule, ...]
) -> None:
    """What is over a limit is checked, what just reaches it is not; a rule that is off never strikes."""
    assert struck(rules, cart, before) == expected


thousandths = st.integers(0, 1000).map(lambda part: Decimal(part) / 1000)
chances = st.floats(0, 1, exclude_max=True)
decisions = st.sampled_from(Decision)
all_rules = st.builds(
    CheckRules,
    share=thousandths,
    first_purchase=st.booleans(),
    total_over=st.none() | st.integers(0, 100_000).map(Decimal),
    pieces_over=st.none() | st.integers(0, 1000),
    age=st.sampled_from(AgeCheck),
)
all_facts = st.builds(
    Facts,
    person_id=st.just("p"),
    total=st.integers(0, 100_000).map(Decimal),
    pieces=st.integers(1, 1000),
    decision=decisions,
)
pasts = st.builds(Past, first=st.booleans(), chance=chances)


@given(all_rules, all_facts, pasts)
def test_rules_never_make_a_check_less_strict(rules: CheckRules, cart: Facts, before: Past) -> None:
    """No rule takes away a check that node or goods ask for, of the age least of all; one that strikes looks at all."""
    rules_struck = struck(rules, cart, before)
    decision = decided(cart, rules_struck)
    assert decision is (Decision.FULL if rules_struck else cart.decision)
    order = (Decision.NO, Decision.AGE, Decision.FULL)
    assert order.index(decision) >= order.index(cart.decision)


@given(all_rules, all_facts, pasts)
def test_where_no_rule_asks_for_the_past_it_makes_no_difference(
    rules: CheckRules, cart: Facts, before: Past
) -> None:
    """Only a share and the first purchase need to know what was before."""
    if not ask_for_the_past(rules):
        assert struck(rules, cart, before) == struck(rules, cart, UNASKED)


@given(all_rules)
def test_sound_rules_are_read_back_as_they_were_written(rules: CheckRules) -> None:
    """Whatever a manager may set is kept exactly."""
    require_sound(rules)
    assert decode(encode(rules), CheckRules) == rules


@given(thousandths, thousandths, chances)
def test_a_larger_share_checks_the_same_carts_and_more(some: Decimal, more: Decimal, chance: float) -> None:
    """Nobody who is checked at a share is spared at a larger one."""
    smaller, larger = sorted((some, more))
    before = Past(first=False, chance=chance)
    struck_by = [struck(CheckRules(share=share), facts(), before) for share in (smaller, larger)]
    assert set(struck_by[0]) <= set(struck_by[1])


@given(st.text(), st.text(), st.none() | st.text(min_size=1))
def test_no_share_checks_nobody_and_all_of_it_everybody(
    institution: str, person: str, latest: str | None
) -> None:
    """A chance lies in [0, 1), and is the same whenever it is asked for."""
    drawn = past(SECRET, institution, person, latest)
    assert drawn == past(SECRET, institution, person, latest)
    assert drawn.first is (latest is None)
    assert struck(CheckRules(share=Decimal(0)), facts(), drawn) == ()
    assert struck(CheckRules(share=Decimal(1)), facts(), drawn) == (StoreRule.SHARE,)


def test_about_the_share_of_purchases_is_chosen() -> None:
    """One in ten of many shoppers, and one in ten of one shopper's purchases; another secret chooses others."""
    share = CheckRules(share=Decimal("0.1"))

    def chosen(pasts: list[Past]) -> set[int]:
        return {number for number, drawn in enumerate(pasts) if struck(share, facts(), drawn)}

    many = range(10_000)
    by_person = chosen([past(SECRET, "store", f"person-{number}", None) for number in many])
    by_purchase = chosen([past(SECRET, "store", "person", f"invoice-{number}") for number in many])
    elsewhere = chosen([past("another", "store", f"person-{number}", None) for number in many])
    for found in (by_person, by_purchase, elsewhere):
        assert 850 < len(found) < 1150  # five standard deviations
    assert len(by_person & elsewhere) < 200


@pytest.mark.parametrize(
    ("rules", "fields"),
    [
        (CheckRules(share=Decimal("1.001")), ["share"]),
        (CheckRules(share=Decimal("-0.1")), ["share"]),
        (CheckRules(share=Decimal("0.0001")), ["share"]),
        (CheckRules(total_over=Decimal("-0.01")), ["totalOver"]),
        (CheckRules(total_over=Decimal("0.001")), ["totalOver"]),
        (CheckRules(total_over=Decimal(1_000_001)), ["totalOver"]),
        (CheckRules(pieces_over=100_001), ["piecesOver"]),
        (CheckRules(share=Decimal(2), total_over=Decimal(-1)), ["share", "totalOver"]),
    ],
)
def test_rules_that_say_nothing_are_refused_by_field(rules: CheckRules, fields: list[str]) -> None:
    """Each field that makes no sense is named, where it stands."""
    with pytest.raises(ProblemError) as refused:
        require_sound(rules, "$.checkRules")
    problem = refused.value.problem
    assert problem.status == 422
    assert [error.path for error in problem.errors] == [f"$.checkRules.{field}" for field in fields]
