"""The decision on a cart: a pure function, each of its rules, and what holds whatever policy, cart and history are."""

import hashlib
import hmac
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from control.situations import (
    AT_NIGHT,
    BEER,
    FAULT,
    NOW,
    before,
    cart,
    carts,
    check,
    histories,
    line,
    policies,
    purchase,
    seed,
    seeds,
    thousandths,
)
from smarts.control import (
    AgeCheck,
    AgeSeen,
    CheckedCart,
    Depth,
    Ending,
    GoodsRule,
    History,
    HoursRule,
    Inputs,
    InspectedCheck,
    Limits,
    LoyaltyRule,
    Pause,
    Policy,
    RescanPiece,
    RiskRule,
    Seed,
    Unanswered,
    UnderWay,
    decide,
    inputs_digest,
    replayed,
)
from smarts.wire.codec import decode, encode
from smarts.wire.control import Decision
from smarts.wire.times import TimeOfDay, UtcMillis, Weekday

STRICTER = (Decision.NO, Decision.AGE, Decision.FULL)
ONE = seed(1)
NEW = History()


def codes(policy: Policy, of: CheckedCart, history: History = NEW, by: Seed = ONE) -> list[str]:
    """Why the cart is checked."""
    return [reason.code for reason in decide(policy, of, history, by).reasons]


def chosen(policy: Policy, history: History = NEW, of: CheckedCart | None = None, runs: int = 2000) -> float:
    """Of how large a part of the seeds chance chooses the cart."""
    outcomes = (decide(policy, of or cart(), history, seed(number)) for number in range(runs))
    return sum(outcome.decision is Decision.FULL for outcome in outcomes) / runs


@pytest.mark.parametrize(
    ("policy", "of", "history", "expected"),
    [
        (Policy(), cart(total=Decimal(10**6), pieces=10**5), History(), []),
        (Policy(share=Decimal(1)), cart(), History(), ["STORE_SHARE"]),
        (Policy(first_purchases=2), cart(), History(bought=1), ["STORE_FIRST_PURCHASE"]),
        (Policy(first_purchases=2), cart(), History(bought=2), []),
        (Policy(total_over=Decimal("9.99")), cart(), History(), ["STORE_TOTAL"]),
        (Policy(total_over=Decimal(10)), cart(), History(), []),
        (Policy(total_over=Decimal(0)), cart(total=Decimal(0)), History(), []),
        (Policy(pieces_over=2), cart(), History(), ["STORE_PIECES"]),
        (Policy(pieces_over=3), cart(), History(), []),
        (Policy(age=AgeCheck.FULL), cart(goods=(BEER,)), History(), ["MIN_AGE", "STORE_AGE"]),
        (Policy(age=AgeCheck.FULL), cart(node=Decision.AGE), History(), ["STORE", "STORE_AGE"]),
        (Policy(age=AgeCheck.FULL), cart(), History(), []),
        (Policy(), cart(node=None), History(), ["STORE_UNANSWERED"]),
        (Policy(unanswered=Unanswered.RULES), cart(node=None), History(), ["STORE_UNANSWERED"]),
        (Policy(unanswered=Unanswered.RULES, pieces_over=9), cart(node=None), History(), []),
        (Policy(), cart(goods=(FAULT,)), History(), ["CHECK_FAILED"]),
    ],
)
def test_a_rule_strikes_above_its_limit_and_not_at_it(
    policy: Policy, of: CheckedCart, history: History, expected: list[str]
) -> None:
    """What is over a limit is checked, what just reaches it is not; a rule that is off never strikes."""
    assert codes(policy, of, history) == expected


def test_a_purchase_that_was_split_counts_as_one() -> None:
    """What was paid just before counts for the limits of total and pieces, and what was paid long before does not."""
    policy = Policy(total_over=Decimal(19), pieces_over=5, together_minutes=30)
    assert codes(policy, cart(), History(purchases=(purchase(minutes=29),))) == [
        "STORE_TOTAL",
        "STORE_PIECES",
    ]
    assert codes(policy, cart(), History(purchases=(purchase(minutes=30),))) == []
    assert codes(replace(policy, together_minutes=0), cart(), History(purchases=(purchase(minutes=1),))) == []


