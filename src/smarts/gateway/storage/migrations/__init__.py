"""The schema's history: ordered SQL files, each applied once, in a transaction of its own.

Files are named `NNNN_title.sql`. What has been applied is kept with a checksum in the table `schema_migrations`. A file
that an older release does not know is no error, so that old processes keep running while new ones are started.

A file that begins with `-- outside a transaction` is for what PostgreSQL does in none (`CREATE INDEX CONCURRENTLY`).
Its statements, each of which ends with a line's `;`, are done one by one, and all of them anew after a failure.

A migration that waits for a table makes all who come after it wait, too. So it gives up after two seconds, and tries
again, for as long as a copy of the database may take that is being made.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

import asyncpg
import structlog

from smarts.edge.failures import ExplainedError
from smarts.gateway.storage.database import Connection, Database
from smarts.gateway.storage.fence import make_role

log = structlog.get_logger(__name__)

OURS = files(__name__)

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_LOCK = (
    7_305_815_013  # an arbitrary number: whoever migrates this database holds the advisory lock of this name
)
_LOOK_AGAIN_SECONDS = 0.1
_LOCK_TIMEOUT_MILLISECONDS = 2_000
_TRY_AGAIN_SECONDS = 1
_TRIES = 1_200  # about an hour
_TABLE = (
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    " name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
)


class MigrationError(ExplainedError):
    """The files and what has been applied do not fit together; the text says which and how."""


@dataclass(frozen=True)
class Migration:
    """One file."""

    name: str
    sql: str

    @property
    def is_outside(self) -> bool:
        """Whether its statements are done one by one, in no transaction."""
        return self.sql.startswith("-- outside a transaction\n")

    @property
    def checksum(self) -> str:
        """What tells an edited file from the one that was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


async def migrate(database: Database, folder: Traversable = OURS) -> list[str]:
    """Bring the schema up to date and return the names of the migrations applied now, in order.

    Several processes may call this at the same time: one works, the others wait and then find nothing to do.

    Raises:
        MigrationError: an applied file was edited since, or file names are not in order.
        FenceMissingError: an administrator has to make a role first; the text says how.
        StorageUnavailableError: the database cannot be reached.
    """
    applied: list[str] = []
    migrations = load(folder)
    async with database.connection() as connection, _alone(connection):
        await connection.execute(_TABLE)
        waiting = _unapplied(migrations, await _applied(connection))
        if waiting:
            await make_role(connection)
        for migration in waiting:
            await _apply(connection, migration)
            log.info("migration applied", migration=migration.name)
            applied.append(migration.name)
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


@asynccontextmanager
async def _alone(connection: Connection) -> AsyncIterator[None]:
    """Until the end of the block nobody else migrates this database, and statements take as long as they take.

    Asks again and again instead of waiting inside a statement: an index that is made `CONCURRENTLY` waits for those.
    """
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110 - another process
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    try:
        await connection.execute("SET statement_timeout = 0")
        yield
    finally:
        with suppress(
            asyncpg.InterfaceError, asyncpg.PostgresConnectionError
        ):  # a lost connection holds no lock
            await connection.execute("RESET statement_timeout")
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def _apply(connection: Connection, migration: Migration) -> None:
    if migration.is_outside:
        for statement in re.split(r";\s*$", migration.sql, flags=re.MULTILINE):
            if statement.strip():
                await connection.execute(statement)
        await _note(connection, migration)
        return
    for left in reversed(range(_TRIES)):
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT_MILLISECONDS}")
                await connection.execute(migration.sql)
                await _note(connection, migration)
            return
        except asyncpg.LockNotAvailableError:
            if not left:
                raise
            log.warning("waiting for a table that somebody uses", migration=migration.name)
            await asyncio.sleep(_TRY_AGAIN_SECONDS)


async def _note(connection: Connection, migration: Migration) -> None:
    await connection.execute(
        "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)", migration.name, migration.checksum
    )


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
