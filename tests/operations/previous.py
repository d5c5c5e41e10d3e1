"""The release before, as it was: its code out of the history, or the statements that were kept of it.

`python -m operations.previous` keeps the statements of the commit that `previous_release.txt` names.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from postgres_fixtures import QUICK
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import embedded_postgres
from smarts.gateway.storage.migrations import migrate

ROOT = Path(__file__).parents[2]
COMMIT = (Path(__file__).parent / "previous_release.txt").read_text().strip()
STATEMENTS = Path(__file__).parent / "previous_statements.json"


def is_at_hand() -> bool:
    """Whether the history is there: a shallow clone has none."""
    return _git("cat-file", "-e", f"{COMMIT}^{{commit}}").returncode == 0


def unpack(folder: Path) -> Path:
    """Unpacks the code of the release before; gives the folder to import from."""
    archive = _git("archive", COMMIT, "src/smarts")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder / "src"


def _git(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)


async def understood(url: str, statements: list[str]) -> dict[str, str]:
    """Each statement, with what PostgreSQL finds wrong in it, or nothing."""
    connection = await asyncpg.connect(url)
    try:
        return {each: await _wrong(connection, each) for each in statements}
    finally:
        await connection.close()


async def _wrong(connection: "asyncpg.Connection[asyncpg.Record]", statement: str) -> str:
    try:
        await connection.prepare(statement)
    except asyncpg.PostgresError as error:
        return str(error)
    return ""


def _collect(code: Path) -> list[str]:
    collect = [sys.executable, str(Path(__file__).with_name("statements_of.py"))]
    said = subprocess.run(
        collect, env={**os.environ, "PYTHONPATH": str(code)}, check=True, stdout=subprocess.PIPE
    )
    statements: list[str] = json.loads(said.stdout)
    return statements


async def _whole(statements: list[str], folder: Path, migrations: Path) -> list[str]:
    """Those that the tables of their own release understand; the others are parts of statements."""
    async with embedded_postgres(folder, settings=QUICK, on_progress=lambda _: None) as server:
        async with Database.open(server.url()) as database:
            await migrate(database, migrations)
        found = await understood(server.url(), statements)
    whole = (re.sub(r"--[^\n]*", "", statement) for statement, wrong in found.items() if not wrong)
    return sorted(" ".join(statement.split()) for statement in whole)


def _record() -> None:
    with TemporaryDirectory(prefix="smarts-previous-") as place:
        folder = Path(place)
        folder.chmod(0o711)
        code = unpack(folder / "old")
        statements = _collect(code)
        whole = asyncio.run(_whole(statements, folder / "data", code / "smarts/gateway/storage/migrations"))
    STATEMENTS.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(whole)} statements kept, {len(statements) - len(whole)} are parts of others")  # noqa: T201


if __name__ == "__main__":
    _record()
