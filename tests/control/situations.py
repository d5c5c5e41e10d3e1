"""Policies, carts and histories for the tests of decisions: some by hand, any number of others by hypothesis."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from smarts.control import (
    AgeCheck,
    AgeSeen,
    CheckedCart,
    CheckedLine,
    Depth,
    Ending,
    GoodsRule,
    History,
    HoursRule,
    InspectedCheck,
    Limits,
    LoyaltyRule,
    PastCheck,
    PastPurchase,
    Pause,
    Policy,
    Reason,
    RiskRule,
    Seed,
    Unanswered,
    UnderWay,
)
from smarts.control.reasons import FAULT_FOUND, MIN_AGE
from smarts.wire.control import Decision
from smarts.wire.money import Currency
from smarts.wire.times import TimeOfDay, UtcMillis, Weekday

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
BEER = Reason(MIN_AGE, "18+: staff check your age", {"age": "18"})
AT_NIGHT = Reason("MAX_TIME", "Sold only until 22:00", {"time": "22:00"})
FAULT = Reason(FAULT_FOUND, "The last check found a fault")


def before(**span: float) -> UtcMillis:
    """So long before the checkout."""
    return UtcMillis.of(NOW - timedelta(**span))


def cart(**changes: Any) -> CheckedCart:
    """Three pieces for ten euros on a Wednesday at two, of which neither the node nor the goods want a check."""
    known = {
        "at": UtcMillis.of(NOW),
        "weekday": Weekday.WEDNESDAY,
        "time": TimeOfDay(14, 0),
        "currency": Currency.EUR,
        "total": Decimal(10),
        "pieces": 3,
    }
    return CheckedCart(**(known | changes))


def line(barcode: str, *categories: str, pieces: int = 1, inspected: bool = False) -> CheckedLine:
    """So many pieces of a product at two euros."""
    return CheckedLine(
        barcode=barcode,
        categories=categories,
        quantity=Decimal(pieces),
        pieces=pieces,
        unit_price=Decimal(2),
        total=Decimal(2 * pieces),
        inspected=inspected,
    )


def check(ending: Ending, *, depth: Depth = Depth.FULL, **ago: float) -> PastCheck:
    """A check so long ago."""
    return PastCheck(at=before(**ago), depth=depth, ending=ending, missing=Decimal(0))


def purchase(*, total: int = 10, pieces: int = 3, by_chance: bool = False, **ago: float) -> PastPurchase:
    """A purchase that was begun and paid so long ago."""
    at = before(**ago)
    return PastPurchase(at=at, began=at, total=Decimal(total), pieces=pieces, by_chance=by_chance)


def seed(number: int) -> Seed:
    """One of any number of seeds."""
    return Seed.of("a secret of the tests", str(number))


thousandths = st.integers(0, 1000).map(lambda part: Decimal(part) / 1000)
factors = st.integers(0, 40).map(lambda part: Decimal(part) / 10)
moments = st.integers(0, 90 * 86_400).map(lambda seconds: UtcMillis.of(NOW - timedelta(seconds=seconds)))
times = st.builds(TimeOfDay, st.integers(0, 23), st.integers(0, 59))
barcodes = st.sampled_from(["1", "2", "3", "4"])
seeds = st.integers(0, 2**32).map(seed)
goods_asked = st.lists(st.sampled_from([BEER, AT_NIGHT, FAULT]), unique=True, max_size=3).map(tuple)

lines = st.builds(line, barcodes, barcodes, pieces=st.integers(1, 30), inspected=st.booleans())
carts = st.builds(
    cart,
    weekday=st.sampled_from(Weekday),
    time=times,
    lines=st.lists(lines, max_size=4).map(tuple),
    total=st.integers(0, 300).map(Decimal),
    pieces=st.integers(1, 60),
    member=st.booleans(),
    card_codes=st.sampled_from([(), ("GOLD",)]),
    node=st.none() | st.sampled_from(Decision),
    goods=goods_asked,
)
past_checks = st.builds(
    PastCheck,
    at=moments,
    depth=st.sampled_from(Depth),
    ending=st.sampled_from(Ending),
    missing=st.integers(0, 50).map(Decimal),
)
past_purchases = st.builds(
    PastPurchase,
    at=moments,
    began=moments,
    total=st.integers(0, 300).map(Decimal),
    pieces=st.integers(0, 60),
    by_chance=st.booleans(),
)
histories = st.builds(
    History,
    bought=st.integers(0, 6),
    purchases=st.lists(past_purchases, max_size=5).map(tuple),
    checks=st.lists(past_checks, max_size=5).map(tuple),
    elsewhere=st.lists(st.builds(UnderWay, at=moments), max_size=2).map(tuple),
    ages=st.lists(st.builds(AgeSeen, at=moments, age=st.sampled_from([18, 20])), max_size=2).map(tuple),
)
hours = st.builds(
    HoursRule,
    weekdays=st.lists(st.sampled_from(Weekday), min_size=1, unique=True).map(tuple),
    start=times,
    end=times,
    share=thousandths,
)
policies = st.builds(
    Policy,
    share=thousandths,
    estimate_share=thousandths,
    hours=st.lists(hours, max_size=2).map(tuple),
    loyalty=st.lists(
        st.builds(LoyaltyRule, code=st.none() | st.just("GOLD"), factor=factors), max_size=2
    ).map(tuple),
    risk=st.none() | st.builds(RiskRule, passed=factors, corrected=factors, failed=factors),
    limits=st.builds(Limits, in_a_row=st.integers(1, 2), a_week=st.none() | st.integers(1, 3)),
    first_purchases=st.integers(0, 4),
    total_over=st.none() | st.integers(0, 300).map(Decimal),
    pieces_over=st.none() | st.integers(0, 60),
    together_minutes=st.integers(0, 1440),
    goods=st.lists(
        st.builds(
            GoodsRule,
            name=st.just("risky"),
            barcodes=st.lists(barcodes, min_size=1).map(tuple),
            pieces_from=st.integers(1, 9),
            share=thousandths,
        ),
        max_size=2,
    ).map(tuple),
    after_failed=st.integers(0, 3),
    left_check_hours=st.integers(0, 48),
    elsewhere_minutes=st.integers(0, 240),
    age=st.sampled_from(AgeCheck),
    age_days=st.integers(0, 30),
    inspections=st.sampled_from(InspectedCheck),
    unanswered=st.sampled_from(Unanswered),
    pause=st.none() | st.builds(Pause, until=st.sampled_from([before(hours=1), before(hours=-1)])),
)
