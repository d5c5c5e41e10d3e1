"""A way of delivery as it is typed into a form: times in the unit that suits, a machine a line."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import asdict

from smarts.edge.problems import invalid
from smarts.gateway.orders.delivery import DeliveryMethod, ParcelMachine, open_for
from smarts.gateway.web.forms import Form, number_or_text, shaped
from smarts.wire.errors import ProblemError
from smarts.wire.shipments import Address
from smarts.wire.times import TimeOfDay, Weekday

UNITS = ("minutes", "hours", "days")
WEEKDAYS = tuple(Weekday)
_TEXTS = ("price", "freeFrom", "vatRate", "hoursFrom", "hoursTo", "parcelMachines")
_SPANS = ("reactWithinMinutes", "deliverWithinMinutes")
_MINUTE, _HOUR, _DAY = (int(timedelta(**{unit: 1}).total_seconds()) // 60 for unit in UNITS)
_HEADINGS = ("id", "parcelid")


def typed(form: Form) -> dict[str, Any]:
    """What was typed, by the fields' names, to be shown again."""
    spans = {name: (form.get(name, ""), form.get(f"{name}Unit", "")) for name in _SPANS}
    texts = {name: form.get(name, "") for name in (*_TEXTS, "active")}
    return {**texts, **spans, "weekdays": form.getlist("weekdays")}


def typed_anew() -> dict[str, Any]:
    """What a way of delivery begins with."""
    return typed(Form()) | {
        "active": "on",
        "price": "0",
        "vatRate": "24",
        "hoursFrom": "09:00",
        "hoursTo": "18:00",
        "weekdays": list(Weekday)[:5],
        "reactWithinMinutes": ("1", "hours"),
        "deliverWithinMinutes": ("1", "days"),
    }


def typed_of(method: DeliveryMethod) -> dict[str, Any]:
    """A way of delivery as it would be typed."""
    day = _minutes_open(method.hours_from, method.hours_to)
    return {
        "active": "on" if method.active else "",
        "price": _plain(method.price),
        "freeFrom": "" if method.free_from is None else _plain(method.free_from),
        "vatRate": _plain(method.vat_rate),
        "hoursFrom": f"{method.hours_from:%H:%M}",
        "hoursTo": f"{method.hours_to:%H:%M}",
        "weekdays": list(method.weekdays),
        "reactWithinMinutes": span(method.react_within_minutes, day),
        "deliverWithinMinutes": span(method.deliver_within_minutes, day),
        "parcelMachines": "\n".join(map(_line, method.parcel_machines)),
    }


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"


def span(minutes: int, day: int) -> tuple[str, str]:
    """A time as number and unit, in the largest unit of which it is a whole number; a day is as long as its hours."""
    sizes = {"days": day, "hours": _HOUR}
    for unit, size in sizes.items():
        if size >= _HOUR and minutes % size == 0:
            return str(minutes // size), unit
    return str(minutes), "minutes"


def document(form: Form, before: DeliveryMethod | None) -> dict[str, Any]:
    """What the form says, as the API takes it; machines that are as they were keep what a line cannot say.

    Raises:
        ProblemError: 422, a line is no machine.
    """
    told = {name: form.get(name, "").strip() for name in _TEXTS}
    day = _day(told["hoursFrom"], told["hoursTo"])
    known = before.parcel_machines if before else ()
    return {
        "active": bool(form.get("active")),
        "price": number_or_text(told["price"]),
        "freeFrom": number_or_text(told["freeFrom"]) if told["freeFrom"] else None,
        "vatRate": number_or_text(told["vatRate"]),
        "hoursFrom": told["hoursFrom"],
        "hoursTo": told["hoursTo"],
        "weekdays": form.getlist("weekdays"),
        **{name: _minutes(form.get(name, "").strip(), form.get(f"{name}Unit", ""), day) for name in _SPANS},
        "parcelMachines": list(_machines(told["parcelMachines"], {_line(each): each for each in known})),
    }


def _day(hours_from: str, hours_to: str) -> int:
    try:
        return _minutes_open(TimeOfDay.read(hours_from), TimeOfDay.read(hours_to))
    except ValueError:
        return _DAY  # the field of the hours is what is wrong then


def _minutes_open(hours_from: TimeOfDay, hours_to: TimeOfDay) -> int:
    return int(open_for(hours_from, hours_to).total_seconds()) // 60


def _minutes(text: str, unit: str, day: int) -> Decimal | int | str:
    number = number_or_text(text)
    if isinstance(number, str):
        return number
    minutes = number * {"hours": _HOUR, "days": day}.get(unit, _MINUTE)
    return int(minutes) if minutes == int(minutes) else minutes


def _machines(text: str, known: dict[str, ParcelMachine]) -> Iterator[ParcelMachine]:
    """The machines of lines `id; name; address`, as tables are copied: also with tabs, quotes and a heading."""
    lines = text.lstrip("\ufeff").splitlines()
    separator = "\t" if any("\t" in line and ";" not in line for line in lines[:1]) else ";"
    for number, cells in enumerate(_table(lines, separator), start=1):
        row = [cell.strip() for cell in cells]
        if not any(row) or (number == 1 and row[0].lower() in _HEADINGS):
            continue
        machine = _machine(number, row)
        yield known.get(_line(machine), machine)


def _table(lines: list[str], separator: str) -> Iterator[list[str]]:
    table = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    try:
        yield from table
    except csv.Error as error:  # a cell is longer than any that makes sense
        raise invalid("$.parcelMachines", f"{table.line_num}: {error}") from error


def _machine(number: int, row: list[str]) -> ParcelMachine:
    parcel_id, name, address, *_ = (*row, "", "", "")
    levels = [part.strip() for part in address.split(",") if part.strip()]
    told = {"parcelId": parcel_id, "name": name}
    if levels:
        told["address"] = {f"level{level}": part for level, part in enumerate(levels, start=1)}  # type: ignore[assignment]
    try:
        if len(levels) > len(Address.__struct_fields__) - 1:
            raise invalid("$.address", "Expected at most 8 parts of an address")
        return shaped(told, ParcelMachine)
    except ProblemError as error:
        raise invalid("$.parcelMachines", f"{number}: {error.problem.detail}") from error


def _line(machine: ParcelMachine) -> str:
    levels = asdict(machine.address) if machine.address else {}
    parts = [text for name, text in levels.items() if text and name != "postal_code"]
    return "; ".join(_cell(text) for text in (machine.parcel_id, machine.name, ", ".join(parts)) if text)


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ';"\t') else text
