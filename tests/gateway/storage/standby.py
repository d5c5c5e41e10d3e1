"""A server with a synchronous standby that can be made to stand still."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg
import psutil

from gateway.journeys.world import until
from gateway.storage.pooler import as_owner_of
from postgres_fixtures import QUICK, execute
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import PROGRAMS, SUPERUSER, EmbeddedPostgres, embedded_postgres
from smarts.gateway.storage.migrations import migrate

T = TypeVar("T")

_END_WAITS = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@dataclass
class Pair:
    """The primary, whose commits wait for the standby; `receiver` is what writes there."""

    primary: EmbeddedPostgres
    standby: EmbeddedPostgres
    receiver: psutil.Process
    serving: psutil.Process
    """The primary's first process."""

    def stop(self) -> None:
        """From now on the standby confirms nothing."""
        self.receiver.suspend()

    def go_on(self) -> None:
        """It confirms again, and all that it has not until now."""
        self.receiver.resume()

    async def lose_primary(self) -> None:
        """The primary loses its power, and what the standby has not received is gone; that one takes over."""
        self.serving.send_signal(signal.SIGQUIT)
        await asyncio.to_thread(self.serving.wait)
        self.receiver.kill()  # what stands in its socket would still come, which from afar it does not
        await until(self._take_over)

    async def _take_over(self) -> bool:
        try:
            return bool(await _asked(self.standby, "SELECT pg_promote()"))
        except (OSError, asyncpg.PostgresError):  # it begins anew, since one of its processes was killed
            return False

    async def giving_up(self, asked: Awaitable[T]) -> T:
        """What is answered where no wait for the standby lasts."""
        asking = asyncio.ensure_future(asked)
        administrator = await asyncpg.connect(self.primary.url())

        async def is_answered() -> bool:
            await administrator.execute(_END_WAITS)
            return asking.done()

        try:
            await until(is_answered)
        finally:
            await administrator.close()
        return await asking

    async def until_waiting(self) -> None:
        """Until something waits for the standby."""
        administrator = await asyncpg.connect(self.primary.url())
        try:
            await until(lambda: administrator.fetchval(_WAITING))
        finally:
            await administrator.close()


@asynccontextmanager
async def pair(directory: Path) -> AsyncIterator[Pair]:
    """Both, with our tables."""
    async with embedded_postgres(directory, settings=QUICK, on_progress=lambda _: None) as primary:
        async with Database.open(primary.url(), connections=1) as database:
            await migrate(database)
        copy = await _copied(primary, directory)
        async with embedded_postgres(copy, settings=QUICK, on_progress=lambda _: None) as standby:
            receiver = psutil.Process(await until(lambda: _receiver(standby)))
            await execute(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'")
            await execute(primary, "SELECT pg_reload_conf()")
            await until(lambda: _is_synchronous(primary))
            try:
                yield Pair(primary, standby, receiver, _first_process(directory))
            finally:
                with suppress(psutil.NoSuchProcess):
                    receiver.resume()


def _first_process(directory: Path) -> psutil.Process:
    return psutil.Process(int((directory / "data" / "postmaster.pid").read_text().split()[0]))


async def _copied(primary: EmbeddedPostgres, directory: Path) -> Path:
    copy = _like(directory)
    process = await asyncio.create_subprocess_exec(
        PROGRAMS / "pg_basebackup", "--pgdata", copy / "data", "--host", primary.socket_directory,
        "--username", SUPERUSER, "--write-recovery-conf", "--checkpoint", "fast", "--no-sync",
        cwd="/", **as_owner_of(directory),
    )  # fmt: skip
    assert await process.wait() == 0
    return copy


def _like(directory: Path) -> Path:
    """A directory for another server, of the same account."""
    another = directory.with_name("standby")
    another.mkdir()
    (another / "owner.lock").touch()
    account = directory.stat()
    os.chown(another, account.st_uid, account.st_gid)
    return another


async def _receiver(standby: EmbeddedPostgres) -> int | None:
    return await _asked(standby, "SELECT pid FROM pg_stat_wal_receiver WHERE status = 'streaming'")


async def _is_synchronous(primary: EmbeddedPostgres) -> int | None:
    return await _asked(primary, "SELECT pid FROM pg_stat_replication WHERE sync_state = 'sync'")


async def _asked(server: EmbeddedPostgres, question: str) -> int | None:
    connection = await asyncpg.connect(server.url(SUPERUSER))
    try:
        number: int | None = await connection.fetchval(question)
    finally:
        await connection.close()
    return number
