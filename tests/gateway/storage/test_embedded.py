"""The embedded server: kept data, one owner, and no process left behind however its owner ends."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import asyncpg
import psutil
import pytest

from smarts.gateway.storage.embedded import (
    DirectoryInUseError,
    EmbeddedPostgres,
    EmbeddedPostgresError,
    embedded_postgres,
)

OWNER = """
import asyncio, sys
from pathlib import Path
from smarts.gateway.storage.embedded import embedded_postgres

async def main():
    async with embedded_postgres(Path(sys.argv[1]), settings={"fsync": "off"}, on_progress=lambda _: None):
        print("ready", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@asynccontextmanager
async def connected(server: EmbeddedPostgres) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(server.url())
    try:
        yield connection
    finally:
        await connection.close()


def silently(_: str) -> None:
    pass


quick = partial(embedded_postgres, settings={"fsync": "off"}, on_progress=silently)


async def owning(directory: Path) -> asyncio.subprocess.Process:
    """A process that owns the directory, once its server is ready."""
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(directory), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert owner.stdout is not None
    while (line := await owner.stdout.readline()) != b"ready\n":
        assert line, "the owner ended"
    return owner


def servers(directory: Path) -> list[psutil.Process]:
    """The server processes on a directory, and their guardians."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(directory / "data") in process.cmdline():
                found.append(process)
    return found


async def test_a_second_start_finds_the_data_of_the_first(directory: Path) -> None:
    """Data are kept from one run to the next, and each run leaves no process."""
    async with quick(directory) as server, connected(server) as connection:
        await connection.execute("CREATE TABLE kept AS SELECT 'milk' AS name")
    assert servers(directory) == []
    async with quick(directory) as server, connected(server) as connection:
        assert await connection.fetchval("SELECT name FROM kept") == "milk"
    assert servers(directory) == []


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_the_server_ends_with_its_owner(directory: Path, sent: signal.Signals) -> None:
    """However the owner is ended, its server stops by itself, and the next start is a clean one."""
    owner = await owning(directory)
    running = servers(directory)
    assert running
    owner.send_signal(sent)
    await owner.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, running, timeout=30)
    assert alive == []
    async with quick(directory) as server, connected(server) as connection:
        assert await connection.fetchval("SELECT pg_is_in_recovery()") is False


async def test_a_start_right_after_a_kill_waits_for_the_old_server(directory: Path) -> None:
    """A start that comes while the old server is still stopping neither fails nor disturbs it."""
    owner = await owning(directory)
    owner.kill()
    await owner.wait()
    async with quick(directory) as server, connected(server) as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_second_owner_is_told_who_the_first_is_and_how_to_share(directory: Path) -> None:
    """A directory has one owner; the error names its process and a URL that works."""
    async with quick(directory) as server:
        with pytest.raises(DirectoryInUseError) as refused:
            async with quick(directory):
                pass
        assert f"process {os.getpid()} " in str(refused.value)
        assert server.url() in str(refused.value)
        async with connected(server) as connection:
            assert await connection.fetchval("SELECT 1") == 1


async def test_a_directory_with_a_long_name_works(directory: Path) -> None:
    """A path too long for a socket is no obstacle, and neither are blanks and letters beyond ASCII."""
    long = directory / ("poe andmed õ " * 10).strip()
    async with quick(long) as server, connected(server) as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_what_is_committed_is_on_the_disk(directory: Path) -> None:
    """The server is as durable as PostgreSQL can be."""
    async with embedded_postgres(directory, on_progress=silently) as server, connected(server) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await connection.fetchval(f"SHOW {setting}") == "on"


async def test_only_the_owner_can_open_the_socket(directory: Path) -> None:
    """The server asks for no password, so its socket and its data are closed to other accounts."""
    async with quick(directory) as server:
        for closed in (server.socket_directory / ".s.PGSQL.5432", directory):
            mode = (await asyncio.to_thread(closed.stat)).st_mode
            assert mode & 0o077 == 0


async def test_a_server_that_cannot_start_says_why(directory: Path) -> None:
    """The error ends with what the server itself said."""
    with pytest.raises(EmbeddedPostgresError, match="shared_buffers"):
        async with quick(directory, settings={"fsync": "off", "shared_buffers": "many"}):
            pass


async def test_progress_is_told_in_words(directory: Path) -> None:
    """The first start says what takes its time."""
    told: list[str] = []
    async with quick(directory, on_progress=told.append):
        assert told == ["creating the database cluster", "starting PostgreSQL"]


async def test_a_directory_that_holds_other_things_is_left_alone(directory: Path) -> None:
    """A mistaken path is refused before anything in it, or its permissions, is changed."""
    await asyncio.to_thread(directory.mkdir, 0o755)
    await asyncio.to_thread((directory / "letter.txt").touch)
    before = await asyncio.to_thread(directory.stat)
    with pytest.raises(EmbeddedPostgresError, match="holds other things"):
        async with quick(directory):
            pass
    after = await asyncio.to_thread(directory.stat)
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)
    assert await asyncio.to_thread(os.listdir, directory) == ["letter.txt"]
