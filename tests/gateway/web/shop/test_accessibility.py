"""The shopper's app for everybody: axe finds nothing serious on any screen, in light and in dark."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from gateway.journeys.club import ClubWorld
from gateway.journeys.world import APPLES, BEER, BREAD, product
from gateway.web.phones import PHONE, Phone, phone
from smarts.wire.control import Decision
from smarts.wire.products import MinAge

DESKTOP = {"width": 1280, "height": 860}


async def findings(shopper: Phone) -> list[str]:
    """What axe finds serious or worse on the screen as it is now."""
    found: list[dict[str, Any]] = (await Axe().run(shopper.page)).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


async def weigh(shopper: Phone, kilograms: str) -> None:
    """Tells what the apples weigh."""
    await shopper.page.get_by_role("dialog").get_by_label("How much").fill(kilograms)
    await shopper.page.get_by_role("dialog").get_by_role("button", name="Save").click()


@pytest.mark.parametrize(("scheme", "viewport"), [("light", PHONE), ("dark", PHONE), ("light", DESKTOP)])
async def test_nothing_serious(
    browser: Browser, club: ClubWorld, scheme: str, viewport: dict[str, int]
) -> None:
    """Each screen on the way from the store to the receipt can be used by those who see or hear or move otherwise."""
    await club.define()
    club.merchant.decision = Decision.AGE
    club.merchant.add(product(BEER, "Õlu", "1.89", inspections=(MinAge(age=18),)))
    staff = club.manager
    async with phone(
        browser, club.world, color_scheme=scheme, viewport=viewport, reduced_motion="reduce"
    ) as shopper:
        assert await findings(shopper) == []
        await shopper.type(APPLES)
        await shopper.sees("Õunad: weigh it.")
        assert await findings(shopper) == []
        await weigh(shopper, "1")
        for barcode in (BREAD, BEER, "999"):
            await shopper.type(barcode)
        await shopper.sees_total("€6.37")
        await shopper.sees("This store does not sell it")
        assert await findings(shopper) == []
        for place, words in {
            "Search": "Rukkileib",
            "Cards": "Link this card",
            "Purchases": "Nothing bought yet.",
        }.items():
            await shopper.go(place)
            await shopper.sees(words)
            assert await findings(shopper) == []
        await shopper.go("Basket")
        await shopper.page.get_by_role("link", name="Take the goods with you").click()
        await shopper.sees("This store does not deliver.")
        assert await findings(shopper) == []
        await shopper.go("Basket")
        await shopper.press("Check out")
        await shopper.sees("Staff will check your age")
        assert await findings(shopper) == []
        invoice_id = (await shopper.cart())["invoiceId"]
        await staff.post(f"/work/v1/checks/{invoice_id}/result", {"status": "PASSED"})
        await shopper.sees("Test card that works")
        assert await findings(shopper) == []
        await shopper.press("Pay €6.37")
        await shopper.sees("Thank you! It is paid.")
        assert await findings(shopper) == []


async def test_touch_targets_are_large_enough(browser: Browser, club: ClubWorld) -> None:
    """Whatever can be pressed is 44 pixels high at least."""
    async with phone(browser, club.world) as shopper:
        for barcode in (BREAD, APPLES):
            await shopper.type(barcode)
        await weigh(shopper, "1")
        await shopper.sees_total("€4.48")
        small = await shopper.page.evaluate(
            """() => [...document.querySelectorAll("a, button, input")]
                 .filter((each) => each.checkVisibility() && !each.matches(".skip"))
                 .filter((each) => each.getBoundingClientRect().height < 44)
                 .map((each) => each.outerHTML)"""
        )
        assert small == []


async def test_the_focus_follows_the_shopper(browser: Browser, club: ClubWorld) -> None:
    """A new screen's heading takes the focus; a button that was pressed keeps it while its row is drawn anew."""
    async with phone(browser, club.world) as shopper:
        await shopper.type(BREAD)
        more = shopper.page.get_by_role("button", name="One more: Rukkileib")
        await more.press("Enter")
        await more.press("Enter")
        await shopper.sees_total("€4.47")
        assert await more.evaluate("(button) => button === document.activeElement")
        await shopper.go("Search")
        assert await shopper.page.evaluate("document.activeElement.textContent") == "Search"
