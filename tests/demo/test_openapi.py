"""The node's OpenAPI document holds for the demo store, whatever strangers send."""

from pathlib import Path

import pytest

from serving import serving
from smarts.demo.catalogue import invented_catalogue
from smarts.demo.ledger import Ledger
from smarts.demo.store import DemoStore
from smarts.node import Node
from strangers import strangers_call

TOKEN = "the-token-of-the-demo-node-in-tests"


@pytest.mark.timeout(400)
async def test_the_demo_node_does_as_its_document_says(tmp_path: Path) -> None:
    """The same for the node that the starter makes."""
    ledger = Ledger(tmp_path / "store.sqlite3")
    node = Node(DemoStore(invented_catalogue(), ledger), token=TOKEN, name="Demo", version="1")
    async with serving(node) as url:
        await strangers_call(url, "^/", {"accessToken": TOKEN}, tmp_path)
    ledger.close()
