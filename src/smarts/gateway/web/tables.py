"""Tables that people open in a spreadsheet: CSV, written page by page."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from starlette.responses import StreamingResponse

_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it spreadsheets do not take it for UTF-8
_BEGINS_A_FORMULA = frozenset("=+-@\t\r\n|%")

Cell = str | Decimal | int | bool | datetime | None
"""Numbers are written with a decimal point, moments as ISO 8601 in the zone that they are in."""


def written(cell: Cell) -> str:
    """A cell's text. One that a spreadsheet would reckon out or run is kept from that by an apostrophe."""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if not isinstance(cell, str):
        return "" if cell is None else str(cell)
    return f"'{cell}" if cell.lstrip(" ")[:1] in _BEGINS_A_FORMULA and cell.strip(" ") else cell


def line(cells: Iterable[Cell]) -> str:
    """A line of a table."""
    text = io.StringIO()
    csv.writer(text).writerow(map(written, cells))
    return text.getvalue()


def download(
    name: str, header: Sequence[str], pages: AsyncIterator[Sequence[Sequence[Cell]]]
) -> StreamingResponse:
    """A table as a file to be kept; its rows are fetched while it is being sent."""

    async def lines() -> AsyncIterator[str]:
        yield _BYTE_ORDER_MARK + line(header)
        async for rows in pages:
            yield "".join(line(row) for row in rows)

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(lines(), headers=headers, media_type="text/csv; charset=utf-8; header=present")
