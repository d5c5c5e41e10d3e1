"""What the commands that run servers share: the database, stopping, ports."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
import uvloop

from smarts.cli.output import CommandFailedError
from smarts.gateway.settings import Settings
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import DirectoryInUseError, EmbeddedPostgres, embedded_postgres
from smarts.gateway.storage.migrations import migrate

STOP_WITH_PARENT = "SMARTS_STOP_WITH_PARENT"

log = structlog.get_logger(__name__)


def run(command: Coroutine[Any, Any, None]) -> None:
    """Runs a command's coroutine to its end."""
    uvloop.run(command)


@asynccontextmanager
async def database_url(
    settings: Settings, on_progress: Callable[[str], None] = log.info
) -> AsyncIterator[str]:
    """The URL of the database: the one that is set, or an embedded one, which may be running already."""
    if settings.database_url:
        yield settings.database_url
        return
    directory = Path(os.path.abspath(settings.data))  # noqa: PTH100, ASYNC240 - looks at no file
    try:
        async with embedded_postgres(directory, on_progress=on_progress) as server:
            yield server.url()
    except DirectoryInUseError:
        yield EmbeddedPostgres(directory).url()


@asynccontextmanager
async def migrated_database_url(
    settings: Settings, on_progress: Callable[[str], None] = log.info
) -> AsyncIterator[str]:
    """The URL of the database, with its tables."""
    async with database_url(settings, on_progress) as url:
        async with Database.open(url, connections=2) as database:
            await migrate(database)
        yield url


def require_free_port(host: str, port: int, option: str) -> None:
    """Says in words that a port is taken, before anything is started.

    Raises:
        CommandFailedError: another program listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandFailedError(
                f"port {port} on {host} cannot be used ({os.strerror(error.errno or 0)}): "
                f"stop the program that uses it, or choose another one with {option}"
            ) from None


async def until_stopped() -> None:
    """Waits for SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def stop_with_parent() -> None:
    """Makes this process stop when the one that started it is gone: the pipe between them is closed then."""
    if os.environ.get(STOP_WITH_PARENT):
        threading.Thread(target=_terminate_at_end_of_input, daemon=True).start()


def _terminate_at_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
