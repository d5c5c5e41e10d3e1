"""A good node with every feature, for the kit to look at."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.parts import TOKEN, store_on
from serving import serving
from smarts.demo.database import Database
from smarts.kit.client import Client


@pytest.fixture(scope="session")
def good_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The demo store's node, which has every feature."""
    folder: Path = tmp_path_factory.mktemp("kit")
    database = Database(folder / "store.sqlite3")
    yield store_on(database).node(TOKEN)
    database.close()


@pytest.fixture(scope="session")
async def good_node(good_app: Any) -> AsyncIterator[str]:
    """The address of the good node."""
    async with serving(good_app) as address:
        yield address


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client() as client:
        yield client
