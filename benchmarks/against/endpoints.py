"""A node's endpoints: Smarts' starter beside FastAPI and Django REST framework, which merchants would write one in.

A purchase check of twenty lines, and a search that finds twenty products. One process each, started as its own
documentation says, on one core; the load comes from another one over connections that are kept. Each answer is compared
with what it has to be, and without the token there has to be none.
"""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import msgspec
from benchmarks.against.installed import RIVALS, interpreter, version
from benchmarks.against.ratios import times
from benchmarks.load.processes import Process
from benchmarks.load.world import free_port, running, until_listening
from benchmarks.node import CONNECTIONS, Round, cart, measure
from rich.console import Console
from rich.table import Table

from smarts.wire.codec import encode
from smarts.wire.examples import example
from smarts.wire.operations import CHECK_PURCHASE, PRODUCTS_BY_NAME, TOKEN_HEADER
from smarts.wire.products import ProductSearchRequest

_LINES = _FOUND = 20
_SECONDS = 1.0
_WORD = "rukkileib"
OURS = "Smarts' node"
_console = Console(width=120)


@dataclass(frozen=True)
class Work:
    """A request, and what has to be answered."""

    name: str
    path: str
    body: bytes
    expected: Any


@dataclass
class Contestant:
    """A server, and what its rounds of each work came to."""

    name: str
    port: int
    process: Process
    rounds: dict[str, list[Round]] = field(default_factory=dict)

    async def play(self, work: Work, token: str) -> None:
        """A round, after a look at the answer."""
        answer = await self._answer(work, token)
        head = f"POST {work.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{TOKEN_HEADER}: {token}\r\nAccept: */*\r\n"
        kind = f"Content-Type: application/json\r\nContent-Length: {len(work.body)}\r\n\r\n"
        request = (head + kind).encode() + work.body
        taken = await measure(self.port, request, answer, _SECONDS, self.process.seconds)
        self.rounds.setdefault(work.name, []).append(taken)

    async def _answer(self, work: Work, token: str) -> bytes:
        url = f"http://127.0.0.1:{self.port}{work.path}"
        async with aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session:
            async with session.post(url, data=work.body, headers={TOKEN_HEADER: "another"}) as response:
                if response.status not in (401, 403):
                    raise RuntimeError(f"{self.name} answers whoever asks: {response.status}")
            async with session.post(url, data=work.body, headers={TOKEN_HEADER: token}) as response:
                answer = await response.read()
        if _document(answer) != work.expected:
            raise RuntimeError(f"{self.name} does not answer what is expected: {response.status} {answer!r}")
        return answer


def _document(text: bytes) -> Any:
    """JSON without what is null, which is the same as what is left out; 2.00 is 2."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal, object_pairs_hook=_without_nulls)


def _without_nulls(pairs: Sequence[tuple[str, Any]]) -> Any:
    return {name: value for name, value in pairs if value is not None}


def _products(word: str) -> bytes:
    """What the search finds by that word, as all contestants read it."""
    golden = msgspec.json.decode(example("Product"))
    found = [golden | {"id": f"{word}-{number}"} for number in range(_FOUND)]
    return msgspec.json.encode({word: found})


def _works(products: bytes) -> list[Work]:
    search = encode(ProductSearchRequest(name=_WORD, lang_code="ET", institution_id="store"))
    return [
        Work(f"check of {_LINES} lines", CHECK_PURCHASE.path, cart(_LINES), {"decision": "NO"}),
        Work(f"search, {_FOUND} found", PRODUCTS_BY_NAME.path, search, _document(products)[_WORD]),
    ]


def _commands(port: int) -> Mapping[str, list[str]]:
    """How each is started as its documentation says; all but gunicorn write a line into their logs for each request."""
    python = str(interpreter())
    uvicorn = [python, "-m", "uvicorn", f"--port={port}"]
    gunicorn = [python, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", "--threads=4"]
    by_uvicorn, by_gunicorn = (f"by {each} {version(each)}" for each in ("uvicorn", "gunicorn"))
    django = f"Django REST framework {version('djangorestframework')}"
    return {
        OURS: [sys.executable, "-m", "benchmarks.against.shop_node"],
        f"FastAPI {version('fastapi')} {by_uvicorn}": [*uvicorn, "node_fastapi:app"],
        f"{django} {by_uvicorn}": [*uvicorn, "node_django:asgi_application"],
        f"{django} {by_gunicorn}": [*gunicorn, "node_django:application"],
    }


@contextmanager
def _started(folder: Path, products: Path, token: str, core: int) -> Iterator[list[Contestant]]:
    with ExitStack() as stack:
        contestants = []
        for name in _commands(0):
            port = free_port()
            settings = {"NODE_TOKEN": token, "NODE_PRODUCTS": str(products), "NODE_PORT": str(port)}
            if name != OURS:
                settings["PYTHONPATH"] = str(RIVALS)
            command = ["taskset", "--cpu-list", str(core), *_commands(port)[name]]
            process = stack.enter_context(running(folder, name, command, settings))
            contestants.append(Contestant(name, port, replace(process, with_children=True)))
        yield contestants


@contextmanager
def _only_on(core: int) -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


async def compare(folder: Path, rounds: int) -> None:
    """Interleaved rounds."""
    products, token = folder / "products.json", secrets.token_urlsafe(24)
    await asyncio.to_thread(products.write_bytes, _products(_WORD))
    works, cores = _works(_products(_WORD)), sorted(os.sched_getaffinity(0))
    with _started(folder, products, token, cores[0]) as contestants, _only_on(cores[-1]):
        for each in contestants:
            await until_listening(each.port)
        for _ in range(rounds):
            for work in works:
                for each in contestants:
                    await each.play(work, token)
    for work in works:
        _show(work, contestants, rounds)


def _show(work: Work, contestants: Sequence[Contestant], rounds: int) -> None:
    ours = next(each for each in contestants if each.name == OURS).rounds[work.name]
    table = Table(
        f"POST {work.path}", "a second", "Smarts' is", "CPU each", "server busy",
        title=f"{work.name}: {CONNECTIONS} connections, one core; medians of {rounds} rounds",
    )  # fmt: skip
    for each in contestants:
        played = each.rounds[work.name]
        rates = [taken.rate for taken in played]
        table.add_row(
            each.name,
            f"{median(rates):,.0f}",
            "" if played is ours else times([taken.rate for taken in ours], rates),
            f"{median(taken.server / taken.rate for taken in played) * 1e6:,.0f} µs",
            f"{median(taken.server for taken in played):.0%}",
        )
    _console.print(table)
