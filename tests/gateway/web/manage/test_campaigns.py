"""The manager's campaigns: the list, the editor, and what is tried while it is typed."""

import asyncio
import re
from html import unescape

import pytest

from gateway.journeys.world import BREAD, World, product
from gateway.web.browsing import Browser, Seen
from gateway.web.manage.parts import filled, form_at, marked
from smarts.wire.products import Campaign

PART = "application/json"
DEAR = "4740000000999"
OURS = (
    Campaign("First", "B00000000501", "total * 0.9"),
    Campaign("Second", "C00000SKP502", "amount >= 10 ? total - 1 : total"),
    Campaign("Broken", "B00000000501", "totl * 0.9"),
)


@pytest.fixture
async def here(world: World) -> str:
    await world.change_store(campaigns=OURS)
    world.merchant.add(product(DEAR, "Teler", "124.00"))
    return f"/manage/stores/{world.institution_id}/campaigns"


async def names(world: World) -> list[str]:
    return [campaign.name for campaign in (await world.gateway.stores.get(world.institution_id)).campaigns]


def keys(page: Seen) -> list[str]:
    return re.findall(r'id="c-([\w-]+)"', page.text)


def words(page: Seen) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).replace("\u2060", "").split())


async def test_the_list_tells_each_campaign_in_words(manager: Browser, here: str) -> None:
    """For whom, with which card, by what, and what does not work with the reason; in the reader's language."""
    said = words(await manager.get(here))
    assert "Everybody · by the total" in said
    assert "Clients with the card SKP · by the total and the number of pieces" in said
    assert "`totl` is unknown: there is total. At character 1." in said
    assert "`totl` on tundmatu: olemas on total." in words(await manager.get(f"{here}?lang=et"))


async def test_a_campaign_is_added_and_counts_at_once(world: World, manager: Browser, here: str) -> None:
    """What is saved is the last one of the list, and a cart begun after it costs less."""
    await world.change_store(campaigns=())
    fields = await form_at(
        manager, f"{here}/new", name="Kümme maha", operation=" total * 0.9 ", client="B", card=""
    )
    assert (await manager.post(f"{here}/save", fields)).location == f"{here}?done=saved"
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, DEAR)
    assert cart["total"]["totalToPay"] == 111.6
    assert [effect["name"] for effect in cart["campaigns"]] == ["Kümme maha"]


async def test_a_campaign_is_edited_in_its_place(world: World, manager: Browser, here: str) -> None:
    """The editor shows what there is; saving it unchanged changes nothing, and what is changed stays where it was."""
    key = keys(await manager.get(here))[1]
    fields = await form_at(manager, f"{here}/{key}")
    assert dict(fields)["card"] == "SKP"
    assert (await manager.post(f"{here}/save", fields)).status == 303
    assert (await world.gateway.stores.get(world.institution_id)).campaigns == OURS
    fields = await form_at(manager, f"{here}/{key}", name="Teine", client="B", kind="501", operation="total")
    await manager.post(f"{here}/save", fields)
    changed = (await world.gateway.stores.get(world.institution_id)).campaigns
    assert changed == (OURS[0], Campaign("Teine", "B00000SKP501", "total"), OURS[2])


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"name": ""}, "name", "From 1 to 200 characters"),
        ({"operation": "total *"}, "operation", "Something is missing at the end of the operation."),
        ({"operation": ""}, "operation", "The operation is empty."),
        ({"operation": "total - amount"}, "operation", "`amount` is unknown: there is total."),
        ({"card": "123456789"}, "card", "The code of a card is up to 8 letters"),
        ({"client": "U", "card": "SKP"}, "card", "Shoppers who are not clients have no cards"),
        ({"kind": "001", "operation": "amount"}, None, "Kind 001 changes a product's row"),
    ],
)
async def test_what_cannot_work_is_not_saved(
    world: World, manager: Browser, here: str, changes: dict[str, str], field: str | None, reason: str
) -> None:
    """The field is marked and says why; what was typed is kept, and nothing is saved."""
    typed = {"name": "Typed", "client": "B", "kind": "501", "operation": "total * 0.5"} | changes
    page = await manager.post(f"{here}/save", await form_at(manager, f"{here}/new", **typed))
    assert page.status == 422
    assert marked(page) == ([field] if field else [])
    assert reason in words(page)
    assert dict(filled(page))["operation"] == typed["operation"]
    assert await names(world) == ["First", "Second", "Broken"]


