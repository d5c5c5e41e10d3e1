"""The tab of a store's rules for checks."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from msgspec.structs import replace
from playwright.async_api import expect

from gateway.journeys.checking import Desk, counted, row, trolley
from gateway.journeys.world import BREAD, MILK, World
from gateway.web.browsing import Browser, add_person
from gateway.web.manage.parts import filled, form_at, marked
from gateway.web.phones import PHONE, chromium
from smarts.control import (
    AgeCheck,
    GoodsRule,
    HoursRule,
    LargeRule,
    Limits,
    LoyaltyRule,
    Policy,
    RescanRule,
    RiskRule,
)
from smarts.gateway.journeys.check_losses import LEAST_CARTS
from smarts.gateway.parties import Role, Switches
from smarts.wire.times import TimeOfDay, Weekday


@pytest.fixture
def here(world: World) -> str:
    return f"/manage/stores/{world.institution_id}/check-rules"


async def rules_of(world: World) -> Policy:
    return (await world.gateway.policies.current(world.institution_id)).policy


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
        manager, here, share="2,5", firstPurchases="2", totalOver="1 000.5", piecesOver="40", age="FULL"
    )
    assert (await manager.post(here, fields)).location == f"{here}?done=saved"
    assert await rules_of(world) == Policy(
        share=Decimal("0.025"),
        first_purchases=2,
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
    assert await rules_of(world) == Policy(together_minutes=0, left_check_hours=0)


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
    page = await manager.post(here, await form_at(manager, here, firstPurchases="2", **changed))
    assert (page.status, marked(page)) == (422, fields)
    assert all(f'value="{value}"' in page.text for value in changed.values())
    assert await rules_of(world) == Policy()
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
    assert await rules_of(world) == Policy()


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
    assert await rules_of(world) == Policy()


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
        await page.get_by_label("Purchases of more than").fill("x")
        await expect(page.get_by_text("Something typed here makes no sense yet")).to_be_visible()
    assert await rules_of(world) == Policy()


async def test_rules_of_which_there_are_many_have_rows_of_their_own(
    world: World, manager: Browser, here: str
) -> None:
    """Hours, goods, members and large purchases are typed into spare rows, and stand there again afterwards."""
    fields = await form_at(
        manager,
        here,
        **{
            "share": "5", "risk": "on", "risk.passed": "0,5", "risk.corrected": "1", "risk.failed": "2",
            "risk.forgetDays": "30", "risk.least": "0.5", "risk.most": "3", "estimateShare": "1",
            "hours[0].start": "22:00", "hours[0].end": "02:00", "hours[0].share": "20",
            "large[0].over": "100", "large[0].share": "30", "loyalty[0].factor": "0,5",
            "goods[0].name": "Spirits", "goods[0].barcodes": "4740000000069, 4740000000076",
            "goods[0].categories": "gin", "goods[0].piecesFrom": "2", "goods[0].share": "50",
            "rescan.seconds": "90", "limits.inARow": "1", "limits.aWeek": "3", "lockMinutes": "30",
        },
    )  # fmt: skip
    days = [("hours[0].weekdays", "FRIDAY"), ("hours[0].weekdays", "SATURDAY")]
    assert (await manager.post(here, [*fields, *days])).status == 303
    policy = await rules_of(world)
    assert policy == Policy(
        share=Decimal("0.05"),
        estimate_share=Decimal("0.01"),
        hours=(
            HoursRule(
                weekdays=(Weekday.FRIDAY, Weekday.SATURDAY),
                start=TimeOfDay(22),
                end=TimeOfDay(2),
                share=Decimal("0.2"),
            ),
        ),
        large=(LargeRule(over=Decimal(100), share=Decimal("0.3")),),
        loyalty=(LoyaltyRule(factor=Decimal("0.5")),),
        risk=RiskRule(
            passed=Decimal("0.5"),
            corrected=Decimal(1),
            failed=Decimal(2),
            forget_days=30,
            least=Decimal("0.5"),
            most=Decimal(3),
        ),
        limits=Limits(in_a_row=1, a_week=3),
        goods=(
            GoodsRule(
                name="Spirits",
                barcodes=("4740000000069", "4740000000076"),
                categories=("gin",),
                pieces_from=2,
                share=Decimal("0.5"),
            ),
        ),
        rescan=RescanRule(seconds=90),
        lock_minutes=30,
    )
    again = [*await form_at(manager, f"{here}?lang=et")]
    assert (await manager.post(here, again)).status == 303
    assert await rules_of(world) == policy
    kept = await form_at(manager, here)
    emptied = [(name, "" if name.startswith("goods[0]") else value) for name, value in kept]
    assert (await manager.post(here, emptied)).status == 303
    assert await rules_of(world) == replace(policy, goods=())


async def test_what_contradicts_itself_is_shown_at_its_row(world: World, manager: Browser, here: str) -> None:
    """Hours without a day, goods without any, a pause that is over: nothing is saved, and each says what is wrong."""
    typed = {
        "hours[0].start": "20:00",
        "hours[0].share": "5",
        "hours[0].end": "22:00",
        "goods[0].name": "Nothing",
        "pause.until": "2020-01-01T10:00",
    }
    page = await manager.post(here, await form_at(manager, here, **typed))
    told = unescape(page.text)
    assert page.status == 422
    for words in ("A day at least", "A barcode or a category at least", "A moment of the next seven days"):
        assert words in told
    assert 'value="Nothing"' in told
    assert (await world.gateway.policies.current(world.institution_id)).version == 0


async def test_rules_are_paused_by_the_stores_clock(world: World, manager: Browser, here: str) -> None:
    """What is typed as the store's time is that moment, and stands there until it has come."""
    zone = (await world.gateway.stores.get(world.institution_id)).time_zone.zone
    until = datetime.now(zone).replace(second=0, microsecond=0) + timedelta(hours=3)
    typed = f"{until:%Y-%m-%dT%H:%M}"
    assert (await manager.post(here, await form_at(manager, here, **{"pause.until": typed}))).status == 303
    pause = (await rules_of(world)).pause
    assert pause
    assert abs(pause.until - until) <= timedelta(hours=1)  # where the clocks are turned back within
    assert f'value="{typed}"' in (await manager.get(here)).text


