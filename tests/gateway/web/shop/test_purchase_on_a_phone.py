"""The shopper's app in a real browser: from the store's door to the receipt, on a phone of 360 pixels."""

from decimal import Decimal
from importlib.resources import files
from io import BytesIO

import pytest
from babel.messages.pofile import read_po
from playwright.async_api import Browser, expect

from gateway.journeys.club import CODE, NUMBER, ClubWorld
from gateway.journeys.delivering import Delivering
from gateway.journeys.world import BEER, BREAD, MILK, World, product, until
from gateway.web.phones import Phone, phone
from smarts.gateway.parties import Role
from smarts.gateway.web.shop import sentences
from smarts.wire.control import Decision
from smarts.wire.products import Campaign, InspectionAction, MaxAmount, MinAge

COFFEE = "4740000000045"


async def pay(buyer: Phone, sum_: str) -> None:
    """Checks out and pays with the card that goes well."""
    await buyer.press("Check out")
    await buyer.press(f"Pay {sum_}")
    await buyer.sees("Thank you! It is paid.")


async def test_a_whole_purchase(shopper: Phone, world: World) -> None:
    """Somebody who has told nothing scans, changes a quantity, pays what is shown, and finds the receipt again."""
    for barcode in (BREAD, MILK):
        await shopper.type(barcode)
    await shopper.sees_total("€2.73")
    await shopper.page.get_by_role("button", name="One more: Piim").click()
    await shopper.sees_total("€3.97")

    await pay(shopper, "€3.97")

    await expect(shopper.page.get_by_alt_text("The code of this receipt, for the exit")).to_be_visible()
    invoice = await until(lambda: world.merchant.invoices and world.merchant.invoices[0])
    assert invoice.total.total_to_pay == Decimal("3.97")
    await shopper.sees(invoice.id)
    await shopper.go("Purchases")
    await shopper.page.get_by_role("link", name="Nurgapood").and_(shopper.page.locator(".row")).click()
    await shopper.sees("2 × Piim")


async def test_the_next_scan_begins_a_new_purchase(shopper: Phone) -> None:
    """What was paid is no longer in the basket."""
    await shopper.type(BREAD)
    await pay(shopper, "€1.49")
    await shopper.go("Basket")
    await shopper.sees("Your basket is empty")
    await shopper.type(MILK)
    await shopper.sees_total("€1.24")


async def test_a_lock_opens_by_itself(shopper: Phone, world: World) -> None:
    """The lock screen shows staff the purchase's code, and goes on to the payment when they are done."""
    staff = await world.staff(Role.WORKER, world.institution_id)
    world.merchant.decision = Decision.FULL
    await shopper.type(BREAD)
    await shopper.press("Check out")
    await shopper.sees("Staff will check your basket")
    invoice_id = (await shopper.cart())["invoiceId"]
    await expect(shopper.page.get_by_text(invoice_id)).to_be_visible()
    picture = shopper.page.get_by_alt_text("The code of this purchase, for staff to scan")
    assert await picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth > 0 }")

    done = await staff.post(f"/work/v1/checks/{invoice_id}/result", {"status": "PASSED"})

    assert done.status == 204
    await shopper.sees("The check is done. Thank you!")
    await shopper.press("Pay €1.49")
    await shopper.sees("Thank you! It is paid.")


async def test_a_failed_check_leads_back_to_the_basket(shopper: Phone, world: World) -> None:
    """Where staff find a fault the shopper is told so, and looks at the basket again."""
    staff = await world.staff(Role.WORKER, world.institution_id)
    world.merchant.decision = Decision.FULL
    await shopper.type(BREAD)
    await shopper.press("Check out")
    await shopper.sees("A short check")
    invoice_id = (await shopper.cart())["invoiceId"]
    await staff.post(f"/work/v1/checks/{invoice_id}/result", {"status": "FAILED"})
    await shopper.sees("Staff found a fault.")
    await expect(shopper.line("Rukkileib")).to_be_visible()


async def test_inspections_and_campaigns_are_said_in_words(shopper: Phone, world: World) -> None:
    """A product says what staff will check and what a campaign took off."""
    half = Campaign("Kohvinädal", "B00000000002", "amount >= 1 ? unitPrice * 0.5 : unitPrice")
    world.merchant.add(
        product(BEER, "Õlu", "1.89", inspections=(MinAge(age=18),)),
        product(COFFEE, "Kohv", "6.00", campaigns=(half,)),
    )
    await shopper.type(BEER)
    await expect(shopper.line("Õlu")).to_contain_text("18+: staff will check")
    await shopper.type(COFFEE)
    await expect(shopper.line("Kohv")).to_contain_text("€3.00 instead of €6.00 for one")
    await shopper.press("Check out")
    await shopper.sees("18+: have your identity card ready")


async def test_what_does_not_count_is_said(shopper: Phone, world: World) -> None:
    """An unknown barcode, and more than may be bought: the basket stays as it was, the reason stands above it."""
    world.merchant.add(
        product(
            BEER, "Õlu", "1.89", inspections=(MaxAmount(amount=Decimal(1), action=InspectionAction.RESTRICT),)
        )
    )
    await shopper.type(BEER)
    await shopper.sees_total("€1.89")
    await shopper.type(BEER)
    await shopper.sees("Õlu: at most 1 can be bought")
    await shopper.type("999")
    await shopper.sees("This store does not sell it")
    await shopper.sees_total("€1.89")


