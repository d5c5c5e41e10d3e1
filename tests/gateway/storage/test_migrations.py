"""The schema's history: applied once, in order, by one process at a time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import structlog

from smarts.gateway.storage.database import Database
from smarts.gateway.storage.migrations import MigrationError, migrate, pending

FIRST = ("0001_goods.sql", "CREATE TABLE goods (name text)")
SECOND = ("0002_price.sql", "ALTER TABLE goods ADD price numeric; INSERT INTO goods VALUES ('milk', 1.05)")


@pytest.fixture
async def empty(empty_database_url: str) -> AsyncIterator[Database]:
    async with Database.open(empty_database_url) as database:
        yield database


def folder(directory: Path, *files: tuple[str, str]) -> Path:
    for name, sql in files:
        (directory / name).write_text(sql)
    return directory


async def goods(database: Database) -> list[str]:
    async with database.connection() as connection:
        return [row["name"] for row in await connection.fetch("SELECT name FROM goods")]


async def test_migrations_are_applied_in_the_order_of_their_numbers(empty: Database, tmp_path: Path) -> None:
    """All files are applied, by number, and told."""
    assert await migrate(empty, folder(tmp_path, SECOND, FIRST)) == ["0001_goods", "0002_price"]
    assert await goods(empty) == ["milk"]


async def test_a_migration_is_applied_once(empty: Database, tmp_path: Path) -> None:
    """A second run does nothing, and a new file is applied alone."""
    await migrate(empty, folder(tmp_path, FIRST))
    assert await migrate(empty, tmp_path) == []
    assert await migrate(empty, folder(tmp_path, SECOND)) == ["0002_price"]


async def test_pending_tells_what_would_be_applied(empty: Database, tmp_path: Path) -> None:
    """Pending names the files not applied yet, on an empty database and later, and changes nothing."""
    assert await pending(empty, folder(tmp_path, FIRST)) == ["0001_goods"]
    await migrate(empty, tmp_path)
    assert await pending(empty, folder(tmp_path, SECOND)) == ["0002_price"]
    assert await pending(empty, tmp_path) == ["0002_price"]


async def test_processes_that_migrate_at_once_apply_everything_once(
    empty_database_url: str, tmp_path: Path
) -> None:
    """Of several processes that start together each migration is applied by exactly one."""
    folder(tmp_path, FIRST, SECOND)

    async def start() -> list[str]:
        async with Database.open(empty_database_url, connections=1) as database:
            return await migrate(database, tmp_path)

    applied = await asyncio.gather(*(start() for _ in range(8)))
    assert sorted(name for names in applied for name in names) == ["0001_goods", "0002_price"]


async def test_an_edited_migration_is_refused(empty: Database, tmp_path: Path) -> None:
    """A file that changed after it was applied is named, and nothing further is applied."""
    await migrate(empty, folder(tmp_path, FIRST))
    folder(tmp_path, ("0001_goods.sql", "CREATE TABLE goods (name text, price numeric)"), SECOND)
    for refused in (migrate, pending):
        with pytest.raises(MigrationError, match="0001_goods was edited"):
            await refused(empty, tmp_path)


async def test_a_migration_that_fails_leaves_nothing(empty: Database, tmp_path: Path) -> None:
    """A failing file is undone whole and stays pending, while those before it are kept."""
    half = ("0002_half.sql", "INSERT INTO goods VALUES ('half'); SELECT 1 / 0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty, folder(tmp_path, FIRST, half))
    assert await goods(empty) == []
    assert await pending(empty, tmp_path) == ["0002_half"]


async def test_an_older_release_works_on_a_newer_schema(empty: Database, tmp_path: Path) -> None:
    """What a newer release applied is no concern of an older one that does not have the file."""
    await migrate(empty, folder(tmp_path, FIRST, SECOND))
    (tmp_path / SECOND[0]).unlink()
    assert await migrate(empty, tmp_path) == []


async def test_an_index_is_made_beside_those_who_write(empty_database_url: str, tmp_path: Path) -> None:
    """A file outside a transaction makes an index concurrently, also where several processes migrate at once."""
    index = "DROP INDEX CONCURRENTLY IF EXISTS by_name;\nCREATE INDEX CONCURRENTLY by_name ON goods (name);\n"
    folder(tmp_path, FIRST, ("0002_index.sql", f"-- outside a transaction\n{index}"))

    async def start() -> list[str]:
        async with Database.open(empty_database_url, connections=1) as database:
            return await migrate(database, tmp_path)

    applied = await asyncio.gather(*(start() for _ in range(4)))
    assert sorted(name for names in applied for name in names) == ["0001_goods", "0002_index"]
    async with Database.open(empty_database_url) as database, database.connection() as connection:
        assert await connection.fetchval(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_name'::regclass"
        )


async def test_a_migration_does_not_hold_up_readers(empty: Database, tmp_path: Path) -> None:
    """While somebody uses a table for long, a migration of it lets others by, and is done in the end."""
    await migrate(empty, folder(tmp_path, FIRST))
    async with empty.transaction() as long:
        await long.execute("LOCK TABLE goods IN ACCESS SHARE MODE")
        migrating = asyncio.create_task(migrate(empty, folder(tmp_path, SECOND)))
        with structlog.testing.capture_logs() as logs:
            while not any(line["event"].startswith("waiting") for line in logs):
                await goods(empty)
        assert not migrating.done()
    assert await migrating == ["0002_price"]


@pytest.mark.parametrize("name", ["1_goods.sql", "0001-goods.sql", "0001_Goods.sql"])
async def test_a_name_out_of_order_is_refused(empty: Database, tmp_path: Path, name: str) -> None:
    """A file whose name is not NNNN_title.sql is refused by name."""
    with pytest.raises(MigrationError, match=name):
        await migrate(empty, folder(tmp_path, (name, "SELECT 1")))


async def test_a_number_used_twice_is_refused(empty: Database, tmp_path: Path) -> None:
    """Two files of one number have no order, so they are refused."""
    with pytest.raises(MigrationError, match="0001_other"):
        await migrate(empty, folder(tmp_path, FIRST, ("0001_other.sql", "SELECT 1")))


async def test_our_own_schema_is_complete(database: Database) -> None:
    """The database that tests are given has every migration of this release."""
    assert await pending(database) == []


async def test_what_is_referred_to_is_deleted_without_reading_all_that_may_refer_to_it(
    database_url: str,
) -> None:
    """Each reference has an index that begins with it, except those to stores, which are never deleted."""
    async with Database.open(database_url, connections=1) as database, database.connection() as connection:
        rows = await connection.fetch(
            "SELECT conrelid::regclass || '.' || attname FROM pg_constraint"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE contype = 'f' AND confrelid <> 'institutions'::regclass AND NOT EXISTS (SELECT FROM pg_index"
            " WHERE indrelid = conrelid AND indkey[0] = conkey[1] AND indpred IS NULL)"
        )
    assert [row[0] for row in rows] == []
