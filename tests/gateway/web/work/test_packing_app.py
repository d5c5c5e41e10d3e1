"""Packing, replacing and handing over in a real browser, and a whole purchase with both roles side by side."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from playwright.async_api import Browser, expect

from gateway.journeys.delivering import CHOICES, Delivering, delivering_world
from gateway.journeys.world import APPLES, BEER, BREAD, MILK, World, product, until
from gateway.web.browsing import add_person
from gateway.web.desks import desk
from gateway.web.phones import phone
from gateway.web.work.test_work_app import require_accessible
from smarts.gateway.carts.inspections import born_by
from smarts.gateway.parties import Role
from smarts.gateway.web.languages import birthday
from smarts.wire.products import MinAge

RYE, CIDER = "4740000000106", "4740000000113"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Delivering]:
    """A store that delivers, with a few more goods."""
    async with delivering_world(database_url) as made, made.world.gateway.working():
        made.merchant.add(
            product(RYE, "Seemneleib", "1.89"),
            product(CIDER, "Siider", "2.10", inspections=(MinAge(age=18),)),
        )
        yield await made.anew()


async def test_what_is_out_is_replaced_and_handed_over(store: Delivering, browser: Browser) -> None:
    """Out, replaced by what is found by name, told to the shopper, and fetched with the code on the phone."""
    async with phone(browser, store.world) as shopper:
        for barcode in (BREAD, BREAD, MILK):
            await shopper.type(barcode)
        await shopper.sees_total("€4.22")
        await shopper.page.get_by_role("link", name="Take the goods with you").click()
        await shopper.page.get_by_text("Pick up at the store").click()
        await shopper.page.get_by_label("Phone number").fill("+372 5555 5555")
        await shopper.page.get_by_label("Replace what is sold out").check()
        await shopper.press("Save")
        await shopper.press("Check out")
        await shopper.press("Pay €8.12")
        await shopper.sees("What is out is replaced by something like it")
        order_id = shopper.page.url.rpartition("/")[2]
        person = await add_person(store.world, Role.WORKER)
        async with desk(browser, store.world, person) as worker:
            await worker.scan_anywhere(order_id)
            await worker.press("Confirm")
            await worker.is_at("To pack")
            await worker.scan_anywhere(BREAD, MILK)
            bread = worker.goods("Rukkileib").first
            await bread.get_by_role("button", name="Out").click()
            await expect(bread).to_contain_text("1 out")
            await bread.get_by_role("button", name="Replace").click()
            await worker.sees("Scan what goes out instead")
            await require_accessible(worker.page)
            await worker.scan_anywhere(CIDER)
            await worker.sees("These goods have limits that those ordered do not have")
            await worker.scan_anywhere("seemneleib")
            await worker.press("Seemneleib")
            await worker.counted("Seemneleib", "1")
            await worker.page.reload()
            await worker.counted("Seemneleib", "1")
            await expect(worker.goods("Seemneleib")).to_contain_text("instead of Rukkileib")
            await worker.sees("Everything is there or dealt with.")
            await require_accessible(worker.page)
            await worker.press("Packed")
            await worker.is_at("Packed")
            await worker.sees("instead of Rukkileib")
            await require_accessible(worker.page)
            await worker.press("Ready to be picked up")
            await worker.sees("The order waits for its shopper.")
            await shopper.sees("instead of Rukkileib")
            code = shopper.page.get_by_alt_text("The code of this order, for staff to scan")
            assert await code.evaluate(
                "async (image) => { await image.decode(); return image.naturalWidth > 0 }"
            )
            await worker.scan_anywhere(order_id)
            await worker.sees("+372 5555 5555")
            await worker.press("Handed over")
            await worker.sees("The order is handed over.")
            await expect(worker.page.get_by_label("Code on the shopper's screen")).to_be_focused()
    order = await until(lambda: store.merchant.updates and store.merchant.updates[-1])
    told = [(row.barcode, row.amount, str(row.row_price), row.replaces) for row in order.products]
    assert told == [(BREAD, 1, "1.49", None), (MILK, 1, "1.24", None), (RYE, 1, "1.49", BREAD)]


async def test_goods_for_adults_are_handed_over_with_a_look_at_the_age(
    store: Delivering, browser: Browser
) -> None:
    """The page says from which age on; a colleague who is late is told how it stands, and nothing moves twice."""
    store.merchant.add(product(BEER, "Õlu", "1.80", inspections=(MinAge(age=18),)))
    shopper = store.shopper
    cart = await shopper.cart(store.world.institution_id, BEER)
    await shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/shipment", CHOICES["PICKUP"])
    cart = await shopper.check_out(cart)
    await store.worker.post(f"/work/v1/checks/{cart['invoiceId']}/result", {"status": "PASSED"})
    order_id = (await shopper.pay(cart)).body["orderId"]
    await store.moved({"id": order_id}, "CONFIRMED", "READY_TO_PICKUP")
    today = datetime.now(
        (await store.world.gateway.stores.get(store.world.institution_id)).time_zone.zone
    ).date()
    mari, jaan = [await add_person(store.world, Role.WORKER, name) for name in ("Mari", "Jaan")]
    async with desk(browser, store.world, mari) as first, desk(browser, store.world, jaan) as second:
        for each in (first, second):
            await each.scan_anywhere(order_id)
            await each.sees("18+: look at the age of who takes the goods.")
            await each.sees(f"Born on or before {birthday(born_by(18, today))}")
        await require_accessible(first.page)
        await first.page.keyboard.press("Control+Enter")
        await first.sees("The order is handed over.")
        await second.sees("Something has changed here meanwhile.")
        await second.press("Handed over")
        await second.sees("Somebody else has moved this order on meanwhile.")
        await second.is_at("Handed over")
        await second.sees("Mari")
    assert (await store.look(order_id))["shipment"]["status"] == "COMPLETED"


async def test_a_check_with_a_keyboard_alone(world: World, browser: Browser) -> None:
    """Goods without a readable barcode are found by name, weights typed, and the result is sent without a mouse."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD)
    cart = await shopper.check_out(await shopper.scan(cart, APPLES, quantity=0.35))
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await expect(worker.page).to_have_title("(1) Waiting · Smarts")
        await worker.opens(cart["invoiceId"])
        page, field = worker.page, worker.page.get_by_label("Scan each piece, or type a name")
        await expect(field).to_be_focused()
        await worker.scan("rukki")
        await expect(
            page.get_by_role("list", name="Found by name").get_by_role("button").first
        ).to_be_focused()
        await page.keyboard.press("Enter")
        await worker.counted("Rukkileib", "1")
        await expect(field).to_be_focused()
        await page.get_by_label("Weight of Õunad").focus()
        await page.keyboard.type("0,5")
        await page.keyboard.press("Enter")
        await worker.counted("Õunad", "0.5")
        await worker.sees("1 too many")
        await page.get_by_label("Weight of Õunad").focus()
        await worker.scan(BREAD)  # a scanner types wherever the cursor stands
        await worker.counted("Rukkileib", "2")
        await worker.counted("Õunad", "0.5")
        await page.context.set_offline(True)
        await page.keyboard.press("Control+Enter")
        await worker.sees("No answer. Press again when the connection is back")
        await page.context.set_offline(False)
        await page.keyboard.press("Control+Enter")
        await worker.sees("Done.")
        await expect(page.get_by_label("Code on the shopper's screen")).to_be_focused()
        await expect(page).to_have_title("Waiting · Smarts")
    now = await shopper.look(cart)
    assert {line["product"]["barcode"]: line["quantity"] for line in now["lines"]} == {BREAD: 2, APPLES: 0.5}


