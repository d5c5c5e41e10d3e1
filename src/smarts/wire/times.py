"""Moments, days, times of day and time zones as the contract writes them (section 3)."""

import re
from calendar import timegm
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

import msgspec

_OFFSET = re.compile(r"UT[CF]([+-])(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_LARGEST_OFFSET = timedelta(hours=14)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_BELOW = 100_000_000_000  # as milliseconds this is 1973, as seconds the year 5138
_LAST_MILLISECOND = 253_402_300_799_999  # the end of the year 9999
_ZONED = Annotated[datetime, msgspec.Meta(tz=True)]


class Weekday(StrEnum):
    """A day of the week, in the order of `datetime.weekday`."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


class _Moment(datetime):
    """An aware moment in UTC, to the millisecond."""

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """The same moment; `moment` must be aware."""
        utc = moment.astimezone(UTC)
        millisecond = utc.microsecond // 1000 * 1000
        return cls(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, millisecond, tzinfo=UTC)


class UnixMillis(_Moment):
    """A moment that is written as Unix milliseconds, and read from all three date forms of the contract."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """Reads a Unix timestamp (milliseconds or seconds), YYYY-MM-DD (its start in UTC), or ISO 8601.

        Raises:
            ValueError: it is none of these, or outside the years 1970 to 9999.
        """
        moment = _from_unix(value) if type(value) is int else _from_day(value) or _from_iso(value)
        if moment is None:
            raise ValueError("Expected a date after 1969: Unix milliseconds, YYYY-MM-DD or ISO 8601")
        return cls.of(moment)

    def written(self) -> int:
        """The form on the wire."""
        return timegm(self.utctimetuple()) * 1000 + self.microsecond // 1000


class UtcMillis(_Moment):
    """A moment that is read as ISO 8601, and written so in UTC with milliseconds and `Z`."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """Reads ISO 8601 with an offset or `Z`.

        Raises:
            ValueError: it is not that, or outside the years 1970 to 9999.
        """
        moment = _from_iso(value)
        if moment is None:
            raise ValueError("Expected a moment after 1969 such as `2026-11-23T08:30:00.000Z`")
        return cls.of(moment)

    def written(self) -> str:
        """The form on the wire."""
        return self.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _from_unix(value: int) -> datetime | None:
    milliseconds = value * 1000 if value < _SECONDS_BELOW else value
    return _EPOCH + timedelta(milliseconds=milliseconds) if 0 <= value <= _LAST_MILLISECOND else None


def _from_day(value: Any) -> datetime | None:
    day = _converted(value, date)
    return _since_epoch(datetime(day.year, day.month, day.day, tzinfo=UTC)) if day else None


def _from_iso(value: Any) -> datetime | None:
    moment = _converted(value, _ZONED)
    return _since_epoch(moment) if moment else None


def _converted(value: Any, kind: Any) -> Any:
    # Stricter than the standard library's reader, which takes week dates and moments without a zone.
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None


def _since_epoch(moment: datetime) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment >= _EPOCH else None
    except OverflowError:
        return None


class TimeOfDay(time):
    """A time of day: HH:MM and HH:MM:SS are read, HH:MM:SS is written."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """Reads a time of day; raises `ValueError` with a sentence for people."""
        match = _TIME.fullmatch(value) if type(value) is str else None
        if not match:
            raise ValueError("Expected a time of day: HH:MM or HH:MM:SS")
        hour, minute, second = match.groups()
        return cls(int(hour), int(minute), int(second or 0))

    def written(self) -> str:
        """The form on the wire."""
        return f"{self:%H:%M:%S}"


class TimeZone(str):
    """An IANA name (`Europe/Tallinn`) or an offset (`UTC+2`, also in the printed slip `UTF-2`)."""

    __slots__ = ()

    @classmethod
    def read(cls, value: Any) -> Self:
        """Reads a time zone; raises `ValueError` where there is no such zone."""
        if type(value) is not str:
            raise ValueError("Expected a time zone such as `Europe/Tallinn` or `UTC+2`")
        _zone(value)
        return cls(value.replace("UTF", "UTC", 1) if _OFFSET.fullmatch(value) else value)

    @property
    def zone(self) -> tzinfo:
        """The zone, with its daylight saving time."""
        return _zone(str(self))

    def written(self) -> str:
        """The form on the wire."""
        return str(self)


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    offset = _OFFSET.fullmatch(name)
    if offset:
        return _fixed(*offset.groups())
    if name in zone_names():
        return ZoneInfo(name)
    raise ValueError("Expected a time zone such as `Europe/Tallinn` or `UTC+2`")


@cache
def zone_names() -> frozenset[str]:
    """All IANA names that a `TimeZone` may have."""
    # A fixed list: looking a stranger's name up as a file finds more than zones, and others on each machine.
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


def _fixed(sign: str, hours: str, minutes: str | None) -> tzinfo:
    size = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if size > _LARGEST_OFFSET:
        raise ValueError("Expected an offset of at most 14 hours")
    return timezone(-size if sign == "-" else size)
