"""The shopper's app where the connection breaks, pages are loaded anew, and two tabs are open."""

import asyncio
from typing import Any

from playwright.async_api import Browser, Route, expect
from starlette.responses import PlainTextResponse

from gateway.journeys.world import BREAD, MILK, NODE_TOKEN, Merchant, World, small_world
from gateway.web.phones import Phone, phone
from smarts.node import Node


async def quantities(buyer: Phone) -> dict[str, int]:
    """What the gateway has in the cart."""
    return {line["product"]["barcode"]: line["quantity"] for line in (await buyer.cart())["lines"]}


async def test_scans_wait_without_a_connection(shopper: Phone) -> None:
    """Scans made without a connection show at once, and all of them count once when it is back."""
    await shopper.type(BREAD)
    await shopper.sees_total("€1.49")
    await shopper.context.set_offline(True)
    for barcode in (BREAD, MILK, MILK):
        await shopper.type(barcode)
    await shopper.sees("No connection. Waiting in your phone: 3. Nothing will be lost")
    await expect(shopper.page.get_by_role("list", name="On their way").get_by_role("listitem")).to_have_count(
        3
    )
    await expect(shopper.page.get_by_role("button", name="Check out")).to_be_disabled()

    await shopper.context.set_offline(False)

    await shopper.sees_total("€5.46")
    assert await quantities(shopper) == {BREAD: 2, MILK: 2}
    await expect(shopper.page.locator("#connection")).to_be_hidden()


async def test_a_scan_counts_once_where_its_answer_is_lost(shopper: Phone) -> None:
    """The gateway counted the scan, the phone did not hear of it: sending it again changes nothing."""
    lost = asyncio.Event()

    async def lose(route: Route) -> None:
        if lost.is_set():
            await route.continue_()
            return
        await route.fetch()
        lost.set()
        await route.abort()

    await shopper.page.route("**/shop/v1/carts/*/lines", lose)
    await shopper.type(BREAD)
    await lost.wait()
    await expect(shopper.page.locator(".waiting li")).to_have_count(0)
    await shopper.sees_total("€1.49")
    assert await quantities(shopper) == {BREAD: 1}


async def test_scans_survive_a_reload(shopper: Phone) -> None:
    """What waits in the phone is still there when the app is opened again, with the basket as it was."""
    await shopper.type(BREAD)
    await shopper.sees_total("€1.49")
    await shopper.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await shopper.context.set_offline(True)
    await shopper.type(MILK)
    await shopper.sees("Waiting in your phone: 1")

    await shopper.page.reload()

    await expect(shopper.line("Rukkileib")).to_be_visible()
    await expect(shopper.page.get_by_role("list", name="On their way").get_by_role("listitem")).to_have_count(
        1
    )
    await shopper.context.set_offline(False)
    await shopper.sees_total("€2.73")


async def test_two_tabs_share_one_basket(shopper: Phone) -> None:
    """Both tabs show the same; scans made in both at once all count, each once."""
    other = await shopper.another_tab()
    await asyncio.gather(*(tab.type(barcode) for tab in (shopper, other) for barcode in (BREAD,)))
    for tab in (shopper, other):
        await tab.sees_total("€2.98")
    await shopper.type(MILK)
    await other.sees_total("€4.22")
    assert await quantities(other) == {BREAD: 2, MILK: 1}


async def test_two_tabs_begin_one_cart(browser: Browser, world: World) -> None:
    """Two tabs without a connection scan first: when it is back there is one shopper with one cart."""
    async with phone(browser, world) as shopper:
        other = await shopper.another_tab()
        await shopper.context.set_offline(True)
        for tab in (shopper, other):
            await tab.type(BREAD)
        await shopper.context.set_offline(False)
        for tab in (shopper, other):
            await tab.sees_total("€2.98")
        assert await quantities(shopper) == {BREAD: 2}


