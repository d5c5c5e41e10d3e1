"""What a campaign would do, before it is one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.carts import CLIENT, PASSER_BY, campaign, line, product
from smarts.campaigns import Basket, Candidate, Kind, Reason, compile_operation, ladder, try_campaign
from smarts.wire.money import Currency

OPERATIONS = (
    "total * 0.9",
    "total >= 50 ? total - 5 : total",
    "Math.max(total - 7.77, 0)",
    "total + 1",
    "total - 100",
    "total / 0",
    "nonsense",
)
prices = st.decimals("0.01", "200", places=2)
campaigns = st.builds(
    campaign, st.sampled_from(OPERATIONS), st.sampled_from(("B00000000501", "C00000000501"))
)


def basket(*totals: Decimal, buyer=PASSER_BY) -> Basket:
    lines = [line(product(str(total)), key=str(place)) for place, total in enumerate(totals)]
    return Basket(lines, buyer, Currency.EUR)


@given(
    st.lists(prices, min_size=1, max_size=5),
    st.lists(campaigns, max_size=3),
    campaigns,
    st.sampled_from((CLIENT, PASSER_BY)),
)
def test_sums_of_a_trial(totals, others, tried, buyer):
    """The last campaign's effect is the whole difference, the lines bear all of it, the others stay as they are."""
    trial = try_campaign(Candidate(tried, others, len(others)), basket(*totals, buyer=buyer))
    assert trial.effect.campaign is tried
    assert trial.change == trial.effect.after - trial.effect.before
    by_line = zip(trial.with_it.lines, trial.without.lines, strict=True)
    assert sum(one.vat.sum_with_vat - other.vat.sum_with_vat for one, other in by_line) == trial.change
    assert trial.with_it.effects[:-1] == trial.without.effects


def test_its_place_counts():
    """The same campaign gives another sum before another one than after it."""
    percent, euros = (campaign(operation, "B00000000501") for operation in ("total * 0.5", "total - 10"))
    first = try_campaign(Candidate(euros, [percent], 0), basket(Decimal(124)))
    last = try_campaign(Candidate(euros, [percent], 1), basket(Decimal(124)))
    assert first.with_it.total.total_to_pay == Decimal("55.80")  # (100 - 10) / 2 and 24 % VAT
    assert last.with_it.total.total_to_pay == Decimal("49.60")  # 100 / 2 - 10 and 24 % VAT


@pytest.mark.parametrize(
    ("tried", "reason"),
    [
        (campaign("total * 0.9", "C00000000501"), Reason.CLIENTS_ONLY),
        (campaign("total * 0.9", "B00000SKP501"), Reason.CARD_ONLY),
        (campaign("total >= 50 ? 1 : total", "B00000000501"), Reason.UNCHANGED),
        (campaign("total - 50", "B00000000501"), Reason.BAD_RESULT),
        (campaign("total * 0,9", "B00000000501"), Reason.BAD_OPERATION),
        (campaign("amount", "B00000000001"), Reason.PRODUCT_KIND),
        (campaign("total", "B00000000009"), Reason.BAD_CODE),
    ],
)
def test_why_not(tried, reason):
    """A campaign that leaves the cart as it was says why."""
    trial = try_campaign(Candidate(tried), basket(Decimal("12.40")))
    assert (trial.change, trial.effect.reason) == (0, reason)


def test_totals_around_a_threshold():
    """What is compared with is among the totals, with what is a cent less and more."""
    rows = ladder(compile_operation("total >= 30 ? total - 3 : total", Kind.TOTAL))
    given = {step.inputs: step.change for (step,) in rows}
    assert {total: given[(Decimal(total),)] for total in ("29.99", "30", "30.01", "200")} == {
        "29.99": 0,
        "30": -3,
        "30.01": -3,
        "200": -3,
    }
    assert [step.inputs for (step,) in rows] == sorted(given)


def test_amounts_around_a_threshold():
    """An operation on amounts has a row for each amount; what it compares may stand on either side."""
    rows = ladder(compile_operation("12 <= amount ? Math.max(total - 1, 0) : total", Kind.AMOUNT_TOTAL))
    changes = {row[0].inputs[0]: {step.change for step in row} for row in rows}
    assert (changes[Decimal(11)], changes[Decimal(12)], changes[Decimal(13)]) == ({0}, {-1}, {-1})


@given(st.sampled_from(Kind), st.from_regex(r"[a-z0-9 <>=.?:*-]{1,40}"), st.integers(0, 10**9))
def test_every_operation_has_a_ladder(kind, end, number):
    """Whatever is typed after a comparison, the rows rise and each step has a result or says what is wrong."""
    source = f"total > {number} ? total * {number}e9 : total - {number} /* {end} */"
    if kind.is_product_based or "*/" in end:
        return
    for row in ladder(compile_operation(source, kind)):
        assert all((step.result is None) == bool(step.problem.text) for step in row)
