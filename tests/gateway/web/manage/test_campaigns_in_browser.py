"""The campaign editor in a real browser."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from gateway.journeys.world import World, product
from gateway.web.browsing import add_person
from gateway.web.phones import PHONE, chromium
from smarts.gateway.parties import Role

DEAR = "4740000000999"


async def require_good(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = await Axe().run(page)
    serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
    assert serious == [], serious


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), ({"width": 1280, "height": 860}, "light")])
async def test_a_campaign_is_typed_mended_and_counts(world: World, size: dict[str, int], scheme: str) -> None:
    """What is wrong shows at its place while typing; mended, the total falls; saved, a shopper's cart costs less."""
    world.merchant.add(product(DEAR, "Teler", "124.00"))
    person, troubles = await add_person(world, Role.MANAGER), []
    async with chromium() as browser:
        page = await browser.new_page(viewport=size, color_scheme=scheme, locale="en")  # type: ignore[arg-type]
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        await page.goto(f"{world.url}/sign-in")
        await page.get_by_label("Email").fill(person.email)
        await page.get_by_label("Password").fill(person.password)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Stores")
        await page.goto(f"{world.url}/manage/stores/{world.institution_id}/campaigns/new")

        operation = page.get_by_label("Operation")
        await page.get_by_text("€5.00 off from €50.00").click()
        await expect(page.locator(".verdict.good")).to_contain_text("−")
        await expect(page.get_by_label("Name", exact=True)).to_have_value("€5.00 off from €50.00")
        await operation.fill("total >= 50 ? totl * 0.9 : total")
        await expect(page.locator(".verdict.bad")).to_contain_text("`totl` is unknown: there is total.")
        await expect(page.locator("mark")).to_have_text("t")
        await expect(page.get_by_role("status").first).to_contain_text("At character 15.")
        await expect(operation).to_have_attribute("aria-invalid", "true")
        await require_good(page)
        await page.get_by_role("button", name="Go there").click()
        await page.keyboard.type("to")  # over the t that is selected
        await page.keyboard.press("Delete")
        await page.keyboard.press("Delete")
        await page.keyboard.type("ta")
        await expect(operation).to_have_value("total >= 50 ? total * 0.9 : total")
        await expect(page.locator(".verdict.good")).to_contain_text("This cart costs")
        await expect(operation).not_to_have_attribute("aria-invalid", "true")

        await page.get_by_label("Cart", exact=True).select_option("typed")
        await page.get_by_label("Barcodes").fill(DEAR)
        await expect(page.locator(".to-pay")).to_contain_text("€111.60")
        await page.get_by_role("button", name="Try it").click()
        await expect(page.locator("#past")).to_contain_text("no paid purchases yet")
        await require_good(page)
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Carts that are begun from now on have it.")).to_be_visible()
        await require_good(page)
    assert troubles == []
    shopper = await world.shopper()
    assert (await shopper.cart(world.institution_id, DEAR))["total"]["totalToPay"] == 111.6
