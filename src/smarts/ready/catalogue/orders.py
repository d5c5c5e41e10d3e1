"""Places in the order of a field, kept as plain numbers that are mapped into memory."""

import mmap
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from smarts.node.names import sort_key
from smarts.ready.catalogue.goods import Entry
from smarts.ready.catalogue.words import plain

_DECIMALS = 9  # as many as a price may have; whole numbers are sorted much quicker

FIELDS: dict[str, Callable[[Entry], Any]] = {
    "name": lambda entry: plain(entry.name),
    "price": lambda entry: int(entry.price.scaleb(_DECIMALS)) if entry.price else 0,
    "barcode": lambda entry: entry.barcode,
    "id": lambda entry: entry.id,
}


class Order(NamedTuple):
    """Places one after another, and by place its turn."""

    places: Sequence[int]
    turns: Sequence[int]


def name_key(entry: Entry, language: str) -> str:
    """What goods are sorted by in a language."""
    return sort_key(entry.names.get(language) or entry.name, language)


def sort_places(keys: Sequence[Any], first: Sequence[int]) -> "array[int]":
    """Places by their keys; those with equal ones stay as in `first`."""
    return array("I", sorted(first, key=keys.__getitem__))


def write_order(path: Path, places: "array[int]") -> None:
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
