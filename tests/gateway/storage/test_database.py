"""Borrowing connections: what is committed, and what an unavailable database looks like."""

import asyncio
from datetime import timedelta
from pathlib import Path

import asyncpg
import psutil
import pytest

from gateway.journeys.world import until
from gateway.storage.quiet import way_to
from postgres_fixtures import QUICK, execute
from smarts.gateway.storage.database import Database, StorageUnavailableError
from smarts.gateway.storage.embedded import SUPERUSER, embedded_postgres

_END_WAITS_FOR_STANDBYS = (
    "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
)


async def notes(database: Database) -> list[str]:
    async with database.connection() as connection:
        return [row["text"] for row in await connection.fetch("SELECT text FROM notes ORDER BY text")]


@pytest.fixture
async def noted(database: Database) -> Database:
    async with database.connection() as connection:
        await connection.execute("CREATE TABLE notes (text text PRIMARY KEY)")
    return database


async def cut_off_others(database_url: str) -> None:
    """Ends all other connections, and returns when their server processes are gone and their ends have arrived."""
    connection = await asyncpg.connect(database_url)
    ended = await connection.fetch(
        "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await until(lambda: not any(psutil.pid_exists(row["pid"]) for row in ended))
    for _ in range(3):  # each answer comes after what had arrived before it was asked for
        await connection.execute("SELECT 1")
    await connection.close()


async def test_a_transaction_is_committed_at_the_end_of_its_block(noted: Database) -> None:
    """What a transaction wrote is there once its block has ended, and for nobody before."""
    async with noted.transaction() as tx:
        await tx.execute("INSERT INTO notes VALUES ('one')")
        assert await notes(noted) == []
    assert await notes(noted) == ["one"]


async def test_an_exception_rolls_the_transaction_back(noted: Database) -> None:
    """An exception that leaves the block undoes the transaction and arrives as it is."""

    async def fail() -> None:
        async with noted.transaction() as tx:
            await tx.execute("INSERT INTO notes VALUES ('one')")
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await notes(noted) == []


async def test_a_violated_constraint_is_told_as_it_is(noted: Database) -> None:
    """Mistakes in what is written are not mistaken for an unavailable database."""
    with pytest.raises(asyncpg.UniqueViolationError):
        async with noted.transaction() as tx:
            await tx.execute("INSERT INTO notes VALUES ('one'), ('one')")


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    """Opening a database nobody serves is a StorageUnavailableError."""
    with pytest.raises(StorageUnavailableError):
        async with Database.open("postgresql://postgres@/none?host=/nowhere"):
            pass


async def test_a_broken_connection_is_unavailable_and_the_next_one_works(
    noted: Database, database_url: str
) -> None:
    """A connection cut off in the middle is a StorageUnavailableError, and the pool replaces it."""

    async def be_cut_off() -> None:
        async with noted.transaction() as tx:
            await tx.execute("INSERT INTO notes VALUES ('lost')")
            await cut_off_others(database_url)
            await tx.execute("INSERT INTO notes VALUES ('too')")

    with pytest.raises(StorageUnavailableError):
        await be_cut_off()
    assert await notes(noted) == []


async def test_an_idle_connection_that_was_cut_off_is_replaced_without_notice(
    noted: Database, database_url: str
) -> None:
    """A connection that broke while nobody used it troubles nobody."""
    await cut_off_others(database_url)
    assert await notes(noted) == []


async def test_a_statement_that_takes_too_long_is_unavailable(database_url: str) -> None:
    """The statement timeout ends a statement, and its caller is told to try again later."""
    async with Database.open(database_url, statement_timeout=timedelta(milliseconds=50)) as database:
        with pytest.raises(StorageUnavailableError):
            async with database.connection() as connection:
                await connection.execute("SELECT pg_sleep(60)")


@pytest.mark.parametrize("in_a_transaction", [False, True])
async def test_what_the_standby_has_not_confirmed_is_not_acknowledged(
    directory: Path, *, in_a_transaction: bool
) -> None:
    """Where somebody ends PostgreSQL's wait for the standby it reports success; whoever wrote is told to ask again."""
    settings = QUICK | {"synchronous_standby_names": "nobody", "synchronous_commit": "local"}
    async with embedded_postgres(directory, settings=settings, on_progress=lambda _: None) as server:
        await execute(server, "CREATE TABLE notes (text text)")
        await execute(server, f"ALTER ROLE {SUPERUSER} SET synchronous_commit = 'on'")
        async with Database.open(server.url(SUPERUSER)) as database, database.connection() as administrator:

            async def write() -> None:
                borrow = database.transaction if in_a_transaction else database.connection
                async with borrow() as connection:
                    await connection.execute("INSERT INTO notes VALUES ('one')")

            writing = asyncio.create_task(write())
            await until(lambda: administrator.fetchval(_END_WAITS_FOR_STANDBYS))
            with pytest.raises(StorageUnavailableError, match="standby"):
                await writing
            assert await notes(database) == ["one"]  # here, though nowhere else


async def test_a_connection_that_leads_to_a_standby_is_given_up(noted: Database) -> None:
    """After a failover a writer is told to ask again, and its next connection leads elsewhere."""
    async with noted.connection() as connection:
        await connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    with pytest.raises(StorageUnavailableError):
        async with noted.transaction() as tx:
            await tx.execute("INSERT INTO notes VALUES ('one')")
    async with noted.transaction() as tx:
        await tx.execute("INSERT INTO notes VALUES ('two')")
    assert await notes(noted) == ["two"]


async def test_waiting_too_long_for_a_free_connection_is_unavailable(database_url: str) -> None:
    """A pool that stays busy answers in bounded time."""
    async with (
        Database.open(database_url, connections=1, acquire_timeout=timedelta(milliseconds=50)) as database,
        database.connection(),
    ):
        with pytest.raises(StorageUnavailableError):
            async with database.connection():
                pass


async def test_a_free_connection_is_waited_for(database_url: str) -> None:
    """More users than connections are served one after the other."""
    async with Database.open(database_url, connections=2) as database:

        async def ask(number: int) -> int:
            async with database.connection() as connection:
                return int(await connection.fetchval("SELECT $1::int", number))

        assert await asyncio.gather(*(ask(number) for number in range(20))) == list(range(20))


async def test_cancelling_a_user_gives_the_connection_back(database_url: str) -> None:
    """A cancelled transaction is rolled back and its connection is free again."""
    async with Database.open(database_url, connections=1) as database:
        began = asyncio.Event()

        async def hold() -> None:
            async with database.transaction() as tx:
                began.set()
                await tx.execute("SELECT pg_sleep(60)")

        task = asyncio.create_task(hold())
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with database.connection() as connection:
            assert await connection.fetchval("SELECT 1") == 1


async def test_connections_are_named_and_speak_utc(database_url: str) -> None:
    """The server's views show who is connected, and times are in UTC whatever the server's zone."""
    async with (
        Database.open(database_url, application_name="smarts worker") as database,
        database.connection() as connection,
    ):
        assert await connection.fetchval("SHOW application_name") == "smarts worker"
        assert await connection.fetchval("SHOW timezone") == "UTC"


@pytest.mark.parametrize("within_transaction", [True, False])
async def test_a_database_that_goes_silent_holds_nobody_up(
    database_url: str, *, within_transaction: bool
) -> None:
    """Where the way to the database swallows everything, whoever waits is told so in time, and goes on after."""
    timeout = timedelta(seconds=0.2)
    async with way_to(database_url) as way, Database.open(way.url, statement_timeout=timeout) as database:

        async def ask() -> None:
            borrow = database.transaction() if within_transaction else database.connection()
            async with borrow as connection:
                way.go_silent()
                await connection.fetchval("SELECT 1")

        with pytest.raises(StorageUnavailableError):
            async with asyncio.timeout(60):
                await ask()
        way.open.set()
        async with database.connection() as connection:
            assert await connection.fetchval("SELECT 2") == 2
