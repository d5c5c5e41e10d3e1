"""The schema's history: ordered SQL files, each applied once, in a transaction of its own.

Files are named `NNNN_title.sql`. What has been applied is kept with a checksum in the table `schema_migrations`. A file
that an older release does not know is no error, so that old processes keep running while new ones are started.
"""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

import structlog

from smarts.edge.failures import ExplainedError
from smarts.gateway.storage.database import Connection, Database

log = structlog.get_logger(__name__)

OURS = files(__name__)

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_LOCK = (
    7_305_815_013  # an arbitrary number: whoever migrates this database holds the advisory lock of this name
)


class MigrationError(ExplainedError):
    """The files and what has been applied do not fit together; the text says which and how."""


@dataclass(frozen=True)
class Migration:
    """One file."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """What tells an edited file from the one that was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


async def migrate(database: Database, folder: Traversable = OURS) -> list[str]:
    """Bring the schema up to date and return the names of the migrations applied now, in order.

    Several processes may call this at the same time: one works, the others wait and then find nothing to do.

    Raises:
        MigrationError: an applied file was edited since, or file names are not in order.
        StorageUnavailableError: the database cannot be reached.
    """
    applied: list[str] = []
    while (name := await _apply_next(database, load(folder))) is not None:
        log.info("migration applied", migration=name)
        applied.append(name)
    return applied


async def pending(database: Database, folder: Traversable = OURS) -> list[str]:
    """The names of the migrations that `migrate` would apply.

    Raises:
        MigrationError: as for `migrate`.
    """
    async with database.connection() as connection:
        known = await connection.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
        done = await _applied(connection) if known else {}
    return [migration.name for migration in _unapplied(load(folder), done)]


def load(folder: Traversable) -> list[Migration]:
    """Read a folder's migrations in order.

    Raises:
        MigrationError: a name is not of the form `NNNN_title.sql`, or a number is used twice.
    """
    found = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name
    )
    numbers: set[str] = set()
    for file in found:
        named = _FILE_NAME.fullmatch(file.name)
        if named is None or named[1] in numbers:
            message = f"{file.name}: migrations are named NNNN_title.sql, each number once"
            raise MigrationError(message)
        numbers.add(named[1])
    return [Migration(file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in found]


async def _apply_next(database: Database, migrations: list[Migration]) -> str | None:
    async with database.transaction() as tx:
        await tx.execute("SET LOCAL statement_timeout = 0")
        await tx.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await tx.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations ("
            " name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        waiting = _unapplied(migrations, await _applied(tx))
        if not waiting:
            return None
        await tx.execute(waiting[0].sql)
        await tx.execute(
            "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)",
            waiting[0].name,
            waiting[0].checksum,
        )
        return waiting[0].name


async def _applied(connection: Connection) -> dict[str, str]:
    rows = await connection.fetch("SELECT name, checksum FROM schema_migrations")
    return {row["name"]: row["checksum"] for row in rows}


def _unapplied(migrations: list[Migration], applied: dict[str, str]) -> list[Migration]:
    for migration in migrations:
        if applied.get(migration.name, migration.checksum) != migration.checksum:
            message = (
                f"{migration.name} was edited after it had been applied: undo the edit, add a new migration"
            )
            raise MigrationError(message)
    return [migration for migration in migrations if migration.name not in applied]
