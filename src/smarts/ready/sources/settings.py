"""What a merchant sets about where the products are."""

from typing import Annotated

from msgspec import Meta, Struct

GIGABYTE = 1_000_000_000


class SourceSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `file`, or `database` with `query`.

    Attributes:
        file: CSV (also gzipped), xlsx, xls, xlsb or ods; a relative path is seen from the settings file.
        sheet: the sheet of a workbook; the first one where it is not named.
        encoding: a CSV file's encoding; found out where it is not named.
        delimiter: what stands between a CSV file's cells; found out where it is not named.
        database: an SQLAlchemy URL, such as `postgresql+psycopg://reader:secret@till/shop` or `sqlite:///shop.db`.
        query: gives the rows; its columns are the catalogue's.
        changes: a quick query whose answer is another one whenever the rows are.
        every: seconds between looks at a database.
        most_rows: a source with more rows is refused as a whole.
        most_bytes: a file that is larger, unpacked, is refused as a whole.
    """

    file: str = ""
    sheet: str = ""
    encoding: str = ""
    delimiter: Annotated[str, Meta(max_length=1)] = ""
    database: str = ""
    query: str = ""
    changes: str = ""
    every: Annotated[float, Meta(gt=0)] = 60.0
    most_rows: Annotated[int, Meta(gt=0)] = 3_000_000
    most_bytes: Annotated[int, Meta(gt=0)] = 4 * GIGABYTE
