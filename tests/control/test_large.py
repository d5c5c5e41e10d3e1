"""Large purchases are checked by chance with a share of their own."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from smarts.control import (
    CheckedCart,
    History,
    LargeRule,
    PastPurchase,
    Policy,
    Seed,
    decide,
    unsound,
)
from smarts.wire.control import Decision
from smarts.wire.money import Currency
from smarts.wire.times import TimeOfDay, UtcMillis, Weekday

CART = CheckedCart(
    at=UtcMillis.read("2026-11-23T08:30:00.000Z"),
    weekday=Weekday.MONDAY,
    time=TimeOfDay(8, 30),
    currency=Currency.EUR,
    total=Decimal(80),
    pieces=10,
)
POLICY = Policy(
    share=Decimal("0.05"),
    large=(
        LargeRule(over=Decimal(50), share=Decimal("0.3")),
        LargeRule(over=Decimal(100), share=Decimal("0.6")),
    ),
)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def checked(cart: CheckedCart, history: History = History()) -> float:  # noqa: B008 - frozen
    """The part of 2,000 draws that checks a cart."""
    decisions = (decide(POLICY, cart, history, Seed.of("s", str(draw))).decision for draw in range(2000))
    return sum(decision is Decision.FULL for decision in decisions) / 2000


def test_the_larger_the_total_the_more_often_it_is_checked() -> None:
    """Each total is checked with the share of the largest limit that it is over; one on a limit is not over it."""
    shares = {total: checked(replace(CART, total=Decimal(total))) for total in (50, 80, 120)}
    assert 0.03 < shares[50] < 0.07
    assert 0.26 < shares[80] < 0.34
    assert 0.56 < shares[120] < 0.64


def test_a_purchase_that_is_split_counts_as_one() -> None:
    """Who pays for 30 € ten minutes before a cart of 80 € is checked as often as with one cart of 110 €."""
    at = UtcMillis.of(CART.at - timedelta(minutes=10))
    before = PastPurchase(at=at, began=at, total=Decimal(30), pieces=3, by_chance=False)
    assert 0.56 < checked(CART, History(bought=1, purchases=(before,))) < 0.64


def test_rules_that_change_nothing_are_refused() -> None:
    """A larger total with no larger share, a share of nothing and an amount in parts of a cent are named by field."""
    wrong = unsound(
        replace(
            POLICY,
            large=(
                LargeRule(over=Decimal(50), share=Decimal("0.3")),
                LargeRule(over=Decimal(100), share=Decimal("0.3")),
                LargeRule(over=Decimal("40.001"), share=Decimal(0)),
            ),
        ),
        NOW,
    )
    assert [error.path for error in wrong] == ["$.large[1]", "$.large[2].over", "$.large[2].share"]
    assert not unsound(POLICY, NOW)
