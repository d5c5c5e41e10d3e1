"""A whole gateway for the time of a check: an embedded PostgreSQL in a folder that goes away with it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from smarts.cli.database import bring_up_to_date
from smarts.edge.logs import log_to_standard_error
from smarts.edge.server import Server
from smarts.gateway.app import Gateway, application, open_gateway
from smarts.gateway.parties import Role
from smarts.gateway.settings import Settings
from smarts.gateway.storage.embedded import embedded_postgres

_QUICK = {"fsync": "off", "full_page_writes": "off"}  # nothing of it is kept


class _Server(Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the command, which stops everything."""
        yield


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="smarts-check-") as path:
        Path(path).chmod(0o711)  # PostgreSQL may run under another account
        yield Path(path)


@asynccontextmanager
async def own_gateway() -> AsyncIterator[tuple[str, str]]:
    """The address of a gateway at work, and the token of a manager there."""
    log_to_standard_error(level=logging.ERROR)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(_folder())
        server = await stack.enter_async_context(
            embedded_postgres(folder / "database", settings=_QUICK, on_progress=lambda _: None)
        )
        await bring_up_to_date(server.url())
        settings = Settings(
            database_url=server.url(),
            allow_private_nodes=True,
            sandbox_payments=True,
            joins_per_hour=1_000_000,
        )
        gateway = await stack.enter_async_context(open_gateway(settings, server.url()))
        await stack.enter_async_context(gateway.working())
        yield await stack.enter_async_context(_serving(gateway)), await _manager(gateway)


@asynccontextmanager
async def _serving(gateway: Gateway) -> AsyncIterator[str]:
    server = _Server(application(gateway), port=0)
    running = asyncio.create_task(server.serve())
    try:
        await server.ready()
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.should_exit = True
        await running


async def _manager(gateway: Gateway) -> str:
    async with gateway.database.transaction() as tx:
        merchant_id = await gateway.stores.merchant(tx, "Smarts conformance check")
        return await gateway.people.add_staff(tx, "Conformance", Role.MANAGER, merchant_id, frozenset())