async def test_two_managers_lose_nothing(world: World, manager: Browser, here: str) -> None:
    """Who saves what a colleague has changed meanwhile is told, keeps what was typed, and may save it as a new one."""
    key = keys(await manager.get(here))[0]
    one = await form_at(manager, f"{here}/{key}", name="One's")
    other = await form_at(manager, f"{here}/{key}", name="Other's")
    assert (await manager.post(f"{here}/save", one)).status == 303
    page = await manager.post(f"{here}/save", other)
    assert page.status == 409
    assert "Somebody has changed or deleted this campaign meanwhile" in words(page)
    assert dict(filled(page))["name"] == "Other's"
    assert (await manager.post(f"{here}/save", filled(page))).status == 303
    assert await names(world) == ["One's", "Second", "Broken", "Other's"]
    for path, fields in ((f"{key}/move", {"direction": "down"}), (f"{key}/delete", {})):
        stale = await manager.post(f"{here}/{path}", {"csrf": page.csrf(), **fields})
        assert stale.status == 409
    assert (await manager.get(f"{here}/{key}")).status == 409
    assert await names(world) == ["One's", "Second", "Broken", "Other's"]


async def test_changes_at_once_are_all_kept(world: World, manager: Browser, here: str) -> None:
    """Campaigns that several people add, move and edit in the same moment are all there afterwards."""
    page = await manager.get(here)
    first, second, _ = keys(page)
    new = await form_at(manager, f"{here}/new", operation="total")
    edited = await form_at(manager, f"{here}/{second}", name="Edited")
    added = [[*new, ("name", f"New {number}")] for number in range(6)]
    answers = await asyncio.gather(
        *(
            manager.post(f"{here}/save", [each for each in fields if each != ("name", "")])
            for fields in added
        ),
        manager.post(f"{here}/save", edited),
        manager.post(f"{here}/{first}/move", {"csrf": page.csrf(), "direction": "down"}),
    )
    assert {answer.status for answer in answers} == {303}
    listed = await names(world)
    assert sorted(listed) == sorted(["First", "Edited", "Broken", *(f"New {number}" for number in range(6))])
    assert listed.index("First") == 1


async def test_a_form_sent_twice_does_nothing_twice(world: World, manager: Browser, here: str) -> None:
    """Whoever presses twice, at once or one after the other, adds, changes and brings back one campaign."""
    new = await form_at(manager, f"{here}/new", name="New", operation="total", client="B", kind="501")
    edited = await form_at(manager, f"{here}/{keys(await manager.get(here))[1]}", name="Edited")
    back = {
        "csrf": dict(new)["csrf"],
        "name": "Back",
        "code": "B00000000501",
        "operation": "total",
        "place": "0",
    }
    for address, fields in (("save", new), ("save", edited), ("restore", back)):
        sent = [manager.post(f"{here}/{address}", fields) for _ in range(2)]
        answers = [*await asyncio.gather(*sent), await manager.post(f"{here}/{address}", fields)]
        assert [answer.status for answer in answers] == [303] * 3
    assert await names(world) == ["Back", "First", "Edited", "Broken", "New"]


async def test_the_order_is_changed(world: World, manager: Browser, here: str) -> None:
    """A campaign moves up and down, and no further than the ends."""
    for by, place, after in (
        ("down", 0, ["Second", "First", "Broken"]),
        ("up", 2, ["Second", "Broken", "First"]),
        ("up", 0, ["Second", "Broken", "First"]),
    ):
        page = await manager.get(here)
        moved = await manager.post(f"{here}/{keys(page)[place]}/move", {"csrf": page.csrf(), "direction": by})
        assert moved.status == 303
        assert await names(world) == after


async def test_what_is_deleted_can_be_had_back(world: World, manager: Browser, here: str) -> None:
    """It is asked for first; what was deleted comes back where it was, even one that does not work."""
    key = keys(await manager.get(here))[1]
    page = await manager.get(f"{here}/{key}/delete")
    assert "Delete this campaign?" in page.text
    done = await manager.post(f"{here}/{key}/delete", {"csrf": page.csrf()})
    assert await names(world) == ["First", "Broken"]
    undo = re.search(r"<form class=\"notice good undo\".*?</form>", done.text, re.DOTALL)
    assert undo
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', undo[0])
    back = await manager.post(f"{here}/restore", [(name, unescape(value)) for name, value in hidden])
    assert back.location == f"{here}?done=restored"
    assert (await world.gateway.stores.get(world.institution_id)).campaigns == OURS


async def effect(manager: Browser, here: str, **typed: str) -> Seen:
    fields = await form_at(manager, f"{here}/new", **({"client": "B", "kind": "501"} | typed))
    return await manager.post(f"{here}/effect", fields, Accept=PART)


