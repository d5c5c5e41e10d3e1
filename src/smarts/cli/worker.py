"""`smarts worker`: delivers what must reach the nodes, and fires timers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from smarts.cli.database import migrated_database_url
from smarts.cli.output import console
from smarts.cli.parent import stop_with_parent
from smarts.cli.running import (
    leave_alone_what_is_loaded,
    require_free_port,
    run,
    tell_supervisor,
    until_stopped,
)
from smarts.edge.logs import log_to_standard_error
from smarts.edge.server import serving
from smarts.edge.tracing import traced
from smarts.gateway.app import Gateway, observation, open_gateway
from smarts.gateway.settings import Settings


def worker() -> None:
    """Deliver what must reach the nodes, fire timers, and forget in time what is not to be kept.

    Any number of workers share the work. Example: `SMARTS_DATABASE_URL=postgresql://… smarts worker`.
    """
    log_to_standard_error("worker")
    settings = Settings.from_environment()
    if settings.metrics_port:
        require_free_port(settings.host, settings.metrics_port, "SMARTS_METRICS_PORT")
    stop_with_parent()
    with traced("smarts-worker"):
        run(_work(settings))


async def _work(settings: Settings) -> None:
    async with (
        migrated_database_url(settings) as url,
        open_gateway(settings, url, serves=False) as parts,
        _observed(parts, settings),
        parts.working(),
    ):
        leave_alone_what_is_loaded()
        console.print("Smarts worker: delivering")
        tell_supervisor("READY=1")
        await until_stopped()
        tell_supervisor("STOPPING=1")


@asynccontextmanager
async def _observed(parts: Gateway, settings: Settings) -> AsyncIterator[None]:
    """Tells machines how the worker is until it has stopped, where that is wanted."""
    async with AsyncExitStack() as stack:
        if settings.metrics_port:
            served = serving(observation(parts), settings.host, settings.metrics_port)
            await stack.enter_async_context(served)
        yield
