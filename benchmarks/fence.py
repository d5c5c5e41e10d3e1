"""What the second fence costs: a merchant's call and a worker's list, with the database's row security and without.

One gateway with an embedded PostgreSQL and many stores; rounds are interleaved, so that whatever else the machine does
strikes both alike. The fence is switched off by taking it from the request before its first statement.
Run: `python benchmarks/fence.py`.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp

from smarts.edge.server import serving
from smarts.gateway.app import Gateway, application, open_gateway
from smarts.gateway.parties import Role
from smarts.gateway.settings import Settings
from smarts.gateway.storage import database
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import embedded_postgres
from smarts.gateway.storage.migrations import migrate

STORE = "store-7"
_STORES = """
    INSERT INTO merchants (id, name) SELECT 'm-' || n, 'Merchant ' || n FROM generate_series(1, $1 / 10) AS n;
    INSERT INTO institutions (id, merchant_id, name, seller, currency, time_zone, switches)
    SELECT 'store-' || n, 'm-' || 1 + n % ($1 / 10), 'Store', '{"uniqueCode":"1","sellerName":"S"}', 'EUR',
           'Europe/Tallinn', '{}' FROM generate_series(1, $1) AS n
"""


@asynccontextmanager
async def gateway_with(stores: int) -> AsyncIterator[Gateway]:
    with tempfile.TemporaryDirectory(prefix="smarts-bench-") as folder:
        await asyncio.to_thread(Path(folder).chmod, 0o711)  # PostgreSQL may run under another account
        async with embedded_postgres(Path(folder) / "database", on_progress=lambda _: None) as server:
            async with Database.open(server.url(), connections=1) as opened:
                await migrate(opened)
                async with opened.connection() as connection:
                    await connection.execute(_STORES.replace("$1", str(stores)))
                    await connection.execute("ANALYZE")
            async with open_gateway(Settings(database_url=server.url()), server.url()) as gateway:
                yield gateway


@contextmanager
def without_fence() -> Iterator[None]:
    current = database.current
    database.current = lambda: None  # type: ignore[attr-defined]
    try:
        yield
    finally:
        database.current = current  # type: ignore[attr-defined]


async def timed(session: aiohttp.ClientSession, url: str, headers: dict[str, str], times: int) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        async with session.get(url, headers=headers) as response:
            await response.read()
            assert response.status in (200, 404), response.status
        took.append((time.perf_counter() - began) * 1000)
    return took


async def measure(stores: int, rounds: int, times: int) -> None:
    async with (
        gateway_with(stores) as gateway,
        serving(application(gateway)) as address,
        aiohttp.ClientSession() as session,
    ):
        async with gateway.database.transaction() as tx:
            token = (await gateway.stores.new_token(tx, STORE, overlap_seconds=0)).token
            worker = await gateway.people.add_staff(tx, "W", Role.WORKER, "m-8", frozenset({STORE}))
        calls: dict[str, tuple[str, dict[str, str]]] = {
            "a merchant asks for an order": ("/v1/pickup/order/unknown", {"accessToken": token}),
            "a worker asks what waits": (
                f"/work/v1/checks?institutionId={STORE}",
                {"Authorization": f"Bearer {worker}"},
            ),
        }
        print(f"{stores} stores, {rounds} rounds of {times} calls, milliseconds")
        print(f"{'':32}{'without':>20}{'with':>20}{'ratio':>8}")
        for name, (path, headers) in calls.items():
            await timed(session, address + path, headers, times)
            plain, fenced = [], []
            for _ in range(rounds):
                with without_fence():
                    plain += await timed(session, address + path, headers, times)
                fenced += await timed(session, address + path, headers, times)
            print(f"{name:32}{_told(plain):>20}{_told(fenced):>20}{median(fenced) / median(plain):>8.2f}")


def _told(took: list[float]) -> str:
    return f"{median(took):.2f} (p99 {quantiles(took, n=100)[98]:.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--times", type=int, default=100)
    known: Any = parser.parse_args()
    asyncio.run(measure(known.stores, known.rounds, known.times))


if __name__ == "__main__":
    main()
