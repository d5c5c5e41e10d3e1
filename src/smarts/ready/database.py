"""Where a ready node keeps what it must not forget: an SQLite file, or any database that has an SQLAlchemy driver."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import URL, Connection, MetaData, create_engine, event, make_url, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from smarts.edge.failures import ExplainedError
from smarts.edge.problems import NODE_DOWN
from smarts.ready.settings import DatabaseSettings
from smarts.wire.nodes import HealthStatus, PartHealth

T = TypeVar("T")

_PATIENCE = 5  # seconds for a connection, a lock, a statement
_TRIES = 5
_RETRY_AFTER = 5.0
_USUAL_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
}
_AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeoutError)
_log = structlog.get_logger(__name__)


class DatabaseUnusableError(ExplainedError):
    """The settings name a database that there cannot be; the message says why."""


class Database:
    """Transactions on the tables of `metadata`, which are made where they are missing. Threads may share it.

    While the database is away every transaction is refused as something to try again later; when it is back, the next
    one succeeds.
    """

    def __init__(self, url: URL, metadata: MetaData) -> None:
        self.name = url.render_as_string(hide_password=True)
        self._metadata = metadata
        self._engine = _engine(url)
        self._has_tables = False
        self._preparing = threading.Lock()
        self._was_away = False

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    def write(self, change: Callable[[Connection], T]) -> T:
        """Does a change wholly or not at all, and gives what it gives.

        It may be done anew where somebody else wrote the same row at that moment, so it does nothing but write here.

        Raises:
            ProblemError: 503, the database is away; the same again later may succeed.
        """
        for _ in range(_TRIES - 1):
            try:
                with self._transaction() as tx:
                    return change(tx)
            except IntegrityError:
                continue
        with self._transaction() as tx:
            return change(tx)

    def read(self, query: Callable[[Connection], T]) -> T:
        """What a query gives; raises as `write` does."""
        with self._transaction() as tx:
            return query(tx)

    def health(self) -> PartHealth:
        """Whether something could be kept now."""
        try:
            with self._transaction() as tx:
                tx.execute(select(1))
        except Exception:  # noqa: BLE001 - whatever it is, nothing can be kept
            return PartHealth(
                HealthStatus.DEGRADED, "the database is away: sales and orders wait at the gateway"
            )
        return PartHealth(HealthStatus.UP, "sales can be kept")

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            self._prepare()
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            self._has_tables = False  # it may come back as another one
            if not _is_away(error):
                raise
            self._tell_away(error)
            raise NODE_DOWN.error("The store's database is away.", retry_after=_RETRY_AFTER) from error
        if self._was_away:
            self._was_away = False
            _log.info("the database is back", database=self.name)

    def _prepare(self) -> None:
        if self._has_tables:
            return
        with self._preparing:
            self._metadata.create_all(self._engine)
            self._has_tables = True

    def _tell_away(self, error: Exception) -> None:
        if not self._was_away:
            self._was_away = True
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            _log.warning("the database is away", database=self.name, reason=reason)


def _is_away(error: SQLAlchemyError) -> bool:
    return isinstance(error, _AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def database_url(settings: DatabaseSettings, data: Path) -> URL:
    """The database that is set, or a file in the node's data.

    Raises:
        DatabaseUnusableError: the settings name no database.
    """
    if settings.url is None:
        return URL.create("sqlite", database=str(data / "store.sqlite3"))
    try:
        url = make_url(settings.url.value)
    except (ArgumentError, ValueError):
        raise DatabaseUnusableError(
            "database.url: expected an address such as postgresql://name@host/database"
        ) from None
    url = url.set(drivername=_USUAL_DRIVERS.get(url.drivername, url.drivername))
    password = _password(settings)
    return url.set(password=password) if password else url


def _password(settings: DatabaseSettings) -> str | None:
    if settings.password_file is None:
        return settings.password.value if settings.password else None
    try:
        return settings.password_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DatabaseUnusableError(f"database.password_file cannot be read: {error}") from None


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, **_options(url))
    except ModuleNotFoundError as error:
        raise DatabaseUnusableError(
            f"database.url: databases of {url.drivername} need the Python package {error.name}: "
            f"pip install {error.name}"
        ) from None
    except (NoSuchModuleError, ArgumentError, TypeError) as error:
        raise DatabaseUnusableError(f"database.url: there is no such kind of database: {error}") from None
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        event.listen(engine, "connect", partial(_prepare_sqlite, file))
        event.listen(engine, "checkout", partial(_require_same_file, file))
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": _PATIENCE, "check_same_thread": False}}
    pool = {"pool_size": 8, "max_overflow": 8, "pool_timeout": _PATIENCE}
    if url.drivername != "postgresql+psycopg":
        return pool
    milliseconds = _PATIENCE * 1000
    limits = f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
    return pool | {
        "connect_args": {"connect_timeout": _PATIENCE, "options": limits, "tcp_user_timeout": milliseconds}
    }


def _prepare_sqlite(file: Path, connection: Any, record: Any) -> None:
    record.info["file"] = _identity(file)
    # The driver's own transactions begin at the first write, when what was read may be outdated.
    connection.isolation_level = None
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")


def _require_same_file(file: Path, _: Any, record: Any, __: Any) -> None:
    """A kept connection would go on writing into a file that somebody has deleted or moved away."""
    if record.info["file"] != _identity(file):
        raise DisconnectionError(f"{file} is another file now")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("begin immediate")
