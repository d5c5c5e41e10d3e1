"""The tab of a store's rules for checks."""

import re
from decimal import Decimal
from html import unescape

import pytest
from playwright.async_api import expect

from gateway.journeys.world import BREAD, MILK, World
from gateway.web.browsing import Browser, add_person
from gateway.web.manage.parts import form_at, marked
from gateway.web.phones import PHONE, chromium
from smarts.gateway.parties import AgeCheck, CheckRules, Role, Switches


@pytest.fixture
def here(world: World) -> str:
    return f"/manage/stores/{world.institution_id}/check-rules"


async def rules_of(world: World) -> CheckRules:
    return (await world.gateway.stores.get(world.institution_id)).check_rules


def told(page: str) -> list[list[int]]:
    """What a page says of each of its bars: how many in full, for the age, not checked."""
    return [
        [int(number) for number in re.findall(r"<strong>(\d+)</strong>", figure)]
        for figure in re.findall(r'<figure class="decided">(.*?)</figure>', page, re.DOTALL)
    ]


async def sold(world: World, *barcodes: str) -> None:
    shopper = await world.shopper()
    await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, *barcodes)))


async def test_rules_are_saved_as_they_were_typed_and_shown_so_again(
    world: World, manager: Browser, here: str
) -> None:
    """A share in percent, numbers with a comma or a point; what is empty is off."""
    fields = await form_at(
        manager, here, share="2,5", firstPurchase="on", totalOver="1 000.5", piecesOver="40", age="FULL"
    )
    assert (await manager.post(here, fields)).location == f"{here}?done=saved"
    assert await rules_of(world) == CheckRules(
        share=Decimal("0.025"),
        first_purchase=True,
        total_over=Decimal("1000.5"),
        pieces_over=40,
        age=AgeCheck.FULL,
    )
    page = (await manager.get(f"{here}?lang=et")).text
    for value in (
        'name="share" value="2,5"',
        'name="totalOver" value="1000,5"',
        'name="piecesOver" value="40"',
    ):
        assert value in page
    assert (await manager.post(here, await form_at(manager, here))).status == 303
    assert (await rules_of(world)).total_over == Decimal("1000.5")
    csrf = dict(fields)["csrf"]
    await manager.post(here, {"csrf": csrf, "share": "", "totalOver": " ", "age": "AGE"})
    assert await rules_of(world) == CheckRules()


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"share": "100.1"}, ["share"]),
        ({"share": "2.55"}, ["share"]),
        ({"share": "-1"}, ["share"]),
        ({"totalOver": "lots"}, ["totalOver"]),
        ({"totalOver": "9.999"}, ["totalOver"]),
        ({"totalOver": "1000000.01"}, ["totalOver"]),
        ({"piecesOver": "1.5"}, ["piecesOver"]),
        ({"piecesOver": "99999999999999999999"}, ["piecesOver"]),
        ({"share": "NaN", "piecesOver": "١٢"}, ["share", "piecesOver"]),
    ],
)
async def test_every_field_that_makes_no_sense_is_marked(
    world: World, manager: Browser, here: str, changed: dict[str, str], fields: list[str]
) -> None:
    """Nothing is saved, and what was typed is still there."""
    page = await manager.post(here, await form_at(manager, here, firstPurchase="on", **changed))
    assert (page.status, marked(page)) == (422, fields)
    assert all(f'value="{value}"' in page.text for value in changed.values())
    assert await rules_of(world) == CheckRules()
    assert (await manager.post(here, await form_at(manager, here, age="NO"))).status == 422


async def test_typed_rules_are_tried_without_being_saved(world: World, manager: Browser, here: str) -> None:
    """By the button of a page without scripts and by the part that scripts ask for: the same numbers."""
    assert told((await manager.get(here)).text) == []
    await sold(world, BREAD)
    await sold(world, BREAD, MILK)
    await sold(world, MILK, MILK, MILK)
    assert told((await manager.get(here)).text) == [[0, 0, 3], [0, 0, 3]]
    fields = await form_at(manager, here, piecesOver="2")
    page = await manager.post(here, [*fields, ("try", "1")])
    part = await manager.post(f"{here}/trial", fields)
    assert (page.status, part.status) == (200, 200)
    assert told(page.text) == told(part.text) == [[1, 0, 2], [0, 0, 3]]
    assert 'name="piecesOver" value="2"' in page.text
    assert "Many pieces" in part.text
    assert "<html" not in part.text
    wrong = await manager.post(f"{here}/trial", await form_at(manager, here, piecesOver="few"))
    assert "Baskets of more than" in wrong.text
    assert told(wrong.text) == []
    assert await rules_of(world) == CheckRules()


async def test_the_page_says_whether_the_stores_system_decides_too(
    world: World, manager: Browser, here: str
) -> None:
    """On or off, with the way to the settings where that is switched."""
    for on, words in ((True, "It is asked about every basket"), (False, "It is not asked")):
        await world.change_store(switches=Switches(merchant_side_purchase_control=on))
        page = unescape((await manager.get(here)).text)
        assert words in page
        assert f'class="button" href="/manage/stores/{world.institution_id}/settings"' in page


async def test_rules_of_others_and_forms_of_other_sites_are_out_of_reach(
    world: World, manager: Browser, here: str
) -> None:
    """Another merchant's store looks as if it did not exist; nothing is done without the page's own token."""
    other, _ = await world.add_store("http://127.0.0.1:9")
    fields = dict(await form_at(manager, here, share="1"))
    for path in ("", "/trial"):
        assert (await manager.post(f"/manage/stores/{other}/check-rules{path}", fields)).status == 404
        assert (await manager.post(here + path, fields | {"csrf": "guessed"})).status == 403
    assert await rules_of(world) == CheckRules()


async def test_numbers_follow_what_is_typed(world: World, here: str) -> None:
    """While a limit is typed, the bars and the sentence at the bottom of a phone tell what it would have done."""
    await sold(world, BREAD)
    await sold(world, BREAD, MILK)
    person = await add_person(world, Role.MANAGER)
    async with chromium() as browser:
        page = await browser.new_page(viewport=PHONE, locale="en")
        await page.goto(f"{world.url}/sign-in")
        await page.locator("[name=email]").fill(person.email)
        await page.locator("[name=password]").fill(person.password)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/manage")
        await page.goto(world.url + here)
        await expect(page.get_by_role("button", name="Try it")).to_be_hidden()
        for limit, words in (("2", "1 of 2 baskets in full"), ("1", "2 of 2 baskets in full")):
            await page.get_by_label("Purchases of more than").fill(limit)
            await expect(page.get_by_role("status").filter(has_text=words)).to_be_in_viewport()
        await page.get_by_label("Purchases of more than").fill("1,")
        await expect(page.get_by_text("Something typed here makes no sense yet")).to_be_visible()
    assert await rules_of(world) == CheckRules()
