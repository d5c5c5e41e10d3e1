"""Goods on disk by place and by barcode, in SQLite; `place` is the how-manieth they are in the source."""

import sqlite3
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path

from smarts.ready.catalogue.barcodes import key_of
from smarts.ready.catalogue.goods import Goods, unpack

_SCHEMA = (
    "CREATE TABLE goods (place INTEGER PRIMARY KEY, row INTEGER NOT NULL, key NOT NULL, packed BLOB NOT NULL)"
)
_BY_KEY = "CREATE UNIQUE INDEX goods_key ON goods (key)"
_QUICK = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536;
"""
_AT_ONCE = 900


class StoreWriter:
    """Takes the goods of a catalogue that is being built; what a crash leaves is thrown away as a whole."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(f"{_QUICK}{_SCHEMA};")
        self._database.execute("BEGIN")
        # Much quicker than to ask the database for each row; a million keys take some 100 MB.
        self._places: dict[int | str, int] = {}
        self._waiting: list[tuple[int, int, int | str, bytes]] = []

    @property
    def count(self) -> int:
        """How many goods there are, which is the next place, too."""
        return len(self._places)

    def add(self, row: int, barcode: str, packed: bytes) -> bool:
        """Puts packed goods at the next place; not where the barcode is there already."""
        place, key = len(self._places), key_of(barcode)
        if self._places.setdefault(key, place) != place:
            return False
        self._waiting.append((place, row, key, packed))
        if len(self._waiting) == _AT_ONCE:
            self._write()
        return True

    def named(self, barcode: str) -> tuple[int, int, Goods]:
        """The place, row and goods of a barcode that is there."""
        self._write()
        place = self._places[key_of(barcode)]
        row, packed = self._database.execute(
            "SELECT row, packed FROM goods WHERE place = ?", (place,)
        ).fetchone()
        return place, row, unpack(packed)

    def replace(self, place: int, packed: bytes) -> None:
        """Has other goods at a place, of the same barcode."""
        self._database.execute("UPDATE goods SET packed = ? WHERE place = ?", (packed, place))

    def all(self) -> Iterator[tuple[int, bytes]]:
        """All goods, packed, by their places."""
        self._write()
        yield from self._database.execute("SELECT place, packed FROM goods ORDER BY place")

    def close(self) -> None:
        """Has everything in the file."""
        self._write()
        self._database.execute(_BY_KEY)
        self._database.execute("COMMIT")
        self._database.close()

    def _write(self) -> None:
        self._database.executemany("INSERT INTO goods VALUES (?, ?, ?, ?)", self._waiting)
        self._waiting.clear()


class Store:
    """The goods of a built catalogue; threads may share it."""

    def __init__(self, path: Path) -> None:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(uri, uri=True, check_same_thread=False, cached_statements=32)
        # Requests may still read while another catalogue is taken into use, so it is closed with the last of them.
        weakref.finalize(self, self._database.close)

    def find(self, key: int | str) -> Goods | None:
        """The goods of a barcode's key."""
        found = self._database.execute("SELECT packed FROM goods WHERE key = ?", (key,)).fetchone()
        return unpack(found[0]) if found else None

    def at(self, places: Iterable[int]) -> list[Goods]:
        """The goods at these places, in this order."""
        wanted = list(places)
        found: dict[int, bytes] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT place, packed FROM goods WHERE place IN ({marks})"  # noqa: S608 - only marks
            found.update(self._database.execute(query, some))
        return [unpack(found[place]) for place in wanted]

    def all(self) -> Iterator[Goods]:
        """All goods by their places."""
        for (packed,) in self._database.execute("SELECT packed FROM goods ORDER BY place"):
            yield unpack(packed)
