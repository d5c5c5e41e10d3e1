"""Nodes to rehearse with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.rehearsal.parts import demo_node


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[str]:
    """A demo store's node, with every feature; it checks nobody by chance."""
    async for address in demo_node(tmp_path, "0"):
        yield address


@pytest.fixture
async def locking_node(tmp_path: Path) -> AsyncIterator[str]:
    """A demo store's node that checks all carts of three products in full."""
    async for address in demo_node(tmp_path, "1"):
        yield address
