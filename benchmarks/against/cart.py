"""A cart of twenty lines with promotions, each line added and totalled by a request of its own, as scans come.

The goods are the same for all: twenty products of 6.20 to 124.00 with 24 % VAT in it, every other one 20 % cheaper,
and 2 % off from 50.00 without VAT. What each cart comes to is compared with a sum made by hand. A shopper is a new one
for each cart, so that beginning it counts as well, with whatever a shop makes of a new shopper.
"""

import asyncio
import gzip
import json
import os
import secrets
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import aiohttp
from benchmarks.against.installed import package_version, programs
from benchmarks.load.goods import Goods, barcode_of
from benchmarks.load.processes import Process
from benchmarks.load.world import Size, World, free_port, opened, running
from rich.console import Console
from rich.table import Table

from smarts.demo.replay.reckoning import Reckoning

AIM = 10
_CONNECTIONS = 10  # to the database, of each shop's process
_START_SECONDS = 180
_VAT, _OFF, _OFF_LARGE, _LARGE = 24, 20, 2, Decimal(50)
_BARCODES = [barcode_of(number) for number in range(1, 21)]
_PRICES = {barcode: Decimal("6.20") * number for number, barcode in enumerate(_BARCODES, 1)}
_CHEAPER = frozenset(_BARCODES[::2])
_console = Console(width=130)


def expected_total() -> Decimal:
    """By hand; goods and shares are such that nothing has to be rounded."""
    rows = [
        price * (100 - _OFF) / 100 if barcode in _CHEAPER else price for barcode, price in _PRICES.items()
    ]
    assert sum(rows) / (1 + Decimal(_VAT) / 100) >= _LARGE
    return sum(rows, Decimal(0)) * (100 - _OFF_LARGE) / 100


class Cart(Protocol):
    """A shopper's cart in a shop."""

    async def begin(self) -> None:
        """A new shopper takes a cart."""

    async def add(self, barcode: str) -> Decimal:
        """Adds a piece; gives what the cart comes to then, as the answer says."""

    async def add_all(self, barcodes: Sequence[str]) -> Decimal:
        """Adds a piece of each by one request, where the shop has such a one."""


@dataclass
class Figures:
    """What rounds came to: carts a second, seconds of each added line, and processor's seconds for a cart."""

    rates: list[float] = field(default_factory=list)
    lines: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    of_postgres: list[float] = field(default_factory=list)


@dataclass
class Shop:
    """A contestant."""

    name: str
    cart: Callable[[aiohttp.ClientSession], Cart]
    processes: Sequence[Process]
    has_bulk: bool
    figures: dict[tuple[int, bool], Figures] = field(default_factory=dict)

    def seconds(self) -> float:
        """Processor time of its programs so far."""
        return sum(each.seconds() for each in self.processes)

    async def play(self, postgres: Process, carts: int, at_once: int, *, bulk: bool) -> None:
        """A round: so many carts by so many shoppers at once."""
        figures = self.figures.setdefault((at_once, bulk), Figures())
        left = iter(range(carts))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def shop() -> None:
                for _ in left:
                    cart = self.cart(session)
                    await cart.begin()
                    total = await (_in_bulk(cart) if bulk else _line_by_line(cart, figures))
                    if total != expected_total():
                        raise RuntimeError(f"{self.name}: {total}, not {expected_total()}")

            used, used_by_postgres, began = self.seconds(), postgres.seconds(), time.perf_counter()
            await asyncio.gather(*(shop() for _ in range(at_once)))
            took = time.perf_counter() - began
        figures.rates.append(carts / took)
        figures.seconds.append((self.seconds() - used) / carts)
        figures.of_postgres.append((postgres.seconds() - used_by_postgres) / carts)


async def _line_by_line(cart: Cart, figures: Figures) -> Decimal:
    total = Decimal(0)
    for barcode in _BARCODES:
        began = time.perf_counter()
        total = await cart.add(barcode)
        figures.lines.append(time.perf_counter() - began)
    return total


async def _in_bulk(cart: Cart) -> Decimal:
    return await cart.add_all(_BARCODES)


async def _posted(
    session: aiohttp.ClientSession, url: str, body: object, headers: Mapping[str, str]
) -> tuple[Any, Mapping[str, str]]:
    async with session.post(url, json=body, headers=headers) as response:
        document = json.loads(await response.read(), parse_float=Decimal)
        if response.status >= 400:
            raise RuntimeError(f"{url}: {response.status} {document}")
        return document, response.headers


