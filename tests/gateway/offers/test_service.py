"""Offers as shoppers see them: those of today, by the store's own calendar, whatever else the node says."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from gateway.nodes.parts import Talkers, Watch, watch
from serving import serving
from smarts.gateway.offers.service import Offers
from smarts.gateway.parties import Shopper, Store, Switches
from smarts.gateway.storage.database import Database
from smarts.wire.examples import example_object
from smarts.wire.invoices import SellerParty
from smarts.wire.money import Currency
from smarts.wire.offers import DefaultOffer, DiscountOffer, ProductRelatedOffer
from smarts.wire.times import TimeZone

PATH = "/store/offer/search"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHOPPER = Shopper(person_id="person", lang_code="ET", client=False)
STORE = Store(
    institution_id="store",
    merchant_id="merchant",
    name="Nurgapood",
    seller=SellerParty(unique_code="store"),
    currency=Currency.EUR,
    time_zone=TimeZone("Europe/Tallinn"),
    switches=Switches(),
    campaigns=(),
)


def offer(identity: str, start: str | None = None, end: str | None = None) -> dict[str, Any]:
    """An offer of words, as a node sends it."""
    days = {"startDate": start, "endDate": end}
    told = {"type": "DEFAULT", "id": identity, "title": {"originalText": identity}}
    return told | {name: day for name, day in days.items() if day}


async def shown(parts: Watch, at: datetime = NOON, zone: str = "Europe/Tallinn") -> list[str]:
    """The ids of the offers that a shopper sees at a moment."""
    store = msgspec.structs.replace(STORE, time_zone=TimeZone(zone))
    found = await Offers(parts.nodes, lambda: at).of(store, SHOPPER, (), None)
    return [each.id for each in found]


async def test_all_three_kinds_are_shown(database: Database, database_url: str) -> None:
    """Each kind comes as the node sent it, in the node's order."""
    talkers = Talkers()
    names = ("DefaultOffer", "ProductRelatedOffer", "DiscountOffer")
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        told = [dict(example_object(name)) for name in names]
        for each in told:
            each.pop("startDate", None)
            each.pop("endDate", None)
        talkers.answers[PATH] = told
        found = await Offers(parts.nodes, lambda: NOON).of(STORE, SHOPPER, (), None)
    assert [type(each) for each in found] == [DefaultOffer, ProductRelatedOffer, DiscountOffer]
    assert [each.id for each in found] == [each["id"] for each in told]


async def test_offers_are_shown_from_their_first_to_their_last_day(
    database: Database, database_url: str
) -> None:
    """Both days count, either may be left open, and one that ends before it begins is never on."""
    talkers = Talkers()
    talkers.answers[PATH] = [
        offer("always"),
        offer("until yesterday", end="2026-11-22"),
        offer("until today", end="2026-11-23"),
        offer("from today", start="2026-11-23"),
        offer("from tomorrow", start="2026-11-24"),
        offer("today", "2026-11-23", "2026-11-23"),
        offer("these days", "2026-11-01", "2026-11-30"),
        offer("backwards", "2026-11-24", "2026-11-22"),
    ]
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        assert await shown(parts) == ["always", "until today", "from today", "today", "these days"]


@pytest.mark.parametrize(
    ("at", "zone", "today"),
    [
        (datetime(2026, 11, 23, 21, 59, tzinfo=UTC), "Europe/Tallinn", 23),
        (datetime(2026, 11, 23, 22, 0, tzinfo=UTC), "Europe/Tallinn", 24),
        (
            datetime(2026, 7, 23, 21, 0, tzinfo=UTC),
            "Europe/Tallinn",
            24,
        ),  # in summer midnight is an hour sooner
        (datetime(2026, 11, 23, 23, 59, tzinfo=UTC), "UTC-2", 23),
        (datetime(2026, 11, 24, 1, 59, tzinfo=UTC), "UTC-2", 23),
    ],
)
async def test_a_day_begins_at_the_stores_midnight(
    database: Database, database_url: str, at: datetime, zone: str, today: int
) -> None:
    """An offer of one day is on for the hours that are this day in the store, not in Greenwich."""
    talkers = Talkers()
    days = [date(at.year, at.month, day).isoformat() for day in (22, 23, 24, 25)]
    talkers.answers[PATH] = [offer(day, day, day) for day in days]
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        assert await shown(parts, at, zone) == [date(at.year, at.month, today).isoformat()]


async def test_a_broken_offer_hides_no_other(database: Database, database_url: str) -> None:
    """Each offer that cannot be read is left out and reported with its place; the rest is shown."""
    talkers = Talkers()
    broken = [
        {**offer("x"), "type": "MYSTERY"},
        {"id": 7},
        "offer",
        {**offer("y"), "startDate": "soon"},
        None,
    ]
    talkers.answers[PATH] = [offer("first"), *broken, offer("last")]
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        for _ in range(2):
            assert await shown(parts) == ["first", "last"]
        reports = await parts.states.reports("store", 50, None)
        assert {report.operation for report in reports} == {"offer.search"}
        assert {report.times for report in reports} == {2}
        places = ("$[1].type", "$[2]", "$[3]", "$[4].startDate", "$[5]")
        told = sorted(report.detail for report in reports)
        assert len(told) == len(places)
        for place, detail in zip(places, told, strict=True):
            assert f"answered wrongly at {place}" in detail


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (b'"\\u0000"', "$[1].title.originalText: Expected text without NUL"),
        (b'"\\ud800"', "$[1]: "),
        (b'"\xff"', "$[1]: Expected text in UTF-8"),
        (b'"x","note":"\\u0000"', "$[1].title.note: Expected text without NUL"),
    ],
)
async def test_an_offer_with_text_that_is_none_hides_no_other(
    database: Database, database_url: str, broken: bytes, place: str
) -> None:
    """NUL characters, half characters and bytes that are no UTF-8 break the offer that they are in, and no other."""
    talkers = Talkers()
    good = msgspec.json.encode(offer("good"))
    bad = good.replace(b':"good"}', b":" + broken + b"}")
    talkers.answers[PATH] = b"[" + good + b"," + bad + b"," + good + b"]"
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        assert await shown(parts) == ["good", "good"]
        [report] = await parts.states.reports("store", 50, None)
        assert f"answered wrongly at {place}" in report.detail


async def test_however_much_a_node_sends_two_hundred_are_shown(database: Database, database_url: str) -> None:
    """The first of those that are on; and of thousands of broken ones a few are reported."""
    talkers = Talkers()
    talkers.answers[PATH] = [offer("old", end="2020-01-01"), *(offer(str(number)) for number in range(300))]
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        assert await shown(parts) == [str(number) for number in range(200)]
        talkers.answers[PATH] = [{"id": number} for number in range(3000)]
        assert await shown(parts) == []
        assert len(await parts.states.reports("store", 200, None)) == 10
