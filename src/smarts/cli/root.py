"""The `smarts` command: its subcommands, and how their failures are told."""

import sys

import cyclopts

from smarts.cli import gateway, node
from smarts.cli.extras import missing_extra
from smarts.cli.lazy import add_command
from smarts.cli.output import complain
from smarts.edge.failures import ExplainedError

store = cyclopts.App(
    name="store",
    help="Add, list and show stores, and give them access tokens.\n\nExample: `smarts store list`.",
)
add_command(store, "smarts.cli.store:add")
add_command(store, "smarts.cli.store:list_stores", name="list")
add_command(store, "smarts.cli.store:show")
add_command(store, "smarts.cli.store:token")
add_command(store, "smarts.cli.store:signing_secret")

staff = cyclopts.App(
    name="staff",
    help="Add and list people of the staff, and give them new passwords.\n\nExample: `smarts staff list`.",
)
add_command(staff, "smarts.cli.staff:add")
add_command(staff, "smarts.cli.staff:password")
add_command(staff, "smarts.cli.staff:list_staff", name="list")

policy = cyclopts.App(
    name="policy",
    help="Try check policies on shoppers that are made up.\n\nExample: `smarts policy simulate`.",
)
add_command(policy, "smarts.cli.policy:simulate")

app = cyclopts.App(
    name="smarts",
    help="Open-source scan-and-go shopping for any store.\n\nExample: `smarts demo`.",
    version_flags=["--version"],
    result_action="return_value",
)
add_command(app, "smarts.cli.demo:demo")
app.command(gateway.app)
add_command(app, "smarts.cli.worker:worker")
add_command(app, "smarts.cli.migrate:migrate")
add_command(app, "smarts.cli.backup:backup")
add_command(app, "smarts.cli.backup:restore")
app.command(store)
add_command(app, "smarts.cli.resend:resend")
app.command(staff)
app.command(policy)
app.command(node.app)
add_command(app, "smarts.cli.try_node:try_node", name="try")
add_command(app, "smarts.cli.listen:listen")
add_command(app, "smarts.cli.trigger:trigger")


def main() -> None:
    """Runs a command and exits: 0 fine, 1 failed, 2 misused."""
    try:
        app(exit_on_error=False, print_error=True)
    except cyclopts.CycloptsError:
        sys.exit(2)
    except ExplainedError as failure:
        _fail(str(failure))
    except ImportError as error:
        if not (extra := missing_extra(error)):
            raise
        _fail(f'this needs the extra "{extra}": pip install "smarts[{extra}]"')


def _fail(message: str) -> None:
    complain(message)
    sys.exit(1)
