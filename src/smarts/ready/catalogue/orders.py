"""Places in the order of a field, kept as plain numbers that are mapped into memory."""

import mmap
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from smarts.node.names import sort_key
from smarts.ready.catalogue.goods import Entry

_DECIMALS = 9  # as many as a price may have; whole numbers are sorted much quicker


class Order(NamedTuple):
    """Places one after another, and by place its turn."""

    places: Sequence[int]
    turns: Sequence[int]


def name_key(entry: Entry, language: str) -> str:
    """What goods are sorted by in a language."""
    return sort_key(entry.names.get(language) or entry.name, language)


class OrderWriter:
    """Takes goods by their places, those that become others once more, and keeps their orders but those of names."""

    def __init__(self) -> None:
        self._barcodes: list[str] = []
        self._prices: list[int] = []
        self._ids: list[str] = []

    def put(self, place: int, goods: Entry) -> None:
        """Has goods at the next place, or instead of those that are at a place."""
        price = int(goods.price.scaleb(_DECIMALS)) if goods.price else 0
        if place == len(self._barcodes):
            self._barcodes.append(goods.barcode)
            self._prices.append(price)
            self._ids.append(goods.id)
        else:
            self._barcodes[place], self._prices[place], self._ids[place] = goods.barcode, price, goods.id

    def write(self, path_of: Callable[[str], Path]) -> None:
        """Has them on disk."""
        by_barcode = _sorted_places(self._barcodes, range(len(self._barcodes)))
        # Most catalogues have no ids but the barcodes.
        by_id = by_barcode if self._ids == self._barcodes else _sorted_places(self._ids, by_barcode)
        _write_order(path_of("barcode"), by_barcode)
        _write_order(path_of("id"), by_id)
        _write_order(path_of("price"), _sorted_places(self._prices, by_barcode))


def write_names(path: Path, keys: Sequence[str], barcodes: Path) -> None:
    """Keeps an order of names by their keys; those with equal ones stay in the order of barcodes, which is kept."""
    by_barcode = array("I", barcodes.read_bytes()[: 4 * len(keys)])
    _write_order(path, _sorted_places(keys, by_barcode))


def _sorted_places(keys: Sequence[Any], first: Sequence[int]) -> "array[int]":
    """Places by their keys; those with equal ones stay as in `first`."""
    return array("I", sorted(first, key=keys.__getitem__))


def _write_order(path: Path, places: "array[int]") -> None:
    """Keeps an order; the file is whole or not there."""
    turns = array("I", bytes(4 * len(places)))
    for turn, place in enumerate(places):
        turns[place] = turn
    new = path.with_suffix(".new")
    new.write_bytes(places.tobytes() + turns.tobytes())
    new.replace(path)


def read_order(path: Path, count: int) -> Order | None:
    """A kept order of `count` places; `None` where there is none."""
    try:
        numbers = memoryview(_mapped(path)).cast("I")
    except (OSError, ValueError):
        return None
    return Order(numbers[:count], numbers[count:])


def _mapped(path: Path) -> Any:

    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
