"""What makes no sense in a policy is refused, by its field."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from control.situations import carts, histories, policies, seeds
from smarts.control import (
    CheckedCart,
    GoodsRule,
    History,
    HoursRule,
    Limits,
    LoyaltyRule,
    Pause,
    Policy,
    RescanRule,
    RiskRule,
    Seed,
    decide,
    unsound,
)
from smarts.wire.times import TimeOfDay, UtcMillis, Weekday

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SHARE = Decimal("0.1")
SPIRITS = GoodsRule(name="Spirits", categories=("spirits",))


def wrong(policy: Policy, kept: Policy | None = None) -> list[str]:
    """The fields that make no sense."""
    return [error.path.removeprefix("$.policy.") for error in unsound(policy, NOW, kept, "$.policy")]


def evening(*weekdays: Weekday, start: int = 18, end: int = 22, share: Decimal = SHARE) -> HoursRule:
    return HoursRule(weekdays=weekdays, start=TimeOfDay(start), end=TimeOfDay(end), share=share)


def pause(**span: float) -> Pause:
    return Pause(until=UtcMillis.of(NOW + timedelta(**span)))


MONDAY, TUESDAY, SUNDAY = Weekday.MONDAY, Weekday.TUESDAY, Weekday.SUNDAY


@pytest.mark.parametrize(
    ("rules", "fields"),
    [
        ({"share": Decimal("1.001")}, ["share"]),
        ({"share": Decimal("-0.001")}, ["share"]),
        ({"share": Decimal("0.0005")}, ["share"]),
        ({"estimate_share": Decimal(2)}, ["estimateShare"]),
        ({"total_over": Decimal("-0.01")}, ["totalOver"]),
        ({"total_over": Decimal("0.001")}, ["totalOver"]),
        ({"total_over": Decimal(1_000_001)}, ["totalOver"]),
        ({"pieces_over": 100_001}, ["piecesOver"]),
        ({"share": Decimal(2), "total_over": Decimal(-1)}, ["share", "totalOver"]),
        (
            {"first_purchases": 21, "age_days": 367, "lock_minutes": 4},
            ["firstPurchases", "ageDays", "lockMinutes"],
        ),
        ({"rescan": RescanRule(seconds=4)}, ["rescan.seconds"]),
        ({"limits": Limits(in_a_row=3)}, ["limits.inARow"]),
        ({"limits": Limits(in_a_row=0)}, ["limits.inARow"]),
        ({"limits": Limits(a_week=0)}, ["limits.aWeek"]),
        # empty sets
        ({"hours": (evening(),)}, ["hours[0].weekdays"]),
        ({"goods": (GoodsRule(name="Nothing"),)}, ["goods[0]"]),
        # impossible times
        ({"hours": (evening(MONDAY, start=20, end=20),)}, ["hours[0].end"]),
        ({"pause": pause(seconds=0)}, ["pause.until"]),
        ({"pause": pause(days=7, seconds=1)}, ["pause.until"]),
        # contradictions
        ({"hours": (evening(MONDAY, MONDAY),)}, ["hours[0].weekdays"]),
        ({"hours": (evening(MONDAY), evening(TUESDAY, MONDAY, start=21, end=23))}, ["hours[1]"]),
        ({"hours": (evening(SUNDAY, start=22, end=3), evening(MONDAY, start=2, end=9))}, ["hours[1]"]),
        ({"hours": (evening(MONDAY, start=2, end=9), evening(SUNDAY, start=22, end=3))}, ["hours[1]"]),
        ({"goods": (SPIRITS, replace(SPIRITS, categories=("gin",)))}, ["goods[1].name"]),
        ({"goods": (replace(SPIRITS, share=Decimal(0)),)}, ["goods[0].share"]),
        ({"goods": (replace(SPIRITS, pieces_from=0),)}, ["goods[0].piecesFrom"]),
        (
            {"share": SHARE, "loyalty": (LoyaltyRule(factor=SHARE), LoyaltyRule(factor=SHARE))},
            ["loyalty[1].code"],
        ),
        ({"share": SHARE, "loyalty": (LoyaltyRule(factor=Decimal(11)),)}, ["loyalty[0].factor"]),
        ({"loyalty": (LoyaltyRule(factor=SHARE),)}, ["loyalty"]),
        ({"risk": RiskRule()}, ["risk"]),
        ({"share": SHARE, "risk": RiskRule(corrected=Decimal(2))}, ["risk.corrected"]),
        ({"share": SHARE, "risk": RiskRule(forget_days=61)}, ["risk.forgetDays"]),
        ({"share": SHARE, "risk": RiskRule(forget_days=0)}, ["risk.forgetDays"]),
        ({"share": SHARE, "risk": RiskRule(least=Decimal(2), most=Decimal(0))}, ["risk.least", "risk.most"]),
        ({"goods": tuple(replace(SPIRITS, name=str(number)) for number in range(51))}, ["goods"]),
        ({"goods": (replace(SPIRITS, barcodes=tuple(map(str, range(1001)))),)}, ["goods[0].barcodes"]),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(rules: dict[str, Any], fields: list[str]) -> None:
    """Each field that does is named, where it stands."""
    assert wrong(Policy(**rules)) == fields


@pytest.mark.parametrize(
    "policy",
    [
        Policy(),
        Policy(share=Decimal("0.001"), risk=RiskRule(), loyalty=(LoyaltyRule(factor=Decimal(0)),)),
        Policy(hours=(evening(MONDAY), evening(MONDAY, start=22, end=18), evening(TUESDAY)), risk=RiskRule()),
        Policy(hours=(evening(SUNDAY, start=22, end=2), evening(MONDAY, start=2, end=3))),
        Policy(pause=pause(days=7), goods=(SPIRITS,), total_over=Decimal("0.01"), pieces_over=0),
    ],
)
def test_what_makes_sense_is_taken(policy: Policy) -> None:
    """Hours that meet do not overlap, and a rule of one thing alone is one."""
    assert wrong(policy) == []


def test_a_pause_that_has_ended_may_stay_in_a_policy_that_is_saved_again() -> None:
    """So that what was read can be sent back; but none can be set that lies in the past."""
    kept = Policy(pause=pause(hours=-1))
    assert wrong(replace(kept, share=SHARE), kept) == []
    assert wrong(replace(kept, pause=pause(hours=-2)), kept) == ["pause.until"]


@given(policies, carts, histories, seeds)
@settings(deadline=None)
def test_also_what_would_be_refused_decides_without_an_error(
    policy: Policy, of: CheckedCart, history: History, by: Seed
) -> None:
    """A policy that got into the database by another way stops no sale, and looking at it never fails."""
    assert decide(policy, of, history, by).decision
    assert all(error.message for error in unsound(policy, NOW))
