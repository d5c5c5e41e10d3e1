"""A scan on the gateway, stored durably and priced, against a bare proxy that only forwards it to the same node.

`smarts demo` runs gateway, worker, node and PostgreSQL as processes of their own; the proxy is one more. Rounds are
interleaved, so that whatever else the machine does strikes both alike. Each shopper scans 20 products into a cart, then
takes the next cart. Run: `python benchmarks/scan.py`.
"""

import argparse
import asyncio
import json
import multiprocessing
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp
import msgspec
import uvicorn
import uvloop

from smarts.caller import Caller, Target
from smarts.demo.catalogue import invented_catalogue
from smarts.gateway.carts import rules, store
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.view import cart_document
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import EmbeddedPostgres
from smarts.wire.codec import encode
from smarts.wire.operations import PRODUCT_BY_BARCODE, TOKEN_HEADER
from smarts.wire.products import ProductSearchRequest

LINES = 20
SHOPPERS = 16


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def proxy(port: int, node_url: str, token: str) -> None:
    """Forwards whatever is posted to the node's search by barcode, and the answer back."""
    sessions: list[aiohttp.ClientSession] = []
    url, headers = (
        node_url + PRODUCT_BY_BARCODE.path,
        {TOKEN_HEADER: token, "Content-Type": "application/json"},
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message.get("more_body", False)
        if not sessions:
            sessions.append(aiohttp.ClientSession())
        async with sessions[0].post(url, data=body, headers=headers) as response:
            answer = await response.read()
        length = (b"content-length", b"%d" % len(answer))
        await send({"type": "http.response.start", "status": response.status, "headers": [length]})
        await send({"type": "http.response.body", "body": answer})

    uvicorn.run(app, port=port, access_log=False, log_config=None, lifespan="off")


class Phone:
    """One connection that is kept, and what went over it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.seconds: list[float] = []

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def post(self, path: str, body: Any, token: str = "") -> bytes:
        data = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        kind = f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        started = time.perf_counter()
        self._writer.write(head.encode() + kind.encode() + data)
        top = await self._reader.readuntil(b"\r\n\r\n")
        length = int(top.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        answer = await self._reader.readexactly(length)
        self.seconds.append(time.perf_counter() - started)
        if not top.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            raise RuntimeError(top + answer)
        return answer


@dataclass(frozen=True)
class Round:
    """Scans a second, and the time of each in seconds."""

    rate: float
    times: list[float]


async def shop(phone: Phone, demo: dict[str, Any], barcodes: list[str], until: float) -> int:
    scans, token = 0, json.loads(await phone.post("/shop/v1/shoppers", {}))["token"]
    while time.perf_counter() < until:
        new = await phone.post("/shop/v1/carts", {"institutionId": demo["institutionId"]}, token)
        path = f"/shop/v1/carts/{json.loads(new)['id']}/lines"
        del phone.seconds[-1]
        for barcode in barcodes[:LINES]:
            if time.perf_counter() >= until:
                break
            await phone.post(path, {"barcode": barcode}, token)
            scans += 1
    del phone.seconds[0]
    return scans


async def forward(phone: Phone, demo: dict[str, Any], barcodes: list[str], until: float) -> int:
    scans = 0
    while time.perf_counter() < until:
        body = {"barcode": barcodes[scans % LINES], "langCode": "EN", "institutionId": demo["institutionId"]}
        await phone.post("/", body)
        scans += 1
    return scans


async def measure(work: Callable[..., Awaitable[int]], port: int, seconds: float, *arguments: Any) -> Round:
    phones = [Phone(port) for _ in range(SHOPPERS)]
    await asyncio.gather(*(phone.open() for phone in phones))
    started = time.perf_counter()
    scans = await asyncio.gather(*(work(phone, *arguments, started + seconds) for phone in phones))
    took = time.perf_counter() - started
    return Round(sum(scans) / took, [each for phone in phones for each in phone.seconds])


def tell(name: str, rounds: list[Round], of: float) -> None:
    times = [each * 1000 for one in rounds for each in one.times]
    rate, percentiles = median(one.rate for one in rounds), quantiles(times, n=100)
    print(f"{name:10}{rate:>10.0f}{rate / of:>12.0%}{median(times):>9.1f} ms{percentiles[98]:>9.1f} ms")


async def parts(demo: dict[str, Any], data: Path, barcodes: list[str]) -> dict[str, float]:
    """The parts of one scan, each by itself, one after the other, in microseconds: a cart that has ten lines."""
    url = EmbeddedPostgres(data / "postgresql").url()
    caller, target = Caller(allow_private_addresses=True), Target(demo["nodeUrl"], demo["nodeAccessToken"])
    found: dict[str, float] = {}

    async def timed(name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        times = []
        for _ in range(300):
            started = time.perf_counter()
            last = await work()
            times.append(time.perf_counter() - started)
        found[name] = median(times) * 1e6
        return last

    async with Database.open(url, connections=2) as database, database.connection() as connection:
        cart_id = await connection.fetchval(
            "SELECT cart_id FROM cart_lines GROUP BY cart_id HAVING count(*) = 10 LIMIT 1"
        )
        request = ProductSearchRequest(barcode=barcodes[10], institution_id=demo["institutionId"])
        product = await timed("ask the node", lambda: caller.call(target, PRODUCT_BY_BARCODE, request))
        cart = await timed("read the cart (SQL, decode)", lambda: store.load(connection, cart_id))

        async def scanned() -> Cart:
            return rules.with_product(cart, product, msgspec.convert(1, type=int) * product.price.total ** 0, "x",
                                      datetime.now(UTC))  # fmt: skip

        after = await timed("apply the rule", scanned)
        before = [cart]

        async def save() -> None:
            newer = msgspec.structs.replace(after, version=before[0].version + 1)
            assert await store.save(connection, before[0], newer)
            before[0] = newer

        async def save_anew() -> None:
            await save()
            before[0] = msgspec.structs.replace(before[0], lines=cart.lines)

        await timed("write it (SQL, commit)", save_anew)

        async def answer() -> bytes:
            return encode(cart_document(after))

        await timed("price it and encode the answer", answer)
    await caller.close()
    return found


async def compare(
    options: argparse.Namespace, demo: dict[str, Any], ports: tuple[int, int], data: Path
) -> None:
    barcodes = [each.barcode for each in invented_catalogue().products if not each.inspections][:LINES]
    rounds: dict[str, list[Round]] = {"proxy": [], "gateway": []}
    for _ in range(options.rounds + 1):
        rounds["gateway"].append(await measure(shop, ports[0], options.seconds, demo, barcodes))
        rounds["proxy"].append(await measure(forward, ports[1], options.seconds, demo, barcodes))
    rounds = {name: of_one[1:] for name, of_one in rounds.items()}  # the first one warms up
    print(
        f"{SHOPPERS} shoppers, {LINES} products a cart, median of {options.rounds} rounds of {options.seconds:g} s"
    )
    print("              a second    of proxy      median        p99")
    whole = median(one.rate for one in rounds["proxy"])
    for name, of_one in rounds.items():
        tell(name, of_one, whole)
    print("\nWhere the time of one scan goes, each part alone, a cart of ten lines:")
    for name, microseconds in (await parts(demo, data, barcodes)).items():
        print(f"  {name:34}{microseconds:>8.0f} µs")
    print("The limit is the machine's cores, which load, gateway, node, proxy and PostgreSQL share.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smarts-benchmark-") as folder:
        data, ports = Path(folder) / "demo", (free_port(), free_port())
        ready, place = Path(folder) / "demo.json", [f"--port={ports[0]}", f"--node-port={free_port()}"]
        command = [sys.executable, "-m", "smarts.cli", "demo", f"--json={ready}", f"--data={data}", *place]
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not ready.exists() or not ready.stat().st_size:
                if running.poll() is not None:
                    raise RuntimeError("the demo did not start")
                time.sleep(0.1)
            demo = json.loads(ready.read_bytes())
            context = multiprocessing.get_context("spawn")
            arguments = (ports[1], demo["nodeUrl"], demo["nodeAccessToken"])
            beside = context.Process(target=proxy, args=arguments, daemon=True)
            beside.start()
            uvloop.run(started(options, demo, ports, data))
            beside.terminate()
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(30)


async def started(
    options: argparse.Namespace, demo: dict[str, Any], ports: tuple[int, int], data: Path
) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await asyncio.open_connection("127.0.0.1", ports[1])
                break
            except OSError:
                await asyncio.sleep(0.1)
    await compare(options, demo, ports, data)


if __name__ == "__main__":
    main()
