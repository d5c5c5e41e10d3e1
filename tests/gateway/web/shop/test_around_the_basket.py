"""What the app offers around the basket: weighing, categories, offers, the receipt as a file, and about the shopper."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.async_api import Browser, expect
from pypdf import PdfReader

from gateway.journeys.world import APPLES, BREAD, MILK, Merchant, World, product, small_world, until
from gateway.web.phones import Phone, phone
from gateway.web.shop.test_accessibility import findings
from smarts.gateway.app import utc_now
from smarts.wire.offers import (
    DefaultOffer,
    DiscountOffer,
    Offer,
    OfferClassification,
    OfferSearchRequest,
    ProductRelatedOffer,
)
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest
from smarts.wire.text import Translatable

DAIRY = Category("dairy", Translatable.of("Piimatooted", EN="Dairy"), 40)
CHEESE = Category("cheese", Translatable.of("Juust", EN="Cheese"), 39, "dairy")


class Deli(Merchant):
    """A merchant with many cheeses on two shelves, and with offers."""

    def __init__(self) -> None:
        super().__init__()
        self.cheeses = [product(f"47411111{place:05}", f"Juust {place}", "2.00") for place in range(39)]
        self.milk = self.products[MILK]
        self.add(*self.cheeses)

    async def categories(self, request: ProductSearchRequest) -> list[Category]:
        return [DAIRY, CHEESE]

    async def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        wanted = page.request
        shelves = {
            "Piimatooted": [self.milk, *self.cheeses],
            "Juust": self.cheeses,
            None: list(self.products.values()),
        }
        found = [
            each
            for each in shelves[wanted.category_name]
            if (wanted.name or "") in each.translatable_name.original_text
        ]
        first = (page.page - 1) * page.limit
        return Pageable(tuple(found[first : first + page.limit]), -(-len(found) // page.limit), len(found))

    def find_offers(self, request: OfferSearchRequest) -> list[Offer]:
        if request.classification is OfferClassification.PERSONAL:
            return [DefaultOffer(id="hello", title=Translatable.of("Tere!", EN="Hello!"))]
        end = (utc_now() + timedelta(days=3)).date()
        half = DiscountOffer(
            id="half", title=Translatable.of("Kohv"), end_date=end, image_uri="https://images.example.com/1.webp",
            discount_percentage=50, offer_price=Decimal(3), default_price=Decimal(6),
        )  # fmt: skip
        return [
            half,
            ProductRelatedOffer(
                id="bread", title=Translatable.of("Leib"), related_product=self.products[BREAD]
            ),
        ]


@pytest.fixture
async def deli(database_url: str) -> AsyncIterator[World]:
    async with small_world(database_url, merchant=Deli()) as made, made.gateway.working():
        yield made


async def test_categories_and_offers(browser: Browser, deli: World) -> None:
    """Goods are found shelf by shelf and page by page, the way back leads up; all kinds of offers are shown."""
    async with phone(browser, deli) as shopper:
        page = shopper.page
        await shopper.go("Search")
        await page.get_by_role("link", name="Dairy").click()
        await expect(page.get_by_role("heading", name="Dairy")).to_be_visible()
        await page.get_by_role("link", name="Cheese").click()
        rows = page.get_by_role("list", name="Found").get_by_role("listitem")
        await expect(rows).to_have_count(30)
        await shopper.press("Show more")
        await expect(rows).to_have_count(39)
        await expect(page.get_by_role("button", name="Show more")).to_be_hidden()
        await page.get_by_label("What are you looking for?").fill("Piim")
        await shopper.sees("Nothing by this name")
        assert await findings(shopper) == []
        await page.get_by_role("link", name="Back").click()
        await expect(page.get_by_role("heading", name="Dairy")).to_be_visible()
        await shopper.go("Search")
        await page.get_by_role("link", name="Offers").click()
        for words in ("For you", "Hello!", "For everybody", "−50 %", "€3.00"):
            await shopper.sees(words)
        assert await findings(shopper) == []
        await shopper.press("Add: Rukkileib")
        await shopper.go("Basket")
        await shopper.sees_total("€1.49")


async def test_who_scans_the_shelf_is_asked_for_the_weight(shopper: Phone) -> None:
    """A weighed product whose code names no weight asks for it; a barcode that a scanner types there is none."""
    await shopper.type(APPLES)
    dialog = shopper.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Õunad: weigh it.")
    weight = dialog.get_by_label("How much: Õunad, in kg")
    await expect(weight).to_be_focused()
    await weight.fill("4740000000014")
    await weight.press("Enter")
    await expect(dialog).to_be_visible()
    await weight.fill("0.4")
    await weight.press("Enter")
    await shopper.sees_total("€1.20")
    await shopper.type(APPLES)
    await dialog.get_by_role("button", name="Take it out").click()
    await shopper.sees("Your basket is empty")


async def test_the_receipt_is_given_as_a_file(shopper: Phone) -> None:
    """The receipt can be had as a PDF of the purchase that the screen shows."""
    await shopper.type(BREAD)
    await shopper.press("Check out")
    await shopper.press("Pay €1.49")
    await shopper.sees("Thank you! It is paid.")
    async with shopper.page.expect_download() as coming:
        await shopper.press("Receipt as PDF")
    download = await coming.value
    assert download.suggested_filename.endswith(".pdf")
    words = PdfReader(await download.path()).pages[0].extract_text()
    assert "Rukkileib" in words
    assert "€1.49" in words


async def test_about_the_shopper(shopper: Phone) -> None:
    """What shoppers tell is kept, or said to be wrong beside the field; they get all their data, and are erased."""
    page = shopper.page
    await page.get_by_role("link", name="About me").click()
    email = page.get_by_label("Email address")
    await email.fill("nobody")
    await shopper.press("Save")
    await shopper.sees("This is not an email address")
    await expect(email).to_have_attribute("aria-invalid", "true")
    assert await findings(shopper) == []
    await email.fill("mari@example.ee")
    await page.get_by_label("Name").fill("Mari")
    await shopper.press("Save")
    await shopper.sees("Saved")
    await page.get_by_label("Sound").uncheck()
    async with page.expect_download() as coming:
        await shopper.press("Download my data")
    profile = json.loads((await (await coming.value).path()).read_text(encoding="utf-8"))["profile"]
    assert (profile["name"], profile["email"]) == ("Mari", "mari@example.ee")
    await page.reload()
    await expect(page.get_by_label("Email address")).to_have_value("mari@example.ee")
    await expect(page.get_by_label("Sound")).not_to_be_checked()
    before = await shopper.kept("session")
    await shopper.press("Erase me")
    await page.get_by_role("dialog").get_by_role("button", name="Erase me").click()
    await expect(page.get_by_role("heading", name="Basket")).to_be_visible()
    after = await shopper.kept("session")
    assert (after or {}).get("personId") != before["personId"]
    async with shopper.world.session.get(
        f"{shopper.world.url}/shop/v1/shoppers/me", headers={"Authorization": f"Bearer {before['token']}"}
    ) as answer:
        assert answer.status == 401


async def test_another_language(shopper: Phone) -> None:
    """A shopper who chooses a language reads the app in it, and gets receipts in it."""
    await shopper.page.get_by_role("link", name="About me").click()
    await shopper.page.get_by_role("main").get_by_role("link", name="Eesti").click()
    await expect(shopper.page.get_by_role("heading", name="Minu andmed", exact=True)).to_be_visible()

    async def gets_receipts_in_it() -> bool:
        return ((await shopper.kept("session")) or {}).get("langCode") == "ET"

    await until(gets_receipts_in_it)
