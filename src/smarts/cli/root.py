"""The `smarts` command: its subcommands, and how their failures are told."""

import sys

import cyclopts

from smarts.cli import demo, gateway, migrate, node, resend, staff, store, worker
from smarts.cli.output import CommandFailedError, complain
from smarts.gateway.settings import SettingError
from smarts.gateway.storage.database import StorageUnavailableError
from smarts.gateway.storage.embedded import EmbeddedPostgresError
from smarts.gateway.storage.migrations import MigrationError

app = cyclopts.App(
    name="smarts",
    help="Open-source scan-and-go shopping for any store.\n\nExample: `smarts demo`.",
    version_flags=["--version"],
    result_action="return_value",
)
app.command(demo.demo)
app.command(gateway.gateway)
app.command(worker.worker)
app.command(migrate.migrate)
app.command(store.app)
app.command(resend.resend)
app.command(staff.app)
app.command(node.app)

_FAILURES = (
    CommandFailedError,
    SettingError,
    StorageUnavailableError,
    EmbeddedPostgresError,
    MigrationError,
)


def main() -> None:
    """Runs a command and exits: 0 fine, 1 failed, 2 misused."""
    try:
        app(exit_on_error=False, print_error=True)
    except cyclopts.CycloptsError:
        sys.exit(2)
    except _FAILURES as failure:
        complain(str(failure))
        sys.exit(1)
