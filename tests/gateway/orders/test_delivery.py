"""When a store must have answered and goods can be expected: time counts inside the hours only."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from smarts.gateway.orders.delivery import (
    DeliveryMethod,
    Hours,
    ParcelMachine,
    counted,
    expected_at,
    react_by,
    require_sensible,
)
from smarts.wire.errors import ProblemError
from smarts.wire.money import Currency
from smarts.wire.shipments import ShipmentMethod
from smarts.wire.times import TimeOfDay, Weekday

TALLINN = ZoneInfo("Europe/Tallinn")
MINUTE = timedelta(minutes=1)
WEEK = tuple(Weekday)
ALWAYS = Hours(weekdays=WEEK, hours_from=TimeOfDay(0), hours_to=TimeOfDay(0))
ZONES = [ZoneInfo(name) for name in ("Europe/Tallinn", "America/New_York", "Australia/Lord_Howe", "UTC")]
# In these the clocks change at midnight.
ODD_ZONES = [ZoneInfo(name) for name in ("America/Havana", "Africa/Cairo", "America/Asuncion")]
# Clocks are put forward and back between one and four in the first zones, so these hours are never skipped.
DAYTIME = st.integers(5, 22).flatmap(lambda opens: st.tuples(st.just(opens), st.integers(opens + 1, 23)))
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    """A store that is open for an hour a week at least."""
    opens, closes = draw(DAYTIME)
    days = draw(st.sets(st.sampled_from(WEEK), min_size=1))
    minute = draw(st.integers(0, 59))
    return Hours(
        weekdays=tuple(days), hours_from=TimeOfDay(opens, minute), hours_to=TimeOfDay(closes, minute)
    )


def is_open(at: Hours, zone: ZoneInfo, moment: datetime) -> bool:
    """What a person at the store's door would say."""
    local = moment.astimezone(zone)
    return WEEK[local.weekday()] in at.weekdays and at.hours_from <= local.time() < at.hours_to


@given(hours(), st.sampled_from(ZONES), STARTS, st.integers(1, 600))
def test_just_so_much_time_passes_inside_the_hours(
    at: Hours, zone: ZoneInfo, start: datetime, minutes: int
) -> None:
    """Whoever stands at the door and counts the minutes in which it is open comes to the same."""
    start = start.replace(second=0, microsecond=0)
    end = counted(at, zone, start, minutes * MINUTE)
    assume(end - start < timedelta(days=40))
    passed = int((end - start) / MINUTE)
    assert sum(is_open(at, zone, start + each * MINUTE) for each in range(passed)) == minutes
    assert is_open(at, zone, end - MINUTE)


@given(hours(), st.sampled_from(ZONES), STARTS, st.integers(1, 43200), st.integers(1, 43200))
def test_waiting_twice_is_waiting_for_both(
    at: Hours, zone: ZoneInfo, start: datetime, first: int, second: int
) -> None:
    """And more time never ends sooner, nor does the same time that begins later."""
    once = counted(at, zone, start, first * MINUTE)
    both = counted(at, zone, start, (first + second) * MINUTE)
    assert counted(at, zone, once, second * MINUTE) == both > once > start
    assert counted(at, zone, start + MINUTE, first * MINUTE) >= once


@given(st.sampled_from(ZONES + ODD_ZONES), STARTS, st.integers(1, 43200))
def test_a_store_that_never_closes_counts_every_minute(zone: ZoneInfo, start: datetime, minutes: int) -> None:
    """Also those of a night in which the clocks are put forward or back: what counts is time, not clocks."""
    assert counted(ALWAYS, zone, start, minutes * MINUTE) == start + minutes * MINUTE


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-03-29", "2026-03-29T05:00:00+03:00"), ("2026-10-25", "2026-10-25T03:00:00+02:00")],
)
def test_three_hours_into_a_night_when_clocks_change(day: str, expected: str) -> None:
    """From 01:00 in Tallinn: at 03:00 the clocks jump to 04:00 in spring, and at 04:00 back to 03:00 in autumn."""
    start = datetime.combine(datetime.fromisoformat(day), time(1), TALLINN)
    assert counted(ALWAYS, TALLINN, start, timedelta(hours=3)) == datetime.fromisoformat(expected)


