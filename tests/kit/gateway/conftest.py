"""The gateway that the kit's checks of gateways are proven on: one for the whole run."""

from collections.abc import AsyncIterator

import pytest

from kit.gateway.checked import Checked, checked_gateway
from postgres_fixtures import TEMPLATE, database_urls
from smarts.gateway.storage.embedded import EmbeddedPostgres


@pytest.fixture(scope="session")
async def checked(postgres: EmbeddedPostgres) -> AsyncIterator[Checked]:
    """A gateway at work, two stores in it, and proxies that forward everything as it is."""
    async for url in database_urls(postgres, TEMPLATE):
        async with checked_gateway(url) as made:
            yield made
