"""The shops that are compared: how each is started and filled, and how a shopper's cart is used in it."""

import asyncio
import gzip
import json
import os
import secrets
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
from benchmarks.against.installed import package_version, programs
from benchmarks.load.goods import Goods, barcode_of
from benchmarks.load.processes import Process
from benchmarks.load.world import World, free_port, running, until_listening

from smarts.demo.replay.reckoning import Reckoning

CONNECTIONS = 10  # to the database, of each shop's process
_START_SECONDS = 300
_VAT, _OFF, _OFF_LARGE, _LARGE = 24, 20, 2, Decimal(50)
_BARCODES = [barcode_of(number) for number in range(1, 21)]
_PRICES = {barcode: Decimal("6.20") * number for number, barcode in enumerate(_BARCODES, 1)}
_CHEAPER = frozenset(_BARCODES[::2])


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


@dataclass(frozen=True)
class Filled:
    """What a cart came to, and how many seconds each line took, where each was a request of its own."""

    total: Decimal
    lines: Sequence[float] = ()


Filling = Callable[[aiohttp.ClientSession], Awaitable[Filled]]


@dataclass(frozen=True)
class Shop:
    """A contestant: the ways in which its carts can be filled, of which the first is that of all shops.

    `crowds` is how many shoppers come at once, `carts` how many of them a round has at least.
    """

    name: str
    ways: Mapping[str, Filling]
    processes: Sequence[Process]
    crowds: Sequence[int]
    carts: int

    def seconds(self) -> float:
        """Processor time of its programs so far."""
        return sum(each.seconds() for each in self.processes)


async def _line_by_line(cart: Cart) -> Filled:
    await cart.begin()
    total, lines = Decimal(0), []
    for barcode in _BARCODES:
        began = time.perf_counter()
        total = await cart.add(barcode)
        lines.append(time.perf_counter() - began)
    return Filled(total, lines)


LINE_BY_LINE = "line by line"


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

    async def _post(self, path: str, body: object, headers: Mapping[str, str]) -> Any:
        key = {"Idempotency-Key": secrets.token_hex(16)}
        return (await _posted(self._session, self._gateway + path, body, {**headers, **key}))[0]


class VendureCart:
    """By Vendure's shop API; the first line makes the session and the order."""

    TOTAL = "totalWithTax"
    WHOLE = """code totalQuantity subTotalWithTax totalWithTax discounts { description amountWithTax }
        lines { id quantity unitPriceWithTax linePriceWithTax discountedLinePriceWithTax
        productVariant { id name sku } }"""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, variants: Mapping[str, str], wanted: str = WHOLE
    ) -> None:
        self._session = session
        self._url = url
        self._variants = variants
        self._wanted = wanted
        self._headers: dict[str, str] = {}

    async def begin(self) -> None:
        """Nothing to be done."""

    async def add(self, barcode: str) -> Decimal:
        query = """mutation ($id: ID!) { addItemToOrder(productVariantId: $id, quantity: 1) {
            __typename ... on Order { %s } } }"""
        added = await self._ask(query % self._wanted, {"id": self._variants[barcode]})
        return Decimal(added["addItemToOrder"]["totalWithTax"]) / 100

    async def add_all(self) -> Filled:
        """A piece of all goods by one request."""
        query = "mutation ($inputs: [AddItemInput!]!) { addItemsToOrder(inputs: $inputs) { order { %s } } }"
        inputs = [{"productVariantId": self._variants[each], "quantity": 1} for each in _BARCODES]
        added = await self._ask(query % self._wanted, {"inputs": inputs})
        return Filled(Decimal(added["addItemsToOrder"]["order"]["totalWithTax"]) / 100)

    async def _ask(self, query: str, variables: object) -> Any:
        body = {"query": query, "variables": variables}
        document, headers = await _posted(self._session, self._url, body, self._headers)
        if token := headers.get("vendure-auth-token"):
            self._headers = {"Authorization": f"Bearer {token}"}
        if "errors" in document:
            raise RuntimeError(document["errors"])
        return document["data"]


class MedusaCart:
    """By Medusa's store API."""

    def __init__(self, session: aiohttp.ClientSession, url: str, filled: Mapping[str, Any]) -> None:
        self._session = session
        self._url = url
        self._region = filled["region"]
        self._variants = filled["variants"]
        self._headers = {"x-publishable-api-key": str(filled["key"])}

    async def begin(self) -> None:
        cart = await self._post("/store/carts", {"region_id": self._region})
        self._path = f"/store/carts/{cart['id']}/line-items"

    async def add(self, barcode: str) -> Decimal:
        cart = await self._post(self._path, self._item(barcode))
        return Decimal(cart["total"])

    async def add_all(self) -> Filled:
        """A cart that has all goods from the beginning."""
        body = {"region_id": self._region, "items": [self._item(each) for each in _BARCODES]}
        return Filled(Decimal((await self._post("/store/carts", body))["total"]))

    def _item(self, barcode: str) -> Mapping[str, object]:
        return {"variant_id": self._variants[barcode], "quantity": 1}

    async def _post(self, path: str, body: object) -> Any:
        return (await _posted(self._session, self._url + path, body, self._headers))[0]["cart"]