async def test_what_is_typed_is_tried_at_once(world: World, manager: Browser, here: str) -> None:
    """The part alone is answered, with the sums, why not, or the mark at the character that is wrong."""
    await world.change_store(campaigns=())
    part = await effect(
        manager, here, operation="total * 0.9", example="typed", barcodes=f"{DEAR}\n{BREAD} 2"
    )
    assert (part.status, "<html" in part.text) == (200, False)
    assert "−€12.70 This cart costs €114.28 instead of €126.98." in words(part)
    for client, why in (("C", "It is for clients only."), ("B", "its condition is not met")):
        said = words(await effect(manager, here, operation="total > 999 ? 1 : total", client=client))
        assert why in said
    wrong = await effect(manager, here, operation="total >= 50 ? totl : total")
    assert "<code>total &gt;= 50 ? <mark>t</mark>otl : total</code>" in wrong.text
    said = words(await effect(manager, here, operation="total - 1000"))
    assert "The operation gave -940.28 for total 59.72" in said


async def test_each_campaign_on_the_cart_says_why_or_why_not(
    world: World, manager: Browser, here: str
) -> None:
    """What each was given and gave without VAT, from when on it counts, and whom else it is for; also of a line."""
    from_five = Campaign("Five", "B00000000002", "amount >= 5 ? unitPrice - 1 : unitPrice")
    world.merchant.add(product(DEAR, "Teler", "124.00", campaigns=(from_five,)))
    await world.change_store(campaigns=(*OURS, Campaign("Large", "B00000000501", "total >= 500 ? 1 : total")))
    typed = {"operation": "total - 10", "example": "typed", "barcodes": f"{DEAR} 2", "name": "Ten"}
    said = words(await effect(manager, here, **typed))
    for why in (
        "Teler Five It counts from 5 pieces on. 2, 100 → 100",
        "First It changes what is paid. 200 → 180 −€24.80",
        "Second It is for clients only.",
        "Broken `totl` is unknown: there is total.",
        "Large It counts from €500.00 without VAT on; here it is €180.00. 180 → 180",
        "Ten It changes what is paid. 180 → 170 −€12.40",
    ):
        assert why in said, said
    said = words(await effect(manager, here, **typed | {"operation": "total >= 190 ? total - 10 : total"}))
    assert "It counts from €190.00 without VAT on; here it is €180.00." in said


async def test_what_is_odd_is_told_while_it_is_typed_and_in_the_list(
    world: World, manager: Browser, here: str
) -> None:
    """A conflict warns in words, with a sum; the campaign is saved all the same, and the list goes on telling it."""
    await world.change_store(campaigns=(Campaign("Ten", "B00000000501", "total >= 50 ? total - 10 : total"),))
    typed = {"name": "Half", "operation": "total * 0.5"}
    # (50 - 10) / 2; half of 50 is 25, from which nothing is taken off
    both = "strikes the same purchases: of 50.00 without VAT both leave 20.00, in the other order 25.00."
    part = await effect(manager, here, **typed)
    assert re.findall(r'data-conflict="(\w+)"', part.text) == ["TOGETHER"]
    assert f"“Ten” {both}" in words(part)
    assert (await manager.post(f"{here}/save", await form_at(manager, f"{here}/new", **typed))).status == 303
    assert f"“Half” {both}" in words(await manager.get(here))
    never = await effect(manager, here, operation="total < 0 ? 1 : total")
    assert re.findall(r'data-conflict="(\w+)"', never.text) == ["NEVER_STRIKES"]


async def test_the_editor_shows_what_its_place_makes_of_the_cart(
    world: World, manager: Browser, here: str
) -> None:
    """What is paid with the campaign at each place of the list, and where it is now; nothing where that is the same."""
    await world.change_store(
        campaigns=(Campaign("a", "B00000000501", "total - 10"), Campaign("b", "B00000000501", "total * 0.5"))
    )
    typed = {"example": "typed", "barcodes": DEAR}
    said = words(await effect(manager, here, operation="total - 20", **typed))
    turns = said[said.index("What its place among the campaigns makes of it") :]
    # (100 - 20 - 10) / 2 and (100 - 10) / 2 - 20, with 24 % VAT
    assert "1.–2. €43.40 3. (its place now) €31.00" in turns
    assert "What its place" not in words(await effect(manager, here, operation="total", **typed))


async def test_the_shopper_and_the_cart_are_chosen(world: World, manager: Browser, here: str) -> None:
    """A past purchase, and somebody with the card, are what it is tried on; what is not sold is told by its line."""
    await world.change_store(campaigns=())
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, DEAR))
    assert (await shopper.pay(cart)).status == 200
    typed = {"operation": "total - 50", "card": "SKP", "example": str(cart["id"])}
    assert "only for holders of its card" in words(await effect(manager, here, **typed, shopper="C"))
    part = await effect(manager, here, **typed, shopper="CARD", shopperCard="SKP")
    assert "This cart costs €62.00 instead of €124.00." in words(part)
    part = await effect(manager, here, operation="total", example="typed", barcodes=f"{BREAD}\nnothing")
    assert "The store does not sell what is in line 2." in words(part)
    part = await effect(manager, here, operation="total", example="typed", barcodes=f"{BREAD} 1.5")
    assert "Line 1: this quantity is not possible." in words(part)
    assert (await effect(manager, here, operation="total", example="no such cart")).status == 200


