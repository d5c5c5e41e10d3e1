"""Where a table begins: its header may stand below a title."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from msgspec import Struct

from smarts.ready.sources.source import Row, SourceError

_LOOKED_AT = 10  # rows at the top, among which the header is


class Line(Struct, frozen=True, gc=False):
    """Cells of a table as they stand beside each other; `fault` as in `Row`."""

    number: int
    cells: Sequence[object]
    fault: str = ""


def titled(lines: Iterable[Line], name: str, most_rows: int) -> Iterator[Row]:
    """The rows below the header, cells by the names that it gives them; empty rows are passed over.

    Raises:
        SourceError: there is no header, or there are more than `most_rows` rows.
    """
    filled = (line for line in lines if line.fault or any(map(_is_filled, line.cells)))
    top = list(islice(filled, _LOOKED_AT))
    if not top:
        raise SourceError(f"{name} is empty")
    start = _header(top)
    names = _names(top[start].cells)
    width = len(names)
    for count, line in enumerate(chain(top[start + 1 :], filled), start=1):
        if count > most_rows:
            raise SourceError(f"{name} has more than {most_rows:,} rows; most_rows allows more")
        if len(line.cells) == width and not line.fault:
            yield Row(line.number, dict(zip(names, line.cells, strict=True)))
        else:
            yield _odd_row(names, line)


def _is_filled(cell: object) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, str) and cell.isspace())


def _header(top: Sequence[Line]) -> int:
    """The first row that is filled about as far as any other one near the top, and has words only."""
    widest = max(sum(map(_is_filled, line.cells)) for line in top)
    for place, line in enumerate(top):
        cells = [cell for cell in line.cells if _is_filled(cell)]
        if 2 * len(cells) >= widest and all(
            isinstance(cell, str) and not cell[:1].isdigit() for cell in cells
        ):
            return place
    return 0


def _names(cells: Sequence[object]) -> list[str]:
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(str(cell).split()) if _is_filled(cell) else f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return names


def _odd_row(names: Sequence[str], line: Line) -> Row:
    if line.fault:
        return Row(line.number, {}, line.fault)
    if any(map(_is_filled, line.cells[len(names) :])):
        return Row(
            line.number,
            {},
            f"has {len(line.cells)} cells, the header {len(names)}; a cell that holds the sign between cells "
            "needs quotation marks",
        )
    return Row(line.number, {**dict.fromkeys(names), **dict(zip(names, line.cells, strict=False))})
