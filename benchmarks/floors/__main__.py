"""How far the gateway is from a bare program on the hot paths: `python -m benchmarks.floors`, or `make floors`.

A scan, a checkout of twenty lines that is to be checked, and the check's result, each by one gateway process and by
one process of a program that does the unavoidable parts alone (`bare.py`), on the same PostgreSQL with durable
settings and the same node. Rounds are interleaved, so that whatever else the machine does strikes both alike. Then one
shopper alone shows where a request's time goes.
"""

import argparse
import asyncio
import json
import logging
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import structlog
import uvloop
from benchmarks.load.goods import Goods, read_goods
from benchmarks.load.processes import Process
from benchmarks.load.world import NODE_TOKEN, Size, World, free_port, opened, until_listening
from rich.console import Console
from rich.table import Table

from smarts.wire.operations import TOKEN_HEADER

LINES = 20
AIM = 0.6
PATHS = ("scan", "check", "result")
_console = Console(width=120)


class Phone:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> "Phone":
        """Connects."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def post(self, path: str, body: object = None, **headers: str) -> bytes:
        """One request that has to go well, with an Idempotency-Key of its own."""
        data = b"" if body is None else json.dumps(body).encode()
        headers |= {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        start = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n{head}\r\n"
        self._writer.write(start.encode() + data)
        top = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(top.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        answer = await self._reader.readexactly(length)
        if not top.startswith(b"http/1.1 2"):
            raise RuntimeError(top + answer)
        return answer


@dataclass
class Visit:
    """A shopper's cart, and what the last answer said of it."""

    token: str
    cart: str
    document: Any = None


@dataclass
class Contestant:
    """Who answers, and what its rounds came to: by path requests a second, and its processor's seconds for each."""

    port: int
    process: Process
    rates: dict[str, list[float]] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def count(self, path: str, requests: int, took: float, used: float) -> None:
        """A phase of a round has ended."""
        self.rates.setdefault(path, []).append(requests / took)
        self.seconds.setdefault(path, []).append(used / requests)


@dataclass(frozen=True)
class Shop:
    """Where carts are begun, what is scanned into them, and the token of the store's own system."""

    gateway: int
    store: str
    token: str
    barcodes: Sequence[str]

    async def visits(self, count: int) -> list[Visit]:
        """So many shoppers with an empty cart each."""
        phone = await Phone(self.gateway).open()
        begun = []
        for _ in range(count):
            shopper = json.loads(await phone.post("/shop/v1/shoppers", {}, **{"X-Forwarded-For": _address()}))
            cart = await phone.post(
                "/shop/v1/carts", {"institutionId": self.store}, Authorization=f"Bearer {shopper['token']}"
            )
            begun.append(Visit(shopper["token"], json.loads(cart)["id"]))
        return begun

    async def scan(self, phone: Phone, visit: Visit) -> int:
        """All goods, one after another."""
        for barcode in self.barcodes:
            path = f"/shop/v1/carts/{visit.cart}/lines"
            visit.document = await phone.post(
                path, {"barcode": barcode}, Authorization=f"Bearer {visit.token}"
            )
        return len(self.barcodes)

    async def check(self, phone: Phone, visit: Visit) -> int:
        """Checks out."""
        path = f"/shop/v1/carts/{visit.cart}/checkout"
        visit.document = await phone.post(path, Authorization=f"Bearer {visit.token}")
        return 1

    async def result(self, phone: Phone, visit: Visit) -> int:
        """The store's system says that the cart is right."""
        invoice_id = json.loads(visit.document)["invoiceId"]
        result = {"invoiceId": invoice_id, "institutionId": self.store, "status": "PASSED"}
        await phone.post("/v1/control/result", result, **{TOKEN_HEADER: self.token})
        return 1


def _address() -> str:
    return "10." + ".".join(str(secrets.randbelow(256)) for _ in range(3))


async def _phase(
    contestant: Contestant,
    visits: Sequence[Visit],
    step: Callable[[Phone, Visit], Awaitable[int]],
    at_once: int,
    path: str,
) -> None:
    """All visits make one step, so many at once."""
    phones = [await Phone(contestant.port).open() for _ in range(at_once)]

    async def some(number: int) -> int:
        return sum([await step(phones[number], visit) for visit in visits[number::at_once]])

    used, began = contestant.process.seconds(), time.perf_counter()
    requests = sum(await asyncio.gather(*map(some, range(at_once))))
    took = time.perf_counter() - began
    contestant.count(path, requests, took, contestant.process.seconds() - used)


async def _round(shop: Shop, contestant: Contestant, carts: int, at_once: int) -> list[Visit]:
    visits = await shop.visits(carts)
    for path in PATHS:
        await _phase(contestant, visits, getattr(shop, path), at_once, path)
    return visits


