"""SQL databases: the rows are what a query answers, read as a stream."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from smarts.ready.sources.source import Row, SourceError

_AT_ONCE = 5000  # rows that are fetched together
_PATIENCE = 10  # seconds to connect
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


@dataclass(frozen=True)
class DatabaseQuery:
    """A query to a database that SQLAlchemy has a driver for.

    `changes` is a query whose answer tells whether the rows may have changed, such as
    `SELECT count(*), max(updated_at) FROM products`.
    """

    url: str = field(repr=False)
    query: str
    changes: str = ""
    most_rows: int = 3_000_000

    @property
    def name(self) -> str:
        """The database's URL, without its password."""
        return _read_url(self.url).render_as_string(hide_password=True)

    def fingerprint(self) -> str | None:
        """What `changes` answers now; `None` where there is no such query."""
        if not self.changes:
            return None
        with self._connected() as connection:
            answer = connection.exec_driver_sql(self.changes).fetchmany(100)
        return repr([tuple(row) for row in answer])

    def rows(self) -> Iterator[Row]:
        """What the query answers, numbered as it comes."""
        with self._connected() as connection:
            stream = connection.execution_options(yield_per=_AT_ONCE, stream_results=True)
            answer = stream.exec_driver_sql(self.query)
            names = list(answer.keys())
            for number, cells in enumerate(answer, start=1):
                if number > self.most_rows:
                    raise SourceError(
                        f"{self.name} has more than {self.most_rows:,} rows; most_rows allows more"
                    )
                yield Row(number, dict(zip(names, cells, strict=True)))

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        url = _read_url(self.url)
        _require_file(url)
        try:
            with create_engine(
                url, poolclass=NullPool, connect_args=_connect_args(url)
            ).connect() as connection:
                yield connection
        except ImportError as error:
            raise SourceError(f"{self.name}: the database's driver is not installed: {error.name}") from error
        except SQLAlchemyError as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split())
            raise SourceError(f"{self.name}: {reason[:500]}") from error


def _read_url(text: str) -> URL:
    try:
        url = make_url(re.sub(r"^(\w+)(?=://)", lambda kind: _DRIVERS.get(kind[0], kind[0]), text))
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        kind = text.partition(":")[0] if "://" in text else "none"
        raise SourceError(
            f"Expected a database URL such as postgresql://user:password@host/name, got one of the kind {kind}"
        ) from error
    return url


def _require_file(url: URL) -> None:
    """SQLite would make a database that is not there."""
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        path = url.database.removeprefix("file:").partition("?")[0]
        if not Path(path).is_file():
            raise SourceError(f"{path} is not there")


def _connect_args(url: URL) -> Mapping[str, Any]:
    is_psycopg = url.get_driver_name() == "psycopg"
    return {"connect_timeout": _PATIENCE} if is_psycopg else {}
