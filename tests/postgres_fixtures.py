"""Fixtures of a real PostgreSQL: one server a test process, and a migrated database of its own for each test."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import SUPERUSER, EmbeddedPostgres, embedded_postgres
from smarts.gateway.storage.migrations import migrate

TEMPLATE = "migrated"
_numbers = count(1)

# What is written need not survive a power cut here.
QUICK = {"fsync": "off", "full_page_writes": "off", "max_connections": "200", "shared_buffers": "64MB"}


async def execute(server: EmbeddedPostgres, statement: str) -> None:
    """Run a statement that concerns the whole server."""
    connection = await asyncpg.connect(server.url(SUPERUSER))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def reachable_directory() -> Iterator[Path]:
    """A temporary directory that the server's account can reach when tests run as root, unlike pytest's own."""
    with TemporaryDirectory(prefix="smarts-tests-") as path:
        Path(path).chmod(0o711)
        yield Path(path) / "database"


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """Where the run's server keeps its data."""
    yield from reachable_directory()


@pytest.fixture
def directory() -> Iterator[Path]:
    """Where a test's own server can keep its data."""
    yield from reachable_directory()


@pytest.fixture(scope="session")
async def postgres(server_directory: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server for the whole run, with a migrated database to copy."""
    async with embedded_postgres(server_directory, settings=QUICK, on_progress=lambda _: None) as server:
        await execute(server, f"CREATE DATABASE {TEMPLATE}")
        async with Database.open(server.url(TEMPLATE), connections=1) as database:
            await migrate(database)
        yield server


@pytest.fixture
async def empty_database_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The URL of a database without any tables."""
    async for url in database_urls(postgres, "template1"):
        yield url


@pytest.fixture
async def database_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The URL of a migrated database that only this test uses."""
    async for url in database_urls(postgres, TEMPLATE):
        yield url


async def database_urls(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    """The URL of a copy of a database, until the next one is asked for."""
    name = f"test_{next(_numbers)}"
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield postgres.url(name)
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on the test's own database."""
    async with Database.open(database_url) as opened:
        yield opened
