"""What day and time it is at the store."""

from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo

from smarts.wire.times import TimeZone, UtcMillis


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class Calendar:
    """Moments as the store's clock shows them."""

    def __init__(self, time_zone: TimeZone, clock: Callable[[], datetime] = utc_now) -> None:
        self._zone: tzinfo = time_zone.zone
        self._clock = clock

    def local_now(self) -> datetime:
        """This moment by the store's clock."""
        return self._clock().astimezone(self._zone)

    def today(self) -> date:
        """The store's day."""
        return self.local_now().date()

    def now(self) -> str:
        """This moment in UTC, as it is kept."""
        return UtcMillis.of(self._clock()).written()

    def day(self, moment: datetime | None = None) -> str:
        """The store's day of a moment, or of this one, as it is kept."""
        return (moment or self._clock()).astimezone(self._zone).date().isoformat()


def is_on(day: date, starts: date | None, ends: date | None) -> bool:
    """Whether something that has its first and its last day goes on at a day."""
    return (starts is None or starts <= day) and (ends is None or day <= ends)
