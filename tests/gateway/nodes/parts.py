"""What the nodes' tests share: nodes that answer as they are told to, and the parts that ask them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from smarts.caller import Caller, Target
from smarts.gateway.nodes.board import CHANNEL as BREAKERS
from smarts.gateway.nodes.board import Board
from smarts.gateway.nodes.bulkheads import Bulkheads
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.nodes.model import NodeRecord, Rhythm
from smarts.gateway.nodes.registry import CHANNEL, Registry
from smarts.gateway.nodes.states import States
from smarts.gateway.nodes.watching import Watcher
from smarts.gateway.parties import Store, Switches
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.notices import Notices
from smarts.gateway.stores.service import Stores
from smarts.wire.invoices import SellerParty
from smarts.wire.money import Currency
from smarts.wire.times import TimeZone

NODE_TOKEN = "the-node's-token"
HANGS = object()
VERSION = {"name": "Till", "version": "7.1", "contract": "1.0", "features": ["invoices", "offers"]}
UP = {"status": "UP", "checks": {}}
OFTEN = Rhythm(timedelta(milliseconds=1), timedelta(hours=1))
RARELY = Rhythm(timedelta(hours=1), timedelta(hours=1))


class Talkers:
    """Any number of nodes behind one address: the first part of the path is the store's id.

    `answers` are what is said under a path: a document (bytes as they are), a status, `HANGS`, or something to wait
    for. All that is not told there is answered well. `asked` counts the questions by path, `most_at_once` those that
    were open together.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: Counter[str] = Counter()
        self.most_at_once = 0
        self._open = 0
        self._news = asyncio.Condition()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        async with self._news:
            self.asked[path] += 1
            self._news.notify_all()
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            told = self.answers.get(path, UP if path.endswith("/health") else VERSION)
            if told is HANGS:
                await _until_given_up(receive)
            else:
                await self._answer(told, send)
        finally:
            self._open -= 1

    async def until_asked(self, path: str, times: int) -> None:
        """Waits for this many questions."""
        async with self._news:
            await self._news.wait_for(lambda: self.asked[path] >= times)

    async def _answer(self, told: Any, send: Any) -> None:
        if callable(told):
            told = await told()
        status, body = (told, {}) if isinstance(told, int) else (200, told)
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": data})


async def _until_given_up(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@dataclass
class Watch:
    """The parts that ask nodes, and what they found."""

    database: Database
    registry: Registry
    states: States
    nodes: Nodes
    watcher: Watcher
    bulkheads: Bulkheads
    board: Board

    async def add(self, institution_id: str, address: str) -> None:
        """A store whose node is at an address; a store that is there gets another node."""
        store = Store(
            institution_id=institution_id,
            merchant_id="",
            name=institution_id,
            seller=SellerParty(unique_code=institution_id),
            currency=Currency.EUR,
            time_zone=TimeZone("Europe/Tallinn"),
            switches=Switches(),
            campaigns=(),
        )
        stores = Stores(self.database)
        async with self.database.transaction() as tx:
            merchant_id = await stores.merchant(tx, "Merchant")
            await stores.put(tx, msgspec.structs.replace(store, merchant_id=merchant_id))
            await self.registry.set(tx, institution_id, Target(address, NODE_TOKEN))

    async def record(self, institution_id: str) -> NodeRecord:
        """What is known of a store's node."""
        return (await self.states.records([institution_id]))[institution_id]

    async def until(self, institution_id: str, condition: Callable[[NodeRecord], Any]) -> NodeRecord:
        """What is known of a node, once that is as it shall be; the test's own time limit ends the wait."""
        while True:
            record = await self.record(institution_id)
            if condition(record):
                return record


@asynccontextmanager
async def watch(
    database: Database,
    url: str,
    rhythm: Rhythm = RARELY,
    bulkheads: Mapping[str, Any] | None = None,
    **limits: Any,
) -> AsyncIterator[Watch]:
    """The parts, with a watcher that is not running yet; `bulkheads` and `limits` are what those two are given."""
    caller, board = Caller(allow_private_addresses=True), Board(database)
    registry, states = Registry(database, allow_private_addresses=True), States(database)
    async with Notices.open(url, channels=(CHANNEL, BREAKERS)) as notices:
        before = Bulkheads(registry, caller, board, notices, **(bulkheads or {}))
        nodes = Nodes(registry, states, caller, before)
        watcher = Watcher(states, nodes, notices, rhythm, **limits)
        try:
            async with before.running():
                yield Watch(database, registry, states, nodes, watcher, before, board)
        finally:
            await caller.close()
