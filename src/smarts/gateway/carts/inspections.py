"""Inspections: which strike on a line at a moment, and what follows (contract section 3, Inspection)."""

from calendar import isleap
from collections.abc import Callable, Iterable, Iterator
from datetime import MINYEAR, date, datetime, time
from decimal import Decimal
from typing import Any

from smarts.control import Reason
from smarts.gateway.carts.model import Line
from smarts.wire.control import Decision
from smarts.wire.products import (
    BetweenTime,
    Inspection,
    InspectionAction,
    MaxAmount,
    MaxTime,
    MinAge,
    MinAmount,
    MinTime,
    Product,
)
from smarts.wire.times import TimeZone

_Told = tuple[str, dict[str, str]] | None  # the sentence and what stands in it, where the inspection strikes


def _local(inspection: BetweenTime | MinTime | MaxTime, now: datetime, store_zone: TimeZone) -> time:
    zone = (inspection.timezone or store_zone).zone
    return now.astimezone(zone).time()


def _outside(moment: time, start: time, end: time) -> bool:
    if start <= end:
        return not start <= moment <= end
    return end < moment < start


def _between(inspection: BetweenTime, _: Decimal, now: datetime, zone: TimeZone) -> _Told:
    if not _outside(_local(inspection, now, zone), inspection.start, inspection.end):
        return None
    times = {"start": f"{inspection.start:%H:%M}", "end": f"{inspection.end:%H:%M}"}
    return "Sold only from {start} to {end}", times


def _min_time(inspection: MinTime, _: Decimal, now: datetime, zone: TimeZone) -> _Told:
    early = _local(inspection, now, zone) < inspection.time
    return ("Sold only from {time}", {"time": f"{inspection.time:%H:%M}"}) if early else None


def _max_time(inspection: MaxTime, _: Decimal, now: datetime, zone: TimeZone) -> _Told:
    late = _local(inspection, now, zone) > inspection.time
    return ("Sold only until {time}", {"time": f"{inspection.time:%H:%M}"}) if late else None


def _min_age(inspection: MinAge, *_: object) -> _Told:
    return "{age}+: staff check your age", {"age": str(inspection.age)}


def _min_amount(inspection: MinAmount, quantity: Decimal, *_: object) -> _Told:
    few = quantity < inspection.amount
    return ("At least {amount} have to be bought", {"amount": f"{inspection.amount:f}"}) if few else None


def _max_amount(inspection: MaxAmount, quantity: Decimal, *_: object) -> _Told:
    many = quantity > inspection.amount
    return ("At most {amount} can be bought", {"amount": f"{inspection.amount:f}"}) if many else None


_RULES: dict[type, tuple[str, Callable[[Any, Decimal, datetime, TimeZone], _Told]]] = {
    BetweenTime: ("BETWEEN_TIME", _between),
    MinTime: ("MIN_TIME", _min_time),
    MaxTime: ("MAX_TIME", _max_time),
    MinAge: ("MIN_AGE", _min_age),
    MinAmount: ("MIN_AMOUNT", _min_amount),
    MaxAmount: ("MAX_AMOUNT", _max_amount),
}


def struck(inspection: Inspection, quantity: Decimal, now: datetime, store_zone: TimeZone) -> Reason | None:
    """Why the inspection strikes, or None where it does not.

    `now` is aware. An inspection without a time zone of its own is read in the store's.
    """
    code, rule = _RULES[type(inspection)]
    told = rule(inspection, quantity, now, store_zone)
    if told is None:
        return None
    sentence, parameters = told
    return Reason(code, sentence.format(**parameters), parameters)


def refusals(line: Line, now: datetime, store_zone: TimeZone) -> tuple[Reason, ...]:
    """Why the line may not be in a cart: its RESTRICT inspections that strike, each reason once."""
    return _struck(line, InspectionAction.RESTRICT, now, store_zone)


def checks(line: Line, now: datetime, store_zone: TimeZone) -> tuple[Reason, ...]:
    """Why a person has to look at the line before payment: its INSPECT inspections that strike, each reason once."""
    return _struck(line, InspectionAction.INSPECT, now, store_zone)


def unguarded(product: Product, quantity: Decimal) -> bool:
    """Whether so much of it may be bought at any hour by anybody, without somebody's looking."""
    return not any(
        not isinstance(rule, MinAmount | MaxAmount) or _exceeded(rule, quantity)
        for rule in _inspections(product)
    )


def _exceeded(rule: MinAmount | MaxAmount, quantity: Decimal) -> bool:
    told = _min_amount(rule, quantity) if isinstance(rule, MinAmount) else _max_amount(rule, quantity)
    return told is not None


def age_limit(products: Iterable[Product]) -> int | None:
    """From how many years on all of these goods may be handed over; None where nobody is too young."""
    return max((rule.age for each in products for rule in _ages(each)), default=None)


def as_strict(replaced: Product, product: Product) -> bool:
    """Whether whoever may buy `replaced` may have `product` for it: no higher age, nothing refused that was not."""
    limits = [rule for rule in _inspections(product) if rule.action is InspectionAction.RESTRICT]
    known = frozenset(_inspections(replaced))
    oldest = age_limit((replaced,)) or 0
    return (age_limit((product,)) or 0) <= oldest and all(
        rule in known for rule in limits if not isinstance(rule, MinAge)
    )


def _ages(product: Product) -> Iterator[MinAge]:
    return (rule for rule in _inspections(product) if isinstance(rule, MinAge))


def _struck(line: Line, action: InspectionAction, now: datetime, store_zone: TimeZone) -> tuple[Reason, ...]:
    found = (
        struck(inspection, line.quantity, now, store_zone)
        for inspection in _inspections(line.product)
        if inspection.action is action
    )
    return tuple(dict.fromkeys(reason for reason in found if reason))


def _inspections(product: Product) -> Iterator[Inspection]:
    """A product's own, and those of age and hours of what is in a package.

    How much of a part may be bought is said of the part alone.
    """
    yield from product.inspections
    parts = list(product.sub_products or ())
    for part in parts:
        yield from (rule for rule in part.inspections if not isinstance(rule, MinAmount | MaxAmount))
        parts += part.sub_products or ()


def born_by(age: int, today: date) -> date | None:
    """The last day of birth of who is `age` years old on a day; None where that lies before the calendar.

    Who was born on 29 February is a year older on 1 March in years without that day.
    """
    year = today.year - age
    if year < MINYEAR:
        return None
    day = 28 if (today.month, today.day) == (2, 29) and not isleap(year) else today.day
    return date(year, today.month, day)


def decision_for(reasons: tuple[Reason, ...]) -> Decision:
    """The check that struck inspections ask for: of the age where only ages struck, of everything otherwise."""
    if not reasons:
        return Decision.NO
    return Decision.AGE if all(reason.code == "MIN_AGE" for reason in reasons) else Decision.FULL
