"""What scripts add to the manager's forms: a card's face while it is typed, its picture, machines as rows, a place."""

from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from gateway.journeys.world import World
from gateway.web.browsing import add_person
from gateway.web.manage.test_cards import PNG, kinds
from gateway.web.phones import chromium
from smarts.gateway.parties import Place, Role

TALLINN = {"latitude": 59.437, "longitude": 24.7536}


async def require_good(page: Page) -> None:
    """Fits a phone without scrolling to the side, and axe finds nothing serious."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    found = await Axe().run(page)
    serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
    assert serious == [], (page.url, serious)


async def define_card(page: Page, here: str, picture: Path) -> None:
    """Types a card, and sees it become what shoppers will see."""
    await page.goto(f"{here}/cards/new")
    face = page.locator(".preview .card-face")
    await page.get_by_label("Name", exact=True).fill("Kaart")
    await expect(face.locator("strong")).to_have_text("Kaart")
    await page.get_by_text("The name in each language").click()
    await page.get_by_label("English").first.fill("Club card")
    await expect(face.locator("strong")).to_have_text("Club card")
    await page.get_by_label("Colour", exact=True).fill("#ffee00")
    await expect(page.get_by_text("The writing is hard to read on these colours.")).to_be_visible()
    assert await face.evaluate("(face) => face.style.getPropertyValue('--card-start')") == "#ffee00"
    await page.get_by_label("Colour at the other end").fill("#ffffff")
    await page.get_by_label("Dark, on a light card").check()
    await expect(page.get_by_text("The writing is hard to read on these colours.")).to_be_hidden()
    await page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "note.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    await expect(page.get_by_text("This is no PNG, JPEG or WebP picture.")).to_be_visible()
    await page.get_by_label("Picture", exact=True).set_input_files(picture)
    await expect(page.get_by_text("The picture is there; it is saved with the card.")).to_be_visible()
    await expect(face.locator("img")).to_have_js_property("naturalWidth", 1)
    await require_good(page)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await require_good(page)


async def set_up_machines(page: Page, here: str) -> None:
    """Adds a machine as a row, pastes others, takes one away."""
    await page.goto(f"{here}/delivery/parcel")
    listed = page.get_by_label("As a list")
    await page.get_by_role("button", name="Add a machine").click()
    for label, text in (("Id", "12"), ("Name", "Jaama; suur"), ("Address", "Eesti, Tartu")):
        await page.get_by_label(label, exact=True).last.fill(text)
    await expect(listed).to_have_value('12; "Jaama; suur"; Eesti, Tartu')
    await listed.fill('12; "Jaama; suur"; Eesti, Tartu\n13; Keskus\n14; Sadam')
    await listed.blur()
    await expect(page.get_by_label("Name", exact=True)).to_have_count(3)
    assert await page.get_by_label("Name", exact=True).first.input_value() == "Jaama; suur"
    await page.get_by_role("button", name="Take away").nth(1).click()
    await expect(listed).to_have_value('12; "Jaama; suur"; Eesti, Tartu\n14; Sadam')
    await require_good(page)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()


async def set_place(page: Page, here: str) -> None:
    """Stands in the store and says so."""
    await page.goto(f"{here}/settings")
    await page.get_by_role("button", name="Use where I am now").click()
    await expect(page.get_by_label("Latitude")).to_have_value("59.437000")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()


async def test_scripts_make_forms_easier(world: World, tmp_path: Path) -> None:
    """On a phone: each form ends with what was made visible on it, and nobody's console complains."""
    person, said = await add_person(world, Role.MANAGER), list[str]()
    picture = tmp_path / "card.png"
    picture.write_bytes(PNG)
    here = f"{world.url}/manage/stores/{world.institution_id}"
    async with chromium() as browser:
        allowed = {"geolocation": TALLINN, "permissions": ["geolocation"]}
        page = await browser.new_page(viewport={"width": 360, "height": 740}, locale="en", **allowed)  # type: ignore[arg-type]
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        await page.goto(f"{world.url}/sign-in")
        await page.get_by_label("Email").fill(person.email)
        await page.get_by_label("Password").fill(person.password)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/manage")
        await define_card(page, here, picture)
        await set_up_machines(page, here)
        await set_place(page, here)
        await page.goto(f"{here}/staff/{person.person_id}")
        await require_good(page)
    assert said == []
    (kind,) = await kinds(world)
    assert (kind.card.colors, kind.card.name.in_language("EN")) == (("#ffee00", "#ffffff"), "Club card")
    assert kind.card.image_id is not None
    (parcel,) = await world.gateway.orders.methods(world.institution_id)
    assert [each.parcel_id for each in parcel.parcel_machines] == ["12", "14"]
    assert (await world.gateway.stores.get(world.institution_id)).place == Place(**TALLINN)
