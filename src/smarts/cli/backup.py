"""`smarts backup` and `smarts restore`: the whole database as one file, and back."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import structlog

from smarts.cli.database import bring_up_to_date, database_url
from smarts.cli.output import CommandFailedError, print_document
from smarts.cli.parameters import ReadableFile
from smarts.cli.running import run
from smarts.edge.logs import log_to_standard_error
from smarts.gateway.settings import Settings
from smarts.gateway.storage.backups import back_up, contents
from smarts.gateway.storage.backups import restore as read_back

log = structlog.get_logger(__name__)

_NOTE = "The file holds tokens and personal data: keep it as you keep the database."


def backup(file: Path, /, *, json: bool = False) -> None:
    """Write a copy of the whole database to a file, as it is at one moment, while everything goes on.

    It is an archive of `pg_dump --format=custom`. Example: `smarts backup smarts-2026-11-28.dump`.

    Parameters
    ----------
    file:
        Where to; a file that is there already is left alone, and the command fails.
    json:
        Print as JSON how large it is, and from when: whatever was done before that moment is in it.
    """
    log_to_standard_error()
    run(_back_up(Settings.from_environment(), file, json=json))


async def _back_up(settings: Settings, file: Path, *, json: bool) -> None:
    if await asyncio.to_thread(file.exists):
        raise CommandFailedError(f"{file} is there already: name a new file")
    began = datetime.now(UTC)
    async with database_url(settings, log.debug) as url:
        await back_up(url, file)
    size = (await asyncio.to_thread(file.stat)).st_size
    made = {"file": str(file), "asOf": began.isoformat(timespec="seconds"), "bytes": size}
    print_document(made, json=json, note=_NOTE)


def restore(file: ReadableFile, /, *, json: bool = False) -> None:
    """Read a copy that `smarts backup` or `pg_dump` made into an empty database, and bring its tables up to date.

    The database is the one of SMARTS_DATABASE_URL, or an embedded one in SMARTS_DATA. What was done after the copy was
    made is not in it. Example: `SMARTS_DATA=.smarts/restored smarts restore smarts-2026-11-28.dump`.

    Parameters
    ----------
    file:
        The copy.
    json:
        Print as JSON what the database holds now.
    """
    log_to_standard_error()
    run(_restore(Settings.from_environment(), file, json=json))


async def _restore(settings: Settings, file: Path, *, json: bool) -> None:
    async with database_url(settings, log.debug) as url:
        await read_back(url, file)
        await bring_up_to_date(url)
        held = await contents(url)
    if held.unbalanced:
        raise CommandFailedError(
            f"{held.unbalanced} steps of the ledger do not balance in this copy: use another one"
        )
    print_document({"file": str(file), **asdict(held)}, json=json)
