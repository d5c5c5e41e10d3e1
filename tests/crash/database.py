"""PostgreSQL as a process that can be killed, on a disk that can be filled."""

import asyncio
import os
import pwd
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import psutil

from smarts.gateway.storage import embedded
from smarts.gateway.storage.embedded import EmbeddedPostgres, embedded_postgres

from . import clocks
from .clocks import Clock

_DISK = 512 * 1024 * 1024
_SETTINGS = {
    # Killed processes lose nothing that the kernel has; only a power cut would.
    "fsync": "off",
    "listen_addresses": "",
    "unix_socket_permissions": "0777",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
    "restart_after_crash": "on",
    "log_min_messages": "log",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}


class Disk:
    """A small file system of memory under a folder, where one may be mounted; else just the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_small = False

    def mount(self) -> None:
        """Mounts it."""
        self.folder.mkdir(parents=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(self.folder)]
        with suppress(OSError):
            self.is_small = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0

    @classmethod
    def can_be_small(cls) -> bool:
        """Whether one may be mounted here."""
        with tempfile.TemporaryDirectory(prefix="crash-disk-") as folder:
            disk = cls(Path(folder) / "disk")
            disk.mount()
            disk.unmount()
            return disk.is_small

    def unmount(self) -> None:
        """Gives it back."""
        if self.is_small:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def fill(self) -> None:
        """Leaves not a byte."""
        assert self.is_small, "the machine's own disk is not ours to fill"
        with (self.folder / "filler").open("wb") as filler, suppress(OSError):
            while True:
                filler.write(bytes(1024 * 1024))
                filler.flush()

    def free(self) -> None:
        """Leaves all again."""
        (self.folder / "filler").unlink(missing_ok=True)


class Postgres:
    """The server; whoever ends it, it is started again at once."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self.disk = disk
        self.clock = Clock(folder / "database.clock")
        self._directory = disk.folder / "postgres"
        self._log = folder / "database.log"
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._with_clock = False
        self._server = EmbeddedPostgres(self._directory)

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self._directory / ".s.PGSQL.5432"

    @property
    def url(self) -> str:
        """Its database, without a proxy between."""
        return self._server.url()

    @asynccontextmanager
    async def set_up(self) -> AsyncIterator[str]:
        """The database as it is made, before anything goes wrong."""
        async with embedded_postgres(
            self._directory, settings={"fsync": "off"}, on_progress=lambda _: None
        ) as server:
            assert server.socket_directory == self._directory, "the path is too long for a socket"
            yield server.url()

    def start(self) -> None:
        """Runs it from now on."""
        self._keeping = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while True:
            await self._run()
            await asyncio.sleep(0.05)

    async def _run(self) -> None:
        account = pwd.getpwuid(self._directory.stat().st_uid)
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        sockets = ["-c", f"unix_socket_directories={self._directory}"]
        program = str(embedded.PROGRAMS / "postgres")
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                program, "-D", str(self._directory / "data"), *options, *sockets,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
                env={**os.environ, **(self.clock.environment() if self._with_clock else {})},
                **({"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
                   if os.geteuid() == 0 else {}),
            )  # fmt: skip
        await self._process.wait()
        clocks.sweep(self._process.pid)

    async def kill(self) -> None:
        """Ends all its processes as a power cut would."""
        if (parent := self._running()) is None:
            return
        family = [parent, *parent.children(recursive=True)]
        for each in family:
            with suppress(psutil.Error):
                each.kill()
        await asyncio.to_thread(psutil.wait_procs, family, 10)

    async def stop_at_once(self) -> None:
        """Its own immediate stop: it recovers when it starts."""
        await self._signal(signal.SIGQUIT)

    async def restart(self) -> None:
        """Its own fast stop: clients are cut off, and what they were doing is rolled back."""
        await self._signal(signal.SIGINT)

    async def restart_with_clock(self, seconds: int) -> None:
        """Goes on as if so much time had passed."""
        self.clock.set(seconds)
        self._with_clock = True
        await self.restart()

    async def fill_disk(self, seconds: float) -> None:
        """Nothing can be written for a while."""
        await asyncio.to_thread(self.disk.fill)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.disk.free()

    def _running(self) -> psutil.Process | None:
        if self._process is None or self._process.returncode is not None:
            return None
        with suppress(psutil.Error):
            return psutil.Process(self._process.pid)
        return None

    async def _signal(self, number: int) -> None:
        process = self._process
        if process and process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(number)
            try:
                async with asyncio.timeout(20):
                    await process.wait()
            except TimeoutError:
                await self.kill()

    async def ready(self) -> None:
        """Returns once it answers."""
        while not await self._answers():
            if self._keeping and self._keeping.done():
                self._keeping.result()  # raises what keeps it from being run
            await asyncio.sleep(0.05)

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(5):
                connection = await asyncpg.connect(self.url)
                await connection.close()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    async def stop(self) -> None:
        """Ends it for good."""
        if self._keeping:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._signal(signal.SIGINT)
