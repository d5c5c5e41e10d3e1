"""A cart of a simulation, as a decision sees it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from smarts.control.cart import CheckedCart, CheckedLine
from smarts.control.simulation.goods import Good, cents_of
from smarts.control.simulation.trips import Trip
from smarts.wire.money import Currency
from smarts.wire.times import TimeOfDay, UtcMillis, Weekday

_FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
_WEEKDAYS = tuple(Weekday)


def money(cents: int) -> Decimal:
    """Cents as an amount."""
    return Decimal(cents).scaleb(-2)


def moment(day: int, minute: int) -> UtcMillis:
    """A minute of a day of the season."""
    return UtcMillis.of(_FIRST_DAY + timedelta(days=day, minutes=minute))


def cart_of(trip: Trip, day: int, minute: int) -> CheckedCart:
    """What was scanned, as the gateway would decide on it."""
    return CheckedCart(
        at=moment(day, minute),
        weekday=_WEEKDAYS[day % 7],
        time=TimeOfDay(minute // 60, minute % 60),
        currency=Currency.EUR,
        lines=tuple(_line(good, pieces) for good, pieces in trip.scanned.items()),
        total=money(cents_of(trip.scanned)),
        pieces=trip.listed,
    )


def _line(good: Good, pieces: int) -> CheckedLine:
    price = money(good.cents)
    return CheckedLine(
        barcode=good.barcode,
        categories=(good.category,),
        quantity=Decimal(pieces),
        pieces=pieces,
        unit_price=price,
        total=price * pieces,
    )