def test_risky_goods_are_checked_from_so_many_pieces_on() -> None:
    """Of a barcode and a category together; other goods do not count."""
    rule = GoodsRule(name="Spirits", barcodes=("1",), categories=("gin",), pieces_from=3)
    policy = Policy(goods=(rule,))
    assert codes(policy, cart(lines=(line("1"), line("2", "gin")))) == []
    assert codes(policy, cart(lines=(line("1"), line("2", "gin"), line("3", "tea", pieces=9)))) == []
    assert codes(policy, cart(lines=(line("1"), line("2", "gin", pieces=2)))) == ["STORE_GOODS"]
    some = Policy(goods=(replace(rule, share=Decimal("0.25")),))
    assert chosen(some, of=cart(lines=(line("1", pieces=3),))) == pytest.approx(0.25, abs=0.04)


@pytest.mark.parametrize(
    ("weekday", "moment", "expected"),
    [
        (Weekday.FRIDAY, (21, 59), False), (Weekday.FRIDAY, (22, 0), True), (Weekday.SATURDAY, (1, 59), True),
        (Weekday.SATURDAY, (2, 0), False), (Weekday.SATURDAY, (23, 0), False), (Weekday.SUNDAY, (23, 0), True),
        (Weekday.MONDAY, (0, 0), True), (Weekday.FRIDAY, (1, 0), False),
    ],
)  # fmt: skip
def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(
    weekday: Weekday, moment: tuple[int, int], expected: bool
) -> None:
    """Friday's and Sunday's hours from 22:00 to 02:00 end on Saturday and on Monday."""
    rule = HoursRule(
        weekdays=(Weekday.FRIDAY, Weekday.SUNDAY), start=TimeOfDay(22), end=TimeOfDay(2), share=Decimal(1)
    )
    assert bool(codes(Policy(hours=(rule,)), cart(weekday=weekday, time=TimeOfDay(*moment)))) is expected


def test_hours_take_the_place_of_the_share() -> None:
    """Also where theirs is smaller."""
    rule = HoursRule(weekdays=tuple(Weekday), start=TimeOfDay(8), end=TimeOfDay(20), share=Decimal(0))
    policy = Policy(share=Decimal(1), hours=(rule,))
    assert codes(policy, cart()) == []
    assert codes(policy, cart(time=TimeOfDay(20))) == ["STORE_SHARE"]


def test_members_are_chosen_as_often_as_the_policy_says() -> None:
    """By the smallest factor that fits; others by the share."""
    policy = Policy(
        share=Decimal("0.4"),
        loyalty=(LoyaltyRule(factor=Decimal("0.5")), LoyaltyRule(code="GOLD", factor=Decimal("0.25"))),
    )
    for of, expected in (
        (cart(), 0.4),
        (cart(member=True), 0.2),
        (cart(member=True, card_codes=("GOLD",)), 0.1),
        (cart(member=True, card_codes=("TIN",)), 0.2),
    ):
        assert chosen(policy, of=of) == pytest.approx(expected, abs=0.04)


@given(share=thousandths, factor=st.sampled_from([Decimal("0.5"), Decimal(1), Decimal(2)]))
@settings(max_examples=10, deadline=None)
def test_the_share_of_carts_is_met_over_many_seeds(share: Decimal, factor: Decimal) -> None:
    """Within four standard deviations of what the policy says, all factors taken in."""
    policy, runs = Policy(share=share, loyalty=(LoyaltyRule(factor=factor),)), 1000
    expected = min(float(share * factor), 1)
    spread = 4 * (expected * (1 - expected) / runs) ** 0.5
    assert chosen(policy, of=cart(member=True), runs=runs) == pytest.approx(expected, abs=spread + 1e-9)


def test_what_is_kept_apart_for_the_estimate_is_drawn_by_itself() -> None:
    """Risk and loyalty do not change it, it is looked at wholly, and the shopper is told the same as by chance."""
    policy = Policy(
        share=Decimal("0.5"), estimate_share=Decimal("0.2"), loyalty=(LoyaltyRule(factor=Decimal(0)),)
    )
    outcomes = [decide(policy, cart(member=True), History(), seed(number)) for number in range(2000)]
    assert sum(each.probe for each in outcomes) / 2000 == pytest.approx(0.2, abs=0.04)
    assert all(each.rescan is None for each in outcomes)
    assert {each.reasons[0].message for each in outcomes if each.probe} == {
        "This purchase was chosen by chance"
    }
    both = [decide(replace(policy, loyalty=()), cart(), History(), seed(number)) for number in range(2000)]
    together = sum(each.probe and len(each.reasons) == 2 for each in both) / 2000
    assert together == pytest.approx(0.1, abs=0.03)