class SmartsCart:
    """As the app does it: join, begin a cart, scan."""

    def __init__(self, session: aiohttp.ClientSession, gateway: str, store: str) -> None:
        self._session = session
        self._gateway = gateway
        self._store = store

    async def begin(self) -> None:
        # One address may join only so often, and all of these come from one.
        address = "10." + ".".join(str(secrets.randbelow(256)) for _ in range(3))
        shopper = await self._post("/shop/v1/shoppers", {}, {"X-Forwarded-For": address})
        self._headers = {"Authorization": f"Bearer {shopper['token']}"}
        cart = await self._post("/shop/v1/carts", {"institutionId": self._store}, self._headers)
        self._path = f"/shop/v1/carts/{cart['id']}/lines"

    async def add(self, barcode: str) -> Decimal:
        document = await self._post(self._path, {"barcode": barcode}, self._headers)
        return Decimal(document["total"]["totalToPay"])

    async def add_all(self, barcodes: Sequence[str]) -> Decimal:
        raise NotImplementedError

    async def _post(self, path: str, body: object, headers: Mapping[str, str]) -> Any:
        key = {"Idempotency-Key": secrets.token_hex(16)}
        return (await _posted(self._session, self._gateway + path, body, {**headers, **key}))[0]


class VendureCart:
    """By Vendure's shop API; the first line makes the session and the order. Only the total is asked for."""

    _ADD = """mutation ($id: ID!) { addItemToOrder(productVariantId: $id, quantity: 1) {
        __typename ... on Order { totalWithTax } } }"""
    _ADD_ALL = """mutation ($inputs: [AddItemInput!]!) { addItemsToOrder(inputs: $inputs) {
        order { totalWithTax } } }"""

    def __init__(self, session: aiohttp.ClientSession, url: str, variants: Mapping[str, str]) -> None:
        self._session = session
        self._url = url
        self._variants = variants
        self._headers: dict[str, str] = {}

    async def begin(self) -> None:
        """Nothing to be done."""

    async def add(self, barcode: str) -> Decimal:
        added = await self._ask(self._ADD, {"id": self._variants[barcode]})
        return Decimal(added["addItemToOrder"]["totalWithTax"]) / 100

    async def add_all(self, barcodes: Sequence[str]) -> Decimal:
        inputs = [{"productVariantId": self._variants[each], "quantity": 1} for each in barcodes]
        added = await self._ask(self._ADD_ALL, {"inputs": inputs})
        return Decimal(added["addItemsToOrder"]["order"]["totalWithTax"]) / 100

    async def _ask(self, query: str, variables: object) -> Any:
        body = {"query": query, "variables": variables}
        document, headers = await _posted(self._session, self._url, body, self._headers)
        if token := headers.get("vendure-auth-token"):
            self._headers = {"Authorization": f"Bearer {token}"}
        if "errors" in document:
            raise RuntimeError(document["errors"])
        return document["data"]


def _goods(folder: Path) -> Goods:
    """The goods as the demo node reads them."""
    products, campaigns = folder / "products.csv.gz", folder / "promotions.jsonl.gz"
    with gzip.open(products, "wt", encoding="utf-8", newline="") as file:
        file.write("barcode,name,lang,category,quantity,unit,price,currency,country\n")
        for barcode, price in _PRICES.items():
            file.write(f"{barcode},goods {barcode},en,goods,1,pcs,{price},EUR,EE\n")
    operation = f"amount >= 1 ? unitPrice * {(100 - _OFF) / 100} : unitPrice"
    with gzip.open(campaigns, "wt", encoding="utf-8") as file:
        for barcode in sorted(_CHEAPER):
            line = {"barcode": barcode, "name": "Cheaper", "code": "B00000000002", "operation": operation}
            file.write(json.dumps(line) + "\n")
    return Goods("twenty products", products, campaigns, (), (), Reckoning({}, {}, ()))


def _smarts(world: World) -> Shop:
    gateway, (store, _) = world.shop.gateways[0], world.shop.stores[0]
    programs_of_it = [each for each in world.processes if each.name != "PostgreSQL"]
    return Shop("Smarts", lambda session: SmartsCart(session, gateway, store), programs_of_it, has_bulk=False)


