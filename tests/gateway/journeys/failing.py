"""A store that has every feature, and whose node can be made to fail in each way that nodes fail in."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from gateway.journeys.club import Club
from gateway.journeys.delivering import Delivering, DeliveringMerchant, delivering_world
from gateway.journeys.world import NODE_TOKEN
from serving import serving
from smarts.caller import Target

HANGING, BROKEN, DEAD = "hanging", "broken", "dead"
WAYS = (HANGING, BROKEN, DEAD)


class Everything(DeliveringMerchant, Club):
    """A node with all features."""


class FailingNode:
    """Passes everything on to a node that works, until it fails: then it hangs, or answers 500, at all or some paths.

    `asked` are the paths of all that came.
    """

    def __init__(self, node: Any) -> None:
        self._node = node
        self.way = ""
        self.paths: tuple[str, ...] = ()
        self.asked: list[str] = []

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        path = scope["path"]
        self.asked.append(path)
        if not self.way or (self.paths and path not in self.paths):
            await self._node(scope, receive, send)
        elif self.way == HANGING:
            while (await receive())["type"] != "http.disconnect":
                pass
        else:
            headers = [(b"content-type", b"text/html")]
            await send({"type": "http.response.start", "status": 500, "headers": headers})
            await send({"type": "http.response.body", "body": json.dumps("oops").encode()})


class FailingStore:
    """The store, with its shopper and staff, and the node in front of its merchant."""

    def __init__(self, store: Delivering, node: FailingNode) -> None:
        self.store = store
        self.world = store.world
        self.node = node
        self._port = 0
        self._serving: Any = None

    async def serve(self) -> None:
        """The node is there, always at the same address."""
        self._serving = serving(self.node, port=self._port)
        url = await self._serving.__aenter__()
        self._port = int(url.rpartition(":")[2])

    async def stop(self) -> None:
        """The node is gone."""
        if self._serving:
            await self._serving.__aexit__(None, None, None)
        self._serving = None

    async def move_in(self) -> None:
        """The store's node is this one from now on."""
        target = Target(f"http://127.0.0.1:{self._port}", NODE_TOKEN)
        async with self.world.gateway.database.transaction() as tx:
            await self.world.gateway.registry.set(tx, self.world.institution_id, target)
        await self.world.gateway.watcher.ask(self.world.institution_id)

    async def fail(self, way: str, *paths: str) -> None:
        """The node fails from now on."""
        if way == DEAD:
            await self.stop()
        self.node.way, self.node.paths = way, paths

    async def recover(self) -> None:
        """The node works again; nobody is told."""
        self.node.way = ""
        if self._serving is None:
            await self.serve()

    def asked(self, path: str) -> int:
        """How often the node was asked at a path."""
        return self.node.asked.count(path)


@asynccontextmanager
async def failing_store(database_url: str, **settings: Any) -> AsyncIterator[FailingStore]:
    """A gateway and such a store; nobody delivers messages yet."""
    nodes: list[FailingNode] = []

    def in_front(node: Any) -> FailingNode:
        nodes.append(FailingNode(node))
        return nodes[0]

    async with delivering_world(database_url, merchant=Everything(), in_front=in_front, **settings) as store:
        failing = FailingStore(store, nodes[0])
        await failing.serve()
        try:
            await failing.move_in()
            yield failing
        finally:
            await failing.stop()
