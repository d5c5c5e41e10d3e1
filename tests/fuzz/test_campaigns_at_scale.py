"""Campaigns that nobody means well with stop no sale and fill no memory; `make fuzz` does it with many more."""

import pytest

from fuzz.campaigns_at_scale import hostility

CAMPAIGNS, MEGABYTES = 2000, 40


@pytest.mark.timeout(240)
async def test_hostile_campaigns_stop_no_sale(database_url: str) -> None:
    """Every cart has a price, every request an answer below 500 in time, and the gateway's memory stays bounded."""
    found = await hostility(database_url, CAMPAIGNS, CAMPAIGNS // 2, seed=1)
    assert found.campaigns >= CAMPAIGNS
    assert found.grown < MEGABYTES
