"""Telling others of what was committed: nobody's commit waits for it, and it is not forgotten."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.journeys.world import until
from gateway.storage.quiet import way_to
from postgres_fixtures import QUICK, execute
from smarts.gateway.storage.database import Database, StorageUnavailableError
from smarts.gateway.storage.embedded import SUPERUSER, embedded_postgres
from smarts.gateway.storage.notices import Notices
from smarts.gateway.storage.telling import tell

_WAIT_FOR_STANDBYS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
_END_WAITS = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


async def test_no_commit_waits_for_another_one_that_tells(directory: Path) -> None:
    """While one commit waits for its standby, another one that tells as well goes through, and is told of."""
    settings = QUICK | {"synchronous_standby_names": "nobody", "synchronous_commit": "local"}
    async with embedded_postgres(directory, settings=settings, on_progress=lambda _: None) as server:
        await execute(server, "CREATE TABLE notes (text text)")
        async with (
            Database.open(server.url(SUPERUSER)) as database,
            Notices.open(server.url(SUPERUSER), channels=("notes",)) as notices,
        ):

            async def write(text: str, synchronous: str) -> None:
                async with database.transaction() as tx:
                    await tx.execute("SELECT set_config('synchronous_commit', $1, true)", synchronous)
                    await tx.execute("INSERT INTO notes VALUES ($1)", text)
                    tell(tx, "notes", text)

            waiting = asyncio.create_task(write("first", "on"))
            async with database.connection() as administrator, asyncio.timeout(60):
                await until(lambda: administrator.fetchval(_WAIT_FOR_STANDBYS))
                with notices.subscribe("notes", "second") as subscription:
                    await subscription.changed()  # the very first look
                    await write("second", "local")
                    await subscription.changed()
                assert not waiting.done()
                await administrator.execute(_END_WAITS)
                with pytest.raises(StorageUnavailableError):
                    await waiting


async def test_what_cannot_be_sent_waits(database_url: str) -> None:
    """What was told while the way to the database swallows everything is sent once it does so no more."""
    timeout = timedelta(seconds=0.2)
    async with (
        way_to(database_url) as way,
        Database.open(way.url, statement_timeout=timeout) as database,
        Notices.open(database_url, channels=("cart",)) as notices,
    ):
        with notices.subscribe("cart", "1") as subscription:
            async with asyncio.timeout(60):
                await subscription.changed()  # the very first look
                await subscription.changed()  # listening has begun
                async with database.connection() as connection:
                    tell(connection, "cart", "1")
                    way.go_silent()
                with pytest.raises(StorageUnavailableError):
                    async with database.connection() as connection:
                        await connection.fetchval("SELECT 1")
                way.open.set()
                await subscription.changed()


async def test_what_is_left_is_sent_at_the_end(database_url: str) -> None:
    """A pool that is closed right after something was told of sends it all the same."""
    async with Notices.open(database_url, channels=("cart",)) as notices:
        with notices.subscribe("cart", "1") as subscription:
            await subscription.changed()  # the very first look
            await subscription.changed()  # listening has begun
            async with Database.open(database_url) as database, database.connection() as connection:
                tell(connection, "cart", "1")
            async with asyncio.timeout(60):
                await subscription.changed()


async def test_a_subscriber_looks_again_though_nobody_tells(database_url: str) -> None:
    """A notice may be lost with the process that was to send it, so subscribers look from time to time."""
    looks = 0
    often = timedelta(milliseconds=10)
    async with (
        Notices.open(database_url, channels=("cart",), look_again=often) as notices,
        asyncio.timeout(60),
    ):
        with notices.subscribe("cart", "1") as subscription:
            async for _ in subscription:
                looks += 1
                if looks == 5:
                    break
    assert looks == 5