def test_nobody_is_chosen_three_times_running() -> None:
    """After two that chance chose the third is left alone, also for the estimate; other rules still strike."""
    policy = Policy(share=Decimal("0.999"), estimate_share=Decimal("0.999"))
    one, other = purchase(days=1, by_chance=True), purchase(days=2, by_chance=True)
    assert chosen(policy, History(purchases=(one, other)), runs=200) == 0
    assert chosen(policy, History(purchases=(one, purchase(days=2))), runs=200) > 0.9
    assert chosen(policy, History(purchases=(one,)), runs=200) > 0.9
    limited = replace(policy, limits=Limits(in_a_row=1))
    assert chosen(limited, History(purchases=(one, purchase(days=2))), runs=200) == 0
    assert codes(replace(policy, pieces_over=0), cart(), History(purchases=(one, other))) == ["STORE_PIECES"]


def test_nobody_is_chosen_more_often_a_week_than_is_said() -> None:
    """Purchases of more than seven days ago do not count."""
    policy = Policy(share=Decimal("0.999"), limits=Limits(a_week=1))
    within = History(purchases=(purchase(days=1), purchase(days=6, by_chance=True)))
    assert chosen(policy, within, runs=200) == 0
    after = History(purchases=(purchase(days=1), purchase(days=7, by_chance=True)))
    assert chosen(policy, after, runs=200) > 0.9


def test_where_everybody_is_checked_no_limit_spares_anybody() -> None:
    """A share of one is no chance, and such checks do not count as chosen by it."""
    policy = Policy(share=Decimal(1))
    history = History(purchases=(purchase(days=1, by_chance=True), purchase(days=2, by_chance=True)))
    assert chosen(policy, history, runs=50) == 1
    assert not decide(policy, cart(), history, ONE).by_chance
    assert decide(Policy(share=Decimal("0.999")), cart(), History(), ONE).by_chance


def test_a_pause_lets_the_stores_rules_rest_until_it_ends() -> None:
    """What goods and node ask for, a fault and attempts to escape are checked all the same."""
    awake = Policy(share=Decimal(1), first_purchases=5, total_over=Decimal(0), estimate_share=Decimal(1),
                   goods=(GoodsRule(name="all", barcodes=("1",)),), after_failed=1)  # fmt: skip
    paused = replace(awake, pause=Pause(until=before(hours=-1)))
    full = cart(lines=(line("1"),))
    assert len(codes(awake, full)) == 5
    assert codes(paused, full) == []
    assert codes(replace(awake, pause=Pause(until=before(seconds=0))), full) == codes(awake, full)
    assert codes(paused, cart(goods=(BEER, FAULT), node=Decision.FULL)) == [
        "MIN_AGE",
        "CHECK_FAILED",
        "STORE",
    ]
    assert codes(paused, cart(), History(checks=(check(Ending.FAILED, days=1),))) == ["STORE_AFTER_FAILED"]
    unanswered = replace(paused, unanswered=Unanswered.RULES)
    assert codes(unanswered, cart(node=None)) == ["STORE_UNANSWERED"]


def test_purchases_after_a_check_that_failed_are_checked() -> None:
    """So many of them as the policy says, those that were begun after it."""
    policy, failed = Policy(after_failed=2), check(Ending.FAILED, days=5)
    assert codes(policy, cart(), History(checks=(failed,))) == ["STORE_AFTER_FAILED"]
    once = History(checks=(failed,), purchases=(purchase(days=4), purchase(days=6)))
    assert codes(policy, cart(), once) == ["STORE_AFTER_FAILED"]
    twice = History(checks=(failed,), purchases=(purchase(days=3), purchase(days=4)))
    assert codes(policy, cart(), twice) == []
    assert codes(policy, cart(), History(checks=(check(Ending.CORRECTED, days=1),))) == []


def test_a_check_that_was_left_is_made_up_for() -> None:
    """With the next cart within the hours, until a check has taken place; a look at the age is none that counts."""
    policy, left = Policy(left_check_hours=24), check(Ending.LEFT, hours=23)
    assert codes(policy, cart(), History(checks=(left,))) == ["STORE_LEFT"]
    assert codes(policy, cart(), History(checks=(check(Ending.PASSED, hours=1), left))) == []
    assert codes(policy, cart(), History(checks=(check(Ending.LEFT, hours=24),))) == []
    age = check(Ending.PASSED, depth=Depth.AGE, hours=1)
    assert codes(policy, cart(), History(checks=(age, left))) == ["STORE_LEFT"]
    assert codes(policy, cart(), History(checks=(check(Ending.LEFT, depth=Depth.AGE, hours=1),))) == []
    assert codes(policy, cart(), History(checks=(check(Ending.UNDONE, hours=1),))) == []


