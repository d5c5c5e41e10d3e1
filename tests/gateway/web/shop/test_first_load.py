"""How much of a phone's connection the app takes when it is opened for the first time."""

from typing import Any

from playwright.async_api import Browser

from gateway.journeys.world import World
from gateway.web.phones import PHONE

MOST = 100_000  # bytes


async def test_the_first_load_is_small(browser: Browser, world: World) -> None:
    """All that comes over the wire until the app stands still, headers too, is less than 100 kB."""
    context = await browser.new_context(viewport=PHONE, locale="ru", service_workers="block")  # type: ignore[arg-type]
    page = await context.new_page()
    wire = await context.new_cdp_session(page)
    taken: list[float] = []

    def finished(event: dict[str, Any]) -> None:
        taken.append(event["encodedDataLength"])

    wire.on("Network.loadingFinished", finished)
    await wire.send("Network.enable")
    await page.goto(f"{world.url}/shop?store={world.institution_id}", wait_until="networkidle")
    await context.close()
    assert len(taken) > 20, "it is counted what comes"
    assert sum(taken) < MOST
