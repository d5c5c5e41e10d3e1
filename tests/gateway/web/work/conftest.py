"""The store that the worker's app is tested in, and a browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from gateway.journeys.world import World, small_world
from gateway.web.phones import chromium
from smarts.wire.control import Decision


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser for all tests of a file; each desk and phone has a context of its own."""
    async with chromium() as opened:
        yield opened


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store that checks everything, with its worker process at work."""
    async with small_world(database_url) as made, made.gateway.working():
        made.merchant.decision = Decision.FULL
        yield made