async def test_two_who_save_at_once_do_not_undo_each_other(world: World, manager: Browser, here: str) -> None:
    """The second one is told, and what was there before can be looked at by its version and saved again."""
    fields = await form_at(manager, here, piecesOver="7")
    await world.set_policy(Policy(pieces_over=3))
    late = await manager.post(here, fields)
    assert (late.status, (await rules_of(world)).pieces_over) == (409, 3)
    assert "Somebody has changed the check policy meanwhile" in late.text
    await world.set_policy(Policy(pieces_over=9))
    old = await manager.get(f"{here}/1")
    assert 'name="piecesOver" value="3"' in old.text
    assert "This is version 1 as it was" in old.text
    assert (await manager.post(here, filled(old))).status == 303
    assert (await rules_of(world)).pieces_over == 3
    assert [(await manager.get(f"{here}/{each}")).status for each in ("9", "x", "0")] == [404, 404, 200]


async def test_the_page_of_a_check_tells_exactly_why(world: World, manager: Browser, here: str) -> None:
    """By which version, what each rule compared, and that the decision comes out the same again."""
    await world.set_policy(Policy(pieces_over=1, total_over=Decimal(100)))
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD, MILK))
    path = f"/manage/stores/{world.institution_id}/checks/{cart['invoiceId']}"
    told = unescape((await manager.get(path)).text)
    assert "By version 1 of the check rules" in told
    assert "2 pieces, checked is what is over 1" in told
    assert "€2.73, checked is what is over €100.00" in told
    assert "it came out the same" in told
    async with world.gateway.database.transaction() as tx:
        await tx.execute("UPDATE check_decisions SET outcome = replace(outcome::text, 'FULL', 'NO')::json")
    assert "it came out otherwise" in unescape((await manager.get(path)).text)


