"""What a shop system sells, kept in a file: read by the catalogue's process while looks and scans write it."""

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from smarts.ready.connectors.goods import Cell, Good
from smarts.ready.sources import Row, SourceError

_TABLES = """
create table if not exists goods (
    key text primary key, number integer not null, barcode text, cells text not null, fault text not null,
    is_followed integer not null, confirmed real not null, look integer not null
);
create index if not exists goods_barcode on goods (barcode);
create table if not exists about (name text primary key, value text not null);
"""
_ABOUT = "insert or ignore into about values ('id', ?), ('version', '0'), ('look', '0')"
_READ = (
    "select key, cells, fault, is_followed, confirmed from goods where barcode = ? order by number limit 1"
)
_KEEP = """
insert into goods (key, number, barcode, cells, fault, is_followed, confirmed, look) values (?, ?, ?, ?, ?, ?, ?, ?)
on conflict (key) do update set number = excluded.number, barcode = excluded.barcode, cells = excluded.cells,
    fault = excluded.fault, is_followed = excluded.is_followed, confirmed = excluded.confirmed, look = excluded.look
"""


class Kept(NamedTuple):
    """A good as it is kept; `age` is the seconds since the shop system last said that it is so."""

    key: str
    cells: Mapping[str, Cell]
    fault: str
    age: float


class Mirror:
    """The goods of one shop system. Threads may share it; `at` is always the moment at which was asked.

    Raises:
        sqlite3.Error: the file is no such one, or cannot be written.
    """

    def __init__(self, path: Path, settings: str) -> None:
        """`settings` are what the goods were read by: with others the mirror begins anew."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
        self._connection.execute("pragma journal_mode = wal")
        with self._connection:
            self._connection.executescript(_TABLES)
            self._connection.execute(_ABOUT, [uuid.uuid4().hex])
            if self._about("settings") != settings:
                self._connection.execute("delete from goods")
                self._connection.execute(
                    "delete from about where name in ('since', 'looked_at', 'all_looked_at')"
                )
                self._count_change()
                self._tell("settings", settings)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    @property
    def since(self) -> str | None:
        """The newest change that a look which came to its end has seen."""
        return self._about("since")

    @property
    def is_filled(self) -> bool:
        """Whether everything was looked at once."""
        return self._about("all_looked_at") is not None

    @property
    def all_looked_at(self) -> float:
        """When the last look at everything was begun; 0 for never."""
        return float(self._about("all_looked_at") or 0)

    @property
    def age(self) -> float:
        """Seconds since the last look that came to its end was begun."""
        return max(0.0, time.time() - float(self._about("looked_at") or 0))

    @property
    def count(self) -> int:
        """How many goods are sold."""
        with self._lock:
            return int(self._connection.execute("select count(*) from goods").fetchone()[0])

    def begin_look(self) -> int:
        """A number for a new look."""
        with self._lock, self._connection:
            look = int(self._about("look") or 0) + 1
            self._tell("look", str(look))
            return look

    def keep(self, goods: Iterable[Good], at: float, look: int = 0) -> None:
        """Keeps what is sold and lets go of what is not; outside a look, what a good does not tell stays."""
        with self._lock, self._connection:
            if sum([self._keep(good, at, look) for good in goods]):
                self._count_change()

    def end_look(self, at: float, look: int, since: str | None, *, is_whole: bool) -> None:
        """What is followed was confirmed by this look; a whole one lets go of what it did not see."""
        with self._lock, self._connection:
            if is_whole:
                gone = self._connection.execute(
                    "delete from goods where look <> ? and confirmed < ?", [look, at]
                )
                if gone.rowcount:
                    self._count_change()
                self._tell("all_looked_at", repr(at))
            self._tell("looked_at", repr(at))
            if since is not None:
                self._tell("since", since)

    def find(self, barcode: str) -> Kept | None:
        """What has a barcode."""
        with self._lock:
            found = self._connection.execute(_READ, [barcode]).fetchone()
            looked_at = float(self._about("looked_at") or 0)
        if found is None:
            return None
        key, cells, fault, is_followed, confirmed = found
        confirmed_at = max(confirmed, looked_at) if is_followed else confirmed
        return Kept(key, json.loads(cells), fault, max(0.0, time.time() - confirmed_at))

    def find_number(self, number: int) -> Kept | None:
        """What the shop system's people find by a number."""
        with self._lock:
            found = self._connection.execute(
                "select barcode from goods where number = ?", [number]
            ).fetchone()
        return self.find(found[0]) if found and found[0] else None

    def forget(self, key: str) -> None:
        """Lets go of something that is not sold any more."""
        with self._lock, self._connection:
            if self._connection.execute("delete from goods where key = ?", [key]).rowcount:
                self._count_change()

    def _keep(self, good: Good, at: float, look: int) -> bool:
        if good.cells is None:
            return self._connection.execute("delete from goods where key = ?", [good.key]).rowcount > 0
        before = self._connection.execute(
            "select cells, fault, look from goods where key = ?", [good.key]
        ).fetchone()
        known: dict[str, Any] = json.loads(before[0]) if before else {}
        cells = dict(good.cells) if look else {**known, **good.cells}
        values = [good.number, cells.get("barcode"), json.dumps(cells), good.fault, good.is_followed, at]
        self._connection.execute(_KEEP, [good.key, *values, look or (before[2] if before else 0)])
        return before is None or known != cells or before[1] != good.fault

    def _count_change(self) -> None:
        self._tell("version", str(int(self._about("version") or 0) + 1))

    def _about(self, name: str) -> str | None:
        with self._lock:
            return _about(self._connection, name)

    def _tell(self, name: str, value: str) -> None:
        self._connection.execute("insert or replace into about values (?, ?)", [name, value])


class MirrorSource:
    """The mirror as the source of a catalogue; another process may read it."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path

    @property
    def name(self) -> str:
        """What people call the shop system."""
        return self._name

    def fingerprint(self) -> str | None:
        """Another one whenever anything in the mirror has changed."""
        with self._open() as connection:
            return f"{_about(connection, 'id')}-{_about(connection, 'version')}"

    def rows(self) -> Iterator[Row]:
        """All goods; the row's number is what the shop system's people find a good by."""
        with self._open() as connection:
            for number, cells, fault in connection.execute(
                "select number, cells, fault from goods order by number, key"
            ):
                yield Row(number, row_of(json.loads(cells)), fault)

    def _open(self) -> "_Reading":
        return _Reading(self._name, self._path)


def row_of(cells: Mapping[str, Cell]) -> Mapping[str, object]:
    """What is kept of a good as the cells of a catalogue's row: its numbers are numbers."""
    numbers = {name: Decimal(str(cells[name])) for name in ("price", "vat") if cells.get(name)}
    return {**cells, **numbers}


class _Reading:
    """A connection that only reads, for one `with`."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=30
            )
            if _about(self._connection, "all_looked_at") is None:
                raise SourceError(f"{self._name} has not been read to its end yet")
        except sqlite3.Error as error:
            raise SourceError(f"what was read from {self._name} cannot be opened: {error}") from None
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _about(connection: sqlite3.Connection, name: str) -> str | None:
    found = connection.execute("select value from about where name = ?", [name]).fetchone()
    return found[0] if found else None