async def test_the_sound_is_remembered(world: World, browser: Browser) -> None:
    """Whoever turns it off has it off the next time; somebody new is still told in words, politely."""
    async with desk(browser, world, await add_person(world, Role.WORKER)) as worker:
        await worker.press("Sound")
        await worker.sees("off")
        await worker.page.reload()
        await expect(worker.page.get_by_role("button", name="Sound")).to_have_attribute(
            "aria-pressed", "false"
        )
        shopper = await world.shopper()
        await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        await expect(worker.page.locator("#polite")).to_have_text("Somebody waits for you.")
        await expect(worker.page).to_have_title("(1) Waiting · Smarts")


async def test_a_whole_purchase_with_both_roles(world: World, browser: Browser) -> None:
    """One bread too many lies in the bag: it is added, the phone unlocks by itself, and what was corrected is paid."""
    person = await add_person(world, Role.WORKER)
    async with phone(browser, world) as shopper, desk(browser, world, person) as worker:
        for barcode in (BREAD, MILK):
            await shopper.type(barcode)
        await shopper.sees_total("€2.73")
        await shopper.press("Check out")
        await shopper.sees("Staff will check your basket")
        invoice_id = await shopper.page.locator(".code-words").text_content()
        assert invoice_id
        await worker.sees("Check everything")
        await worker.opens(invoice_id)
        await worker.scan(BREAD, MILK, BREAD)
        await worker.sees("1 too many")
        await expect(worker.page.get_by_role("button", name="All right", exact=True)).to_be_hidden()
        await worker.press("Correct it and let them pay")
        await worker.sees("Done.")
        await shopper.sees("Staff have put your basket right.")
        await shopper.press("Pay €4.22")
        await shopper.sees("Thank you! It is paid.")
        await expect(shopper.page.get_by_alt_text("The code of this receipt, for the exit")).to_be_visible()
        await shopper.sees("2 × Rukkileib")
    invoice = await until(lambda: world.merchant.invoices and world.merchant.invoices[0])
    assert {row.barcode: row.quantity and row.quantity.value for row in invoice.products} == {
        BREAD: 2,
        MILK: 1,
    }
    assert str(invoice.total.total_to_pay) == "4.22"