def test_whoever_shops_in_two_stores_at_once_is_checked() -> None:
    """Where the policy says so, and while the other cart was touched of late."""
    history = History(elsewhere=(UnderWay(at=before(minutes=9)),))
    assert codes(Policy(elsewhere_minutes=10), cart(), history) == ["STORE_ELSEWHERE"]
    assert codes(Policy(elsewhere_minutes=9), cart(), history) == []
    assert codes(Policy(), cart(), history) == []


def test_an_age_that_staff_have_seen_is_believed_for_so_many_days() -> None:
    """Up to that age; the node's wish to see the age is met by it only where the goods say which age."""
    policy = Policy(age_days=1)
    seen = History(ages=(AgeSeen(at=before(hours=23), age=18),))
    assert codes(policy, cart(goods=(BEER,)), seen) == []
    assert codes(policy, cart(goods=(BEER,), node=Decision.AGE), seen) == []
    assert codes(policy, cart(node=Decision.AGE), seen) == ["STORE"]
    assert codes(policy, cart(goods=(replace(BEER, parameters={"age": "20"}),)), seen) == ["MIN_AGE"]
    assert codes(policy, cart(goods=(BEER,)), History(ages=(AgeSeen(at=before(hours=24), age=18),))) == [
        "MIN_AGE"
    ]
    assert codes(Policy(), cart(goods=(BEER,)), seen) == ["MIN_AGE"]


def test_goods_that_ask_to_be_looked_at_may_be_all_that_is() -> None:
    """Where the policy says so and nothing else asks for more: then staff rescan those."""
    policy = Policy(inspections=InspectedCheck.GOODS)
    lines = (line("1", pieces=2, inspected=True), line("2"))
    outcome = decide(policy, cart(lines=lines, goods=(AT_NIGHT,)), History(), ONE)
    assert (outcome.decision, outcome.rescan) == (Decision.FULL, (RescanPiece("1", 2),))
    for stricter in (
        decide(Policy(), cart(lines=lines, goods=(AT_NIGHT,)), History(), ONE),
        decide(policy, cart(lines=lines, goods=(AT_NIGHT, FAULT)), History(), ONE),
        decide(policy, cart(lines=lines, goods=(AT_NIGHT,), node=Decision.FULL), History(), ONE),
    ):
        assert (stricter.decision, stricter.rescan) == (Decision.FULL, None)


@given(policies, carts, histories, seeds)
@settings(deadline=None)
def test_the_same_inputs_give_the_same_decision(
    policy: Policy, of: CheckedCart, history: History, by: Seed
) -> None:
    """Also after all of them have been written as JSON and read again, and with the same digest."""
    inputs = Inputs(cart=of, history=history, seed=by.hex())
    read_policy, read_inputs = decode(encode(policy), Policy), decode(encode(inputs), Inputs)
    outcome = decide(policy, of, history, by)
    assert replayed(read_policy, read_inputs) == outcome
    assert inputs_digest(read_policy, read_inputs) == inputs_digest(policy, inputs)
    assert decode(encode(outcome), type(outcome)) == outcome


@given(policies, carts, histories, seeds)
@settings(deadline=None)
def test_what_node_and_goods_ask_for_is_never_weakened(
    policy: Policy, of: CheckedCart, history: History, by: Seed
) -> None:
    """A policy can only add to it: but for an age that staff have seen, where it believes that."""
    policy = replace(policy, age_days=0)
    outcome = decide(policy, of, history, by)
    alone = decide(Policy(left_check_hours=0), of, History(), by)
    assert STRICTER.index(outcome.decision) >= STRICTER.index(
        Decision.NO if alone.decision is Decision.FULL and of.node is None else alone.decision
    )
    assert (outcome.decision is Decision.NO) is (outcome.reasons == ())
    assert outcome.rescan is None or outcome.decision is Decision.FULL


