"""The demonstration's page: both roles side by side, and a guide through a purchase."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from gateway.journeys.world import World
from gateway.web.browsing import Browser, add_person, browser
from gateway.web.demonstration import BARCODES, Demonstration, demonstration
from gateway.web.phones import PHONE, chromium
from smarts.caller import Target
from smarts.cli.demo_page import here
from smarts.gateway.app import open_gateway
from smarts.gateway.parties import Role
from smarts.gateway.settings import SettingError, Settings

WIDE = {"width": 1280, "height": 720}


@pytest.fixture
async def demo(database_url: str, tmp_path: Path) -> AsyncIterator[Demonstration]:
    async with demonstration(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def newcomer(demo: Demonstration) -> AsyncIterator[Browser]:
    async with browser(demo.world) as made:
        yield made


async def enter(who: Browser, role: str, **headers: str) -> tuple[int, str]:
    seen = await who.post("/demo/sign-in", {"role": role}, **headers)
    return seen.status, seen.headers.get("Location", "")


async def sees(who: Browser, *paths: str) -> list[int]:
    return [(await who.get(path)).status for path in paths]


async def test_no_other_gateway_has_the_page(visitor: Browser) -> None:
    """Where nobody started a demonstration, there is no page, and nobody is signed in by asking."""
    assert await sees(visitor, "/demo", f"/demo/barcodes/{BARCODES[0]}", "/") == [404, 404, 200]
    assert await enter(visitor, "worker") == (404, "")


async def test_it_begins_with_all_that_a_newcomer_needs(newcomer: Browser, demo: Demonstration) -> None:
    """The first page leads there; the goods of the shelf with their prices, and everybody's password."""
    assert (await newcomer.get("/")).location == "/demo"
    page = await newcomer.get("/demo", **{"Accept-Language": "et"})
    assert all(f'data-barcode="{barcode}"' in page.text for barcode in BARCODES)
    assert "Rukkileib seemnetega, 420 g" in page.text
    assert "1,89" in page.text
    assert {account.role for account in demo.tokens.accounts} == set(Role)
    assert all(account.password in page.text for account in demo.tokens.accounts)
    picture = await newcomer.get(f"/demo/barcodes/{BARCODES[0]}")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/svg+xml")


@pytest.mark.parametrize("wrong", ["a" * 200, "%C3%A5", "%00", "%0A"])
async def test_what_cannot_be_drawn_is_not_there(newcomer: Browser, wrong: str) -> None:
    """Whatever is asked for, the answer is that there is no such picture."""
    assert await sees(newcomer, f"/demo/barcodes/{wrong}") == [404]


async def test_goods_that_nobody_chose_are_the_stores_first(database_url: str, tmp_path: Path) -> None:
    """With a catalogue of one's own the shelf holds its first products."""
    async with demonstration(database_url, tmp_path, barcodes=()) as demo, browser(demo.world) as newcomer:
        assert (await newcomer.get("/demo")).text.count("data-barcode=") == 6


async def test_a_store_that_does_not_answer_leaves_the_shelf_empty(
    newcomer: Browser, demo: Demonstration
) -> None:
    """The page says so instead of failing."""
    nowhere = Target("http://127.0.0.1:9", "a-token-of-nobody")
    async with demo.world.gateway.database.transaction() as tx:
        await demo.world.gateway.registry.set(tx, demo.world.institution_id, nowhere)
    page = await newcomer.get("/demo")
    assert (page.status, "The store does not answer" in page.text) == (200, True)


