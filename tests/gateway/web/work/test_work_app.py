"""The worker's app in a real browser."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect
from zxingcpp import BarcodeFormat

from gateway.codes.drawn import beside, code_image, encoded
from gateway.journeys.delivering import delivering_world
from gateway.journeys.world import APPLES, BREAD, MILK, World
from gateway.web.browsing import add_person
from gateway.web.desks import desk
from gateway.web.phones import chromium
from smarts.gateway.parties import Role
from smarts.wire.control import Decision


async def test_somebody_new_comes_up_by_themselves(world: World, browser: Browser) -> None:
    """A cart that is locked shows on the list at once, and goes from it when its shopper gives up."""
    worker = await add_person(world, Role.WORKER, "Mari")
    async with desk(browser, world, worker) as mari:
        await mari.sees("Nobody waits")
        shopper = await world.shopper()
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        await mari.sees("Check everything")
        await shopper.call("DELETE", f"/shop/v1/carts/{cart['id']}")
        await mari.sees("Nobody waits")


async def test_a_full_check_by_scanner(world: World, browser: Browser) -> None:
    """The shopper's code opens the check, each scan ticks a piece, and what is right is passed."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD, BREAD)
    cart = await shopper.check_out(await shopper.scan(cart, APPLES, quantity=0.35))
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await worker.opens(cart["invoiceId"])
        await worker.scan(BREAD)
        await worker.counted("Rukkileib", "1")
        await worker.sees("1 missing")
        await worker.scan_anywhere(BREAD, APPLES)
        await worker.counted("Rukkileib", "2")
        await worker.counted("Õunad", "0.35")
        await worker.sees("Everything is there.")
        await worker.press("All right")
        await worker.sees("Done.")
    assert (await shopper.look(cart))["state"] == "READY"


async def test_what_differs_becomes_the_new_cart(world: World, browser: Browser) -> None:
    """What was forgotten is added, what is not there is taken out, and the count survives a reload."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD, APPLES))
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await worker.opens(cart["invoiceId"])
        await worker.scan(BREAD, BREAD, MILK)
        await worker.counted("Piim", "1")
        await worker.sees("not in the basket")
        await worker.page.reload()
        await worker.counted("Rukkileib", "2")
        await worker.sees("2 too many · 1 missing")
        await expect(worker.page.get_by_role("button", name="All right", exact=True)).to_be_hidden()
        worker.page.on("dialog", lambda dialog: dialog.accept())
        await worker.press("Correct it and let them pay")
        await worker.sees("Done.")
    now = await shopper.look(cart)
    assert now["state"] == "READY"
    assert {line["product"]["barcode"]: line["quantity"] for line in now["lines"]} == {MILK: 1, BREAD: 2}


async def test_unknown_goods_are_said_to_be_so(world: World, browser: Browser) -> None:
    """A code that the store does not sell counts for nothing."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await worker.opens(cart["invoiceId"])
        await worker.scan("4749999999999")
        await worker.sees("The store does not sell this: 4749999999999")
        await expect(worker.page.locator(".goods")).to_have_count(1)


async def test_a_check_is_taken_over(world: World, browser: Browser) -> None:
    """Who has a check is shown to colleagues; when one takes it over, the other can no longer end it."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    mari, jaan = [await add_person(world, Role.WORKER, name) for name in ("Mari", "Jaan")]
    async with desk(browser, world, mari) as first, desk(browser, world, jaan) as second:
        await first.opens(cart["invoiceId"])
        await second.sees("Mari")
        await second.scan(cart["invoiceId"])
        await second.sees("Mari looks at this basket")
        await second.press("Take it over")
        await second.sees("Scan each piece")
        await first.press("All right")
        await first.sees("A colleague has taken this basket over.")
        await second.press("All right")
        await second.sees("Done.")
    assert (await shopper.look(cart))["state"] == "READY"


@pytest.mark.parametrize(
    ("button", "state"), [("All right", "READY"), ("Not all right", "OPEN"), ("Let them pay all the same", "READY")]
)  # fmt: skip
async def test_an_age_check(world: World, browser: Browser, button: str, state: str) -> None:
    """An age check says what to look at, and ends with one touch."""
    world.merchant.decision = Decision.AGE
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await worker.press("Check the age")
        await worker.sees("wants the age looked at")
        await worker.press(button)
        await worker.sees("Done.")
    assert (await shopper.look(cart))["state"] == state


async def test_a_lost_connection_is_told(world: World, browser: Browser) -> None:
    """Without a connection the list says that it may be old, and is new again with it."""
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await worker.sees("Nobody waits")
        await worker.page.context.set_offline(True)
        await worker.sees("No connection: this list may be old.")
        shopper = await world.shopper()
        await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        await worker.page.context.set_offline(False)
        await worker.sees("Check everything")
        await expect(worker.page.get_by_text("No connection")).to_be_hidden()


async def test_a_code_before_the_camera(world: World, tmp_path: Path) -> None:
    """The camera reads the code on a shopper's screen, which opens the check."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    screen = beside(code_image(cart["invoiceId"], BarcodeFormat.QRCode, scale=8)).resize((640, 480))
    video = tmp_path / "screen.mjpeg"
    video.write_bytes(encoded(screen.convert("RGB"), "JPEG", subsampling=2) * 10)
    fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    async with (
        chromium(*fake, f"--use-file-for-fake-video-capture={video}") as browser,
        desk(browser, world, await add_person(world, Role.WORKER)) as worker,
    ):
        await worker.press("Scan with the camera")
        await worker.is_at("Check everything")


async def test_an_order_is_picked_by_scanner(database_url: str, browser: Browser) -> None:
    """The goods of an order are scanned into a box; what was not there is struck, and the order is handed over."""
    async with delivering_world(database_url) as made, made.world.gateway.working():
        store = await made.anew()
        order = await store.order("PICKUP", None, BREAD, MILK)
        async with desk(browser, store.world, await add_person(store.world, Role.WORKER)) as worker:
            await worker.page.get_by_role("link", name="New: confirm it").click()
            await worker.press("Confirm")
            await worker.is_at("To pack")
            await worker.sees("Nothing scanned yet.")
            await worker.scan_anywhere(BREAD, APPLES)
            await worker.sees(f"This is not in the order: {APPLES}")
            await worker.counted("Rukkileib", "1")
            await require_accessible(worker.page)
            worker.page.on("dialog", lambda dialog: dialog.accept())
            await worker.press("Packed")
            await worker.is_at("Packed")
            await worker.press("Ready to be picked up")
            await worker.sees("The order waits for its shopper.")
            await worker.scan_anywhere(order["id"])
            await worker.press("Handed over")
            await worker.sees("The order is handed over.")
        after = await store.becomes(order, "COMPLETED")
    assert [row["barcode"] for row in after["products"]] == [BREAD]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_everybody_can_use_it(world: World, browser: Browser, width: int, scheme: str) -> None:
    """No screen has a serious fault for people with disabilities, and none is wider than the phone."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD, MILK, APPLES))
    person = await add_person(world, Role.WORKER)
    settings = {"viewport": {"width": width, "height": 740}, "color_scheme": scheme}
    async with desk(browser, world, person, **settings) as worker:
        await worker.sees("Check everything")
        await require_accessible(worker.page)
        await worker.opens(cart["invoiceId"])
        await worker.scan(BREAD, BREAD, MILK)
        await worker.counted("Piim", "1")
        await require_accessible(worker.page)


async def require_accessible(page: object) -> None:
    found = await Axe().run(page)
    serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
    assert serious == [], [node["html"] for each in serious for node in each["nodes"]]
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")  # type: ignore[attr-defined]
