"""A store's offers and products, asked for over HTTP: whose they are, in which order, and when the node fails."""

from typing import Any

import pytest

from gateway.journeys.club import NUMBER, ClubWorld
from gateway.journeys.test_bad_input import is_problem
from gateway.journeys.world import APPLES, BREAD, MILK, Merchant, World, product, small_world
from gateway.nodes.parts import HANGS, Talkers
from smarts.gateway.parties import Role
from smarts.node import ProductList
from smarts.wire.examples import example_object
from smarts.wire.loyalty import ClientCard
from smarts.wire.offers import DefaultOffer, Offer, OfferClassification, OfferSearchRequest
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest
from smarts.wire.text import Translatable

ADVENT = DefaultOffer(id="advent", title=Translatable.of("Advent"))


class Offering(Merchant):
    """A merchant with offers; `asked` is what the node was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[OfferSearchRequest] = []

    async def find_offers(self, request: OfferSearchRequest) -> list[Offer]:
        self.asked.append(request)
        return [ADVENT]


async def test_offers_are_asked_for_a_shopper_in_a_store(database_url: str) -> None:
    """The node hears which store, who asks, in which language and which kind of offers; a guest sees them too."""
    merchant = Offering()
    async with small_world(database_url, merchant=merchant) as world:
        shopper = await world.shopper(langCode="ET")
        path = f"/shop/v1/stores/{world.institution_id}/offers"
        told = await shopper.get(f"{path}?classification=PERSONAL")
        assert (told.status, [each["id"] for each in told.body]) == (200, ["advent"])
        assert (await shopper.get(path)).body == told.body
        personal, every = merchant.asked
        assert (personal.institution_id, personal.lang_code) == (world.institution_id, "ET")
        assert personal.person_id
        assert personal.person_id == every.person_id
        assert (personal.classification, every.classification) == (OfferClassification.PERSONAL, None)
        assert is_problem(await shopper.get(f"{path}?classification=SECRET"), 422)
        assert is_problem(await shopper.get("/shop/v1/stores/nowhere/offers"), 404)
        assert is_problem(await world.as_store().get(path), 401)


async def test_a_store_whose_node_has_no_offers_has_none(world: World) -> None:
    """An empty list, whether the node has told yet that it has none or not."""
    shopper = await world.shopper()
    for _ in range(2):
        told = await shopper.get(f"/shop/v1/stores/{world.institution_id}/offers")
        assert (told.status, told.body) == (200, [])
        await world.gateway.watcher.ask(world.institution_id)


@pytest.mark.parametrize(
    ("answer", "status", "kind"),
    [
        (503, 503, "node-down"),
        (500, 502, "node-nonsense"),
        (422, 502, "node-nonsense"),
        ({"offers": []}, 502, "node-nonsense"),
        (HANGS, 504, "node-slow"),
    ],
)
async def test_a_node_that_fails_is_said_to_fail(
    database_url: str, answer: Any, status: int, kind: str
) -> None:
    """Down, slow and nonsense have their own statuses, and say when to try again where that may help."""
    talkers = Talkers()
    talkers.answers["/offer/search"] = answer
    async with small_world(database_url, node=talkers) as world:
        shopper = await world.shopper()
        told = await shopper.get(f"/shop/v1/stores/{world.institution_id}/offers")
        assert is_problem(told, status), told.text
        assert told.body["type"] == kind
        assert ("Retry-After" in told.headers) is (status != 502)


async def test_a_broken_offer_is_left_out_and_told_to_the_manager(database_url: str) -> None:
    """The shopper sees the good ones, the manager reads which one is broken and where."""
    talkers = Talkers()
    talkers.answers["/offer/search"] = [
        {"type": "DEFAULT"},
        {**example_object("DefaultOffer"), "startDate": None},
    ]
    async with small_world(database_url, node=talkers) as world:
        talkers.answers["/offer/search"][1].pop("endDate")
        shopper, manager = await world.shopper(), await world.staff(Role.MANAGER)
        told = await shopper.get(f"/shop/v1/stores/{world.institution_id}/offers")
        assert [each["id"] for each in told.body] == ["offer-advent"]
        [report] = (await manager.get(f"/manage/v1/stores/{world.institution_id}/reports")).body
        assert (report["operation"], report["times"]) == ("offer.search", 1)
        assert "$[0]" in report["detail"]


async def test_the_shoppers_cards_go_with_every_question(club: ClubWorld) -> None:
    """Products, categories and offers are asked for with the cards that count in the store; a guest has none."""
    card_id = await club.define()
    guest, member = await club.world.shopper(), await club.member(card_id)
    for shopper, cards in ((guest, ()), (member, (ClientCard(card_id, NUMBER),))):
        for what in ("products", "categories", "offers"):
            told = await shopper.get(f"/shop/v1/stores/{club.store_id}/{what}")
            assert told.status == 200, told.text
        asked = club.merchant.asked_with
        assert [asked[what] for what in ("page", "page's request", "categories", "offers")] == [cards] * 4


class Listed(Merchant):
    """A merchant whose products are a plain list, with the starter's own search."""

    def __init__(self) -> None:
        super().__init__()
        milk = product(MILK, "Piim", "1.24")
        self.list = ProductList([product(BREAD, "Rukkileib", "1.49"), product(APPLES, "Õunad", "0.99"), milk])
        self.search = self.list.search  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("query", "barcodes"),
    [
        ("orderField=price", [APPLES, MILK, BREAD]),
        ("orderField=price&orderBy=DESC", [BREAD, MILK, APPLES]),
        ("orderField=name&orderBy=ACS", [MILK, BREAD, APPLES]),
        ("orderBy=DESC", [APPLES, BREAD, MILK]),
        ("", [BREAD, APPLES, MILK]),
        ("orderField=price&limit=2&page=2", [BREAD]),
    ],
)
async def test_products_are_ordered_as_asked(database_url: str, query: str, barcodes: list[str]) -> None:
    """By name or price, up or down, page by page; the store's own order where nothing is said."""
    async with small_world(database_url, merchant=Listed()) as world:
        shopper = await world.shopper(langCode="ET")
        path = f"/shop/v1/stores/{world.institution_id}/products"
        told = await shopper.get(f"{path}?{query}")
        assert [each["barcode"] for each in told.body["result"]] == barcodes
        assert told.body["totalCount"] == 3
        assert is_problem(await shopper.get(f"{path}?orderField=colour"), 422)


