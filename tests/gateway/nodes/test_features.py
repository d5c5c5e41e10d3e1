"""Nodes are asked for the features that they name, and for no others."""

import pytest

from gateway.nodes.parts import VERSION, Talkers, watch
from serving import serving
from smarts.caller import Refused
from smarts.gateway.storage.database import Database
from smarts.wire.nodes import Feature
from smarts.wire.offers import OfferSearchRequest
from smarts.wire.operations import CATEGORIES, FIND_OFFERS
from smarts.wire.products import ProductSearchRequest

OFFERS = "/store/offer/search"
WHOSE = OfferSearchRequest(institution_id="store")


async def test_a_feature_that_a_node_does_not_name_is_not_asked_for(
    database: Database, database_url: str
) -> None:
    """The answer is the one that the node itself would give, and the node hears nothing of the question."""
    talkers = Talkers()
    talkers.answers = {OFFERS: [], "/store/version": {**VERSION, "features": ["invoices"]}}
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        await parts.watcher.ask("store")
        for ask in (parts.nodes.call, parts.nodes.attempt):
            with pytest.raises(Refused) as refused:
                await ask("store", FIND_OFFERS, WHOSE)
            assert (refused.value.problem.type, refused.value.problem.status) == ("feature-absent", 404)
        assert talkers.asked[OFFERS] == 0
        offered = {feature for feature in Feature if await parts.nodes.offers_feature("store", feature)}
        assert offered == {Feature.NODE, Feature.PRODUCT_SEARCH, Feature.INVOICES}


async def test_features_appear_and_disappear_with_the_nodes_version(
    database: Database, database_url: str
) -> None:
    """From the answer on that names a feature it is asked for, until one comes that does not."""
    talkers = Talkers()
    talkers.answers[OFFERS] = []
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        for features, times in ((["offers"], 1), ([], 1), (["offers", "telepathy"], 2)):
            talkers.answers["/store/version"] = {**VERSION, "features": features}
            await parts.watcher.ask("store")
            if await parts.nodes.offers_feature("store", Feature.OFFERS):
                assert await parts.nodes.call("store", FIND_OFFERS, WHOSE) == ()
            assert talkers.asked[OFFERS] == times


async def test_a_node_that_has_not_told_yet_is_asked_for_everything(
    database: Database, database_url: str
) -> None:
    """A store is not closed because its node's version could not be had."""
    talkers = Talkers()
    talkers.answers = {OFFERS: [], "/store/version": 500}
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        for _ in range(2):
            assert all([await parts.nodes.offers_feature("store", feature) for feature in Feature])
            assert await parts.nodes.call("store", FIND_OFFERS, WHOSE) == ()
            await parts.watcher.ask("store")


async def test_products_are_searched_for_at_every_node(database: Database, database_url: str) -> None:
    """A version does not name what every node must have."""
    talkers = Talkers()
    talkers.answers = {"/store/product/search/category": [], "/store/version": {**VERSION, "features": []}}
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        await parts.watcher.ask("store")
        assert await parts.nodes.call("store", CATEGORIES, ProductSearchRequest()) == ()
