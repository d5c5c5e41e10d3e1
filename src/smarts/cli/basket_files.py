"""Baskets out of files: what was bought together, and what it costs."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from smarts.cli.output import CommandFailedError
from smarts.control.simulation import Basket, Good, bounded
from smarts.demo.catalogue.price_list import open_text

_BASKETS = ("source", "basket_id", "item", "quantity")
_ITEMS = ("source", "item", "demo_barcode", "demo_price_eur")
_MOST_LINES = 2_000_000
_LARGEST_PRICE = Decimal(10_000)

Items = dict[tuple[str, str], tuple[str, int]]


def read_baskets(baskets: Path, items: Path) -> Sequence[Basket]:
    """Baskets as shoppers carry them; lines whose item has no price are left out.

    Raises:
        CommandFailedError: a file is none of these; tells the row and the column.
    """
    prices, goods = _read_items(items), dict[tuple[str, str], Good]()
    found: defaultdict[tuple[str, str], dict[Good, int]] = defaultdict(lambda: defaultdict(int))
    for number, row in _rows(baskets, _BASKETS):
        key = row["source"], row["item"]
        if key not in prices:
            continue
        barcode, cents = prices[key]
        pieces = _number(row["quantity"], baskets, number, "quantity", Decimal(1_000_000))
        good = goods.setdefault(key, Good(barcode, cents, row.get("category") or ""))
        found[row["source"], row["basket_id"]][good] += max(1, int(pieces))
    if not found:
        raise CommandFailedError(f"{baskets} has no basket with an item that {items} has a price of")
    return [bounded(basket) for basket in found.values()]


def _read_items(path: Path) -> Items:
    items: Items = {}
    for number, row in _rows(path, _ITEMS):
        price = _number(row["demo_price_eur"], path, number, "demo_price_eur", _LARGEST_PRICE)
        items[row["source"], row["item"]] = (row["demo_barcode"], max(1, int(price * 100)))
    return items


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with open_text(path) as file:
            table = csv.DictReader(file, restval="", restkey="")
            if missing := [column for column in columns if column not in (table.fieldnames or ())]:
                raise CommandFailedError(f"{path} has no column {missing[0]}")
            for number, row in enumerate(table, start=2):
                if number > _MOST_LINES:
                    raise CommandFailedError(f"{path} has more than {_MOST_LINES} lines")
                yield number, row
    except (OSError, EOFError, csv.Error) as error:
        raise CommandFailedError(f"{path} cannot be read: {error}") from None


def _number(text: str, path: Path, row: int, column: str, most: Decimal) -> Decimal:
    try:
        number = Decimal(text.strip())
        if 0 <= number <= most:
            return number
    except InvalidOperation:
        pass
    raise CommandFailedError(f"{path}, row {row}, column {column}: expected a number from 0 to {most}")
