"""The world that pages are tested in."""

from collections.abc import AsyncIterator

import pytest

from gateway.journeys.world import World, small_world
from gateway.web.browsing import Browser, browser, signed_in
from smarts.gateway.parties import Role


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A gateway and a merchant's node; nothing is delivered by itself."""
    async with small_world(database_url) as made:
        yield made


@pytest.fixture
async def visitor(world: World) -> AsyncIterator[Browser]:
    """A browser of somebody who has not signed in."""
    async with browser(world) as made:
        yield made


@pytest.fixture
async def manager(world: World) -> AsyncIterator[Browser]:
    """A browser of a manager of the world's merchant."""
    async with signed_in(world, Role.MANAGER) as made:
        yield made


@pytest.fixture
async def operator(world: World) -> AsyncIterator[Browser]:
    """A browser of an operator."""
    async with signed_in(world, Role.OPERATOR) as made:
        yield made