def goods(folder: Path) -> Goods:
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


def smarts_shop(world: World) -> Shop:
    """Smarts' gateway and a node."""
    gateway, (store, _) = world.shop.gateways[0], world.shop.stores[0]
    ways = {LINE_BY_LINE: lambda session: _line_by_line(SmartsCart(session, gateway, store))}
    ours = [each for each in world.processes if each.name != "PostgreSQL"]
    return Shop("Smarts", ways, ours, crowds=(1, 16), carts=32)


@asynccontextmanager
async def vendure_shop(world: World) -> AsyncIterator[Shop]:
    """Vendure's server and worker, filled anew."""
    folder = await asyncio.to_thread(programs, "vendure")
    port = free_port()
    settings = await _settings(world, "vendure") | {"port": port, "csv": str(world.folder / "vendure.csv")}
    filling = {"VENDURE": json.dumps(settings | {"fills": True})}
    variants = json.loads(await _output(folder, ["node", "fill.js"], filling))
    environment = {"VENDURE": json.dumps(settings | {"fills": False}), "NODE_ENV": "production"}
    url = f"http://127.0.0.1:{port}/shop-api"
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                running(world.folder, f"vendure {name}", ["node", f"{name}.js"], environment, folder)
            )
            for name in ("server", "worker")
        ]
        await until_listening(port)
        ways: dict[str, Filling] = {
            LINE_BY_LINE: lambda session: _line_by_line(VendureCart(session, url, variants)),
            "the total alone in the answers": lambda session: _line_by_line(
                VendureCart(session, url, variants, VendureCart.TOTAL)
            ),
            "all lines by one request": lambda session: VendureCart(session, url, variants).add_all(),
        }
        name = f"Vendure {package_version(folder, '@vendure/core')}"
        yield Shop(name, ways, processes, crowds=(1, 16), carts=4)


@asynccontextmanager
async def medusa_shop(world: World) -> AsyncIterator[Shop]:
    """Medusa's server, filled anew."""
    folder = await asyncio.to_thread(programs, "medusa")
    port, medusa = free_port(), [str(folder / "node_modules" / ".bin" / "medusa")]
    environment = {
        "MEDUSA": json.dumps(await _settings(world, "medusa")),
        "MEDUSA_DISABLE_TELEMETRY": "true",
        "NODE_ENV": "production",
    }
    await _output(folder, [*medusa, "db:migrate"], environment)
    output = await _output(folder, [*medusa, "exec", "./src/scripts/fill.js"], environment, '{"key"')
    filled, url = json.loads(output), f"http://127.0.0.1:{port}"
    command = [*medusa, "start", "--host=127.0.0.1", f"--port={port}"]
    with running(world.folder, "medusa", command, environment, folder) as process:
        await until_listening(port)
        ways: dict[str, Filling] = {
            LINE_BY_LINE: lambda session: _line_by_line(MedusaCart(session, url, filled)),
            "all lines by one request": lambda session: MedusaCart(session, url, filled).add_all(),
        }
        name = f"Medusa {package_version(folder, '@medusajs/medusa')}"
        yield Shop(name, ways, [process], crowds=(1,), carts=1)


async def _settings(world: World, name: str) -> dict[str, object]:
    """An empty database for a rival on the same server, how it is reached, and what the shop has to sell."""
    parts = urlsplit(world.database_url)
    async with world.database.connection() as connection:
        await connection.execute(f"CREATE DATABASE {name}")
    socket = parse_qs(parts.query)["host"][0]
    return {
        "socket": socket,
        "user": parts.username,
        "database": name,
        "url": f"postgres://{parts.username}@{quote(socket, safe='')}/{name}",
        "connections": CONNECTIONS,
        "password": secrets.token_urlsafe(24),
        "vat": _VAT,
        "off": _OFF,
        "offLarge": _OFF_LARGE,
        "large": int(_LARGE * 100),
        "goods": [
            {"barcode": barcode, "price": str(price), "cheaper": barcode in _CHEAPER}
            for barcode, price in _PRICES.items()
        ],
    }


async def _output(
    folder: Path, command: Sequence[str], environment: Mapping[str, str], beginning: str = "{"
) -> str:
    """Runs a program to its end; gives the last line of its output that begins so."""
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=folder, env=os.environ | environment, text=True,
        capture_output=True, timeout=_START_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
    return [line for line in done.stdout.splitlines() if line.startswith(beginning)][-1]
