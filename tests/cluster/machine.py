"""A machine: a network of its own, folders of its own, and programs that are started again when they end."""

import asyncio
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .network import ROOT, command, plug_in

_RESTART_SECONDS = 2  # as in deploy/systemd
# What a machine has of its own; the rest of the file system is everybody's, and only read.
_FOLDERS = ("/etc/haproxy", "/etc/patroni", "/etc/pgbouncer", "/var/lib/postgresql", "/var/lib/etcd", "/run")
_POSTGRES_OWNS = ("/var/lib/postgresql", "/var/lib/etcd", "/run/postgresql", "/etc/pgbouncer", "/etc/patroni")
_AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups")


@dataclass(frozen=True)
class Program:
    """Something that a machine runs."""

    name: str
    words: Sequence[str]
    as_postgres: bool = False


@dataclass
class Machine:
    """Switched off until it is switched on."""

    name: str
    address: str
    programs: Sequence[Program]
    environment: Mapping[str, str]
    files: Mapping[str, str | Path]
    """By path, what stands there: a text, or a copy of a file."""
    _keeping: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where its own folders are."""
        return ROOT / "machines" / self.name

    async def install(self) -> None:
        """Its network and its files."""
        await plug_in(self.name, self.address)
        for path in (*_FOLDERS, *_POSTGRES_OWNS, "/log"):
            self._own(path).mkdir(parents=True, exist_ok=True)
        for path, content in self.files.items():
            if isinstance(content, Path):
                shutil.copy(content, self._own(path))
            else:
                self._own(path).write_text(content)
        await command("chown", "-R", "postgres:postgres", *(str(self._own(path)) for path in _POSTGRES_OWNS))

    def _own(self, path: str) -> Path:
        return self.folder / path.lstrip("/")

    def switch_on(self) -> None:
        """Starts all its programs."""
        for program in self.programs:
            self.start(program)

    def start(self, program: Program) -> None:
        """Keeps one program running."""
        self._keeping[program.name] = asyncio.create_task(self._keep(program))

    async def _keep(self, program: Program) -> None:
        while True:
            with (self.folder / "log" / program.name).open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *self._within(program), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                    env={**os.environ, **self.environment}, start_new_session=True,
                )  # fmt: skip
            await process.wait()
            await asyncio.sleep(_RESTART_SECONDS)

    def _within(self, program: Program) -> Sequence[str]:
        """In its network, with its folders before the ones that all have."""
        binds = "".join(
            f"mount --bind {self._own(path)} {path} && " for path in _FOLDERS if Path(path).is_dir()
        )
        who = _AS_POSTGRES if program.as_postgres else ()
        return (
            "nsenter", f"--net=/run/netns/{self.name}", "unshare", "--mount", "--propagation", "private",
            "sh", "-c", f'{binds} exec "$@"', "sh", *who, *program.words,
        )  # fmt: skip

    async def lose_power(self) -> None:
        """All its processes end at once, and nothing is started again."""
        for task in self._keeping.values():
            task.cancel()
        await asyncio.gather(*self._keeping.values(), return_exceptions=True)
        self._keeping.clear()
        await self.kill()

    async def kill(self) -> None:
        """All its processes end at once; its programs come back by themselves."""
        for pid in (await command("ip", "netns", "pids", self.name)).split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def last_words(self, lines: int = 40) -> str:
        """The end of what each of its programs wrote."""
        return "\n".join(
            f"--- {self.name}: {log.name}\n"
            + "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
            for log in sorted((self.folder / "log").iterdir())
        )
