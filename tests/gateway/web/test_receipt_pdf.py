"""The receipt as a PDF, read back: what was bought and what it cost, in the shopper's language."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from gateway.journeys.till import RECEIPTS, Till, cheaper
from gateway.journeys.world import APPLES, BREAD, MILK, Shopper, World, product, small_world
from smarts.wire.invoices import SellerParty
from smarts.wire.products import Campaign
from smarts.wire.receipts import ReceiptLoyaltyCard
from smarts.wire.shipments import Address
from smarts.wire.text import Translatable

COFFEE = "4740000000049"
ADDRESS = Address("Eesti", level3="Tallinn", level5="Pikk", level6="1", postal_code="10123")


async def pdf_of(world: World, shopper: Shopper, invoice_id: str) -> PdfReader:
    path = f"{world.url}/shop/v1/purchases/{invoice_id}/receipt.pdf"
    async with world.session.get(path, headers=shopper.headers) as response:
        assert (response.status, response.content_type) == (200, "application/pdf"), await response.text()
        return PdfReader(BytesIO(await response.read()))


async def words_of(world: World, shopper: Shopper, invoice_id: str) -> str:
    """All that stands on the paper, each run of blanks as one."""
    pages = (await pdf_of(world, shopper, invoice_id)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def bought(world: World, shopper: Shopper, *barcodes: str) -> str:
    cart = await shopper.cart(world.institution_id, *barcodes)
    paid = await shopper.pay(await shopper.check_out(cart))
    assert paid.status == 200, paid.text
    return str(paid.body["invoiceId"])


async def add_coffee(world: World) -> None:
    half = Campaign("Kohvinädal", "B00000000002", "amount >= 1 ? unitPrice * 0.5 : unitPrice")
    coffee = product(COFFEE, "Kohv", "6.00", campaigns=(half,))
    names = Translatable.of("Kohv", RU="Кофе «Ёлка», щепотка", EN="Coffee", ET="Kohv Õnneüürišokk, žest")
    world.merchant.add(replace(coffee, translatable_name=names))


WORDS = {
    "ET": ("Kviitung", "Kokku 7,44 €", "Kohv Õnneüürišokk, žest", "Kohvinädal −3,00 €", "Määr", "24 %"),
    "RU": ("Чек", "Итого 7,44 €", "Кофе «Ёлка», щепотка", "Kohvinädal −3,00 €", "Ставка", "24 %"),
    "EN": ("Receipt", "Total €7.44", "Coffee", "Kohvinädal −€3.00", "VAT rate", "24 %"),
    "FI": ("Receipt", "Total €7.44", "Kohv", "Kohvinädal −€3.00", "VAT rate", "24 %"),
}


@pytest.mark.parametrize("language", WORDS)
async def test_all_that_was_paid_stands_on_it(world: World, language: str) -> None:
    """Who sold what for how much and why, the VAT by rate, and the purchase's id; strange languages get English."""
    seller = SellerParty(
        unique_code=world.institution_id, seller_name="Kaubad OÜ", vat_number="EE101234567", address=ADDRESS
    )
    await world.change_store(seller=seller)
    await add_coffee(world)
    shopper = await world.shopper(langCode=language)
    cart = await shopper.cart(world.institution_id, COFFEE, BREAD, MILK)
    cart = await shopper.scan(cart, APPLES, quantity=0.571)
    paid = await shopper.pay(await shopper.check_out(cart))
    words = await words_of(world, shopper, paid.body["invoiceId"])
    seller_words = ("Nurgapood", "Kaubad OÜ", "Pikk 1, Tallinn, 10123, Eesti", "EE101234567")
    wanted = (*WORDS[language], *seller_words, "9 %", "Rukkileib", "0.571", paid.body["invoiceId"])
    decimal_point = "." if language in ("EN", "FI") else ","
    assert [each for each in wanted if each.replace("0.571", f"0{decimal_point}571") not in words] == []


