"""The source that the settings name."""

from pathlib import Path

from smarts.ready.sources.csv_file import CsvFile
from smarts.ready.sources.database import DatabaseQuery
from smarts.ready.sources.settings import SourceSettings
from smarts.ready.sources.source import Source, SourceError
from smarts.ready.sources.workbook import WORKBOOKS, Workbook


def source_of(settings: SourceSettings, folder: Path = Path()) -> Source:
    """The file or the database; a relative path is seen from `folder`.

    Raises:
        SourceError: both or neither are named, the encoding is not known, or the database has no query.
    """
    if bool(settings.file) == bool(settings.database):
        raise SourceError("Expected either `file` or `database` in [catalogue]")
    if settings.database:
        if not settings.query:
            raise SourceError("Expected a `query` for the `database` in [catalogue]")
        return DatabaseQuery(settings.database, settings.query, settings.changes, settings.most_rows)
    path = folder / settings.file
    if path.suffix.lower() in WORKBOOKS:
        return Workbook(path, settings.sheet, settings.most_rows)
    _require_known(settings.encoding)
    return CsvFile(path, settings.encoding, settings.delimiter, settings.most_rows, settings.most_bytes)


def _require_known(encoding: str) -> None:
    try:
        "a".encode(encoding or "utf-8")
    except LookupError:
        raise SourceError(
            f"Expected an encoding such as utf-8 or cp1257 in [catalogue], got {encoding}"
        ) from None
