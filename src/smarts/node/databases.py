"""Where an inbox may be kept: a file of SQLite, or the store's own database by whatever driver it has."""

import re
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from smarts.edge.problems import NODE_DOWN

Tx = TypeVar("Tx")
Rows = Sequence[Sequence[Any]]

_PATIENCE = 8.0  # seconds for a locked file; the gateway waits for ten
_VALUE = re.compile(r":([a-z]+)")


class InboxDatabase(Protocol[Tx]):
    """A database in which transactions are open for the inbox and for the store's methods.

    Both methods are plain ones, which are called in threads and may wait, or both work `async`.
    """

    def transaction(self) -> AbstractContextManager[Tx] | AbstractAsyncContextManager[Tx]:
        """All that is done in the block, on the disk when it is left; nothing where the block raises."""
        ...

    def execute(self, tx: Tx, statement: str, values: Mapping[str, Any], /) -> Rows | Awaitable[Rows]:
        """The rows that an SQL statement gives, none where it gives no rows; its values are named, as `:id`."""
        ...


class SQLiteFile:
    """A file, made where there is none. A transaction is a `sqlite3.Connection`; one goes on at a time.

    One that is begun within another, in the same thread, is a part of it.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._one_at_a_time = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Nobody else writes meanwhile, in this process or another.

        Raises:
            ProblemError: 503, somebody else writes all the time.
        """
        if not self._one_at_a_time.acquire(timeout=_PATIENCE):
            raise _locked()
        try:
            if self._connection and self._connection.in_transaction:
                yield self._connection
            else:
                with self._begun() as connection:
                    yield connection
        finally:
            self._one_at_a_time.release()

    def execute(self, tx: sqlite3.Connection, statement: str, values: Mapping[str, Any], /) -> Rows:
        """The rows of a statement."""
        return tx.execute(statement, values).fetchall()

    def _begun(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _opened(self._path)
        try:
            self._connection.execute("begin immediate")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise _locked() from error
            raise
        return self._connection


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE, check_same_thread=False)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    return connection


def _locked() -> Exception:
    return NODE_DOWN.error("The inbox is in use.", retry_after=1.0)


class Connections:
    """Connections of any driver that keeps to Python's DB-API, one a transaction: `connect` gives one.

    `paramstyle` is the driver's, such as `psycopg.paramstyle`.
    """

    def __init__(self, connect: Callable[[], Any], paramstyle: str) -> None:
        self._connect = connect
        self._written = _Parameters(paramstyle)

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A connection of its own, committed at the end."""
        with closing(self._connect()) as connection:
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def execute(self, tx: Any, statement: str, values: Mapping[str, Any], /) -> Rows:
        """The rows of a statement."""
        with closing(tx.cursor()) as cursor:
            cursor.execute(*self._written(statement, values))
            rows: Rows = cursor.fetchall() if cursor.description else ()
            return rows


class _Parameters:
    """Writes statements and their values as a driver wants them."""

    def __init__(self, paramstyle: str) -> None:
        marks = {"qmark": "?", "format": "%s", "pyformat": "%s", "named": None}
        if paramstyle not in marks:
            raise ValueError(f"Expected a paramstyle of {', '.join(marks)}, got {paramstyle}")
        self._mark = marks[paramstyle]

    def __call__(self, statement: str, values: Mapping[str, Any]) -> tuple[str, Any]:
        names = _VALUE.findall(statement)
        if self._mark is None:
            return statement, {name: values[name] for name in names}
        return _VALUE.sub(self._mark, statement), [values[name] for name in names]


class SQLAlchemyEngine:
    """An `Engine` of SQLAlchemy; a transaction is its `Connection`."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def transaction(self) -> AbstractContextManager[Any]:
        """Begun by the engine, committed at the end."""
        begun: AbstractContextManager[Any] = self._engine.begin()
        return begun

    def execute(self, tx: Any, statement: str, values: Mapping[str, Any], /) -> Rows:
        """The rows of a statement."""
        return _rows(tx.execute(_text(statement), values))


class AsyncSQLAlchemyEngine:
    """An `AsyncEngine` of SQLAlchemy; a transaction is its `AsyncConnection`."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def transaction(self) -> AbstractAsyncContextManager[Any]:
        """Begun by the engine, committed at the end."""
        begun: AbstractAsyncContextManager[Any] = self._engine.begin()
        return begun

    async def execute(self, tx: Any, statement: str, values: Mapping[str, Any], /) -> Rows:
        """The rows of a statement."""
        return _rows(await tx.execute(_text(statement), values))


def _text(statement: str) -> Any:
    from sqlalchemy import text  # no part of the starter: whoever has an engine has it

    return text(statement)


def _rows(result: Any) -> Rows:
    rows: Rows = result.all() if result.returns_rows else ()
    return rows
