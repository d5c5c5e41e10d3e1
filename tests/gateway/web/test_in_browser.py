"""The staff's pages in a real browser: they work, fit, can be used by everybody, and are looked at in both schemes."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from gateway.journeys.world import BREAD, World
from gateway.web.browsing import Person, add_person
from gateway.web.manage.parts import TABS
from gateway.web.phones import PHONE, chromium
from smarts.gateway.parties import Role

DESK = {"width": 1280, "height": 800}


async def prepare(world: World) -> Person:
    """A store with something on every page, and an operator."""
    await world.add_store(
        "http://127.0.0.1:9", name="Kauge pood väga pika nimega, mis ei mahu kuidagi ühele reale"
    )
    shopper = await world.shopper()
    await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))
    for store in await world.gateway.stores.page(10, None):
        await world.gateway.watcher.ask(store.institution_id)
    await add_person(world, Role.WORKER, "Toomas Worker")
    async with world.gateway.database.connection() as connection:
        await connection.execute(
            "UPDATE outbox_messages SET state = 'dead', attempts = 12, finished_at = now(), detail = 'refused'"
        )
    return await add_person(world, Role.OPERATOR, "Olga Operator")


async def sign_in(page: Page, world: World, person: Person) -> None:
    await page.goto(f"{world.url}/operate")
    await page.get_by_label("Email").fill(person.email)
    await page.get_by_label("Password").fill("not this one")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Email or password is wrong")
    await page.get_by_label("Password").fill(person.password)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Operate")


async def require_good(page: Page) -> None:
    """Fits the screen without scrolling to the side, and axe finds nothing serious."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    found = await Axe().run(page)
    serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
    assert serious == [], (page.url, serious)


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (PHONE, "light"), (DESK, "light")])
async def test_staff_pages_fit_and_can_be_used_by_everybody(
    world: World, size: dict[str, int], scheme: str
) -> None:
    """On a phone and on a desk, light and dark, every page fits, is accessible and makes the console say nothing."""
    person, said = await prepare(world), []
    async with chromium() as browser:
        page = await browser.new_page(viewport=size, color_scheme=scheme, locale="en")  # type: ignore[arg-type]
        await page.goto(world.url)
        await require_good(page)
        await sign_in(page, world, person)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        await require_good(page)
        for path in (
            "/account",
            "/manage",
            "/manage/new",
            *(f"/manage/stores/{world.institution_id}{tab}" for tab in TABS),
        ):
            await page.goto(world.url + path)
            await require_good(page)
    assert said == []


async def test_an_operator_works_with_the_keyboard_alone(world: World) -> None:
    """Focus goes where it can be seen: past the header by the skip link, then from letter to letter."""
    person = await prepare(world)
    async with chromium() as browser:
        page = await browser.new_page(viewport=DESK, locale="en")
        await sign_in(page, world, person)
        await page.goto(f"{world.url}/operate")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
        await page.keyboard.press("Enter")
        await page.get_by_role("checkbox").first.focus()
        await page.keyboard.press("Space")
        before = await page.get_by_role("checkbox").count()
        await page.get_by_role("button", name="Deliver the chosen ones again").press("Enter")
        await expect(page.get_by_text("Chosen letters are on their way again.")).to_be_visible()
        await expect(page.get_by_role("checkbox")).to_have_count(before - 1)
        await page.get_by_role("button", name="Sign out").press("Enter")
        await expect(page.get_by_text("You have signed out.")).to_be_visible()
