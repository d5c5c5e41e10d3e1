"""Small lists in files, such as campaigns and cards: read row by row, looked after while the node serves."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import structlog

from smarts.ready.catalogue.complaints import Complaint
from smarts.ready.sources import Row, SourceError
from smarts.ready.sources.opening import source_of
from smarts.ready.sources.settings import SourceSettings

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """What the good rows of a list say, and what is wrong with the others."""

    items: tuple[T, ...]
    complaints: tuple[Complaint, ...] = ()


class RowRefusedError(ValueError):
    """A row of a list cannot be used for what stands in a column."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def listed(rows: Iterable[Row], read: Callable[[Mapping[str, str]], T]) -> Listed[T]:
    """Reads rows; one that is refused is told and left out, the others count."""
    items: list[T] = []
    complaints: list[Complaint] = []
    for row in rows:
        try:
            items.append(read(_cells(row)))
        except RowRefusedError as error:
            complaints.append(Complaint(row.number, error.column, str(error)))
    return Listed(tuple(items), tuple(complaints))


def _cells(row: Row) -> Mapping[str, str]:
    if row.fault:
        raise RowRefusedError("", row.fault)
    return {_column(name): _text(cell) for name, cell in row.cells.items() if name}


def require_columns(rows: Iterable[Row], known: Iterable[str], needed: Iterable[str]) -> Iterable[Row]:
    """The rows, if the list has the columns that it needs and none that are not known.

    Raises:
        SourceError: it has others.
    """
    is_first = True
    for row in rows:
        if is_first and not row.fault:
            columns = {_column(name) for name in row.cells if name}
            missing, strange = set(needed) - columns, columns - set(known)
            if missing:
                raise SourceError(f"the column {', '.join(sorted(missing))} is missing")
            if strange:
                raise SourceError(
                    f"there is no use for the column {', '.join(sorted(strange))}: "
                    f"columns are {', '.join(known)}"
                )
            is_first = False
        yield row


def _column(name: str) -> str:
    return "_".join(name.strip().casefold().split())


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


class Watched(Generic[T]):
    """A list in a file that is read anew when the file has changed; where it cannot be read the list stays as it was.

    Raises:
        SourceError: it cannot be read the first time.
    """

    def __init__(self, file: Path, read: Callable[[Path], Listed[T]], on_change: Callable[[], None]) -> None:
        self.file = file
        self._read = read
        self._on_change = on_change
        self._mark = _mark(file)
        self.listed = read(file)

    def look(self) -> None:
        """Reads the file anew if it is another one than the last time."""
        mark = _mark(self.file)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self.listed = self._read(self.file)
        except SourceError as error:
            _log.warning("a list stays as it was", file=str(self.file), reason=str(error))
            return
        self._on_change()
        left_out = len(self.listed.complaints)
        _log.info("a list was read anew", file=str(self.file), rows=len(self.listed.items), left_out=left_out)


def _mark(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def file_rows(file: Path) -> Iterator[Row]:
    """The rows of a CSV file or a workbook.

    Raises:
        SourceError: it cannot be read.
    """
    return source_of(SourceSettings(file=str(file))).rows()