def _totals(visits: Sequence[Visit]) -> set[str]:
    """What the carts came to: a speed with another total counts for nothing."""
    return {str(json.loads(visit.document)["total"]["totalToPay"]) for visit in visits}


async def compare(options: argparse.Namespace, world: World, goods: Goods, bare: Contestant) -> None:
    """Interleaved rounds, then one shopper alone."""
    gateway = Contestant(int(world.shop.gateways[0].rpartition(":")[2]), world.processes[0])
    store, token = world.shop.stores[0]
    shop = Shop(gateway.port, store, token, list(goods.reckoning.prices)[:LINES])
    contestants = {"bare": bare, "gateway": gateway}
    totals = set()
    for number in range(options.rounds + 1):
        for each in contestants.values():
            totals |= _totals(await _round(shop, each, options.carts, options.shoppers))
        if not number:  # it warmed up
            _forget(contestants)
    if len(totals) != 1:
        raise RuntimeError(f"they do not come to the same total: {totals}")
    _show(options, contestants)
    _forget(contestants)
    await asyncio.to_thread(_parts, bare.port, "DELETE")
    for _ in range(3):
        for each in contestants.values():
            await _round(shop, each, 30, 1)
    _show_parts(await asyncio.to_thread(_parts, bare.port, "GET"), contestants)


def _forget(contestants: Mapping[str, Contestant]) -> None:
    for each in contestants.values():
        each.rates.clear()
        each.seconds.clear()


def _show(options: argparse.Namespace, contestants: Mapping[str, Contestant]) -> None:
    table = Table(
        "path", "bare", "gateway", "of bare", "CPU of bare", "CPU of gateway",
        title=f"A second, {options.shoppers} shoppers, median of {options.rounds} rounds; processor time a request",
    )  # fmt: skip
    bare, gateway = contestants["bare"], contestants["gateway"]
    for path in PATHS:
        ratios = [ours / floor for ours, floor in zip(gateway.rates[path], bare.rates[path], strict=True)]
        table.add_row(
            path,
            *(f"{median(each.rates[path]):,.0f}" for each in (bare, gateway)),
            f"{median(ratios):.0%} ({min(ratios):.0%} to {max(ratios):.0%})",
            *(f"{median(each.seconds[path]) * 1e3:.2f} ms" for each in (bare, gateway)),
        )
    _console.print(table)
    _console.print(
        f"The aim is {AIM:.0%}. Load, both programs, node and PostgreSQL share this machine's cores."
    )


def _show_parts(parts: Mapping[str, Mapping[str, float]], contestants: Mapping[str, Contestant]) -> None:
    for path in PATHS:
        whole = {name: 1e6 / median(each.rates[path]) for name, each in contestants.items()}
        table = Table("part", "µs", title=f"Where the time of a {path} goes, one shopper alone")
        for part, microseconds in parts[path].items():
            table.add_row(part, f"{microseconds:,.0f}")
        table.add_row("HTTP, and what the load takes", f"{whole['bare'] - sum(parts[path].values()):,.0f}")
        table.add_row("bare, all of it", f"{whole['bare']:,.0f}", style="bold")
        table.add_row("gateway, all of it", f"{whole['gateway']:,.0f}", style="bold")
        _console.print(table)


def _parts(port: int, method: str) -> Any:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request(method, "/parts")
    return json.loads(connection.getresponse().read())


@contextmanager
def _bare(world: World, connections: int) -> Iterator[Contestant]:
    port = free_port()
    settings = {
        "node": world.node_of(0), "nodeToken": NODE_TOKEN, "database": world.database_url,
        "connections": connections, "port": port,
    }  # fmt: skip
    command = [sys.executable, "-m", "benchmarks.floors.bare"]
    process = subprocess.Popen(command, env=os.environ | {"BARE": json.dumps(settings)})
    try:
        yield Contestant(port, Process.of("bare", process.pid))
    finally:
        process.terminate()
        process.wait(30)


async def _run(options: argparse.Namespace, goods: Goods, folder: Path) -> None:
    size = Size(stores=1, gateways=1, workers=0, nodes=1, full_share=1.0, connections=options.connections)
    async with opened(folder, goods, size) as world:
        with _bare(world, options.connections) as bare:
            await until_listening(bare.port)
            await compare(options, world, goods, bare)


def main() -> None:
    """As the command line says."""
    parser = argparse.ArgumentParser("python -m benchmarks.floors", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--carts", type=int, default=64, help="in a round of each")
    parser.add_argument("--shoppers", type=int, default=16, help="at once")
    parser.add_argument("--connections", type=int, default=10, help="database connections of each program")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with TemporaryDirectory(prefix="smarts-floors-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        uvloop.run(_run(parser.parse_args(), read_goods(Path("/nowhere"), folder, 200, 1), folder))


if __name__ == "__main__":
    main()
