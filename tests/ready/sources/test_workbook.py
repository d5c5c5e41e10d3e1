"""Workbooks, here written by hand: what their cells hold, and what is refused."""

import string
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from smarts.ready.sources import SourceError, Workbook, source_of
from smarts.ready.sources.settings import SourceSettings

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _cell(column: int, row: int, value: object) -> str:
    place = f"{chr(65 + column)}{row}"
    match value:
        case None:
            return ""
        case (formula, result):
            return f'<c r="{place}"><f>{formula}</f><v>{result}</v></c>'
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        case _:
            return f'<c r="{place}"><v>{value}</v></c>'


def write_xlsx(
    path: Path, rows: Sequence[Sequence[object]], sheet: str = "Sheet1", merged: str = "", far: str = ""
) -> None:
    lines = "".join(
        f'<row r="{number}">{"".join(_cell(place, number, value) for place, value in enumerate(cells))}</row>'
        for number, cells in enumerate(rows, start=1)
    )
    if far:
        lines += f'<row r="{far.lstrip(string.ascii_letters)}"><c r="{far}"><v>1</v></c></row>'
    merges = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_OFFICE}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="{sheet}" sheetId="1" r:id="r1"/>'
            "</sheets></workbook>",
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData>{merges}</worksheet>',
        )


def write_ods(path: Path, rows: Sequence[Sequence[str]]) -> None:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="Goods">{cells}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )


def test_cells_are_what_the_workbook_has(tmp_path: Path) -> None:
    """Text is text, numbers are numbers, a formula is what it was when the workbook was saved."""
    path = tmp_path / "goods.xlsx"
    write_xlsx(path, [["Barcode", "Nimi", "Hind"], [4740000000017, "Šokolaad", ("B1*2", 2.4)]])
    (row,) = Workbook(path).rows()
    assert row.number == 2
    assert row.cells == {"Barcode": 4740000000017, "Nimi": "Šokolaad", "Hind": 2.4}


def test_merged_title_above_the_header(tmp_path: Path) -> None:
    """A title merged over all columns, and merged groups over some, stand above the header and are no header."""
    path = tmp_path / "goods.xlsx"
    rows = [
        ["Hinnakiri 2026", None, None, None],
        ["barcode", "name", "price", "vat"],
        ["4740000000017", "Milk", 1.2, 24],
    ]
    write_xlsx(path, rows, merged="A1:D1")
    (row,) = Workbook(path).rows()
    assert (row.number, row.cells["price"]) == (3, 1.2)


def test_ods_is_read_too(tmp_path: Path) -> None:
    """An OpenDocument sheet is read as well, and chosen by its suffix."""
    path = tmp_path / "goods.ods"
    write_ods(path, [["barcode", "name"], ["1", "Milk"]])
    (row,) = source_of(SourceSettings(file="goods.ods"), tmp_path).rows()
    assert row.cells == {"barcode": "1", "name": "Milk"}


def test_sheet_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The name of a missing sheet is in the error."""
    write_xlsx(tmp_path / "goods.xlsx", [["barcode", "name"]])
    with pytest.raises(SourceError, match="no sheet Hinnad"):
        list(Workbook(tmp_path / "goods.xlsx", "Hinnad").rows())


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 nothing", b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"barcode,name"]
)
def test_what_is_no_workbook_is_told(tmp_path: Path, content: bytes) -> None:
    """A damaged workbook, or a CSV file with the wrong suffix, is an error in words."""
    (tmp_path / "goods.xlsx").write_bytes(content)
    with pytest.raises(SourceError, match=r"goods\.xlsx"):
        list(Workbook(tmp_path / "goods.xlsx").rows())


def test_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    """A workbook that unpacks to more than half a gigabyte is refused without being unpacked."""
    path = tmp_path / "goods.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/a.xml", "w") as entry:
        for _ in range(60):
            entry.write(b"0" * 10_000_000)
    with pytest.raises(SourceError, match="unpacked"):
        list(Workbook(path).rows())
