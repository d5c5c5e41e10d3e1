"""Moments, days, times of day and zones: every form of the contract is read, one is written, nonsense is refused."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import available_timezones

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError
from smarts.wire.orders import OrderStatusChangeLog
from smarts.wire.products import Inspection
from smarts.wire.times import TimeOfDay, TimeZone, UnixMillis, UtcMillis
from wire.documents import kind_of, plain, written
from wire.strategies import moments

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def read(kind: Any, value: Any) -> Any:
    return decode(msgspec.json.encode(value), kind)


def refused(kind: Any, value: Any) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        read(kind, value)
    return caught.value


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1_795_435_200_123, NOON + timedelta(milliseconds=123)),
        (1_795_435_200, NOON),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T12:00:00Z", NOON),
        ("2026-11-23T12:00:00.000Z", NOON),
        ("2026-11-23T14:00:00+02:00", NOON),
        ("2026-11-23T12:00:00.123999Z", NOON + timedelta(milliseconds=123)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (99_999_999_999, datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
        (100_000_000_000, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        (253_402_300_799_999, datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
    ],
)
def test_invoices_take_all_date_forms(value: Any, moment: datetime) -> None:
    """An invoice's times are Unix milliseconds or seconds, a day (its start in UTC) or ISO 8601."""
    found = decode(written(plain("Invoice") | {"createdAt": value, "closedAt": value}), kind_of("Invoice"))
    assert found.created_at == found.closed_at == moment
    assert found.created_at.utcoffset() == timedelta(0)


@given(moments)
def test_invoices_write_unix_milliseconds(moment: datetime) -> None:
    """Whatever form was read, Unix milliseconds are written, exactly."""
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert encode(UnixMillis.of(moment)) == str(milliseconds).encode()
    assert encode(read(UnixMillis, moment.isoformat())) == str(milliseconds).encode()


@given(moments.filter(lambda moment: moment.year < 9999), st.integers(-14 * 60, 14 * 60))
def test_moments_are_written_in_utc(moment: datetime, minutes: int) -> None:
    """ISO 8601 with any offset is read, and written in UTC with milliseconds and `Z`."""
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    found = read(UtcMillis, elsewhere.isoformat())
    assert found == moment
    assert encode(found) == f'"{moment.replace(tzinfo=None).isoformat(timespec="milliseconds")}Z"'.encode()


NONSENSE: list[Any] = [
    "",
    "today",
    "2026-02-30",
    "2026-13-01",
    "2026-W48-1",
    "20261123",
    "23.11.2026",
    "2026-11-23 ",
    "2026-11-23T25:00:00Z",
    "2026-11-23T12:00:00",
    "2026-11-23T12:00Z",
    "٢٠٢٦-١١-٢٣",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+00:01",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-01:00",
    "1795435200",
    True,
    None,
    [],
    {},
    1.5,
    1e12,
    "9" * 100_000,
]


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: repr(value)[:28])
def test_nonsense_is_no_moment(value: Any) -> None:
    """What is none of the date forms, or outside the years 1970 to 9999, is refused with its path."""
    for name, field in (("Invoice", "createdAt"), ("Shipment", "createdUTCTime")):
        if name == "Shipment" and value is None:
            continue
        with pytest.raises(MalformedError) as caught:
            decode(written(plain(name) | {field: value}), kind_of(name))
        assert (caught.value.is_json, caught.value.error.path) == (True, f"$.{field}")


@pytest.mark.parametrize("value", [-1, 253_402_300_800_000, 10**30, -(10**30)])
def test_timestamps_have_bounds(value: int) -> None:
    """A Unix timestamp outside the years 1970 to 9999 is refused."""
    assert refused(UnixMillis, value).is_json


@pytest.mark.parametrize("value", [1_795_435_200_000, 1_795_435_200, "2026-11-23"])
def test_shipments_take_iso_alone(value: Any) -> None:
    """A shipment's times have one form in the contract, ISO 8601, and the other two are refused."""
    with pytest.raises(MalformedError) as caught:
        decode(written(plain("Shipment") | {"expectedDeliveryUTCTime": value}), kind_of("Shipment"))
    assert caught.value.error.path == "$.expectedDeliveryUTCTime"


@pytest.mark.parametrize(
    "value", [1_795_435_200_000, "2026-11-23T00:00:00Z", "2026-02-30", "26-11-23", "", True]
)
def test_days_are_days(value: Any) -> None:
    """An order's days are YYYY-MM-DD and nothing else."""
    error = refused(OrderStatusChangeLog, {"newStatus": "DRAFT", "created": value})
    assert (error.is_json, error.error.path) == (True, "$.created")


