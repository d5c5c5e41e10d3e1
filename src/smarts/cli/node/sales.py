"""`smarts node sales`: what came in at a ready node."""

import csv
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.table import Table

from smarts.cli.output import CommandFailedError, console, print_json
from smarts.cli.parameters import ReadableFile
from smarts.edge.logs import log_to_standard_error
from smarts.ready.calendar import Calendar
from smarts.ready.database import Database, database_url
from smarts.ready.reporting import DaySum, Sale, SoldRow, day_sums, sales, sold_rows
from smarts.ready.settings import Settings
from smarts.ready.tables import METADATA
from smarts.wire.errors import ProblemError

_USUAL_DAYS = 31


def _day(_: object, texts: Any) -> date:
    try:
        return date.fromisoformat(texts[0].value)
    except ValueError:
        raise ValueError("Expected a day such as 2026-11-01") from None


Day = Annotated[date | None, Parameter(converter=_day)]


def node_sales(
    *,
    settings: ReadableFile | None = None,
    since: Day = None,
    csv: bool = False,
    goods: bool = False,
    json: bool = False,
) -> None:
    """Show what was sold through a ready node, by day.

    Example: `smarts node sales --settings store.toml --csv > sales.csv`.

    Parameters
    ----------
    settings:
        The node's file of settings; without it, what a node that was run here without one has kept.
    since:
        The first day, such as 2026-11-01; else the last 31 days.
    csv:
        Every purchase and order as a line of CSV.
    goods:
        Every row of every purchase as a line of CSV: what accounts and stock need.
    json:
        The days as JSON.
    """
    log_to_standard_error()
    read = Settings.read(settings) if settings else Settings()
    first = since or Calendar(read.node.time_zone).today() - timedelta(days=_USUAL_DAYS - 1)
    with closing(_database(read)) as database:
        try:
            if goods:
                _print_csv(SoldRow, sold_rows(database, first))
            elif csv:
                _print_csv(Sale, sales(database, first))
            else:
                _print_days(day_sums(database, first), first, json=json)
        except ProblemError as error:
            raise CommandFailedError(f"{database.name}: {error.problem.detail}") from None


def _database(settings: Settings) -> Database:
    url = database_url(settings.database, settings.node.data)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        raise CommandFailedError(f"nothing was kept yet: there is no {url.database}")
    return Database(url, METADATA)


def _print_days(days: list[DaySum], first: date, *, json: bool) -> None:
    if json:
        print_json(days)
        return
    if not days:
        console.print(f"Nothing came in since {first}.")
        return
    table = Table("Day", box=None)
    for title in ("Purchases", "Total", "Orders"):
        table.add_column(title, justify="right")
    for day in days:
        table.add_row(day.day, str(day.purchases), f"{day.total} {day.currency}", str(day.orders))
    console.print(table)


def _print_csv(kind: type[msgspec.Struct], lines: Iterable[msgspec.Struct]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(kind.__struct_fields__)
    for line in lines:
        writer.writerow(_safe(value) for value in msgspec.structs.astuple(line))


def _safe(value: object) -> object:
    """Spreadsheets would reckon with what begins like a formula, and names are strangers' words."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
