"""What a little more of something would save, in the basket on a phone."""

import pytest
from playwright.async_api import Browser, expect

from gateway.journeys.world import MILK, World, product
from gateway.web.phones import phone
from gateway.web.shop.test_accessibility import findings
from smarts.wire.products import Campaign

SAI = "4740000000052"
FROM_FIVE = Campaign("Viis saia", "B00000000002", "amount >= 5 ? unitPrice - 0.5 : unitPrice")
TENTH_OFF = Campaign("Kümnes", "B00000000501", "total >= 4 ? total * 0.9 : total")


@pytest.fixture
def bakery(world: World) -> World:
    """A store in which each of five buns costs half a euro and its VAT less."""
    world.merchant.add(product(SAI, "Sai", "2.98", campaigns=(FROM_FIVE,)))
    return world


@pytest.mark.parametrize(
    ("language", "words", "take", "total"),
    [
        ("en-GB", "Viis saia 3 more and each costs €0.62 less", "Take 3 more: Sai", "€11.80"),
        ("et-EE", "Viis saia Veel 3 ja igaüks maksab 0,62 € vähem", "Võta veel 3: Sai", "11,80 €"),
        (
            "ru-RU",
            "Viis saia Ещё 3, и каждая единица дешевле на 0,62 €",
            "Взять ещё 3: Sai",
            "11,80 €",
        ),
    ],
)
async def test_a_near_miss_is_told_in_words_and_one_touch_takes_it(
    browser: Browser, bakery: World, language: str, words: str, take: str, total: str
) -> None:
    """Two buns tell what three more of them save, in the app's language; a touch takes them, at 2.98 - 0.62 each."""
    async with phone(browser, bakery, locale=language) as shopper:
        page = shopper.page
        for scanned in ("1", "2"):
            await page.locator("#f-barcode").fill(SAI)
            await page.locator("#f-barcode").press("Enter")
            await expect(page.locator("li.line output")).to_have_text(scanned)
        hint = page.locator("li.line .near-miss")
        await expect(hint.locator("span")).to_have_text(words)
        assert await findings(shopper) == []
        await hint.get_by_role("button", name=take).click()
        await expect(hint).to_have_count(0)
        await shopper.sees_total(total)


async def test_a_near_miss_goes_when_the_pieces_are_scanned(browser: Browser, bakery: World) -> None:
    """With each bun that is scanned fewer are missing, and with the fifth nothing is said any more."""
    async with phone(browser, bakery) as shopper:
        hint = shopper.page.locator("li.line .near-miss span")
        for scanned, missing in ((1, 4), (2, 3), (3, 2), (4, 1)):
            await shopper.type(SAI)
            await expect(shopper.line("Sai").locator("output")).to_have_text(str(scanned))
            await expect(hint).to_have_text(f"Viis saia {missing} more and each costs €0.62 less")
        await shopper.type(SAI)
        await shopper.sees_total("€11.80")
        await expect(hint).to_have_count(0)


async def test_a_near_miss_of_the_whole_purchase_says_what_is_then_paid_in_all(
    browser: Browser, bakery: World
) -> None:
    """The store's campaign from 4 euros without VAT on is told beside the milk that leads there, of a euro each."""
    await bakery.change_store(campaigns=(TENTH_OFF,))
    async with phone(browser, bakery) as shopper:
        for _ in range(3):
            await shopper.type(MILK)
        await shopper.sees_total("€3.72")
        hint = shopper.line("Piim").locator(".near-miss span")
        await expect(hint).to_have_text("Kümnes 1 more and you pay €4.46 in all: €0.50 saved")
        await shopper.type(MILK)
        await shopper.sees_total("€4.46")
        await expect(hint).to_have_count(0)
