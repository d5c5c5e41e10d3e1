"""Store staff at a real browser, with the worker's app open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, expect

from gateway.journeys.world import World
from gateway.web.browsing import Person
from gateway.web.phones import PHONE

SCANNER = 4  # milliseconds between the keys that a scanner types


class Desk:
    """A worker's screen; `troubles` are what its scripts complained of."""

    def __init__(self, world: World, page: Page) -> None:
        self.world = world
        self.page = page
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    async def sign_in(self, person: Person) -> None:
        """Signs in, which leads to what waits."""
        await self.page.goto(f"{self.world.url}/sign-in")
        await self.page.locator("[name=email]").fill(person.email)
        await self.page.locator("[name=password]").fill(person.password)
        await self.page.keyboard.press("Enter")
        await self.is_at("Waiting")
        await self.sees("Sound")

    async def is_at(self, heading: str) -> None:
        """This is the page's heading, or will be soon."""
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    async def opens(self, code: str) -> None:
        """Scans a shopper's code, which opens the check, ready for counting."""
        await self.scan_anywhere(code)
        await self.is_at("Check everything")
        await self.sees("Nothing scanned yet.")

    async def sees(self, words: str) -> None:
        """These words are on the screen, or will be soon."""
        await expect(self.page.get_by_text(words).first).to_be_visible()

    async def press(self, name: str) -> None:
        """Presses a button."""
        shown = self.page.locator("button:visible")
        await self.page.get_by_role("button", name=name).and_(shown).first.click()

    async def scan(self, *codes: str) -> None:
        """A scanner types codes, each with Enter."""
        for code in codes:
            await self.page.keyboard.type(code, delay=SCANNER)
            await self.page.keyboard.press("Enter")

    async def scan_anywhere(self, *codes: str) -> None:
        """The same, while the cursor stands nowhere."""
        await self.page.evaluate("document.activeElement.blur()")
        await self.scan(*codes)

    def goods(self, name: str) -> Any:
        """The row of some goods."""
        return self.page.locator(".goods", has_text=name)

    async def counted(self, name: str, count: str) -> None:
        """So many of these goods are counted, or will be soon."""
        await expect(self.goods(name).locator(".counted")).to_have_text(count)


@asynccontextmanager
async def desk(browser: Browser, world: World, person: Person, **settings: Any) -> AsyncIterator[Desk]:
    """A worker who has signed in on a phone of 360 pixels, in English, unless told otherwise."""
    context = await browser.new_context(**{"viewport": PHONE, "locale": "en-GB"} | settings)
    made = Desk(world, await context.new_page())
    await made.sign_in(person)
    yield made
    assert made.troubles == []
    await context.close()
