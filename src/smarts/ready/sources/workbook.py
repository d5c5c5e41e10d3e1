"""Workbooks: xlsx, xlsm, xlsb, xls and ods. Formulas count as what they were when the workbook was saved."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, WorksheetNotFound

from smarts.ready.sources.files import file_fingerprint
from smarts.ready.sources.header import Line, titled
from smarts.ready.sources.source import Row, SourceError

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_MOST_UNPACKED = 500_000_000  # a workbook is read into memory as a whole
_MOST_CELLS = 50_000_000


@dataclass(frozen=True)
class Workbook:
    """One sheet of a workbook; the first where none is named."""

    path: Path
    sheet: str = ""
    most_rows: int = 3_000_000

    @property
    def name(self) -> str:
        """The file's name, and the sheet's where there is one."""
        return f"{self.path.name}, {self.sheet}" if self.sheet else self.path.name

    def fingerprint(self) -> str:
        """Changes with the file."""
        return file_fingerprint(self.path)

    def rows(self) -> Iterator[Row]:
        """All rows of the sheet; formulas give the values that they had when it was saved."""
        return titled(self._lines(), self.name, self.most_rows)

    def _lines(self) -> Iterator[Line]:
        _require_bounded(self.path)
        try:
            sheet = self._opened()
            _require_sensible(sheet, self.name)
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                yield Line(number, cells)
        except PasswordError as error:
            raise SourceError(f"{self.name} is locked with a password") from error
        except WorksheetNotFound as error:
            raise SourceError(f"{self.path.name} has no sheet {self.sheet}") from error
        except (CalamineError, OSError) as error:
            raise SourceError(f"{self.path.name} is no workbook that can be read: {error}") from error

    def _opened(self) -> CalamineSheet:
        workbook = CalamineWorkbook.from_path(self.path)
        if not workbook.sheet_names:
            raise SourceError(f"{self.path.name} has no sheets")
        return workbook.get_sheet_by_name(self.sheet or workbook.sheet_names[0])


def _require_bounded(path: Path) -> None:
    """Looks at a zip archive without unpacking it; `xls` is none."""
    file_fingerprint(path)
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{path.name} is damaged: {error}") from error
    if unpacked > _MOST_UNPACKED:
        raise SourceError(
            f"{path.name} is {unpacked:,} bytes unpacked, and at most {_MOST_UNPACKED:,} are read of a workbook; "
            "save it as CSV"
        )


def _require_sensible(sheet: CalamineSheet, name: str) -> None:
    if sheet.total_height * sheet.total_width > _MOST_CELLS:
        raise SourceError(
            f"{name} has {sheet.total_height:,} rows of {sheet.total_width:,} columns, most of them surely empty; "
            "delete what stands far from the table"
        )
