"""The gateway's database, as commands use it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import asyncpg
import structlog

from smarts.cli.output import CommandFailedError
from smarts.cli.running import run
from smarts.edge.logs import log_to_standard_error
from smarts.gateway.app import Gateway, open_gateway
from smarts.gateway.settings import Settings
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import DirectoryInUseError, EmbeddedPostgres, embedded_postgres
from smarts.gateway.storage.fence import require_fence
from smarts.gateway.storage.migrations import migrate
from smarts.wire.errors import ProblemError

T = TypeVar("T")

log = structlog.get_logger(__name__)


@asynccontextmanager
async def database_url(
    settings: Settings, on_progress: Callable[[str], None] = log.info, *, shared: bool = True
) -> AsyncIterator[str]:
    """The URL of the database past any pooler, or of an embedded one, which may be running already if `shared`.

    Raises:
        CommandFailedError: the folder of the embedded one cannot be used.
        DirectoryInUseError: another process runs the embedded one, and it is not `shared`.
    """
    async with AsyncExitStack() as stack:
        given = settings.direct_database_url or settings.database_url
        yield given or await _embedded_url(settings, on_progress, stack, shared=shared)


async def _embedded_url(
    settings: Settings, on_progress: Callable[[str], None], stack: AsyncExitStack, *, shared: bool
) -> str:
    directory = Path(os.path.abspath(settings.data))  # noqa: PTH100, ASYNC240 - looks at no file
    try:
        server = await stack.enter_async_context(embedded_postgres(directory, on_progress=on_progress))
    except DirectoryInUseError:
        if not shared:
            raise
        server = EmbeddedPostgres(directory)
    except OSError as error:
        raise CommandFailedError(f"SMARTS_DATA: the database cannot be in {directory}: {error}") from None
    return server.url()


async def bring_up_to_date(url: str) -> list[str]:
    """Applies the migrations that the database lacks, and gives their names.

    Raises:
        FenceMissingError: what keeps stores apart is missing, and an administrator has to make it.
        CommandFailedError: the database refuses: an account or a name that it does not know, an address that is none.
    """
    try:
        async with Database.open(url, connections=2) as database:
            applied = await migrate(database)
            await require_fence(database)
            return applied
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CommandFailedError(f"the database in SMARTS_DATABASE_URL cannot be used: {error}") from None


@asynccontextmanager
async def migrated_database_url(
    settings: Settings, on_progress: Callable[[str], None] = log.info, *, shared: bool = True
) -> AsyncIterator[str]:
    """The URL of the database, with its tables, through a pooler where one is set.

    Raises as `database_url` and `bring_up_to_date` do.
    """
    async with database_url(settings, on_progress, shared=shared) as url:
        await bring_up_to_date(url)
        yield settings.database_url or url


def with_gateway(command: Callable[[Gateway], Awaitable[T]]) -> T:
    """Does something with the gateway's parts, in this process and on its database, and gives what it gave.

    Raises:
        CommandFailedError: the gateway refused; the message says why.
    """
    answers: list[T] = []
    log_to_standard_error()

    async def body() -> None:
        settings = Settings.from_environment()
        async with migrated_database_url(settings, log.debug) as url, open_gateway(settings, url) as gateway:
            answers.append(await command(gateway))

    try:
        run(body())
    except ProblemError as error:
        raise CommandFailedError(error.problem.detail) from None
    return answers[0]
