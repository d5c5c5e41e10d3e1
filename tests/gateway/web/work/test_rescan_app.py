"""A rescan of a part in the worker's app, in a real browser of a phone's size."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from gateway.journeys.checking import Desk as ByApi
from gateway.journeys.checking import save_policy, trolley
from gateway.journeys.world import APPLES, MILK, World, product, small_world
from gateway.web.browsing import add_person
from gateway.web.desks import Desk, desk
from smarts.gateway.parties import Role

GOODS = {f"47400000020{number:02}": f"Kaup {number:02}" for number in range(8)}
WEIGHED = 1  # a piece of the bag, however much it weighs


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store whose staff rescan a part of every cart."""
    async with small_world(database_url) as made, made.gateway.working():
        made.merchant.add(*(product(barcode, name, "2.50") for barcode, name in GOODS.items()))
        await save_policy(made, share=1, rescan={"seconds": 40})
        yield made


async def waiting(world: World) -> tuple[dict[str, Any], list[str]]:
    """A cart with a piece of each of the goods and some apples, and what of it is to be rescanned."""
    cart = await trolley(world, await world.shopper(), dict.fromkeys(GOODS, 1) | {APPLES: 0.4})
    check = await (await ByApi.of(world)).open(cart)
    return cart, [each["barcode"] for each in check["rescan"]]


async def opens(worker: Desk, cart: dict[str, Any]) -> None:
    await worker.scan_anywhere(cart["invoiceId"])
    await worker.is_at("Check some goods")
    await worker.sees("Count the pieces in the bag.")


async def count(worker: Desk, pieces: int) -> None:
    """Types how many pieces are in the bag."""
    await worker.page.get_by_label("Pieces; what is weighed is one").fill(str(pieces))
    await worker.press("Counted")


def passing(worker: Desk) -> Any:
    return worker.page.get_by_role("button", name="All right", exact=True)


async def test_a_part_is_counted_scanned_and_passed(world: World, browser: Browser) -> None:
    """Only what is to be rescanned is listed; it passes once the bag is counted and each of these was scanned."""
    cart, part = await waiting(world)
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await opens(worker, cart)
        await expect(worker.page.locator(".goods:visible")).to_have_count(len(part))
        await count(worker, len(GOODS) + WEIGHED)
        await worker.sees(f"{len(GOODS) + WEIGHED} pieces, as in the basket")
        await expect(passing(worker)).to_be_hidden()
        found = await Axe().run(worker.page)
        assert found.response["violations"] == []
        await worker.scan_anywhere(*part)
        await worker.sees("Everything is there.")
        await worker.page.reload()
        await worker.sees("Everything is there.")
        await worker.press("All right")
        await worker.sees("Done.")
    manager = await world.staff(Role.MANAGER)
    seen = await manager.get(f"/manage/v1/stores/{world.institution_id}/checks/{cart['invoiceId']}")
    assert {each["barcode"] for each in seen.body["findings"]} == set(part)
    assert {each["rescan"] for each in seen.body["findings"]} == {"PART"}


async def test_what_need_not_be_scanned_is_said_to_be_so(world: World, browser: Browser) -> None:
    """Goods of the cart that are not among those to rescan count for nothing, and change nothing."""
    cart, part = await waiting(world)
    other = next(barcode for barcode in GOODS if barcode not in part)
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await opens(worker, cart)
        await worker.scan_anywhere(other)
        await worker.sees("This need not be scanned.")
        await expect(worker.page.locator(".goods:visible")).to_have_count(len(part))


async def test_a_wrong_count_is_asked_for_once_more_and_then_everything_is_scanned(
    world: World, browser: Browser
) -> None:
    """The whole cart is listed from then on, and for the colleague who takes the basket over."""
    cart, part = await waiting(world)
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await opens(worker, cart)
        await count(worker, 3)
        await worker.sees("Count once more.")
        await expect(worker.page.locator(".goods:visible")).to_have_count(len(part))
        async with worker.page.expect_response("**/rescan"):
            await count(worker, 3)
        await worker.sees("Something differs, so that everything is scanned now.")
        await expect(worker.page.locator(".goods:visible")).to_have_count(len(GOODS) + 1)
    async with desk(browser, world, await add_person(world, Role.WORKER, "Teine")) as other:
        await other.scan_anywhere(cart["invoiceId"])
        await other.is_at("Check everything")
        await other.press("Take it over")
        await expect(other.page.locator(".goods:visible")).to_have_count(len(GOODS) + 1)


async def test_what_was_not_scanned_by_the_shopper_makes_it_grow_and_is_put_right(
    world: World, browser: Browser
) -> None:
    """A piece that the cart does not hold shows the rest of it; what was counted before is counted still."""
    cart, part = await waiting(world)
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await opens(worker, cart)
        await worker.scan_anywhere(part[0])
        async with worker.page.expect_response("**/rescan"):
            await worker.scan_anywhere(MILK)
        await worker.sees("Something differs, so that everything is scanned now.")
        await worker.scan_anywhere(*(barcode for barcode in (*GOODS, APPLES) if barcode != part[0]))
        await worker.sees("1 too many")
        await worker.press("Correct it and let them pay")
        await worker.sees("Done.")
    manager = await world.staff(Role.MANAGER)
    seen = await manager.get(f"/manage/v1/stores/{world.institution_id}/checks/{cart['invoiceId']}")
    found = {
        each["barcode"]: (each["scanned"], each["found"], each["rescan"]) for each in seen.body["findings"]
    }
    assert found[MILK] == (0, 1, "GROWN")
    assert len(found) == len(GOODS) + 2
