"""How a store delivers, and when: time counts only inside its hours, by the clocks of its time zone. Pure functions."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from smarts.edge.problems import invalid
from smarts.wire.model import Model, always, none
from smarts.wire.money import Currency, Number, rounded
from smarts.wire.shipments import Address, ShipmentMethod
from smarts.wire.text import Identifier
from smarts.wire.times import TimeOfDay, Weekday

SHORTEST_HOURS = timedelta(hours=1)
_DAY = timedelta(days=1)
_MOST_MINUTES = 30 * 24 * 60
_DEAREST = Decimal(100_000)


_WEEK = tuple(Weekday)


class Hours(Model, frozen=True, kw_only=True):
    """When a store packs and hands over, by its own clocks; `hours_to` of 00:00 is the end of the day."""

    weekdays: Annotated[tuple[Weekday, ...], Meta(min_length=1, max_length=7)]
    hours_from: TimeOfDay
    hours_to: TimeOfDay


class ParcelMachine(Model, frozen=True, kw_only=True):
    """A machine that parcels are fetched from."""

    parcel_id: Identifier
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    address: Address | None = None


class DeliveryTerms(Hours, frozen=True, kw_only=True):
    """What a store asks for one way of delivery, in its currency and with VAT, and how long it takes.

    Both times count from the order, inside the hours: within the first one the store has answered, within the second
    one the shopper has the goods. From goods of `free_from` on the delivery costs nothing.
    """

    price: Number
    vat_rate: Number
    react_within_minutes: Annotated[int, Meta(ge=1, le=_MOST_MINUTES)]
    deliver_within_minutes: Annotated[int, Meta(ge=1, le=_MOST_MINUTES)]
    free_from: Number | None = None
    parcel_machines: Annotated[tuple[ParcelMachine, ...], Meta(max_length=2000)] = none()
    active: bool = always(True)


class DeliveryMethod(DeliveryTerms, frozen=True, kw_only=True):
    """One of a store's ways of delivery."""

    method: ShipmentMethod

    def machine(self, parcel_id: str | None) -> ParcelMachine | None:
        """The parcel machine of this id."""
        return next((each for each in self.parcel_machines if each.parcel_id == parcel_id), None)


def require_sensible(method: DeliveryMethod, currency: Currency) -> None:
    """Raises a 422 that names the field where the terms contradict themselves."""
    _require_sum(method.price, "$.price", currency)
    if method.free_from is not None:
        _require_sum(method.free_from, "$.freeFrom", currency)
    if not 0 <= method.vat_rate <= 100:
        raise invalid("$.vatRate", "Expected percent, from 0 to 100")
    if len(set(method.weekdays)) < len(method.weekdays):
        raise invalid("$.weekdays", "Expected each day once")
    if open_for(method.hours_from, method.hours_to) < SHORTEST_HOURS:
        raise invalid("$.hoursTo", "Expected at least an hour after hoursFrom; 00:00 is the end of the day")
    if method.deliver_within_minutes < method.react_within_minutes:
        raise invalid("$.deliverWithinMinutes", "Expected no less than reactWithinMinutes")
    _require_machines(method)


def _require_sum(amount: Decimal, path: str, currency: Currency) -> None:
    if not 0 <= amount <= _DEAREST or rounded(amount, currency) != amount:
        raise invalid(path, f"Expected an amount of {currency} from 0 to {_DEAREST}")


def _require_machines(method: DeliveryMethod) -> None:
    wanted = method.method is ShipmentMethod.PARCEL and method.active
    if wanted and not method.parcel_machines:
        raise invalid("$.parcelMachines", "Expected a parcel machine at least")
    if method.method is not ShipmentMethod.PARCEL and method.parcel_machines:
        raise invalid("$.parcelMachines", "Expected none: these are for PARCEL alone")
    if len({each.parcel_id for each in method.parcel_machines}) < len(method.parcel_machines):
        raise invalid("$.parcelMachines", "Expected each parcelId once")


def open_for(hours_from: time, hours_to: time) -> timedelta:
    """How long a store is open on a day, which is as much of a delivery's time as passes on it."""
    closes = _DAY if hours_to == time.min else _since_midnight(hours_to)
    return closes - _since_midnight(hours_from)


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)


def react_by(method: DeliveryMethod, zone: tzinfo, ordered_at: datetime) -> datetime:
    """When the store must have answered an order, in UTC."""
    return counted(method, zone, ordered_at, timedelta(minutes=method.react_within_minutes))


def expected_at(method: DeliveryMethod, zone: tzinfo, ordered_at: datetime) -> datetime:
    """When the shopper can expect the goods of an order, in UTC."""
    return counted(method, zone, ordered_at, timedelta(minutes=method.deliver_within_minutes))


def counted(hours: Hours, zone: tzinfo, start: datetime, needed: timedelta) -> datetime:
    """The moment in UTC when `needed`, which is above zero, has passed inside the hours since `start`."""
    start = start.astimezone(UTC)  # by the clocks of any other zone an hour may be none, or two
    for opens, closes in _openings(hours, zone, start.astimezone(zone).date()):
        begins = max(opens, start)
        if closes - begins >= needed:
            return begins + needed
        needed -= max(closes - begins, timedelta())
    raise AssertionError("openings never end")


def _openings(hours: Hours, zone: tzinfo, day: date) -> Iterator[tuple[datetime, datetime]]:
    """From when to when the store is open, in UTC, from a day on. A time that the clocks skip comes when they jump."""
    days_to_close = 1 if hours.hours_to == time.min else 0
    while True:
        if _WEEK[day.weekday()] in hours.weekdays:
            closing_day = day + timedelta(days=days_to_close)
            yield _moment(day, hours.hours_from, zone), _moment(closing_day, hours.hours_to, zone)
        day += _DAY


def _moment(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
