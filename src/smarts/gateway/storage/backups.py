"""Copies of the whole database as PostgreSQL's own programs make them and read them back.

A copy is an archive of `pg_dump --format=custom`: one moment of the database, taken while everything goes on. Anybody's
`pg_restore` reads it.
"""

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from smarts.edge.failures import ExplainedError
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import PROGRAMS
from smarts.gateway.storage.fence import make_role

_OURS = (17, 18)  # the wheel's programs neither read nor write what older servers want, nor know newer ones


class BackupError(ExplainedError):
    """A copy could not be made or read back; the text says why."""


@dataclass(frozen=True)
class Contents:
    """What a database holds, as far as people want to compare it: `unbalanced` steps of the ledger are none, always."""

    stores: int
    purchases: int
    charged: str
    unbalanced: int
    waiting_messages: int
    migrations: int


async def back_up(url: str, file: Path) -> None:
    """Writes a copy of the database to a file that only its owner can read; all or nothing.

    Raises:
        BackupError: it could not be made.
    """
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.touch(mode=0o600)
    try:
        await _run("pg_dump", url, "--format=custom", f"--file={unfinished}")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


async def restore(url: str, file: Path) -> None:
    """Reads a copy into an empty database; all or nothing.

    Raises:
        BackupError: the database is not empty, or the copy cannot be read.
        FenceMissingError: an administrator has to make a role first; the text says how.
    """
    if await _has_tables(url):
        raise BackupError(
            "the database is not empty: restore into a new one, and keep the old one until you are sure"
        )
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    async with Database.open(url, connections=1) as database, database.connection() as connection:
        await make_role(connection)
        await _run("pg_restore", url, *options, str(file))
        if await connection.fetchval("SELECT to_regproc('grant_to_stores') IS NOT NULL"):
            await connection.execute("SELECT grant_to_stores()")


async def contents(url: str) -> Contents:
    """What a database holds."""
    async with Database.open(url, connections=1) as database, database.connection() as connection:
        row = await connection.fetchrow(
            """
            SELECT (SELECT count(*) FROM institutions) AS stores,
                (SELECT count(*) FROM invoices) AS purchases,
                (SELECT coalesce(string_agg(charged, ', ' ORDER BY charged), '0') FROM (
                    SELECT -sum(amount) || ' ' || currency AS charged FROM ledger_entries
                    WHERE account = 'sales' GROUP BY currency) AS sums) AS charged,
                (SELECT count(*) FROM (SELECT FROM ledger_entries GROUP BY step_id, currency
                    HAVING sum(amount) <> 0) AS steps) AS unbalanced,
                (SELECT count(*) FROM outbox_messages WHERE state = 'waiting') AS waiting_messages,
                (SELECT count(*) FROM schema_migrations) AS migrations
            """
        )
    assert row is not None
    return Contents(**dict(row))


async def _has_tables(url: str) -> bool:
    async with Database.open(url, connections=1) as database, database.connection() as connection:
        return bool(
            await connection.fetchval(
                "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))"
            )
        )


async def _run(name: str, url: str, *arguments: str) -> None:
    address, secrets = _without_password(url)
    process = await asyncio.create_subprocess_exec(
        await _program(name, url),
        f"--dbname={address}",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **secrets},
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise BackupError(f"{name} failed: {said.decode(errors='replace').strip()[-2000:]}")


async def _program(name: str, url: str) -> str:
    async with Database.open(url, connections=1) as database, database.connection() as connection:
        major = int(await connection.fetchval("SHOW server_version_num")) // 10_000
    if major in _OURS:
        return str(PROGRAMS / name)
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"the server is PostgreSQL {major}, which wants its own {name}: install its client programs"
        )
    return found


def _without_password(url: str) -> tuple[str, Mapping[str, str]]:
    """An address that everybody who lists processes may see, and the password for the environment."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, {}
    user, _, host = parts.netloc.rpartition("@")
    shown = urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}"))
    return shown, {"PGPASSWORD": unquote(parts.password)}
