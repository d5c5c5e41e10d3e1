from collections.abc import AsyncIterator

import aiohttp
import pytest

from edge.parts import example_app
from serving import serving


@pytest.fixture(scope="session")
async def address() -> AsyncIterator[str]:
    async with serving(example_app(body_seconds=0.3)) as address:
        yield address


@pytest.fixture(scope="session")
async def http(address: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(address) as session:
        yield session
