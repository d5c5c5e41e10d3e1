"""Hours of sale on the days on which clocks change, in zones that change them at different hours."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.gateway.carts.inspections import struck
from smarts.wire.products import BetweenTime, Inspection, MaxTime, MinTime
from smarts.wire.times import TimeOfDay, TimeZone

NIGHT = (TimeOfDay(22), TimeOfDay(6))
STEP = timedelta(minutes=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)

# The moments at which clocks change in 2026 and 2027, in UTC, and the zones in which they do.
CHANGES = {
    "Tallinn, forward": ("Europe/Tallinn", "2026-03-29 01:00"),  # 03:00 -> 04:00
    "Tallinn, back": ("Europe/Tallinn", "2026-10-25 01:00"),  # 04:00 -> 03:00
    "New York, forward": ("America/New_York", "2026-03-08 07:00"),  # 02:00 -> 03:00
    "New York, back": ("America/New_York", "2026-11-01 06:00"),  # 02:00 -> 01:00
    "Lord Howe, forward by half an hour": ("Australia/Lord_Howe", "2026-10-03 15:30"),  # 02:00 -> 02:30
    "Lord Howe, back by half an hour": ("Australia/Lord_Howe", "2026-04-04 15:00"),  # 02:00 -> 01:30
    "Cairo, which has no midnight that day": ("Africa/Cairo", "2026-04-23 22:00"),  # 00:00 -> 01:00
    "Santiago, which has the hour before midnight twice": (
        "America/Santiago",
        "2026-04-05 03:00",
    ),  # 24:00 -> 23:00
}


def sold(inspection: Inspection, moment: datetime, zone: str) -> bool:
    """Whether it may be sold; the inspection has no zone of its own, so that the store's counts."""
    return struck(inspection, Decimal(1), moment, TimeZone(zone)) is None


def around(change: str) -> list[datetime]:
    """Each minute of eighteen hours around a change, in UTC."""
    moment = datetime.fromisoformat(change).replace(tzinfo=UTC)
    return [moment + STEP * number for number in range(-9 * 60, 9 * 60)]


def on_the_wall(moment: datetime, zone: str) -> time:
    return moment.astimezone(ZoneInfo(zone)).time()


@pytest.mark.parametrize(("zone", "change"), CHANGES.values(), ids=CHANGES)
def test_clocks_do_change_then(zone: str, change: str) -> None:
    """The table above is right: a minute of time is not a minute on the wall there."""
    after = datetime.fromisoformat(change).replace(tzinfo=UTC)
    before = after - STEP
    assert after.astimezone(ZoneInfo(zone)).utcoffset() != before.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize(("zone", "change"), CHANGES.values(), ids=CHANGES)
def test_nights_begin_and_end_by_the_clock_on_the_wall(zone: str, change: str) -> None:
    """Whatever is sold from 22:00 to 06:00 is sold in each minute that a clock shows from 22:00 to 06:00, no other."""
    start, end = NIGHT
    inspection = BetweenTime(start=start, end=end)
    for moment in around(change):
        wall = on_the_wall(moment, zone)
        assert sold(inspection, moment, zone) is (wall >= start or wall <= end), (moment, wall)


@pytest.mark.parametrize(("zone", "change"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("clock", [time(0, 30), time(1, 45), time(2, 15), time(3, 30), time(23, 30)])
def test_from_and_until_hold_by_the_clock_on_the_wall(zone: str, change: str, clock: time) -> None:
    """A time that is left out has passed once the clock shows a later one; one that comes twice is there twice."""
    at = TimeOfDay(clock.hour, clock.minute)
    for moment in around(change):
        wall = on_the_wall(moment, zone)
        assert sold(MinTime(time=at), moment, zone) is (wall >= at), (moment, wall)
        assert sold(MaxTime(time=at), moment, zone) is (wall <= at), (moment, wall)


def test_beer_that_is_sold_until_ten_is_not_sold_an_hour_longer_in_autumn() -> None:
    """By the clock of Tallinn, on the evening before and of the day on which the hour from 03:00 comes twice."""
    until_ten = MaxTime(time=TimeOfDay(22))
    for closes in ("2026-10-24 19:00", "2026-10-25 20:00"):
        moment = datetime.fromisoformat(closes).replace(tzinfo=UTC)
        assert sold(until_ten, moment, "Europe/Tallinn")
        assert not sold(until_ten, moment + timedelta(seconds=1), "Europe/Tallinn")


@given(
    st.sampled_from(sorted({zone for zone, _ in CHANGES.values()})),
    st.integers(0, 2 * 365 * 24 * 3600).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds)),
    st.times(),
    st.times(),
)
def test_a_range_over_midnight_is_all_that_the_range_by_day_is_not(
    zone: str, moment: datetime, one: time, other: time
) -> None:
    """At each moment exactly one of the two holds, unless the clock shows an end of both."""
    first, second = (TimeOfDay(each.hour, each.minute, each.second) for each in (one, other))
    if first == second or on_the_wall(moment, zone) in (first, second):
        return
    by_day = sold(BetweenTime(start=first, end=second), moment, zone)
    assert by_day is not sold(BetweenTime(start=second, end=first), moment, zone)
