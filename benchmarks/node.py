"""The node's purchase check against the same server answering a constant, and against a FastAPI twin.

`node` is `smarts.node` with a store that decides by the number of lines. `constant` is the same server, our edge on
uvicorn, with a route that reads nothing and answers the same bytes; `bare` is uvicorn with an application of a few
lines that does. `fastapi` is the same endpoint with pydantic models.

One process a server, all on one core; the load comes from another core over connections that are kept. Rounds are
interleaved and ratios taken within each round, so that whatever else the machine does strikes all alike.
Run: `python benchmarks/node.py`.
"""

import argparse
import asyncio
import hmac
import itertools
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from statistics import median
from typing import Annotated, Any

import msgspec
import psutil
import uvicorn
import uvloop

from smarts.edge.app import EdgeApp
from smarts.edge.routes import Answer, Call, Route
from smarts.node import Node
from smarts.wire.codec import decode, encode
from smarts.wire.control import Decision, PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.examples import example
from smarts.wire.operations import CHECK_PURCHASE
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest

TOKEN = "token-of-the-benchmark-0123456789"
ANSWER = b'{"decision":"NO"}'
CONNECTIONS = 32


def cart(lines: int) -> bytes:
    """The golden purchase check with as many lines, as the gateway writes it."""
    golden = decode(example("PurchaseControlCheckRequest"), PurchaseControlCheckRequest)
    products = tuple(itertools.islice(itertools.cycle(golden.products), lines))
    return encode(msgspec.structs.replace(golden, products=products))


class Shop:
    """A store that decides by the size of the cart; its product search is never asked."""

    def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        raise NotImplementedError

    def by_barcode(self, request: ProductSearchRequest) -> Product:
        raise NotImplementedError

    def by_name(self, request: ProductSearchRequest) -> list[Product]:
        raise NotImplementedError

    def categories(self, request: ProductSearchRequest) -> list[Category]:
        raise NotImplementedError

    async def check_purchase(self, request: PurchaseControlCheckRequest) -> PurchaseControlCheckResponse:
        return PurchaseControlCheckResponse(Decision.FULL if len(request.products) > 100 else Decision.NO)


def node_app() -> Any:
    return Node(Shop(), token=TOKEN, name="Benchmark", version="1")


def constant_app() -> Any:
    async def answer(_: Call[None, None]) -> Answer:
        return Answer(200, ANSWER)

    return EdgeApp([Route("POST", CHECK_PURCHASE.path, answer, None, dict, "", "", None)])


def bare_app() -> Any:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": ANSWER})

    return app


def fastapi_app() -> Any:
    from fastapi import FastAPI, Header, HTTPException
    from pydantic import BaseModel, ConfigDict
    from pydantic.alias_generators import to_camel

    class Model(BaseModel):
        model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    class CategoryModel(Model):
        id: str
        name: str

    class ProductModel(Model):
        id: str
        barcode: str
        product_name: str
        amount: Decimal
        row_price: Decimal
        categories: tuple[CategoryModel, ...] = ()

    class CardModel(Model):
        id: str
        card_number: str
        use_bonus_on_payment: bool = False

    class CheckModel(Model):
        invoice_id: str
        lang_code: str
        person_id: str
        institution_id: str
        products: tuple[ProductModel, ...]
        loyalty_cards: tuple[CardModel, ...] = ()

    class DecisionModel(Model):
        decision: Decision

    app = FastAPI()

    @app.post(CHECK_PURCHASE.path)
    async def check(request: CheckModel, accesstoken: Annotated[str, Header()]) -> DecisionModel:
        if not hmac.compare_digest(accesstoken, TOKEN):
            raise HTTPException(401)
        return DecisionModel(decision=Decision.FULL if len(request.products) > 100 else Decision.NO)

    return app


APPS: dict[str, Callable[[], Any]] = {
    "bare": bare_app,
    "constant": constant_app,
    "node": node_app,
    "fastapi": fastapi_app,
}


