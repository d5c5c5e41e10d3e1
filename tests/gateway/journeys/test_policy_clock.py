"""Hours of a check policy on the days on which clocks change: the store's own clock counts, and the day it began on."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from gateway.carts.goods import BREAD, new_cart
from smarts.control import History, HoursRule, Policy, Seed, decide
from smarts.gateway.carts.model import Line
from smarts.gateway.journeys.deciding import checked_cart
from smarts.wire.control import Decision
from smarts.wire.times import TimeOfDay, TimeZone, Weekday

SATURDAYS = Policy(
    hours=(
        HoursRule(weekdays=(Weekday.SATURDAY,), start=TimeOfDay(22), end=TimeOfDay(3, 30), share=Decimal(1)),
    )
)
SEED = Seed(b"seed")


def is_checked(moment: datetime, zone: str) -> bool:
    """Whether a cart that is checked out at a moment in a store of that zone is chosen."""
    cart = new_cart(Line("line", BREAD, Decimal(1)))
    cart = replace(cart, head=replace(cart.head, time_zone=TimeZone(zone)))
    decided = decide(SATURDAYS, checked_cart(cart, Decision.NO, moment), History(), SEED)
    return decided.decision is Decision.FULL


@pytest.mark.parametrize(
    ("zone", "saturday", "minutes"),
    [
        (
            "Europe/Tallinn",
            "2026-03-28",
            5 * 60,
        ),  # 03:00 to 03:59 is left out: the night ends at once with 04:00
        ("Europe/Tallinn", "2026-10-24", 6 * 60),  # 03:00 to 03:29 comes twice
        ("America/New_York", "2026-03-07", 4 * 60 + 30),
        ("America/New_York", "2026-10-31", 6 * 60 + 30),
        ("Europe/Tallinn", "2026-07-04", 5 * 60 + 30),
    ],
)
def test_a_night_is_as_long_as_the_clock_makes_it(zone: str, saturday: str, minutes: int) -> None:
    """From 22:00 on Saturday to 03:30 on Sunday, in each minute that the wall shows as such and in no other."""
    noon = datetime.fromisoformat(f"{saturday} 12:00").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    moments = [noon + timedelta(minutes=number) for number in range(24 * 60)]
    checked = {moment for moment in moments if is_checked(moment, zone)}
    assert len(checked) == minutes
    for moment in moments:
        wall = moment.astimezone(ZoneInfo(zone))
        is_night = (wall.weekday() == 5 and wall.hour >= 22) or (
            wall.weekday() == 6 and (wall.hour, wall.minute) < (3, 30)
        )
        assert (moment in checked) is is_night, wall
