"""Whatever those who may come in send to a whole gateway, it answers below 500; `make fuzz` asks more often."""

import pytest

from fuzz.doors import STRIPE, fuzz_doors
from gateway.journeys.world import small_world
from isolation.estates import WholeMerchant
from isolation.street import made_street

REQUESTS, SECONDS = 600, 25.0


@pytest.mark.timeout(240)
async def test_spoiled_requests(database_url: str) -> None:
    """Paths, queries, headers, documents and forms, spoiled at every door of the API and of the pages."""
    async with small_world(database_url, merchant=WholeMerchant(), **STRIPE) as world:
        answers = await fuzz_doors(await made_street(world), REQUESTS, SECONDS, seed=1)
    assert answers.total() > 50
