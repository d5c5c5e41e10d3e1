"""A long list of a store's campaigns: what is left out of sight changes no price."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.carts import PASSER_BY, campaign, line, priced, product
from campaigns.test_pricing_rules import BUYERS, CARTS, CODES, NONSENSE
from smarts.campaigns import Kind, Reason, compile_operation
from smarts.campaigns.index import ALWAYS_TOLD
from smarts.campaigns.purchase import Purchase
from smarts.campaigns.rows import Row
from smarts.campaigns.striking import strike, strike_listed
from smarts.wire.money import Currency

INPUTS = {"501": ("total",), "502": ("amount", "total")}
TESTS = st.sampled_from([">=", ">", "<", "<=", "==", "!=", "==="])
LIMITS = st.one_of(st.integers(0, 12), st.integers(0, 400), st.sampled_from(["12.5", "-1", "1e3"]))
CHANGES = st.sampled_from(
    [
        "total * 0.98",
        "total - 1",
        "total + 0.5",
        "Math.max(total - 7, 0)",
        "total - 300",
        "0",
        "total",
        "0 / 0",
        "Math.min(total, 40)",
    ]
)


@st.composite
def conditions(draw: st.DrawFn, kind: str, depth: int = 2) -> str:
    """A condition on the kind's inputs: comparisons either way round, joined and turned round."""
    if depth and draw(st.booleans()):
        first, second = (draw(conditions(kind, depth - 1)) for _ in range(2))
        joined = draw(st.sampled_from(["{} && {}", "{} || {}", "!({}) && {}", "({} ? {} : false)"]))
        return joined.format(f"({first})", f"({second})")
    name = draw(st.sampled_from([*INPUTS[kind], "total / 2", "Math.floor(total)"]))
    sides = [name, draw(TESTS), str(draw(LIMITS))]
    return " ".join(sides if draw(st.booleans()) else reversed(sides))


@st.composite
def operations(draw: st.DrawFn, kind: str, depth: int = 2) -> str:
    """An operation of conditions in each other."""
    if not depth or draw(st.booleans()):
        return draw(CHANGES)
    test, one, other = (
        draw(conditions(kind)),
        draw(operations(kind, depth - 1)),
        draw(CHANGES | st.just("total")),
    )
    return f"{test} ? {one} : ({other})"


CENTS = st.integers(10, 4000)
KINDS = st.sampled_from(list(INPUTS))
CAMPAIGNS = KINDS.flatmap(
    lambda kind: st.builds(campaign, operations(kind), st.sampled_from([code + kind for code in CODES]))
)
PLAIN = st.builds(
    lambda name, test, limit, change: campaign(f"{name} {test} {limit} ? {change} : total", "B00000000502"),
    st.sampled_from(["total", "total", "amount"]),
    TESTS,
    st.integers(1, 40),
    st.sampled_from(["total * 0.98", "total - 1", "total + 0.5"]),
)
LISTS = st.lists(CAMPAIGNS | st.just(NONSENSE), max_size=40) | st.lists(PLAIN, max_size=40)


SMALL = st.lists(
    st.builds(
        lambda cents, pieces: (product(str(Decimal(cents) / 100)), str(pieces)), CENTS, st.integers(1, 3)
    ),
    min_size=1,
    max_size=2,
).map(lambda goods: [line(sold, pieces, str(place)) for place, (sold, pieces) in enumerate(goods)])


@settings(max_examples=200, deadline=None)
@given(CARTS | SMALL, LISTS, BUYERS)
def test_the_index_changes_no_price(cart, store, buyer):
    """What a long list leaves of a purchase, and what changes it or fails, is the same as without the index."""
    purchase = Purchase.of([Row.of(each, Currency.EUR) for each in cart], Currency.EUR)
    plain, every = strike(purchase, store, buyer)
    indexed, effects = strike_listed(purchase, store, buyer)
    assert indexed == plain
    silent = strike_listed(purchase, store, buyer, silent=True)
    assert silent == (plain, tuple(effect for effect in every if effect.changed or effect.is_error))
    assert effects == tuple(
        effect
        for place, effect in enumerate(every)
        if place < ALWAYS_TOLD or effect.changed or effect.is_error
    )


@settings(max_examples=300, deadline=None)
@given(KINDS.flatmap(lambda kind: st.tuples(st.just(kind), operations(kind))), st.data())
def test_outside_its_boxes_an_operation_changes_nothing(made, data):
    """Whatever the conditions, where no box is the operation gives back the total."""
    kind, source = made
    operation = compile_operation(source, Kind(kind))
    ends = [end for box in operation.changing for span in box.values() for end in (span.low, span.high)]
    near = [end + step for end in ends if end < 1e9 for step in (-0.01, 0, 0.01) if end + step > 0]
    number = st.sampled_from(near) if near else st.just(1.0)
    inputs = [data.draw(number | st.floats(0.01, 1000)) for _ in operation.kind.inputs]
    if not operation.may_change(*inputs):
        assert operation.evaluate(*inputs) == inputs[-1]


@pytest.mark.parametrize(
    ("source", "inside", "outside"),
    [
        ("total >= 50 ? total * 0.98 : total", (50, 51), (1, 49.99)),
        ("50 > total ? total : total - 1", (50, 51), (1, 49.99)),
        ("total >= 50 && total < 60 ? 1 : total", (50, 55, 60), (49, 61)),
        ("total < 20 || total > 90 ? 1 : total", (1, 20, 90, 99), (20.01, 50)),
        ("!(total < 20) ? 1 : total", (20, 30), (1, 19)),
        ("total == 7 ? 1 : total", (7,), (6, 8)),
    ],
)
def test_boxes_are_no_larger_than_the_conditions(source, inside, outside):
    """Plain conditions are read exactly, so that the index really leaves campaigns out."""
    operation = compile_operation(source, Kind.TOTAL)
    assert all(operation.may_change(total) for total in inside)
    assert not any(operation.may_change(total) for total in outside)


def test_campaigns_out_of_reach_are_not_run():
    """Of a thousand campaigns for larger purchases and other cards only what strikes is told, and it counts."""
    far = [campaign(f"total >= {1000 + n} ? 1 : total", "B00000000501", str(n)) for n in range(500)]
    cards = [campaign("total * 0.5", f"B{n:08}501", f"card {n}") for n in range(1, 501)]
    ours = campaign("total >= 50 ? total - 10 : total", "B00000000501", "ours")
    cart = priced(line(product("124.00")), store=(*far, *cards, ours), buyer=PASSER_BY)
    assert cart.total.total_to_pay == Decimal("111.60")
    assert cart.effects[-1].campaign is ours
    assert [effect.reason for effect in cart.effects[:-1]] == [Reason.UNCHANGED] * ALWAYS_TOLD
