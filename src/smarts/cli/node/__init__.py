"""`smarts node`: make a connection node, run a ready one, prove any against the contract."""

import cyclopts

app = cyclopts.App(
    name="node",
    help="Make a connection node, run a ready one, check any.\n\nExample: `smarts node new my-store`.",
)
