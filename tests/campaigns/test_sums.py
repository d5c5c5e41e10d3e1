from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarts.campaigns.sums import split, vat_in
from smarts.wire.money import Currency

CENT = Decimal("0.01")
SUMS = st.integers(0, 100_000).map(lambda cents: cents * CENT)
WEIGHTS = st.lists(SUMS, min_size=1, max_size=12).filter(any)


def parts(total, weights, ranks=None):
    return split(total, weights, ranks or range(len(weights)), Currency.EUR)


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        ("0.01", ["1.00", "1.00", "1.00"], ["0.01", "0.00", "0.00"]),
        ("0.02", ["1.00", "1.00", "2.00"], ["0.01", "0.00", "0.01"]),  # shares 0.5, 0.5 and 1 cent
        ("1.00", ["3.00", "0.00", "4.00"], ["0.43", "0.00", "0.57"]),  # shares 42.857 and 57.143 cents
        ("10.00", ["2.50", "2.50"], ["5.00", "5.00"]),
        ("0.00", ["0.00", "0.00"], ["0.00", "0.00"]),
    ],
)
def test_examples(total, weights, expected):
    """Parts are shares rounded down, and what is left goes to those that lost most by it."""
    assert parts(Decimal(total), [*map(Decimal, weights)]) == [*map(Decimal, expected)]


@settings(deadline=None)
@given(SUMS, WEIGHTS)
def test_loses_nothing(total, weights):
    """The parts add up to the total, and each is its exact share but for less than a cent."""
    shares = parts(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        exact = Fraction(total) * Fraction(weight) / Fraction(sum(weights))
        assert abs(Fraction(share) - exact) < Fraction(CENT)


@settings(deadline=None)
@given(WEIGHTS, st.data())
def test_takes_no_more_than_there_is(weights, data):
    """Where the total is not larger than the weights together, no part is larger than its weight."""
    total = data.draw(st.integers(0, int(sum(weights) / CENT))) * CENT
    assert all(share <= weight for share, weight in zip(parts(total, weights), weights, strict=True))


@settings(deadline=None)
@given(SUMS, WEIGHTS, st.randoms())
def test_order_does_not_matter(total, weights, random):
    """Each part has the same share in whatever order the parts come."""
    ranked = [*enumerate(weights)]
    random.shuffle(ranked)
    shuffled = dict(
        zip(
            [rank for rank, _ in ranked],
            parts(total, [w for _, w in ranked], [r for r, _ in ranked]),
            strict=True,
        )
    )
    assert [shuffled[rank] for rank in range(len(weights))] == parts(total, weights)


@pytest.mark.parametrize(
    ("gross", "rate", "vat"),
    [("1.24", "24", "0.24"), ("1.00", "24", "0.19"), ("10.00", "25.5", "2.03"), ("5.00", "0", "0.00")],
)
def test_vat(gross, rate, vat):
    """The VAT in a sum is its part of the sum, rounded once, also for rates with decimals."""
    assert vat_in(Decimal(gross), Decimal(rate), Currency.EUR) == Decimal(vat)
