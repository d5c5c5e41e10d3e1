"""What the tests of a store's tabs begin with."""

import pytest

from gateway.journeys.world import World


@pytest.fixture
def here(world: World) -> str:
    """Where the pages of the world's store are."""
    return f"/manage/stores/{world.institution_id}"
