from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from node.stores import TOKEN, GoldenStore, Shop, node_of
from serving import serving
from smarts.caller import Caller, Target
from smarts.wire.operations import Operation

Ask = Callable[..., Coroutine[Any, Any, Any]]


@asynccontextmanager
async def asking(app: Any) -> AsyncIterator[Ask]:
    """Serves an application; gives a function that calls its operations over HTTP."""
    caller = Caller(allow_private_addresses=True)
    try:
        async with serving(app) as address:

            async def ask(operation: Operation, body: Any = None, token: str = TOKEN) -> Any:
                return await caller.call(Target(address, token), operation, body)

            yield ask
    finally:
        await caller.close()


@pytest.fixture
async def ask() -> AsyncIterator[Callable[[Any], Coroutine[Any, Any, Ask]]]:
    async with AsyncExitStack() as stack:

        async def start(app: Any) -> Ask:
            return await stack.enter_async_context(asking(app))

        yield start


@pytest.fixture(scope="session")
def golden_store() -> GoldenStore:
    return GoldenStore()


@pytest.fixture(scope="session")
async def golden_node(golden_store: GoldenStore) -> AsyncIterator[Ask]:
    async with asking(node_of(golden_store)) as ask:
        yield ask


@pytest.fixture(scope="session")
async def shop_node() -> AsyncIterator[Ask]:
    async with asking(node_of(Shop())) as ask:
        yield ask
