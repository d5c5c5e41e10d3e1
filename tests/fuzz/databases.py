"""A database for a run that is not one of pytest's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from postgres_fixtures import QUICK
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import embedded_postgres
from smarts.gateway.storage.migrations import migrate


@asynccontextmanager
async def migrated_database() -> AsyncIterator[str]:
    """The URL of a database with all tables."""
    with TemporaryDirectory(prefix="smarts-fuzz-") as folder:
        Path(folder).chmod(0o711)  # noqa: ASYNC240 - at once; the server's account has to reach it where this is root's
        async with embedded_postgres(
            Path(folder) / "database", settings=QUICK, on_progress=lambda _: None
        ) as server:
            async with Database.open(server.url(), connections=1) as database:
                await migrate(database)
            yield server.url()