async def test_the_page_tells_what_random_checks_say_of_the_stores_loss(
    world: World, manager: Browser, here: str
) -> None:
    """Nothing without random checks; with them the estimate, between what it lies, and what it does not hold for."""
    assert "Only checks by pure chance tell" in (await manager.get(here)).text
    await world.set_policy(Policy(estimate_share=Decimal(1)))
    desk = await Desk.of(world)
    assert "Chance has chosen no purchase yet" in (await manager.get(here)).text
    cart = await trolley(world, await world.shopper(), {BREAD: 1})
    assert "Chance has chosen no purchase yet" in (await manager.get(here)).text
    assert (await desk.end(cart, "FAILED_ALLOW_PAYMENT", products=[row(BREAD, 1), row(MILK, 1)]))[0] == 204
    page = unescape((await manager.get(here)).text)
    assert "<strong>€1.24</strong>" in page
    assert "and €1.24 at least: from fewer than three finds" in page
    assert "Pure chance chose 1 purchase that staff looked at wholly; something was missing in 1." in page
    assert "For 1 of 1 purchases" in page


async def test_the_page_tells_which_goods_are_scanned_for_others(
    world: World, manager: Browser, here: str
) -> None:
    """Both names, how often, and what putting it right came to; nothing is said where staff found no such pair."""
    await world.set_policy(Policy(share=Decimal(1)))
    desk = await Desk.of(world)
    assert "Goods scanned for others" not in (await manager.get(here)).text
    cart = await trolley(world, await world.shopper(), {MILK: 1})
    rows, there = [row(BREAD, 1)], counted({MILK: 0, BREAD: 1})
    assert (await desk.end(cart, "FAILED_ALLOW_PAYMENT", products=rows, rescanned=there))[0] == 204
    page = unescape((await manager.get(here)).text)
    table = page[page.index("Goods scanned for others") :]
    cells = re.findall(r"<t[hd] (?:scope=\"row\"|class=\"right\")>(.*?)</t[hd]>", table)
    assert [re.sub(r"<.*?>", " ", cell).split() for cell in cells[:3]] == [
        ["Piim", MILK, "→", "Rukkileib", BREAD],
        ["1"],
        ["€0.25"],
    ]
    for language, words in (
        ("et", "Muu pähe skannitud kaup"),
        ("ru", "Товары, просканированные вместо других"),
    ):
        assert words in (await manager.get(f"{here}?lang={language}")).text


async def test_rules_are_simulated_by_a_button_of_the_page(world: World, manager: Browser, here: str) -> None:
    """Typed rules beside what is usual, not saved; with too few baskets that is said, and a wrong field is marked."""
    few = await manager.post(here, await form_at(manager, here, share="10", simulate="1"))
    assert (few.status, "0 baskets were checked out of late: 50 are needed." in few.text) == (200, True)
    wrong = await manager.post(here, await form_at(manager, here, share="200", simulate="1"))
    assert (wrong.status, marked(wrong)) == (422, ["share"])
    for number in range(LEAST_CARTS):
        await trolley(world, await world.shopper(), {BREAD: 1 + number % 3, MILK: 1 + number % 2})
    page = await manager.post(here, await form_at(manager, here, share="10", simulate="1"))
    assert page.status == 200
    table = re.search(r'<table class="sums">.*?Of a hundred purchases.*?</table>', page.text, re.DOTALL)
    assert table
    assert re.findall(r'<th scope="row">([^<,]+)', table[0])[0] == "By these rules"
    assert table[0].count("<tr") == 5  # the head, these rules, and three others
    assert 'name="share" value="10"' in page.text
    assert await rules_of(world) == Policy()
