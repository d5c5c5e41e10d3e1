"""A PgBouncer that pools transactions in front of the tests' PostgreSQL, where Debian's package is installed."""

import asyncio
import os
import pwd
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest

from gateway.journeys.world import until

SETTINGS = "SET statement_timeout = ''10s''; SET idle_in_transaction_session_timeout = ''10s''; SET jit = off"
_SETTINGS = """
[databases]
* = host={directory} port={port}{connect}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
server_login_retry = 1
"""


@asynccontextmanager
async def pooler(database_url: str, directory: Path, settings: str = SETTINGS) -> AsyncIterator[str]:
    """Its URL of the same database; two sessions are shared by all, so that nobody keeps one."""
    program = shutil.which("pgbouncer") or pytest.skip("PgBouncer is not installed: make cluster-parts")
    with TemporaryDirectory(prefix="smarts-pooler-") as folder:
        file, port = Path(folder) / "pgbouncer.ini", _free_port()
        connect = f" user={_user(database_url)}" + (f" connect_query='{settings}'" if settings else "")
        file.write_text(_SETTINGS.format(directory=directory, port=5432, connect=connect, own_port=port))
        for path in (Path(folder), file):
            path.chmod(0o755)
        process = await asyncio.create_subprocess_exec(
            program, "-q", str(file), stdin=asyncio.subprocess.DEVNULL,
            **as_owner_of(directory),
        )  # fmt: skip
        try:
            await until(lambda: _listens(port))
            yield f"postgresql://{_user(database_url)}@127.0.0.1:{port}{urlsplit(database_url).path}"
        finally:
            process.kill()
            await process.wait()


def as_owner_of(directory: Path) -> dict[str, Any]:
    """PgBouncer is not run as root."""
    account = pwd.getpwuid(directory.stat().st_uid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}


def _user(url: str) -> str:
    return urlsplit(url).username or "postgres"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