async def test_the_time_is_that_of_the_stores_clocks(world: World) -> None:
    """A purchase at half past ten in the evening in UTC is one of the next day in Tallinn."""
    shopper = await world.shopper(langCode="ET")
    invoice_id = await bought(world, shopper, BREAD)
    async with world.gateway.database.connection() as connection:
        await connection.execute(
            "UPDATE invoices SET paid_at = '2026-06-30T22:30:00Z' WHERE id = $1", invoice_id
        )
    assert "1. juuli 2026 01:30" in await words_of(world, shopper, invoice_id)


async def test_after_two_months_the_sums_remain(world: World) -> None:
    """What is no longer known is not on it, and it says so; total, VAT by rate and store are."""
    shopper = await world.shopper()
    invoice_id = await bought(world, shopper, BREAD, MILK)
    async with world.gateway.database.connection() as connection:
        await connection.execute("UPDATE invoices SET paid_at = paid_at - $1::interval", timedelta(days=63))
    await world.gateway.housekeeping.tidy()
    words = await words_of(world, shopper, invoice_id)
    assert "Rukkileib" not in words
    for each in ("What was bought is kept for two months", "Total €2.73", "24 %", "9 %", "Nurgapood"):
        assert each in words


async def test_the_stores_own_receipt(database_url: str) -> None:
    """Where the store makes the receipt its sums and number count, and the bonus that paid and was earned."""
    till = Till()
    async with small_world(database_url, merchant=till) as world:
        await world.change_store(switches=RECEIPTS)
        card = ReceiptLoyaltyCard("card", "1234", bonus_earned=Decimal("0.07"))
        till.make = lambda request: replace(cheaper(request), loyalty_cards=(card,))
        shopper = await world.shopper()
        invoice_id = await bought(world, shopper, BREAD, MILK)
        words = await words_of(world, shopper, invoice_id)
    for each in (
        f"Number R-{invoice_id[-8:]}",
        "Total €1.73",
        "Bonus earned €0.07",
        "1234",
        "1 × Rukkileib €0.99",
    ):
        assert each in words


async def test_another_shoppers_receipt_is_not_found(world: World) -> None:
    """Only who bought it gets it."""
    invoice_id = await bought(world, await world.shopper(), BREAD)
    stranger = await world.shopper()
    for path in (invoice_id, "no-such"):
        reply = await stranger.get(f"/shop/v1/purchases/{path}/receipt.pdf")
        assert (reply.status, reply.body["type"]) == (404, "not-found")


NAMES = {
    "without blanks": "Ü" * 3000,
    "of other alphabets": "咖啡 🥐 קפה \u202e\u0000\u200b",
    "with marks": "**Kohv** <b>\n\n\t{id} %(x)s",
}


@pytest.mark.parametrize("kind", NAMES)
async def test_whatever_goods_are_called(world: World, kind: str) -> None:
    """A name that no font has or that fits no line does no harm to what stands beside it."""
    name = NAMES[kind].replace("\u0000", "")
    world.merchant.add(product(COFFEE, name, "6.00"), product(MILK, "", "1.24", rate="9"))
    shopper = await world.shopper()
    words = await words_of(world, shopper, await bought(world, shopper, COFFEE, MILK, BREAD))
    assert "Total €8.73" in words
    assert "€1.49" in words


async def test_a_long_receipt_has_several_pages(world: World) -> None:
    """Nothing of a long purchase is cut off at the end of a page."""
    many = [product(f"47499999{place:05}", f"Kaup {place}", "1.00") for place in range(60)]
    world.merchant.add(*many)
    shopper = await world.shopper()
    invoice_id = await bought(world, shopper, *(each.barcode for each in many))
    assert len((await pdf_of(world, shopper, invoice_id)).pages) > 1
    words = await words_of(world, shopper, invoice_id)
    assert [each for each in many if f"1 × {each.translatable_name.original_text} €1.00" not in words] == []