def serve(name: str, core: int, ports: Any) -> None:
    """A server in a process of its own, on one core."""
    os.sched_setaffinity(0, {core})
    settings = {"access_log": False, "log_config": None, "server_header": False, "timeout_keep_alive": 75}
    config = uvicorn.Config(APPS[name](), port=0, **settings)  # as smarts.edge.server runs it

    class Reporting(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            ports.put((name, self.servers[0].sockets[0].getsockname()[1]))

    Reporting(config).run()


class Load(asyncio.Protocol):
    """Sends the same request again whenever the answer to the last one is whole."""

    def __init__(self, request: bytes, answer: bytes) -> None:
        self.request = request
        self.answer = answer
        self.answers = 0
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.buffer.endswith(self.answer):
            return
        if not self.buffer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(self.buffer)
        self.buffer = b""
        self.answers += 1
        self.transport.write(self.request)


@dataclass(frozen=True)
class Round:
    """Requests a second, and how busy the server's and the load's core were."""

    rate: float
    server: float
    load: float


async def measure(
    port: int, request: bytes, answer: bytes, seconds: float, used: Callable[[], float]
) -> Round:
    """A round; `used` tells the server's processor time so far."""
    loop = asyncio.get_running_loop()
    loads = [
        (await loop.create_connection(lambda: Load(request, answer), "127.0.0.1", port))[1]
        for _ in range(CONNECTIONS)
    ]
    awake = asyncio.ensure_future(stay_awake())
    await asyncio.sleep(seconds / 4)
    before, started = [sum(load.answers for load in loads), used(), busy()], time.perf_counter()
    await asyncio.sleep(seconds)
    after, took = [sum(load.answers for load in loads), used(), busy()], time.perf_counter() - started
    awake.cancel()
    for load in loads:
        load.transport.abort()
    return Round(*((last - first) / took for first, last in zip(before, after, strict=True)))


async def stay_awake() -> None:
    """Keeps the load from sleeping, so that the servers do not spend their time on waking it."""
    while True:  # noqa: ASYNC110 - nothing is waited for
        await asyncio.sleep(0)


def busy(process: psutil.Process | None = None) -> float:
    times = (process or psutil.Process()).cpu_times()
    return times.user + times.system


async def compare(
    servers: dict[str, tuple[int, psutil.Process]], options: argparse.Namespace
) -> dict[str, list[Round]]:
    body = cart(options.lines)
    head = f"POST {CHECK_PURCHASE.path} HTTP/1.1\r\nHost: x\r\naccessToken: {TOKEN}\r\nAccept: */*\r\n"
    kind = "Content-Type: application/json;charset=UTF-8\r\n"
    request = f"{head}{kind}Content-Length: {len(body)}\r\n\r\n".encode() + body
    rounds: dict[str, list[Round]] = {name: [] for name in servers}
    for _ in range(options.rounds):
        for name, (port, process) in servers.items():
            used = partial(busy, process)
            rounds[name].append(await measure(port, request, ANSWER, options.seconds, used))
    return rounds


def report(rounds: dict[str, list[Round]], options: argparse.Namespace) -> None:
    print(
        f"POST {CHECK_PURCHASE.path}, {options.lines} lines, {len(cart(options.lines))} bytes, "
        f"{CONNECTIONS} connections, medians of {options.rounds} rounds of {options.seconds:g} s"
    )
    print("            a second   of bare   of constant   of fastapi   CPU each   server busy   load busy")
    for name, of_one in rounds.items():
        print(
            f"{name:10}{median(each.rate for each in of_one):>10.0f}"
            f"{ratio(of_one, rounds['bare']):>10.0%}{ratio(of_one, rounds['constant']):>14.0%}"
            f"{ratio(of_one, rounds['fastapi']):>12.2f}x"
            f"{median(each.server / each.rate for each in of_one) * 1e6:>8.1f} µs"
            f"{median(each.server for each in of_one):>14.0%}{median(each.load for each in of_one):>12.0%}"
        )
    print(
        "The limit is the server's core where that is about 100 % busy; on a busy machine CPU each tells more."
    )


def ratio(ours: list[Round], theirs: list[Round]) -> float:
    return median(our.rate / their.rate for our, their in zip(ours, theirs, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--lines", type=int, default=20)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    ports = context.Queue()
    processes = {
        name: context.Process(target=serve, args=(name, cores[0], ports), daemon=True) for name in APPS
    }
    for process in processes.values():
        process.start()
    try:
        listening = dict(ports.get(timeout=30) for _ in processes)
        os.sched_setaffinity(0, {cores[-1]})
        servers = {
            name: (listening[name], psutil.Process(process.pid)) for name, process in processes.items()
        }
        report(uvloop.run(compare(servers, options)), options)
    finally:
        for process in processes.values():
            process.terminate()


if __name__ == "__main__":
    main()
