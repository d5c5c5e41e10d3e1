"""The worlds that the shopper's app is tested in, a browser, and a phone."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from gateway.journeys.club import ClubWorld, club_world
from gateway.journeys.delivering import Delivering, delivering_world
from gateway.journeys.world import World, small_world
from gateway.web.phones import Phone, chromium, phone


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser for all tests of a file; each phone has a context of its own."""
    async with chromium() as opened:
        yield opened


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A gateway with its worker at work, and a merchant's node."""
    async with small_world(database_url) as made, made.gateway.working():
        yield made


@pytest.fixture
async def club(database_url: str) -> AsyncIterator[ClubWorld]:
    """A merchant with loyalty cards."""
    async with club_world(database_url) as made, made.world.gateway.working():
        yield made


@pytest.fixture
async def delivering(database_url: str) -> AsyncIterator[Delivering]:
    """A store that delivers."""
    async with delivering_world(database_url) as made, made.world.gateway.working():
        yield made


@pytest.fixture
async def shopper(browser: Browser, world: World) -> AsyncIterator[Phone]:
    """Somebody new at the store's door."""
    async with phone(browser, world) as made:
        yield made
