"""Where a catalogue comes from: a file, a database, a shop system; all of them give rows."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from msgspec import Struct


class Row(Struct, frozen=True, gc=False):
    """One row of a source, its cells by the names of their columns.

    Attributes:
        number: what people find it by: the line of a file, the row of a sheet, the how-manieth of an answer; from 1.
        cells: text, numbers, dates, booleans or `None`, as the source has them.
        fault: why the row as a whole cannot be read; such a row is told and left out, the others are read on.
    """

    number: int
    cells: Mapping[str, object]
    fault: str = ""


class SourceError(Exception):
    """The source cannot be read, or not to its end; the message tells a merchant why."""


class Source(Protocol):
    """Gives the rows of a catalogue. It can be pickled, since another process reads it."""

    @property
    def name(self) -> str:
        """What people call it: the file's name, the database without its password."""
        ...

    def fingerprint(self) -> str | None:
        """Is the same as long as the rows are: nothing is read anew then. `None` where that cannot be told.

        Raises:
            SourceError: the source is not there.
        """
        ...

    def rows(self) -> Iterator[Row]:
        """All rows from the start, read as they are asked for, so that memory is bounded however many there are.

        Raises:
            SourceError: it cannot be read, or not to its end.
        """
        ...
