"""Choosing a store in the shopper's app: nearest first, and among many."""

from math import pi
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from gateway.journeys.world import World
from gateway.web.phones import Phone, phone
from smarts.gateway.parties import Place

TALLINN = {"latitude": 59.437, "longitude": 24.7536}
METRES_A_DEGREE = 6_371_008.8 * pi / 180  # along a meridian


async def add_chain(world: World, count: int) -> None:
    """Stores without a place, more than one page of them, written as quickly as can be."""
    async with world.gateway.database.connection() as connection:
        await connection.execute(
            "INSERT INTO institutions (id, merchant_id, name, seller, currency, time_zone, switches)"
            " SELECT 'chain-' || n, merchant_id, 'Ketipood ' || lpad(n::text, 4, '0'), seller, currency, time_zone,"
            " switches FROM institutions, generate_series(1, $1) AS n WHERE id = $2",
            count,
            world.institution_id,
        )


async def distances(page: Page, calls: str) -> Any:
    """What the module of distances answers."""
    link = "link[rel=modulepreload][href$='/distance.js']"
    address = await page.locator(link).get_attribute("href")
    return await page.evaluate(
        f"async (address) => {{ const it = await import(address); return {calls}; }}", address
    )


async def open_stores(made: Phone) -> None:
    """Goes from the basket to the list of stores."""
    await expect(made.page.get_by_role("heading", level=1)).to_have_text("Basket")
    await made.page.locator(".store-link").click()
    await made.sees("In which store are you?")


async def names(made: Phone) -> list[str]:
    return await made.page.locator(".list strong").all_inner_texts()


async def test_the_nearest_store_comes_first_when_that_is_wished(browser: Browser, world: World) -> None:
    """Then by distance, those without a place last; and at once the next time. No request tells where the phone is."""
    for name, north in (("Kaugel", 0.3), ("Lähedal", 0.003), ("Keskel", 0.02)):
        place = Place(latitude=TALLINN["latitude"] + north, longitude=TALLINN["longitude"])
        await world.add_store("http://127.0.0.1:9", name=name, place=place)
    await add_chain(world, 1200)
    sent: list[str] = []
    allowed = {"geolocation": TALLINN, "permissions": ["geolocation"]}
    async with phone(browser, world, **allowed) as shopper:
        shopper.page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
        await open_stores(shopper)
        await expect(shopper.page.locator(".list strong")).to_have_count(50)
        assert (await names(shopper))[:2] == ["Kaugel", "Keskel"]
        await shopper.press("Nearest first")
        await shopper.sees("Where you are stays in your phone")
        assert (await names(shopper))[:4] == ["Lähedal", "Keskel", "Kaugel", "Ketipood 0001"]
        assert await shopper.page.locator(".list .distance").all_inner_texts() == ["330 m", "2.2 km", "33 km"]
        await shopper.page.reload()
        await shopper.sees("330 m")
        await shopper.page.get_by_label("Find a store").fill("ketipood 1199")
        await expect(shopper.page.locator(".list strong")).to_have_text(["Ketipood 1199"])
        await shopper.page.locator(".list button").click()
        await expect(shopper.page.locator("#store")).to_have_text("Ketipood 1199")
    assert sent
    assert not [each for each in sent if "59.4" in each or "24.75" in each]


async def test_a_phone_that_tells_no_place_says_so(browser: Browser, world: World) -> None:
    """The stores stay in the order of their names."""
    await world.change_store(place=Place(**TALLINN))
    async with phone(browser, world, permissions=[]) as shopper:
        await open_stores(shopper)
        await shopper.press("Nearest first")
        await shopper.sees("Your phone does not tell where you are.")
        assert await names(shopper) == ["Nurgapood"]


async def test_distances_are_those_on_a_ball(browser: Browser, world: World) -> None:
    """Along a meridian, over a pole, across the date line; and said as roughly as is worth it."""
    pairs = "[[0, 0, 0, 1], [89, 0, 89, 180], [0, 179.5, 0, -179.5], [59, 24, 59, 24], [0, 0, 0, 180]]"
    places = "{ latitude: pair[0], longitude: pair[1] }, { latitude: pair[2], longitude: pair[3] }"
    async with phone(browser, world) as shopper:
        metres = await distances(shopper.page, f"{pairs}.map((pair) => it.metresBetween({places}))")
        assert [each / METRES_A_DEGREE for each in metres] == pytest.approx([1, 2, 1, 0, 180])
        said = await distances(shopper.page, "[0, 346, 994, 995, 2149, 9940, 9960, 123456].map(it.sayable)")
        assert [(each["amount"], each["unit"]) for each in said] == [
            *((10, "meter"), (350, "meter"), (990, "meter"), (1, "kilometer"), (2.1, "kilometer")),
            *((9.9, "kilometer"), (10, "kilometer"), (123, "kilometer")),
        ]