def _stricter(policy: Policy, more: int) -> list[Policy]:
    """The policy with one rule after another made stricter."""
    share = min(policy.share + Decimal(more) / 1000, Decimal(1))
    changes: list[dict[str, Any]] = [
        {"share": share},
        {"estimate_share": min(policy.estimate_share + Decimal(more) / 1000, Decimal(1))},
        {"first_purchases": policy.first_purchases + more},
        {"total_over": max((policy.total_over or Decimal(0)) - more, Decimal(0))},
        {"pieces_over": max((policy.pieces_over or 0) - more, 0)},
        {"together_minutes": policy.together_minutes + more},
        {"after_failed": policy.after_failed + more},
        {"elsewhere_minutes": policy.elsewhere_minutes + more},
        {"left_check_hours": policy.left_check_hours + more},
        {"goods": (*policy.goods, GoodsRule(name="more", barcodes=("1",), pieces_from=more))},
        {"age": AgeCheck.FULL},
        {"age_days": 0},
        {"limits": Limits(in_a_row=2)},
    ]
    return [replace(policy, **change) for change in changes]


@given(policies, carts, histories, seeds, st.integers(1, 500))
@settings(deadline=None)
def test_a_stricter_rule_never_checks_less(
    policy: Policy, of: CheckedCart, history: History, by: Seed, more: int
) -> None:
    """Whoever was checked before a share grew, a limit fell or a rule was added is checked after it, too."""
    decision = STRICTER.index(decide(policy, of, history, by).decision)
    if policy.unanswered is Unanswered.RULES and of.node is None:
        of = replace(
            of, node=Decision.NO
        )  # where no rule is on, the staff decide: a first rule takes that from them
        decision = STRICTER.index(decide(policy, of, history, by).decision)
    for stricter in _stricter(policy, more):
        assert STRICTER.index(decide(stricter, of, history, by).decision) >= decision


@given(policies, carts, histories, seeds)
@settings(deadline=None)
def test_a_worse_history_is_never_chosen_less_likely(
    policy: Policy, of: CheckedCart, history: History, by: Seed
) -> None:
    """One more check that failed makes chance no smaller, one more that passed no greater."""
    likely = decide(policy, of, history, by).chances.share
    for ending, grows in ((Ending.FAILED, True), (Ending.PASSED, False)):
        more = replace(history, checks=(*history.checks, check(ending, days=1)))
        after = decide(policy, of, more, by).chances.share
        assert after >= likely if grows else after <= likely


def test_the_draws_of_a_seed_are_fixed_for_ever() -> None:
    """They are HMAC-SHA-256 of the draw's name, its first 53 bits: reckoned here by hand, so that nobody changes it."""
    own = bytes(range(32))
    digest = hmac.new(own, b"share", hashlib.sha256).digest()
    drawn = Seed(own).draw("share")
    assert drawn == (int.from_bytes(digest[:8], "big") >> 11) / 2**53
    assert 0 <= drawn < 1
    assert Seed(own).draw("share") != Seed(own).draw("goods")
    assert (
        Seed.of("secret", "check", "store", "person", "")
        == hmac.new(b"secret", b"check\nstore\nperson\n", hashlib.sha256).digest()
    )


def test_the_moment_decides_with_the_stores_clock() -> None:
    """A pause ends at its moment, whatever the store's clock shows then."""
    policy = Policy(share=Decimal(1), pause=Pause(until=UtcMillis.of(NOW + timedelta(seconds=1))))
    assert codes(policy, cart(time=TimeOfDay(2, 30))) == []


def test_risk_makes_chance_more_and_less_likely_and_forgets() -> None:
    """A failed check doubles the chance on its day, ten passed ones lower it to the least; both are gone in time."""
    rule = RiskRule(passed=Decimal("0.5"), failed=Decimal(1), forget_days=60, least=Decimal("0.25"))
    policy = Policy(share=Decimal("0.2"), risk=rule)

    def likely(*checks: Any) -> Decimal:
        return decide(policy, cart(), History(checks=checks), ONE).chances.share

    assert likely() == Decimal("0.2")
    assert likely(check(Ending.FAILED, days=0)) == Decimal("0.4")
    assert likely(check(Ending.FAILED, days=30)) == Decimal("0.3")
    assert likely(check(Ending.FAILED, days=60)) == Decimal("0.2")
    assert likely(check(Ending.PASSED, days=0), check(Ending.PASSED, days=0)) == Decimal("0.1")
    assert likely(*(check(Ending.PASSED, days=1) for _ in range(10))) == Decimal("0.05")
    assert likely(*(check(Ending.FAILED, days=1) for _ in range(10))) == Decimal("0.8")
    assert likely(check(Ending.PASSED, depth=Depth.AGE, days=0)) == Decimal("0.2")
    assert likely(check(Ending.LEFT, days=0), check(Ending.UNDONE, days=0)) == Decimal("0.2")