def test_days_are_written_as_days() -> None:
    """A day is written as YYYY-MM-DD, as it was read."""
    log = read(OrderStatusChangeLog, {"newStatus": "DRAFT", "created": "2026-11-03"})
    assert log.created == date(2026, 11, 3)
    assert encode(log) == b'{"newStatus":"DRAFT","created":"2026-11-03"}'


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_times_of_day_have_two_forms(hour: int, minute: int, second: int) -> None:
    """HH:MM:SS and HH:MM are read, HH:MM:SS is written."""
    full, short = f"{hour:02}:{minute:02}:{second:02}", f"{hour:02}:{minute:02}"
    assert read(TimeOfDay, full) == time(hour, minute, second)
    assert read(TimeOfDay, short) == time(hour, minute)
    assert encode(read(TimeOfDay, full)) == f'"{full}"'.encode()
    assert encode(read(TimeOfDay, short)) == f'"{short}:00"'.encode()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "24:00",
        "12:60",
        "12:00:60",
        "9:00",
        "12",
        "12:0",
        "12:00Z",
        "12:00:00.5",
        "12:00 ",
        "12:00\n",
        "１２:00",
        1200,
        None,
    ],
    ids=repr,
)
def test_nonsense_is_no_time_of_day(value: Any) -> None:
    """What is not HH:MM or HH:MM:SS is refused with its path."""
    error = refused(Inspection, {"type": "MIN_TIME", "time": value})
    assert (error.is_json, error.error.path) == (True, "$.time")


@pytest.mark.parametrize(
    ("name", "hours_in_winter", "text"),
    [
        ("Europe/Tallinn", 2, "Europe/Tallinn"),
        ("America/Argentina/Buenos_Aires", -3, "America/Argentina/Buenos_Aires"),
        ("UTC", 0, "UTC"),
        ("UTC+2", 2, "UTC+2"),
        ("UTC-2", -2, "UTC-2"),
        ("UTF-2", -2, "UTC-2"),
        ("UTF+2", 2, "UTC+2"),
        ("UTC+05:30", 5.5, "UTC+05:30"),
        ("UTC+0530", 5.5, "UTC+0530"),
        ("UTC+14", 14, "UTC+14"),
        ("UTC-12:00", -12, "UTC-12:00"),
    ],
)
def test_zones_are_names_or_offsets(name: str, hours_in_winter: float, text: str) -> None:
    """IANA names, UTC offsets and the printed slip UTF are read; the slip is not written."""
    found = read(Inspection, {"type": "MIN_TIME", "time": "10:00", "timezone": name}).timezone
    assert NOON.astimezone(found.zone).utcoffset() == timedelta(hours=hours_in_winter)
    assert encode(found) == f'"{text}"'.encode()


def test_zones_have_summer_time() -> None:
    """A named zone has its daylight saving time."""
    tallinn = TimeZone.read("Europe/Tallinn").zone
    assert datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone(tallinn).hour == 15
    assert datetime(2026, 12, 1, 12, tzinfo=UTC).astimezone(tallinn).hour == 14


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Mars/Base",
        "Europe",
        "europe/tallinn",
        "Europe/Tallinn\n",
        "Europe/Tallinn\u00e4",
        "../../etc/passwd",
        "/etc/localtime",
        "Europe/../Europe/Tallinn",
        "localtime",
        "posixrules",
        "posix/Europe/Tallinn",
        "right/UTC",
        "tzdata.zi",
        "zone.tab",
        "UTC+15",
        "UTC+14:01",
        "UTC+99",
        "UTC+2:5",
        "UTC+2:60",
        "UTC+",
        "UTC 2",
        "UTC+٢",
        "UTX+2",
        "+02:00",
        "A" * 100_000,
        "UTC+" + "1" * 100_000,
        2,
        True,
        [],
    ],
    ids=lambda value: repr(value)[:28],
)
def test_nonsense_is_no_zone(value: Any) -> None:
    """What names no zone is refused with its path, and no file is looked for."""
    error = refused(Inspection, {"type": "MIN_TIME", "time": "10:00", "timezone": value})
    assert (error.is_json, error.error.path) == (True, "$.timezone")


def test_common_zones_are_known() -> None:
    """The zones that the standard library finds in each region are read here too."""
    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    names = {name for name in available_timezones() if name.startswith(regions)}
    assert len(names) > 300
    unknown = {name for name in names if not _known(name)}
    assert len(unknown) < 5, unknown  # the machine's own list may be a little newer


def _known(name: str) -> bool:
    try:
        return bool(TimeZone.read(name))
    except ValueError:
        return False
