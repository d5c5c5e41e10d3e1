"""The worlds that journeys are tested in."""

from collections.abc import AsyncIterator

import pytest

from gateway.journeys.world import World, small_world


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A gateway with its worker at work, and a merchant's node."""
    async with small_world(database_url) as made, made.gateway.working():
        yield made
