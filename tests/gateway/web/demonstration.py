"""A gateway that was started as a demonstration, before the demo store's own node."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from demo.parts import store_on
from gateway.journeys.world import Merchant, World
from gateway.web.browsing import Person
from serving import serving
from smarts.cli import demo_page, demo_store
from smarts.cli.demo_store import Tokens
from smarts.demo.catalogue import example_barcodes, invented_catalogue
from smarts.demo.database import Database
from smarts.gateway.app import Gateway, application, open_gateway
from smarts.gateway.parties import Role
from smarts.gateway.settings import Settings
from smarts.node import Gateway as WayBack
from smarts.node import Node

BARCODES = example_barcodes(invented_catalogue())


@dataclass(frozen=True)
class Demonstration:
    """The world, and what its starter remembers of it."""

    world: World
    tokens: Tokens

    def person(self, role: Role) -> Person:
        """With what somebody of the demonstration's staff signs in."""
        account = next(account for account in self.tokens.accounts if account.role is role)
        return Person("", account.email, account.password)


@asynccontextmanager
async def demonstration(
    database_url: str, folder: Path, host: str = "127.0.0.1", barcodes: tuple[str, ...] = BARCODES
) -> AsyncIterator[Demonstration]:
    """One as `smarts demo` starts it, in this process; nothing is delivered by itself."""
    settings = Settings(database_url=database_url, allow_private_nodes=True, sandbox_payments=True)
    file = demo_page.page_file(folder)
    async with AsyncExitStack() as exits:
        database = Database(folder / "store.sqlite3")
        exits.callback(database.close)
        late = _Late()
        node_address = await exits.enter_async_context(serving(late))
        async with open_gateway(settings, database_url) as before:
            tokens = await demo_store.made(before, node_address)
        late.node = store_on(database, "0").node(tokens.node_access_token)
        file.write_bytes(demo_page.page_content(tokens, barcodes, host, 8080))
        gateway = await exits.enter_async_context(
            open_gateway(replace(settings, demo=str(file)), database_url)
        )
        yield Demonstration(await _world(gateway, tokens, database_url, exits), tokens)


async def _world(gateway: Gateway, tokens: Tokens, database_url: str, exits: AsyncExitStack) -> World:
    url = await exits.enter_async_context(serving(application(gateway)))
    session = await exits.enter_async_context(aiohttp.ClientSession())
    store, token = tokens.institution_id, tokens.institution_access_token
    back = await exits.enter_async_context(WayBack(url, token, store))
    return World(gateway, url, session, Merchant(), store, token, back, database_url, exits)


class _Late:
    """The node, whose token is known only when its address is."""

    node: Node

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        await self.node(scope, receive, send)  # type: ignore[arg-type]