def test_hours_that_the_clocks_skip_are_as_long_as_always() -> None:
    """A store that opens from 03:30 to 04:30 does so from 04:30 on the night in which there is no 03:30."""
    odd = Hours(weekdays=(Weekday.SUNDAY,), hours_from=TimeOfDay(3, 30), hours_to=TimeOfDay(5, 0))
    start = datetime(2026, 3, 29, 0, tzinfo=TALLINN)
    end = counted(odd, TALLINN, start, timedelta(minutes=30))
    assert end == datetime.fromisoformat("2026-03-29T05:00:00+03:00")


def a_method(**changes: Any) -> DeliveryMethod:
    method = DeliveryMethod(
        method=ShipmentMethod.COURIER,
        price=Decimal("3.90"),
        vat_rate=Decimal(24),
        weekdays=WEEK[:5],
        hours_from=TimeOfDay(9),
        hours_to=TimeOfDay(17),
        react_within_minutes=60,
        deliver_within_minutes=600,
    )
    return replace(method, **changes)


def test_an_order_on_friday_evening_is_answered_on_monday() -> None:
    """Half an hour is left on Friday; the other half, and the rest of ten hours, are Monday's and Tuesday's."""
    ordered = datetime(2026, 11, 20, 16, 30, tzinfo=TALLINN)
    assert react_by(a_method(), TALLINN, ordered) == datetime(2026, 11, 23, 9, 30, tzinfo=TALLINN)
    assert expected_at(a_method(), TALLINN, ordered) == datetime(2026, 11, 24, 10, 30, tzinfo=TALLINN)


MACHINE = ParcelMachine(parcel_id="1", name="Pakiautomaat")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("price", {"price": Decimal("-0.01")}),
        ("price", {"price": Decimal("3.901")}),
        ("price", {"price": Decimal(100_001)}),
        ("freeFrom", {"free_from": Decimal("0.001")}),
        ("vatRate", {"vat_rate": Decimal(101)}),
        ("vatRate", {"vat_rate": Decimal(-1)}),
        ("weekdays", {"weekdays": (Weekday.MONDAY, Weekday.MONDAY)}),
        ("hoursTo", {"hours_to": TimeOfDay(9, 59)}),
        ("hoursTo", {"hours_to": TimeOfDay(9)}),
        ("hoursTo", {"hours_from": TimeOfDay(23, 30), "hours_to": TimeOfDay(0)}),
        ("deliverWithinMinutes", {"deliver_within_minutes": 59}),
        ("parcelMachines", {"parcel_machines": (MACHINE,)}),
        ("parcelMachines", {"method": ShipmentMethod.PARCEL}),
        ("parcelMachines", {"method": ShipmentMethod.PARCEL, "parcel_machines": (MACHINE, MACHINE)}),
    ],
)
def test_terms_that_contradict_themselves_are_refused(field: str, changes: dict[str, Any]) -> None:
    """422, and the field is named."""
    with pytest.raises(ProblemError) as refused:
        require_sensible(a_method(**changes), Currency.EUR)
    assert refused.value.problem.errors[0].path == f"$.{field}"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"price": Decimal(0), "free_from": Decimal(0)},
        {"hours_from": TimeOfDay(0), "hours_to": TimeOfDay(0)},
        {"hours_to": TimeOfDay(10)},
        {"method": ShipmentMethod.PARCEL, "parcel_machines": (MACHINE,)},
        {"method": ShipmentMethod.PARCEL, "active": False},
    ],
)
def test_sensible_terms_are_taken(changes: dict[str, Any]) -> None:
    """Around the clock, for nothing, for an hour a day; parcel machines may come later while it is switched off."""
    require_sensible(a_method(**changes), Currency.EUR)
