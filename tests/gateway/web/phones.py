"""Real browsers for tests: phones with the shopper's app open, and what a shopper does with it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from gateway.journeys.world import World

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE = {"width": 360, "height": 740}


@asynccontextmanager
async def chromium(*arguments: str) -> AsyncIterator[Browser]:
    """A browser without windows; where there is none, the test is left out."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: see `make browser`")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *arguments]
        )
        yield browser
        await browser.close()


class Phone:
    """A shopper's phone with the app open; `troubles` are what the browser's console complained of."""

    def __init__(self, world: World, context: BrowserContext, page: Page) -> None:
        self.world = world
        self.context = context
        self.page = page
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    async def another_tab(self) -> "Phone":
        """A second tab of the same browser."""
        tab = Phone(self.world, self.context, await self.context.new_page())
        await tab.open()
        return tab

    async def open(self, path: str | None = None) -> None:
        """Opens the app, at the door of the world's store unless another address is given."""
        await self.page.goto(self.world.url + (path or f"/shop?store={self.world.institution_id}"))
        await expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    async def type(self, barcode: str) -> None:
        """Types a barcode."""
        await self.page.get_by_label("or type a barcode").fill(barcode)
        await self.page.get_by_role("button", name="Add", exact=True).click()

    async def press(self, name: str) -> None:
        """Presses a button."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def go(self, name: str) -> None:
        """Goes to one of the app's four places."""
        await self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()

    def line(self, name: str) -> Locator:
        """The row of a product in the basket."""
        return self.page.get_by_role("list", name="In the basket").locator("li.line").filter(has_text=name)

    async def sees(self, words: str) -> None:
        """These words are on the screen, or will be soon."""
        await expect(self.page.get_by_text(words).first).to_be_visible()

    async def sees_total(self, sum_: str) -> None:
        """What the basket costs."""
        await expect(self.page.locator(".sum.total dd")).to_have_text(sum_)

    async def cart(self) -> dict[str, Any]:
        """The cart that the app has open, as the gateway knows it."""
        found: dict[str, Any] = await self.page.evaluate(
            """async () => {
              const { cartId } = JSON.parse(localStorage.getItem("smarts.cart"));
              const { token } = JSON.parse(localStorage.getItem("smarts.session"));
              const headers = { Authorization: `Bearer ${token}` };
              return (await fetch(`/shop/v1/carts/${cartId}`, { headers })).json();
            }"""
        )
        return found

    async def kept(self, name: str) -> Any:
        """What the app keeps in the phone under a name."""
        return await self.page.evaluate("(name) => JSON.parse(localStorage.getItem('smarts.' + name))", name)


@asynccontextmanager
async def phone(browser: Browser, world: World, **settings: Any) -> AsyncIterator[Phone]:
    """A phone of somebody new, of 360 pixels and English unless told otherwise, at the store's door."""
    context = await browser.new_context(**{"viewport": PHONE, "locale": "en-GB"} | settings)
    made = Phone(world, context, await context.new_page())
    await made.open()
    yield made
    assert made.troubles == []
    await context.close()
