"""What one purchase is in the database: rows, bytes, log, commits; and what a million of them cost at given prices.

`smarts demo` runs gateway, worker, node and PostgreSQL; shoppers scan, check out and pay over HTTP, one by one.
What is counted is counted by PostgreSQL itself, and does not depend on how busy the machine is; the processor's time
does: take it on a quiet one. Run: `python benchmarks/purchase_cost.py`.
"""

import argparse
import asyncio
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import psutil
import uvloop

from smarts.demo.catalogue import invented_catalogue
from smarts.gateway.storage.embedded import EmbeddedPostgres

_MILLION = 1_000_000
_GIGABYTE = 1024**3
_TABLES = """
SELECT relname AS name, n_live_tup AS rows, pg_table_size(relid) AS heap, pg_indexes_size(relid) AS indexes
  FROM pg_stat_user_tables
"""
_SERVER = """
SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS log, xact_commit AS commits
  FROM pg_stat_database WHERE datname = current_database()
"""


@dataclass(frozen=True)
class State:
    """The database at one moment, swept and packed, so that only what is kept counts."""

    tables: dict[str, tuple[int, int, int]]
    """Rows, and bytes of the table and of its indexes, by name."""

    @classmethod
    async def seen(cls, connection: "asyncpg.Connection[asyncpg.Record]") -> "State":
        await connection.execute("VACUUM (FULL, ANALYZE)")
        rows = await connection.fetch(_TABLES)
        return cls({row["name"]: (row["rows"], row["heap"], row["indexes"]) for row in rows})


@dataclass(frozen=True)
class Prices:
    """What a provider asks for, in whatever currency."""

    core_hour: float
    gigabyte_month: float
    months: float
    copies: int


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def demo(folder: Path) -> Iterator[tuple[dict[str, Any], psutil.Process]]:
    """A demo's facts, and its process."""
    ready = folder / "demo.json"
    ports = [f"--port={free_port()}", f"--node-port={free_port()}"]
    command = [
        sys.executable,
        "-m",
        "smarts.cli",
        "demo",
        f"--json={ready}",
        f"--data={folder / 'demo'}",
        *ports,
    ]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not ready.exists() or not ready.stat().st_size:
            if running.poll() is not None:
                raise RuntimeError("the demo did not start")
            time.sleep(0.1)
        yield json.loads(ready.read_bytes()), psutil.Process(running.pid)
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)


def processor_seconds(process: psutil.Process) -> dict[str, float]:
    """By what it was for: PostgreSQL, and all the rest (gateway, worker, node)."""
    found = {"postgres": 0.0, "smarts": 0.0}
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):
            times = each.cpu_times()
            found["postgres" if "postgres" in each.name() else "smarts"] += times.user + times.system
    return found


async def purchases(session: aiohttp.ClientSession, facts: dict[str, Any], number: int, lines: int) -> None:
    barcodes = [each.barcode for each in invented_catalogue().products if not each.inspections][:lines]

    async def post(path: str, body: Any, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with session.post(f"{facts['gatewayUrl']}/shop/v1{path}", json=body, headers=headers) as answer:
            if answer.status >= 300:
                raise RuntimeError(await answer.text())
            return await answer.json()

    paid = 0
    while paid < number:
        token = (await post("/shoppers", {}))["token"]
        cart = (await post("/carts", {"institutionId": facts["institutionId"]}, token))["id"]
        for barcode in barcodes:
            await post(f"/carts/{cart}/lines", {"barcode": barcode}, token)
        if (await post(f"/carts/{cart}/checkout", None, token))["state"] == "READY":
            await post(f"/carts/{cart}/payment", {"method": "SANDBOX"}, token)
            paid += 1


async def delivered(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    async with asyncio.timeout(120):
        while await connection.fetchval(  # noqa: ASYNC110 - another process
            "SELECT count(*) FROM outbox_messages WHERE state = 'waiting' AND due <= now()"
        ):
            await asyncio.sleep(0.2)


async def measure(
    options: argparse.Namespace, facts: dict[str, Any], process: psutil.Process, url: str
) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with aiohttp.ClientSession() as session:
            await purchases(session, facts, 5, options.lines)
            await delivered(connection)
            before, cpu = await State.seen(connection), processor_seconds(process)
            server = await connection.fetchrow(_SERVER)
            await purchases(session, facts, options.purchases, options.lines)
            await delivered(connection)
        server_after = await connection.fetchrow(_SERVER)
        cpu_after = processor_seconds(process)
        after = await State.seen(connection)
    finally:
        await connection.close()
    assert server
    assert server_after
    spent = {name: (cpu_after[name] - cpu[name]) / options.purchases for name in cpu}
    log, commits = (float(server_after[n] - server[n]) / options.purchases for n in ("log", "commits"))
    prices = Prices(options.core_hour, options.gigabyte_month, options.months, options.copies)
    tell(tell_tables(before, after, options.purchases), log, commits, spent, prices)


def tell_tables(before: State, after: State, number: int) -> float:
    """Prints what each table has more; gives the bytes of a purchase in all."""
    print(f"{'a purchase has':24}{'rows':>8}{'bytes':>10}{'of indexes':>12}")
    rows = bytes_kept = of_indexes = 0.0
    for name, counted in sorted(after.tables.items()):
        were = before.tables.get(name, (0, 0, 0))
        more = [(new - old) / number for new, old in zip(counted, were, strict=True)]
        if more[0] < 0.01:
            continue
        print(f"{name:24}{more[0]:>8.2f}{more[1]:>10,.0f}{more[2]:>12,.0f}")
        rows, bytes_kept, of_indexes = rows + more[0], bytes_kept + more[1], of_indexes + more[2]
    print(f"{'in all':24}{rows:>8.2f}{bytes_kept:>10,.0f}{of_indexes:>12,.0f}")
    return bytes_kept + of_indexes


def tell(kept: float, log: float, commits: float, spent: dict[str, float], prices: Prices) -> None:
    print(f"written to the log (WAL): {log:,.0f} bytes a purchase; {commits:.1f} commits a purchase")
    print(
        f"processor: {spent['smarts'] * 1000:.0f} ms gateway, worker and demo,"
        f" {spent['postgres'] * 1000:.0f} ms PostgreSQL"
    )
    cores = sum(spent.values()) * _MILLION / 3600
    stored = kept * _MILLION / _GIGABYTE
    cost = cores * prices.core_hour + stored * prices.copies * prices.months * prices.gigabyte_month
    print(
        f"\na million purchases: {cores:,.0f} core hours x {prices.core_hour:g}"
        f" + {stored:,.1f} GB x {prices.copies} copies x {prices.months:g} months x {prices.gigabyte_month:g}"
        f" = {cost:,.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--purchases", type=int, default=300)
    parser.add_argument("--lines", type=int, default=10, help="products in a cart (%(default)s)")
    parser.add_argument(
        "--core-hour", type=float, default=1, help="price of a core for an hour (%(default)g)"
    )
    parser.add_argument(
        "--gigabyte-month", type=float, default=1, help="of a GB kept for a month (%(default)g)"
    )
    parser.add_argument("--months", type=float, default=24, help="for which it is kept (%(default)g)")
    parser.add_argument("--copies", type=int, default=2, help="primary and standbys (%(default)s)")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="smarts-benchmark-") as name,
        demo(Path(name)) as (facts, process),
    ):
        url = EmbeddedPostgres(Path(name) / "demo" / "postgresql").url()
        uvloop.run(measure(options, facts, process, url))


if __name__ == "__main__":
    main()
