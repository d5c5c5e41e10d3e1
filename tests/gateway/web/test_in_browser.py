"""The staff's pages in a real browser: they work, fit, can be used by everybody, and are looked at in both schemes."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from gateway.journeys.delivering import delivering_world
from gateway.journeys.world import BREAD, World
from gateway.web.browsing import Person, add_person
from gateway.web.manage.parts import TABS
from gateway.web.phones import PHONE, chromium
from smarts.gateway.outbox import Message, dead_letters, put
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


async def test_pages_of_one_thing_fit_and_can_be_used_by_everybody(database_url: str) -> None:
    """What lists and tabs lead to: a purchase, a check, an order, what was sent, a colleague, and the editors."""
    async with delivering_world(database_url) as made, chromium() as browser:
        store = await made.anew()
        order, shopper = await store.order(), store.shopper
        bought = await shopper.check_out(await shopper.cart(store.world.institution_id, BREAD))
        await shopper.pay(bought)
        person, colleague = await prepare(store.world), await add_person(store.world, Role.WORKER)
        async with store.world.gateway.database.connection() as connection:
            letter = next(each.id for each in await dead_letters(connection) if each.kind == "order.placed")
            await connection.execute(
                "INSERT INTO outbox_attempts (message_id, number, started_at, took, outcome, detail)"
                " VALUES ($1, 1, now(), '1 s', 'refused', 'The books are closed')",
                letter,
            )
        page = await browser.new_page(viewport=PHONE, color_scheme="dark", locale="et")  # type: ignore[arg-type]
        await page.goto(f"{store.world.url}/operate")
        await page.locator("[name=email]").fill(person.email)
        await page.locator("[name=password]").fill(person.password)
        await page.keyboard.press("Enter")
        await expect(page.locator("#letters")).to_be_visible()
        at = f"manage/stores/{store.world.institution_id}"
        for path in (
            "operate/dead-letters",
            f"operate/dead-letters/{letter}",
            f"{at}/purchases/{bought['invoiceId']}",
            f"{at}/checks/{bought['invoiceId']}",
            f"{at}/orders/{order['id']}",
            f"{at}/sent?state=dead",
            f"{at}/sent/{letter}",
            f"{at}/staff/{colleague.person_id}",
            f"{at}/campaigns/new?begin=percent",
            f"{at}/cards/new",
            f"{at}/delivery/parcel",
        ):
            answer = await page.goto(f"{store.world.url}/{path}")
            assert answer
            assert answer.status == 200, path
            await require_good(page)


async def test_the_operators_page_renews_itself(world: World) -> None:
    """A letter that dies and a store whose state changes appear without a reload; focus and ticks stay."""
    person = await prepare(world)
    async with chromium() as browser:
        page = await browser.new_page(viewport=DESK, locale="en")
        await page.clock.install()
        await sign_in(page, world, person)
        await page.evaluate("window.sameAsBefore = true")
        before = await page.get_by_role("checkbox").count()
        ticked = page.get_by_role("checkbox").first
        name = await ticked.get_attribute("id")
        await ticked.check()
        again = page.get_by_role("button", name="Deliver the chosen ones again")
        await again.focus()
        async with world.gateway.database.transaction() as tx:
            await put(tx, Message("late", world.institution_id, "invoice", "late", b"{}"))
            await tx.execute(
                "UPDATE outbox_messages SET state = 'dead', finished_at = now(), detail = 'closed' WHERE id = 'late'"
            )
        await world.change_store(name="Renamed meanwhile")
        await page.clock.fast_forward("00:11")
        await expect(page.get_by_role("checkbox")).to_have_count(before + 1)
        await expect(page.locator("#stores")).to_contain_text("Renamed meanwhile")
        await expect(page.locator(f'[id="{name}"]')).to_be_checked()
        await expect(again).to_be_focused()
        assert await page.evaluate("window.sameAsBefore")
        await page.get_by_role("button", name="Renews itself").click()
        await world.change_store(name="Renamed again")
        await page.clock.fast_forward("00:31")
        await expect(page.locator("#stores")).to_contain_text("Renamed meanwhile")