@asynccontextmanager
async def _vendure(world: World) -> AsyncIterator[Shop]:
    folder = await asyncio.to_thread(programs, "vendure")
    settings, port = await _settings(world, "vendure"), free_port()
    settings |= {
        "port": port, "connections": _CONNECTIONS, "password": secrets.token_urlsafe(24),
        "csv": str(world.folder / "vendure.csv"), "vat": _VAT, "off": _OFF, "offLarge": _OFF_LARGE,
        "large": int(_LARGE * 100), "goods": _goods_as_json(), "fills": False,
    }  # fmt: skip
    filled = await _node(folder, "fill.js", {"VENDURE": json.dumps(settings | {"fills": True})})
    environment = {"VENDURE": json.dumps(settings), "NODE_ENV": "production"}
    url = f"http://127.0.0.1:{port}/shop-api"
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                running(world.folder, f"vendure {name}", ["node", f"{name}.js"], environment, folder)
            )
            for name in ("server", "worker")
        ]
        await _until_listening(port)
        name = f"Vendure {package_version(folder, '@vendure/core')}"
        variants = json.loads(filled)
        yield Shop(name, lambda session: VendureCart(session, url, variants), processes, has_bulk=True)


async def _settings(world: World, name: str) -> dict[str, Any]:
    """An empty database for a rival on the same server, and how it is reached."""
    parts = urlsplit(world.database_url)
    async with world.database.connection() as connection:
        await connection.execute(f"CREATE DATABASE {name}")
    return {"socket": parse_qs(parts.query)["host"][0], "user": parts.username, "database": name}


def _goods_as_json() -> list[dict[str, object]]:
    return [
        {"barcode": barcode, "price": str(price), "cheaper": barcode in _CHEAPER}
        for barcode, price in _PRICES.items()
    ]


async def _node(folder: Path, program: str, environment: Mapping[str, str]) -> str:
    """Runs a program in JavaScript to its end; gives its last line."""
    done = await asyncio.to_thread(
        subprocess.run, ["node", program], cwd=folder, env=os.environ | environment, text=True,
        stdout=subprocess.PIPE, check=True, timeout=_START_SECONDS,
    )  # fmt: skip
    return str(done.stdout.splitlines()[-1])


async def _until_listening(port: int) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.2)
            else:
                writer.close()
                return


async def compare(folder: Path, carts: int, rounds: int) -> None:
    """Interleaved rounds on one PostgreSQL with durable settings, of one shopper and of sixteen at once."""
    size = Size(stores=1, gateways=1, workers=0, nodes=1, full_share=0.0, connections=_CONNECTIONS)
    goods = await asyncio.to_thread(_goods, folder)
    async with opened(folder, goods, size) as world, _vendure(world) as vendure:
        shops = [_smarts(world), vendure]
        postgres = world.processes[-1]
        for each in shops:
            await each.play(postgres, 2 * carts, 16, bulk=False)
            each.figures.clear()
        for _ in range(rounds):
            for at_once in (1, 16):
                for each in shops:
                    await each.play(postgres, carts, at_once, bulk=False)
            for each in shops:
                if each.has_bulk:
                    await each.play(postgres, carts, 16, bulk=True)
    _show(shops, carts, rounds)


def _show(shops: Sequence[Shop], carts: int, rounds: int) -> None:
    ours = shops[0].figures
    table = Table(
        "", "shoppers", "carts a second", "Smarts' is", "a line, median", "p95", "CPU of a cart", "of PostgreSQL",
        title=f"Carts of 20 lines, {carts} a round; medians of {rounds} rounds, ratios of the same round",
    )  # fmt: skip
    for at_once, bulk in sorted({key for shop in shops for key in shop.figures}, key=lambda key: key[::-1]):
        for shop in shops:
            if figures := shop.figures.get((at_once, bulk)):
                table.add_row(
                    shop.name + (", all lines by one request" if bulk else ""),
                    str(at_once),
                    f"{median(figures.rates):,.2f}",
                    _times(ours[at_once, False].rates, figures.rates),
                    *_latencies(figures),
                    f"{median(figures.seconds) * 1e3:,.0f} ms",
                    f"{median(figures.of_postgres) * 1e3:,.0f} ms",
                )
    _console.print(table)
    _console.print(
        f"Every cart came to {expected_total()}. The aim is {AIM} × line by line. CPU is that of all of a shop's"
        " processes; load, shops and PostgreSQL share this machine's cores."
    )


def _times(ours: Sequence[float], theirs: Sequence[float]) -> str:
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    return f"{median(ratios):.1f} × ({min(ratios):.1f} to {max(ratios):.1f})"


def _latencies(figures: Figures) -> tuple[str, str]:
    if not figures.lines:
        return "–", "–"
    return f"{median(figures.lines) * 1e3:.1f} ms", f"{quantiles(figures.lines, n=20)[-1] * 1e3:.1f} ms"
