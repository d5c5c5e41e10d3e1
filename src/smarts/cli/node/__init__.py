"""`smarts node`: make a connection node, run a ready one, prove any against the contract."""

import cyclopts

from smarts.cli.lazy import add_command

app = cyclopts.App(
    name="node",
    help="Make a connection node, run a ready one, check any.\n\nExample: `smarts node new my-store`.",
)
add_command(app, "smarts.cli.node.new:new")
add_command(app, "smarts.cli.node.run:run_node", name="run")
add_command(app, "smarts.cli.node.sales:node_sales", name="sales")
add_command(app, "smarts.cli.node.check:check")