async def test_weighed_goods(shopper: Phone) -> None:
    """Weighed goods found by name are bought by what they weigh, which can be set right."""
    await shopper.go("Search")
    row = shopper.page.get_by_role("listitem").filter(has_text="Õunad")
    await row.get_by_label("How much: Õunad, in kg").fill("0.5")
    await row.get_by_role("button", name="Add: Õunad").click()
    await shopper.go("Basket")
    await shopper.sees_total("€1.50")
    weight = shopper.page.get_by_label("How much: Õunad, in kg")
    await weight.fill("0.25")
    await weight.press("Enter")
    await shopper.sees_total("€0.75")


async def test_taking_out_can_be_undone(shopper: Phone) -> None:
    """What was taken out by mistake is back with one touch."""
    await shopper.type(BREAD)
    await shopper.page.get_by_role("button", name="Take out: Rukkileib").click()
    await shopper.sees("Your basket is empty")
    await shopper.press("Undo")
    await shopper.sees_total("€1.49")


async def test_a_declined_payment_can_be_tried_with_another_card(shopper: Phone) -> None:
    """The shopper is told that the payment was declined, and pays with another card."""
    await shopper.type(BREAD)
    await shopper.press("Check out")
    await shopper.page.get_by_text("Test card that is declined").click()
    await shopper.press("Pay €1.49")
    await shopper.sees("The payment was declined. Try another card")
    await shopper.page.get_by_text("Test card that works").click()
    await shopper.press("Pay €1.49")
    await shopper.sees("Thank you! It is paid.")


async def test_a_loyalty_card_is_linked_used_and_unlinked(browser: Browser, club: ClubWorld) -> None:
    """A card that the store does not know is refused in the store's words; one that it knows counts at once."""
    await club.define()
    async with phone(browser, club.world) as shopper:
        await shopper.type(BREAD)
        await shopper.sees_total("€1.49")
        await shopper.go("Cards")
        typed = shopper.page.get_by_label("Card number / Personal code")
        await typed.fill("12")
        await shopper.press("Link this card")
        await shopper.sees("Seda kaarti me ei tunne")
        await typed.fill(CODE)
        await shopper.press("Link this card")
        await shopper.sees("Bonus €3.40")
        uses = shopper.page.get_by_label("Use it for this purchase")
        await expect(uses).to_be_checked()
        assert [card["cardNumber"] for card in (await shopper.cart())["loyaltyCards"]] == [NUMBER]
        await uses.uncheck()
        await until(lambda: _uses_no_card(shopper))
        await shopper.press("Unlink")
        await shopper.page.get_by_role("dialog").get_by_role("button", name="Unlink").click()
        await expect(typed).to_be_visible()


async def _uses_no_card(shopper: Phone) -> bool:
    return not (await shopper.cart())["loyaltyCards"]


async def test_goods_are_brought_home(browser: Browser, delivering: Delivering) -> None:
    """The shopper chooses a courier, pays the delivery with the goods, and sees the order move without asking again."""
    async with phone(browser, delivering.world) as shopper:
        await shopper.type(BREAD)
        await shopper.sees_total("€1.49")
        await shopper.page.get_by_role("link", name="Take the goods with you").click()
        await shopper.page.get_by_text("Courier to your door").click()
        for label, value in {
            "Name": "Mari",
            "Street, house and flat": "Pikk 1",
            "Town or parish": "Tallinn",
            "Country": "Eesti",
            "Phone number": "+372 5555 5555",
        }.items():
            await shopper.page.get_by_label(label, exact=True).fill(value)
        await shopper.press("Save")
        await shopper.sees_total("€5.39")
        await shopper.press("Check out")
        await shopper.press("Pay €5.39")
        await shopper.sees("The store has your order")
        order_id = shopper.page.url.rpartition("/")[2]

        await delivering.by_api({"id": order_id}, "CONFIRMED")

        await expect(shopper.page.locator(".lead")).to_have_text("Confirmed")
        await shopper.press("Cancel the order")
        await shopper.page.get_by_role("dialog").get_by_role("button", name="Cancel the order").click()
        await expect(shopper.page.locator(".lead")).to_have_text("You cancelled it")


@pytest.mark.parametrize("language", ["et", "ru"])
def test_every_sentence_is_translated(language: str) -> None:
    """Nothing that the app says is left in English for somebody who reads another language."""
    folder = files("smarts.gateway.web") / "locales" / language / "LC_MESSAGES"
    catalogues = [file.read_bytes() for file in folder.iterdir() if file.name.endswith(".po")]
    translated = {each.id for file in catalogues for each in read_po(BytesIO(file)) if each.string}
    assert set(sentences()) - translated == set()


@pytest.mark.parametrize(("language", "words"), [("et", "Ostukorv"), ("ru", "Корзина")])
async def test_the_app_speaks_the_shoppers_language(
    browser: Browser, world: World, language: str, words: str
) -> None:
    """The app is in the language of the browser, tells the gateway so, and fits on the screen in each."""
    async with phone(browser, world, locale=language) as shopper:
        await expect(shopper.page.get_by_role("heading", name=words)).to_be_visible()
        assert not await shopper.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert (await shopper.kept("session"))["langCode"] == language.upper()


async def test_a_store_is_found_by_name(browser: Browser, world: World) -> None:
    """Without a code from the door the shopper chooses among the stores."""
    await world.add_store("http://127.0.0.1:9", name="Teine pood")
    async with phone(browser, world) as shopper:
        await shopper.sees("Your basket is empty")
        await shopper.page.get_by_role("link", name="Store:").click()
        await shopper.page.get_by_role("button", name="Teine pood").click()
        await expect(shopper.page.get_by_role("link", name="Store: Teine pood")).to_be_visible()
