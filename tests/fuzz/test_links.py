"""Requests that use what earlier ones have made are answered as the documents say; `make fuzz` walks further."""

import pytest

from fuzz.links import follow_manager, follow_node, follow_shopper
from gateway.journeys.delivering import DeliveringMerchant
from gateway.journeys.world import small_world

WALKS = 4


@pytest.mark.timeout(240)
async def test_links_of_the_gateway(database_url: str) -> None:
    """From a cart to its lines, check-out, payment and order, and from a store to all that a manager does there."""
    async with small_world(database_url, merchant=DeliveringMerchant()) as world, world.gateway.working():
        assert "Stateful" in await follow_shopper(world, WALKS)
        assert "Stateful" in await follow_manager(world, WALKS)


@pytest.mark.timeout(120)
async def test_links_of_a_node() -> None:
    """The same of a node, as far as its answers name what it can be asked."""
    assert await follow_node(WALKS)
