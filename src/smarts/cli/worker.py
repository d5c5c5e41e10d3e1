"""`smarts worker`: delivers what must reach the nodes, and fires timers."""

from smarts.cli.database import migrated_database_url
from smarts.cli.output import console
from smarts.cli.parent import stop_with_parent
from smarts.cli.running import run, until_stopped
from smarts.edge.logs import log_to_standard_error
from smarts.gateway.app import open_gateway
from smarts.gateway.settings import Settings


def worker() -> None:
    """Deliver what must reach the nodes, fire timers, and forget in time what is not to be kept.

    Any number of workers share the work. Example: `SMARTS_DATABASE_URL=postgresql://… smarts worker`.
    """
    log_to_standard_error("worker")
    settings = Settings.from_environment()
    stop_with_parent()
    run(_work(settings))


async def _work(settings: Settings) -> None:
    async with (
        migrated_database_url(settings) as url,
        open_gateway(settings, url, serves=False) as parts,
        parts.working(),
    ):
        console.print("Smarts worker: delivering")
        await until_stopped()
