"""A ready node over a shop system, as the conformance kit sees it."""

import pytest

from ready.connectors.parts import (
    TOKEN,
    odoo_settings,
    shop_over,
    stocked_odoo,
    stocked_woocommerce,
    woocommerce_settings,
)
from smarts.kit.client import Client
from smarts.kit.examination import chosen, examine
from smarts.kit.runner import Outcome
from smarts.kit.score import score
from smarts.kit.subject import Subject

OVER = {
    "odoo": (stocked_odoo, odoo_settings),
    "woocommerce": (stocked_woocommerce, woocommerce_settings),
}


@pytest.mark.parametrize("name", OVER)
async def test_the_kit_finds_nothing_to_say(name, tmp_path):
    """All that is required of a node is met by one over a shop system, too."""
    make, settings = OVER[name]
    async with shop_over(make(), settings, tmp_path) as shop, Client() as client:
        examination = await examine(Subject(client, await shop.address(), TOKEN), chosen(()))
        broken = [
            (each.requirement.id, each.expected, each.seen)
            for each in examination.results
            if each.outcome is Outcome.FAILED
        ]
        assert broken == []
        assert score(examination.results).percent == 100