class Endless(Merchant):
    """A merchant whose pages are longer than they were asked for; `categories_sold` is how many it has."""

    def __init__(self) -> None:
        super().__init__()
        self.categories_sold = 5_000

    async def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        return Pageable(tuple(product(str(number), "Kaup", "1.00") for number in range(30)), 1, 30)

    async def categories(self, request: ProductSearchRequest) -> list[Category]:
        return [Category(str(number), Translatable.of("Kaup")) for number in range(self.categories_sold)]


async def test_a_node_cannot_make_answers_any_longer(database_url: str) -> None:
    """A page has as many products as it was asked for; more categories than anybody sells are nonsense and reported."""
    merchant = Endless()
    async with small_world(database_url, merchant=merchant) as world:
        shopper, manager = await world.shopper(), await world.staff(Role.MANAGER)
        path = f"/shop/v1/stores/{world.institution_id}"
        told = await shopper.get(f"{path}/products?limit=7")
        assert [each["barcode"] for each in told.body["result"]] == [str(number) for number in range(7)]
        assert told.body["totalCount"] == 30
        assert len((await shopper.get(f"{path}/categories")).body) == 5_000
        merchant.categories_sold += 1
        assert is_problem(await shopper.get(f"{path}/categories"), 502)
        [report] = (await manager.get(f"/manage/v1/stores/{world.institution_id}/reports")).body
        assert report["operation"] == "product.search.category"
        assert "5001 categories" in report["detail"]