async def test_paying_in_one_tab_ends_the_purchase_in_the_other(shopper: Phone) -> None:
    """Nobody pays twice because two tabs show the payment."""
    await shopper.type(BREAD)
    await shopper.sees_total("€1.49")
    other = await shopper.another_tab()
    await shopper.press("Check out")
    await other.go("Purchases")
    await other.go("Basket")
    await other.press("Pay")
    await other.sees("Test card that works")
    await shopper.press("Pay €1.49")
    for tab in (shopper, other):
        await tab.sees("Thank you! It is paid.")


async def test_going_back_does_no_harm(shopper: Phone) -> None:
    """The way back leads from the receipt past the payment, and from the payment to the basket."""
    await shopper.type(BREAD)
    await shopper.press("Check out")
    await shopper.sees("Test card that works")
    await shopper.page.go_back()
    await expect(shopper.line("Rukkileib")).to_be_visible()
    await shopper.page.get_by_role("button", name="Pay", exact=True).click()
    await shopper.press("Pay €1.49")
    await shopper.sees("Thank you! It is paid.")
    await shopper.page.go_back()
    await shopper.sees("Your basket is empty")


async def test_the_screen_answers_before_the_network(shopper: Phone) -> None:
    """A scan shows, flashes and is announced while its request is still on the way."""
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await shopper.page.route("**/shop/v1/carts**", hold)
    await shopper.type(BREAD)
    await expect(shopper.page.get_by_role("list", name="On their way").get_by_role("listitem")).to_have_count(
        1
    )
    await expect(shopper.page.locator("#flash")).to_have_class("counted")
    await expect(shopper.page.get_by_role("log")).to_have_text(f"Scanned: {BREAD}")
    held.set()
    await shopper.sees_total("€1.49")


async def test_a_scan_at_the_moment_in_which_sending_ends(shopper: Phone) -> None:
    """A browser takes its time to give a lock back; what is scanned meanwhile is sent all the same."""
    await shopper.page.evaluate(
        """async () => {
          const { request } = LockManager.prototype;
          const taken = new Promise((resolve) => {
            LockManager.prototype.request = async function (name, ...more) {
              const result = await request.call(this, name, ...more);
              if (name !== "smarts.scans") return result;
              resolve();
              return new Promise((giveBack) => { globalThis.giveBack = giveBack; });
            };
          });
          dispatchEvent(new Event("online")); // what waits is sent then, which is nothing
          await taken;
        }"""
    )
    await shopper.type(MILK)
    await shopper.sees("Counted; the price is on its way")
    await shopper.page.evaluate("giveBack()")
    await shopper.sees_total("€1.24")


async def test_the_first_load_is_light(browser: Browser, world: World) -> None:
    """All that the app needs is below 100 kB over the wire."""
    async with phone(browser, world) as shopper:
        await shopper.page.wait_for_load_state("networkidle")
        sizes = await shopper.page.evaluate(
            """() => [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")]
                 .map((entry) => entry.transferSize)"""
        )
    assert 10_000 < sum(sizes) < 100_000


async def test_the_app_says_what_still_works_without_the_stores_system(
    database_url: str, browser: Browser
) -> None:
    """What was scanned meanwhile waits, beside what can be done without it; it counts once the system is back."""
    failing = asyncio.Event()
    good = Node(Merchant(), token=NODE_TOKEN, name="good", version="1")

    async def node(scope: Any, receive: Any, send: Any) -> None:
        if failing.is_set() and scope["type"] == "http":
            await PlainTextResponse("down", 503)(scope, receive, send)
        else:
            await good(scope, receive, send)

    async with (
        small_world(database_url, node=node) as world,
        world.gateway.working(),
        phone(browser, world) as shopper,
    ):
        await shopper.type(BREAD)
        await shopper.sees_total("€1.49")
        failing.set()
        await shopper.type(MILK)
        await shopper.sees("You can still change the basket, check out, pay and ask the staff")

        await world.node_returned(failing.clear)

        await shopper.sees_total("€2.73")
        assert await quantities(shopper) == {BREAD: 1, MILK: 1}
