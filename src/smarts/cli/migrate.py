"""`smarts migrate`: brings the database's tables up to date."""

from smarts.cli.database import bring_up_to_date, database_url
from smarts.cli.output import console, print_json
from smarts.cli.running import run
from smarts.edge.logs import log_to_standard_error
from smarts.gateway.settings import Settings


def migrate(*, json: bool = False) -> None:
    """Bring the database's tables up to date; safe to run again, and from several machines at once.

    Example: `SMARTS_DATABASE_URL=postgresql://… smarts migrate`.

    Parameters
    ----------
    json:
        Print what was applied as JSON.
    """
    log_to_standard_error()
    run(_migrate(Settings.from_environment(), json=json))


async def _migrate(settings: Settings, *, json: bool) -> None:
    async with database_url(settings) as url:
        applied = await bring_up_to_date(url)
    if json:
        print_json({"applied": applied})
    else:
        console.print("\n".join(f"applied {name}" for name in applied) or "The database is up to date.")
