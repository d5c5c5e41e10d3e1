"""Pictures of each app for the documentation, out of a demonstration with life in it: `make pictures`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, expect

from gateway.journeys.world import World
from gateway.web.browsing import Person
from gateway.web.demonstration import BARCODES, Demonstration, demonstration
from gateway.web.phones import chromium
from smarts.gateway.parties import Role

BREAD, CAFFEINE, SLICED, YOGHURT, WATER, _ = BARCODES
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 860}}
PAGE = {"viewport": {"width": 1440, "height": 900}}
LARGEST = 150_000  # bytes
COLOURS = 256
DAYS = 7
SHOPPING = timedelta(minutes=9)
NOWHERE = "http://127.0.0.1:9"


async def live(demo: Demonstration) -> None:
    """A week of purchases, two shoppers who wait for a check, an order to pack, and a store whose node is down."""
    world = demo.world
    for day in range(DAYS):
        for count in range(1 + day % 3):
            await bought(
                world, datetime.now(UTC) - timedelta(days=day, hours=count), *BARCODES[2 : 4 + count]
            )
    for _ in range(2):
        shopper = await world.shopper(langCode="EN")
        await shopper.check_out(await shopper.cart(world.institution_id, BREAD, CAFFEINE))
    await order(world)
    await world.add_store(NOWHERE, name="Kadaka Kauplus, Tartu")
    for store in await world.gateway.stores.page(10, None):
        await world.gateway.watcher.ask(store.institution_id)


async def bought(world: World, moment: datetime, *barcodes: str) -> None:
    shopper = await world.shopper(langCode="EN")
    cart = await shopper.check_out(await shopper.cart(world.institution_id, *barcodes))
    assert (await shopper.pay(cart)).status == 200
    async with world.gateway.database.transaction() as tx:
        await tx.execute(
            "UPDATE invoices SET paid_at = $2, begun_at = $3 WHERE id = $1",
            cart["invoiceId"],
            moment,
            moment - SHOPPING,
        )


async def order(world: World) -> None:
    shopper = await world.shopper(langCode="EN", name="Mari Maasikas")
    cart = await shopper.cart(world.institution_id, SLICED, YOGHURT, WATER)
    chosen = {"method": "PICKUP", "contactEmail": "mari@example.com"}
    reply = await shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/shipment", chosen)
    assert reply.status == 200, reply.text
    assert (await shopper.pay(await shopper.check_out(reply.body))).status == 200


@asynccontextmanager
async def screen(browser: Browser, **settings: Any) -> AsyncIterator[tuple[BrowserContext, Page]]:
    context = await browser.new_context(
        **{
            "locale": "en-GB",
            "reduced_motion": "reduce",
            "color_scheme": "light",
            "timezone_id": "Europe/Tallinn",
        }
        | settings
    )
    yield context, await context.new_page()
    await context.close()


async def picture(page: Page, place: Path) -> None:
    """Takes a picture, small enough for a page of documentation."""
    await page.evaluate("document.fonts.ready")
    seen = Image.open(BytesIO(await page.screenshot(animations="disabled", caret="hide")))
    seen.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(place, optimize=True)


async def shop(browser: Browser, world: World, folder: Path) -> None:
    """A basket, in the light and in the dark."""
    for name, scheme in (("shop", "light"), ("shop-dark", "dark")):
        async with screen(browser, **PHONE, color_scheme=scheme) as (_, page):
            await page.goto(f"{world.url}/shop?store={world.institution_id}")
            for barcode, count in ((WATER, 1), (YOGHURT, 2), (SLICED, 3), (SLICED, 3)):
                await page.get_by_label("or type a barcode").fill(barcode)
                await page.keyboard.press("Enter")
                await expect(page.locator(".line-price")).to_have_count(count)
            await expect(page.locator(".effect-sum").first).to_be_visible()
            await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            await picture(page, folder / f"{name}.png")


async def of_staff(
    browser: Browser, world: World, person: Person, path: str, place: Path, **settings: Any
) -> None:
    """A page as somebody of the staff sees it."""
    async with screen(browser, **settings) as (_, page):
        await page.goto(f"{world.url}/sign-in?next={path}")
        await page.locator("[name=email]").fill(person.email)
        await page.locator("[name=password]").fill(person.password)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(world.url + path)
        await page.evaluate("document.activeElement.blur()")
        await picture(page, place)


async def both(browser: Browser, world: World, folder: Path) -> None:
    """The demonstration in the middle of a check."""
    async with screen(browser, **PAGE) as (_, page):
        await page.goto(world.url)
        phone, staff = page.frame_locator("#phone"), page.frame_locator("#staff")
        for count in (1, 2):
            await page.locator("#shelf .wanted").click()
            await expect(phone.locator(".line-price")).to_have_count(count)
        await phone.get_by_role("button", name="Check out").click()
        await expect(phone.locator(".big-code")).to_be_visible()
        await staff.get_by_role("button", name="Check the age").last.click()
        await expect(page.locator(".now").get_by_role("heading")).to_have_text("Look and decide")
        await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        await picture(page, folder / "demo.png")


def require_seen(place: Path) -> None:
    """Small, and with something on it: no colour covers it all."""
    with Image.open(place) as seen:
        assert (
            max(count for count, _ in seen.convert("RGB").getcolors(256) or ())
            < 0.97 * seen.width * seen.height
        )
    assert place.stat().st_size < LARGEST, (place, place.stat().st_size)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go."""
    place = Path(os.environ.get("SMARTS_PICTURES") or tmp_path / "pictures")
    place.mkdir(parents=True, exist_ok=True)
    return place


async def test_each_app_shows_its_face(database_url: str, tmp_path: Path, folder: Path) -> None:
    """A picture of each app; in the documentation's folder where `make pictures` asks for it, else thrown away."""
    async with (
        demonstration(database_url, tmp_path) as demo,
        demo.world.gateway.working(),
        chromium() as browser,
    ):
        world = demo.world
        await live(demo)
        await shop(browser, world, folder)
        store = f"/manage/stores/{world.institution_id}/overview"
        staff = (
            ("work", Role.WORKER, "/work", PHONE),
            ("manage", Role.MANAGER, store, DESK),
            ("operate", Role.OPERATOR, "/operate", DESK),
        )
        for name, role, path, size in staff:
            await of_staff(browser, world, demo.person(role), path, folder / f"{name}.png", **size)
        await both(browser, world, folder)
    for name in ("shop", "shop-dark", "work", "manage", "operate", "demo"):
        require_seen(folder / f"{name}.png")