async def test_strangers_become_the_worker(newcomer: Browser) -> None:
    """Asking is enough, but no page of another site can ask in somebody's name."""
    foreign = {"Origin": "http://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert (await enter(newcomer, "worker", **foreign))[0] == 403
    assert (await enter(newcomer, "king"))[0] == 422
    assert await sees(newcomer, "/work") == [303]
    assert await enter(newcomer, "worker") == (303, "/work")
    assert await sees(newcomer, "/work", "/manage") == [200, 403]


async def test_who_may_do_the_work_stays_who_they_are(newcomer: Browser, demo: Demonstration) -> None:
    """A manager is not made a worker by looking at the page, and a worker becomes a manager by asking for it."""
    await enter(newcomer, "worker")
    worker = newcomer.cookie()
    assert await enter(newcomer, "manager") == (303, "/manage")
    manager = newcomer.cookie()
    assert await enter(newcomer, "worker") == (303, "/work")
    assert newcomer.cookie() == manager
    assert await demo.world.gateway.accounts.recognise(worker) is None
    assert await enter(newcomer, "operator") == (303, "/operate")
    assert await sees(newcomer, "/operate", "/work") == [200, 200]


async def test_who_works_elsewhere_becomes_the_worker_here(newcomer: Browser, demo: Demonstration) -> None:
    """Somebody of another store would see nothing of the demonstration's."""
    store, _ = await demo.world.add_store("http://127.0.0.1:9", name="Elsewhere")
    elsewhere = World(**(vars(demo.world) | {"institution_id": store}))
    await newcomer.sign_in(await add_person(elsewhere, Role.WORKER))
    before = newcomer.cookie()
    assert await enter(newcomer, "worker") == (303, "/work")
    assert newcomer.cookie() != before


async def test_a_changed_password_leads_to_the_usual_door(newcomer: Browser, demo: Demonstration) -> None:
    """Where the password is another one now, the newcomer signs in by hand."""
    gateway, account = demo.world.gateway, demo.person(Role.WORKER)
    store = await gateway.stores.get(demo.world.institution_id)
    colleagues = await gateway.accounts.colleagues(store.merchant_id)
    toomas = next(each for each in colleagues if each.staff.role is Role.WORKER)
    async with gateway.database.transaction() as tx:
        await gateway.accounts.open(tx, toomas.staff.person_id, account.email)
    assert await enter(newcomer, "worker") == (303, "/sign-in?next=/work")


async def test_own_phones_get_a_code_where_they_reach_the_gateway(database_url: str, tmp_path: Path) -> None:
    """A gateway at an address of the network shows a code with it; one of this machine alone says how to get there."""
    async with demonstration(database_url, tmp_path, host="192.168.7.7") as demo, browser(demo.world) as who:
        assert "http%3A//192.168.7.7%3A8080/shop%3Fstore%3D" in (await who.get("/demo")).text


async def test_here_it_shows_none(newcomer: Browser) -> None:
    """At the loopback no phone could open it."""
    assert "--host 0.0.0.0" in (await newcomer.get("/demo")).text


@pytest.mark.parametrize(
    ("host", "opened"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("fd00::7", "[fd00::7]"),
        ("shop.local", "shop.local"),
    ],
)
def test_a_page_is_opened_where_it_is_listened(host: str, opened: str) -> None:
    """The address that is printed can be opened on this very machine."""
    assert here(host) == opened


async def test_a_file_that_cannot_be_read_is_named(database_url: str, tmp_path: Path) -> None:
    """Nobody has to guess which setting is wrong."""
    (tmp_path / "demo.json").write_text("{}")
    for name in ("missing.json", "demo.json"):
        settings = Settings(demo=str(tmp_path / name))
        with pytest.raises(SettingError, match=f"SMARTS_DEMO.*{name}"):
            async with open_gateway(settings, database_url):
                pass


async def is_at(page: Page, step: str, hint: str) -> None:
    """The guide has come to this step, and says what to do."""
    await expect(page.locator(".way [aria-current=step]")).to_have_text(step)
    await expect(page.locator(".now").get_by_role("heading")).to_have_text(hint)


async def require_good(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = await Axe().run(page)
    serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
    assert serious == []


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")])
async def test_the_guide_leads_from_the_first_click_to_the_receipt(
    demo: Demonstration, size: dict[str, int], scheme: str
) -> None:
    """By the hints alone, in both apps on one page; a narrow screen shows one app at a time."""
    troubles: list[str] = []
    async with chromium() as opened, demo.world.gateway.working():
        context = await opened.new_context(viewport=size, locale="en-GB", color_scheme=scheme)
        page = await context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        await page.goto(demo.world.url)
        phone, staff = page.frame_locator("#phone"), page.frame_locator("#staff")

        async def turn_to(side: str) -> None:
            if size is PHONE:
                await page.locator(".sides").get_by_role("button", name=side).click()

        await is_at(page, "Scan", "Take the first thing")
        await require_good(page)
        await page.locator("#shelf .wanted").press("Enter")
        await is_at(page, "Age limit", "Take something with an age limit")
        await page.locator("#shelf .wanted").click()
        await expect(phone.locator("li.line .line-price")).to_have_count(2)
        await is_at(page, "Check out", "Check out")
        await phone.get_by_role("button", name="Check out").click()
        await is_at(page, "Check", "Now you are the staff")
        await turn_to("Staff")
        await staff.get_by_role("button", name="Check the age").click()
        await is_at(page, "Check", "Look and decide")
        await require_good(page)
        await staff.get_by_role("button", name="All right", exact=True).click()
        await is_at(page, "Pay", "Pay")
        await turn_to("Shopper")
        await phone.get_by_role("button", name="Pay €3.88").click()
        await is_at(page, "Receipt", "That was all")
        await expect(phone.get_by_alt_text("The code of this receipt, for the exit")).to_be_visible()
        await page.get_by_role("button", name="Once more").click()
        await is_at(page, "Scan", "Take the first thing")
        await expect(phone.get_by_role("heading", name="Basket")).to_be_visible()
        await page.reload()
        await is_at(page, "Scan", "Take the first thing")
        assert troubles == []
