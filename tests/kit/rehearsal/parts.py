"""Nodes to rehearse with, and what rehearsals print."""

import json
from collections.abc import AsyncIterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli.commands import Ended, smarts
from serving import serving
from smarts.demo.catalogue import invented_catalogue, members_catalogue
from smarts.demo.database import Database
from smarts.demo.store import DemoStore

TOKEN = "the-token-of-the-node"
BREAD = "2000010000104"
BANANAS = "2306001000000"


async def demo_node(folder: Path, checked_share: str) -> AsyncIterator[str]:
    """A demo store's node with every feature, which checks this share of the larger carts in full."""
    with closing(Database(folder / "store.sqlite3")) as database:
        store = DemoStore.on(database, invented_catalogue(), members_catalogue(), Decimal(checked_share))
        async with serving(store.node(TOKEN)) as address:
            yield address


async def told(ended: Ended) -> list[dict[str, Any]]:
    """The exchanges that a command printed as lines of JSON."""
    return [json.loads(line) for line in ended.out.splitlines()]


async def tried(node: str, script: str, folder: Path, *more: str) -> Ended:
    """Plays a script against a node."""
    file = folder / "script.txt"
    file.write_text(script)
    return await smarts("try", node, "--token", TOKEN, "--script", str(file), *more)
