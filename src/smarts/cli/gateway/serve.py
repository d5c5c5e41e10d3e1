"""The gateway as a process."""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

from smarts.cli.database import migrated_database_url
from smarts.cli.output import console
from smarts.cli.parent import stop_with_parent
from smarts.cli.running import (
    leave_alone_what_is_loaded,
    require_free_port,
    run,
    stop_signals,
    tell_supervisor,
)
from smarts.edge.logs import log_to_standard_error
from smarts.edge.server import Server
from smarts.edge.tracing import traced
from smarts.gateway.app import application, open_gateway
from smarts.gateway.settings import Settings

_GRACE_SECONDS = 30  # longer than any answer takes


def serve(host: str | None, port: int | None) -> None:
    """Serves until it is told to stop; what is not given is as the environment says."""
    log_to_standard_error("gateway")
    settings = Settings.from_environment()
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    require_free_port(settings.host, settings.port, "--port (SMARTS_PORT) or --host (SMARTS_HOST)")
    stop_with_parent()
    with traced("smarts-gateway"):
        run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(migrated_database_url(settings))
        parts = await stack.enter_async_context(open_gateway(settings, url, works=not settings.database_url))
        if not settings.database_url:
            await stack.enter_async_context(parts.working())
        console.print(f"Smarts gateway: http://{settings.host}:{settings.port}/docs")
        stop_signals()  # or else the signal that stops uvicorn ends this process at once, with all the rest open
        server = Server(
            application(parts, access_log=settings.access_log),
            settings.host,
            settings.port,
            drain=settings.drain.total_seconds(),
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        serving = asyncio.create_task(server.serve())
        with suppress(RuntimeError):  # it stopped before that, and says why itself
            await server.ready()
            leave_alone_what_is_loaded()
            tell_supervisor("READY=1")
        await serving
