"""The worlds that journeys are tested in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.journeys.club import ClubWorld, club_world
from gateway.journeys.delivering import Delivering, delivering_world
from gateway.journeys.statements import Log, told_server
from gateway.journeys.world import World, small_world
from postgres_fixtures import TEMPLATE, database_urls
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import EmbeddedPostgres
from smarts.gateway.storage.migrations import migrate


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A gateway with its worker at work, and a merchant's node."""
    async with small_world(database_url) as made, made.gateway.working():
        yield made


@pytest.fixture
async def log_and_world(directory: Path) -> AsyncIterator[tuple[Log, World]]:
    """A gateway with its merchant's node, and what its database is sent."""
    async with told_server(directory) as server:
        async with Database.open(server.url(), connections=1) as database:
            await migrate(database)
        async with small_world(server.url()) as world:
            yield Log(server, directory), world


@pytest.fixture
async def club(database_url: str) -> AsyncIterator[ClubWorld]:
    """A merchant with loyalty cards."""
    async with club_world(database_url) as made, made.world.gateway.working():
        yield made


@pytest.fixture(scope="module")
async def delivering_store(postgres: EmbeddedPostgres) -> AsyncIterator[Delivering]:
    """A store that delivers, with its worker at work, for all tests of a file."""
    async for url in database_urls(postgres, TEMPLATE):
        async with delivering_world(url) as made, made.world.gateway.working():
            yield made


@pytest.fixture
async def delivering(delivering_store: Delivering) -> Delivering:
    """The same store on its usual terms, and a shopper whom it does not know yet."""
    return await delivering_store.anew()