async def test_it_is_tried_on_past_purchases(world: World, manager: Browser, here: str) -> None:
    """The part tells in how many it would have struck and what it would have taken off."""
    await world.change_store(campaigns=())
    for barcode in (DEAR, BREAD):
        shopper = await world.shopper()
        await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, barcode)))
    fields = await form_at(manager, f"{here}/new", operation="total > 50 ? total - 10 : total", client="B")
    said = words(await manager.post(f"{here}/trial", fields, Accept=PART))
    assert said.startswith("Of the last 2 purchases")
    assert "it would have changed 1. In all −€12.40 of €125.49" in said
    page = await manager.post(f"{here}/trial", fields)
    assert "<html" in page.text
    assert "In all −€12.40" in words(page)


async def test_the_books_before_and_after_a_change(world: World, manager: Browser, here: str) -> None:
    """Turnover, discounts and purchases of a changed campaign stand beside those of the version that was sold with."""
    await world.change_store(
        campaigns=(Campaign("Old", "B00000000501", "total >= 50 ? total * 0.5 : total"),)
    )
    for barcode in (DEAR, BREAD):
        shopper = await world.shopper()
        await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, barcode)))
    (key,) = keys(await manager.get(here))
    fields = await form_at(manager, f"{here}/{key}", operation="total >= 1 ? total - 1 : total")
    said = words(await manager.post(f"{here}/trial", fields, Accept=PART))
    # 62 + 1.49 were paid; 1 without VAT is 1.24
    assert (
        "As it was With this campaign Turnover €63.49 €123.01 Discounts of all campaigns €62.00 €2.48" in said
    )
    assert "Purchases that this campaign changes 1 2" in said
    assert "Cheaper than they were: 1. Dearer: 1." in said


async def test_beginnings_and_copies_fill_the_editor(manager: Browser, here: str) -> None:
    """A ready operation works as it is, and a copy has all of the campaign but is a new one."""
    begun = await manager.get(f"{here}/new")
    links = re.findall(r'href="([^"]+\?begin=\w+)"', begun.text)
    assert len(links) >= 5
    for link in links:
        page = await manager.get(unescape(link))
        assert 'class="notice good verdict"' in page.text, link
    key = keys(await manager.get(here))[1]
    copied = dict(filled(await manager.get(f"{here}/new?copy={key}")))
    assert (copied["name"], copied["card"], copied["kind"], copied["key"]) == ("Second", "SKP", "502", "")


async def test_what_carts_complained_of_is_shown(world: World, manager: Browser, here: str) -> None:
    """A campaign of a product that does not work is told on the tab, by name and barcode; other reports are not."""
    states = world.gateway.node_states
    detail = "The campaign 'Odd' (B00000000001) of the product 474 does not work. It was left out: x"
    await states.report(world.institution_id, "campaign", detail)
    await states.report(world.institution_id, "receipt", "something else")
    said = words(await manager.get(here))
    assert detail in said
    assert "something else" not in said


@pytest.mark.parametrize("path", ["save", "effect", "trial", "restore", "x/move", "x/delete"])
async def test_other_stores_are_out_of_reach(world: World, manager: Browser, here: str, path: str) -> None:
    """What is hidden is not changed, and a form from elsewhere is refused."""
    other, _ = await world.add_store("http://127.0.0.1:9")
    csrf = (await manager.get(here)).csrf()
    assert (await manager.post(f"/manage/stores/{other}/campaigns/{path}", {"csrf": csrf})).status == 404
    assert (await manager.post(f"{here}/{path}", {"csrf": "wrong"})).status == 403


@pytest.mark.parametrize("path", ["save", "effect", "trial", "restore"])
async def test_any_form_is_answered(world: World, manager: Browser, here: str, path: str) -> None:
    """Whatever the fields hold, the answer is a page, never an error of ours."""
    csrf = (await manager.get(here)).csrf()
    for value in ("", "x" * 3000, "-1", "9" * 30, "²", "\N{ROCKET}\n\r\n", "typed", "<b>", "1 2 3"):
        names_ = (
            "key",
            "name",
            "client",
            "card",
            "kind",
            "operation",
            "example",
            "shopper",
            "shopperCard",
            "limit",
        )
        fields = dict.fromkeys((*names_, "barcodes", "code", "place"), value)
        for accept in (PART, "text/html"):
            seen = await manager.post(f"{here}/{path}", {"csrf": csrf, **fields}, Accept=accept)
            assert seen.status in (200, 303, 409, 422), (value, seen.status)
