"""Sources of catalogues: CSV files, workbooks, SQL databases; shop systems are sources too."""

from smarts.ready.sources.csv_file import CsvFile
from smarts.ready.sources.database import DatabaseQuery
from smarts.ready.sources.opening import source_of
from smarts.ready.sources.settings import SourceSettings
from smarts.ready.sources.source import Row, Source, SourceError
from smarts.ready.sources.workbook import Workbook

__all__ = [
    "CsvFile",
    "DatabaseQuery",
    "Row",
    "Source",
    "SourceError",
    "SourceSettings",
    "Workbook",
    "source_of",
]
