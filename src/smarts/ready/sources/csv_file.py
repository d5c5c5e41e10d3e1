"""CSV files as merchants have them: any encoding, any delimiter, gzipped or not, some of their rows broken."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from smarts.ready.sources.encodings import find_encoding
from smarts.ready.sources.files import file_fingerprint, unpacked
from smarts.ready.sources.header import Line, titled
from smarts.ready.sources.settings import GIGABYTE
from smarts.ready.sources.source import Row, SourceError

_SAMPLE = 1 << 18
_LOOKED_THROUGH = 1 << 26  # bytes in which a letter outside ASCII is looked for
_LONGEST_LINE = 1_000_000
_MOST_LINES = 100  # of one row, whose cells may have several lines
_MOST_UNCLOSED = 100
_DELIMITERS = (",", ";", "\t", "|")
_LOST = "has letters that are lost, or not of the file's encoding"


@dataclass(frozen=True)
class CsvFile:
    """A CSV file. What is not named of encoding and delimiter is found out from the file."""

    path: Path
    encoding: str = ""
    delimiter: str = ""
    most_rows: int = 3_000_000
    most_bytes: int = 4 * GIGABYTE

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def fingerprint(self) -> str:
        """Changes with the file."""
        return file_fingerprint(self.path)

    def rows(self) -> Iterator[Row]:
        """All rows; those that are not CSV have a fault."""
        return titled(self._lines(), self.name, self.most_rows)

    def _lines(self) -> Iterator[Line]:
        encoding = self.encoding or self._found_encoding()
        with unpacked(self.path, self.most_bytes) as file:
            lines = _Lines(io.TextIOWrapper(file, encoding, errors="replace", newline=""), self.name)
            delimiter = _delimiter_line(lines) or self.delimiter or _likeliest(lines.first)
            yield from _records(lines, delimiter)

    def _found_encoding(self) -> str:
        with unpacked(self.path, self.most_bytes) as file:
            sample = file.read(_SAMPLE)
            looked_through = len(sample)
            while sample.isascii() and b"\0" not in sample and looked_through < _LOOKED_THROUGH:
                more = file.read(_SAMPLE)
                if not more:
                    break
                looked_through += len(more)
                sample = sample if more.isascii() and b"\0" not in more else more
        encoding = find_encoding(sample)
        if encoding is None:
            raise SourceError(f"{self.name} is not text, so no CSV file")
        return encoding


def _likeliest(header: str) -> str:
    """The sign that most often stands outside quotation marks in a line."""
    bare = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _delimiter_line(lines: "_Lines") -> str:
    """Excel's own first line, `sep=;`, which is no row."""
    first = lines.first.strip()
    if first[:4].lower() != "sep=" or len(first) != 5:
        return ""
    next(lines)
    return first[4]


def _records(lines: "_Lines", delimiter: str) -> Iterator[Line]:
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        # Most lines are a row as they stand, which is much quicker than to have the CSV reader ask for each.
        for number, line in lines.without_quotation_marks():
            yield Line(number, line.rstrip("\r\n").split(delimiter), _LOST if "\ufffd" in line else "")
        number = lines.start_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            is_open = True
        else:
            is_open = lines.ended
        if is_open:
            lines.give_back_all_but_first()
            yield Line(number, (), "has a quotation mark that is not closed")
        else:
            yield Line(number, cells, _LOST if "\ufffd" in "".join(cells) else "")


class _Lines:
    """The lines of a text, bounded in length; those that a row took by mistake can be given back."""

    def __init__(self, stream: io.TextIOWrapper, name: str) -> None:
        self.name = name
        self.ended = False
        self._read = iter(partial(stream.readline, _LONGEST_LINE), "")
        self._given_back: deque[str] = deque()
        self._taken: list[str] = []
        self._number = 0
        self._times = 0
        self.first = self._next()
        self._given_back.append(self.first)

    def without_quotation_marks(self) -> Iterator[tuple[int, str]]:
        """The next lines with their numbers, up to one that has a quotation mark."""
        while self._given_back:
            if '"' in self._given_back[0]:
                return
            self._number += 1
            yield self._number, self._given_back.popleft()
        for line in self._read:
            if '"' in line or len(line) == _LONGEST_LINE:
                self._given_back.append(line)
                return
            self._number += 1
            yield self._number, line

    def start_row(self) -> int:
        """The number of the line at which the next row starts."""
        self._taken.clear()
        return self._number + 1

    def give_back_all_but_first(self) -> None:
        """Lets the lines of a row that has no end be rows of their own, but for the first of them."""
        self._times += 1
        if self._times > _MOST_UNCLOSED:
            raise SourceError(
                f"{self.name} has more than {_MOST_UNCLOSED} quotation marks that are not closed"
            )
        self.ended = False
        self._given_back.extendleft(reversed(self._taken[1:]))
        self._number -= len(self._taken) - 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self._taken) == _MOST_LINES:
            raise csv.Error("a row without end")
        line = self._next()
        if not line:
            self.ended = bool(self._taken)
            raise StopIteration
        self._number += 1
        self._taken.append(line)
        return line

    def _next(self) -> str:
        line = self._given_back.popleft() if self._given_back else next(self._read, "")
        if len(line) == _LONGEST_LINE:
            raise SourceError(
                f"{self.name} has a line of more than {_LONGEST_LINE:,} letters, so it is no CSV file"
            )
        return line
