"""What does not work is told to the store's manager, within bounds."""

import asyncio

import pytest

from gateway.nodes.parts import Talkers, watch
from serving import serving
from smarts.gateway.storage.database import Database
from smarts.wire.errors import ProblemError
from smarts.wire.operations import CATEGORIES
from smarts.wire.products import ProductSearchRequest

NOWHERE = "http://127.0.0.1:9"


async def test_nonsense_is_reported_with_its_place(database: Database, database_url: str) -> None:
    """The manager reads which operation was answered wrongly and where, and how often; being down is no nonsense."""
    talkers = Talkers()
    path = "/store/product/search/category"
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        for told, status in (([{"id": 7}], 502), ([{"id": 7}], 502), (503, 503)):
            talkers.answers[path] = told
            with pytest.raises(ProblemError) as failed:
                await parts.nodes.call("store", CATEGORIES, ProductSearchRequest())
            assert failed.value.problem.status == status
        [report] = await parts.states.reports("store", 10, None)
        assert (report.operation, report.times) == ("product.search.category", 2)
        assert "answered wrongly at $[0].id" in report.detail
        assert report.first_at < report.last_at


async def test_the_same_report_is_counted_however_many_tell_it_at_once(
    database: Database, database_url: str
) -> None:
    """No report is lost and none is there twice; another store's are its own."""
    async with watch(database, database_url) as parts:
        await parts.add("one", NOWHERE)
        await parts.add("other", NOWHERE)
        await asyncio.gather(
            *(parts.nodes.report(store, "receipt", "odd") for store in ("one", "other") for _ in range(25))
        )
        for store in ("one", "other"):
            assert [each.times for each in await parts.states.reports(store, 10, None)] == [25]


async def test_the_latest_two_hundred_are_kept(database: Database, database_url: str) -> None:
    """The newest first and page by page; what came again lately stays, and no report is longer than 500 characters."""
    async with watch(database, database_url) as parts:
        await parts.add("store", NOWHERE)
        await parts.nodes.report("store", "receipt", "first")
        for number in range(200):
            if number == 100:
                await parts.nodes.report("store", "receipt", "first")
            await parts.nodes.report("store", "receipt", f"{number}".rjust(4, "0") * 200)
        told = await parts.states.reports("store", 300, None)
        assert len(told) == 200
        assert told[0].detail == ("0199" * 200)[:500]
        assert [each.detail for each in told if each.times == 2] == ["first"]
        assert "0000" not in {each.detail[:4] for each in told}
        pages, after = [], None
        while page := await parts.states.reports("store", 70, after):
            pages += page
            after = page[-1].id
        assert tuple(pages) == told
