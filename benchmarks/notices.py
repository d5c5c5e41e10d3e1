"""What it costs to tell others of a commit: not at all, in the commit itself, and after it as Smarts does.

Writers change rows of their own, each by one statement that is a commit; somebody listens. Runs its own PostgreSQL, as
durable as in production, in a temporary directory. Rounds take turns. Usage: `python benchmarks/notices.py`.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import uvloop
from rich.console import Console
from rich.table import Table

from smarts.gateway.storage.database import Connection, Database
from smarts.gateway.storage.embedded import embedded_postgres
from smarts.gateway.storage.notices import Notices
from smarts.gateway.storage.telling import tell

_CHANGE = "UPDATE rows SET changes = changes + 1 WHERE id = $1"
_CHANGE_AND_TELL = f"WITH changed AS ({_CHANGE} RETURNING id) SELECT pg_notify('rows', id::text) FROM changed"
Change = Callable[[Connection, int], Awaitable[object]]


async def silently(connection: Connection, row: int) -> None:
    """Tells nobody."""
    await connection.execute(_CHANGE, row)


async def within(connection: Connection, row: int) -> None:
    """Tells by the same statement."""
    await connection.execute(_CHANGE_AND_TELL, row)


async def after(connection: Connection, row: int) -> None:
    """Tells as Smarts does."""
    await connection.execute(_CHANGE, row)
    tell(connection, "rows", str(row))


WAYS: dict[str, Change] = {
    "nobody is told": silently,
    "in the commit": within,
    "after it, as Smarts does": after,
}


async def commits_a_second(database: Database, change: Change, writers: int, seconds: float) -> float:
    """By so many writers at once."""
    end = time.perf_counter() + seconds
    commits = 0

    async def write(row: int) -> None:
        nonlocal commits
        while time.perf_counter() < end:
            async with database.connection() as connection:
                await change(connection, row)
            commits += 1

    await asyncio.gather(*map(write, range(writers)))
    return commits / seconds


async def measure(database: Database, options: argparse.Namespace) -> dict[str, list[float]]:
    """The rounds of each way."""
    async with database.connection() as connection:
        await connection.execute("CREATE TABLE rows (id int PRIMARY KEY, changes int NOT NULL)")
        await connection.execute(
            "INSERT INTO rows SELECT id, 0 FROM generate_series(0, $1 - 1) AS id", options.writers
        )
    rounds: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(options.rounds):
        for name, change in WAYS.items():
            rounds[name].append(await commits_a_second(database, change, options.writers, options.seconds))
    return rounds


async def _run(options: argparse.Namespace, folder: Path) -> None:
    async with (
        embedded_postgres(folder, on_progress=lambda _: None) as server,
        Database.open(server.url(), connections=options.writers + 1) as database,
        Notices.open(server.url(), channels=("rows",)),
    ):
        rounds = await measure(database, options)
    table = Table("who is told", "commits a second", "of silent ones", title=f"{options.writers} writers")
    for name, rates in rounds.items():
        ratios = [ours / silent for ours, silent in zip(rates, rounds["nobody is told"], strict=True)]
        table.add_row(
            name,
            f"{median(rates):,.0f}",
            f"{median(ratios):.0%} ({min(ratios):.0%} to {max(ratios):.0%})",
        )
    Console(width=100).print(table)


def main() -> None:
    """As the command line says."""
    parser = argparse.ArgumentParser("python benchmarks/notices.py", description=__doc__)
    parser.add_argument("--writers", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5, help="of a round")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="smarts-notices-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        uvloop.run(_run(options, folder / "database"))


if __name__ == "__main__":
    main()
