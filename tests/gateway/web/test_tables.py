"""Tables for spreadsheets."""

import csv
import io
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.gateway.web.tables import line

texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(texts, min_size=1, max_size=5))
def test_what_is_written_is_read_again(cells: list[str]) -> None:
    """A line is one row of as many cells, each as it was, or with an apostrophe before what could be a formula."""
    rows = read(line(cells)) or [[""]]
    assert len(rows) == 1
    seen = rows[0] or [""]
    assert [each.removeprefix("'") for each in seen] == [each.removeprefix("'") for each in cells]


@given(texts)
def test_no_text_is_reckoned_out(text: str) -> None:
    """Nothing that somebody wrote begins as a formula does, not even behind blanks."""
    (row,) = read(line([text, "x"]))
    assert row[0].lstrip(" ")[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (Decimal("-1.20"), "-1.20"),
        (Decimal("1E+2"), "100"),
        (None, ""),
        (True, "true"),
        (datetime(2026, 3, 29, 4, 30, tzinfo=ZoneInfo("Europe/Tallinn")), "2026-03-29T04:30:00+03:00"),
        ('He said "1,5"', '"He said ""1,5"""'),
    ],
)
def test_numbers_and_moments_are_as_machines_read_them(cell: object, written: str) -> None:
    """A sum below nothing stays a number; moments are ISO 8601 with the offset of their zone."""
    assert line([cell, "x"]) == f"{written},x\r\n"  # type: ignore[list-item]
