import asyncio

import msgspec
import pytest

from demo.parts import ENERGY_DRINK, ORDINARY, row, store_on
from smarts.caller import Refused
from smarts.demo.catalogue import example_barcodes, invented_catalogue
from smarts.demo.database import Database
from smarts.wire import operations
from smarts.wire.codec import decode
from smarts.wire.control import Decision, PurchaseControlCheckRequest
from smarts.wire.examples import example
from smarts.wire.invoices import Invoice
from smarts.wire.nodes import Feature
from smarts.wire.products import PageRequest, ProductSearchRequest

INVOICE = decode(example("Invoice"), Invoice)


def check(invoice_id, *barcodes):
    return PurchaseControlCheckRequest(
        invoice_id=invoice_id,
        lang_code="ET",
        person_id="p",
        institution_id="s",
        products=tuple(map(row, barcodes)),
    )


async def test_what_it_can_do(call):
    """The node has every feature of the contract, and is well in each of its parts."""
    optional = set(Feature) - {Feature.NODE, Feature.PRODUCT_SEARCH}
    assert set((await call(operations.VERSION)).features) == optional
    health = await call(operations.HEALTH)
    assert (health.status, set(health.checks)) == ("UP", {"ledger", "products"})


@pytest.mark.parametrize("barcode", example_barcodes(invented_catalogue()))
async def test_example_barcodes(call, barcode):
    """Each example is sold."""
    product = await call(operations.PRODUCT_BY_BARCODE, ProductSearchRequest(barcode=barcode))
    assert product.barcode == barcode


@pytest.mark.parametrize("barcode", ["4006381333931", "", None])
async def test_barcode_that_is_not_sold(call, barcode):
    """An unknown barcode, or none, is answered with 404."""
    with pytest.raises(Refused) as refused:
        await call(operations.PRODUCT_BY_BARCODE, ProductSearchRequest(barcode=barcode))
    assert refused.value.problem.status == 404


async def test_searches(call):
    """Names, categories and pages are answered from the catalogue."""
    assert await call(operations.PRODUCTS_BY_NAME, ProductSearchRequest(name="piim"))
    assert await call(operations.PRODUCTS_BY_NAME, ProductSearchRequest()) == ()
    categories = await call(operations.CATEGORIES, ProductSearchRequest(category_name="Drinks"))
    page = await call(
        operations.PRODUCT_SEARCH, PageRequest(limit=5, request=ProductSearchRequest(category_name="Drinks"))
    )
    assert (len(page.result), page.total_count) == (5, categories[0].number_of_products)


async def test_age_check(call):
    """A cart with goods from the age of 16 or 18 gets an age check, whatever its id."""
    for number in range(20):
        answer = await call(operations.CHECK_PURCHASE, check(str(number), ORDINARY, ENERGY_DRINK))
        assert answer.decision is Decision.AGE


async def test_share_of_full_checks(kept):
    """About the given share of carts is checked fully, and the same cart always gets the same answer."""
    control = store_on(kept, "0.25").control
    carts = [check(f"invoice-{number}", *[ORDINARY] * 3) for number in range(400)]
    decisions = [control.check_purchase(each).decision for each in carts]
    assert 60 < decisions.count(Decision.FULL) < 140
    assert decisions.count(Decision.NO) == 400 - decisions.count(Decision.FULL)
    assert [control.check_purchase(each).decision for each in carts] == decisions


@pytest.mark.parametrize(("share", "decision"), [("0", Decision.NO), ("1", Decision.FULL)])
async def test_none_or_all_checked(kept, share, decision):
    """No cart or every cart can be checked; goods that the store does not know need no check of age."""
    control = store_on(kept, share).control
    assert control.check_purchase(check("a", ORDINARY, ORDINARY, "unknown")).decision is decision


async def test_small_carts_are_let_go(kept):
    """Who buys one thing or two is not checked in full, even where all others are."""
    control = store_on(kept, "1").control
    assert control.check_purchase(check("a", ORDINARY, "unknown")).decision is Decision.NO


async def test_invoice_that_comes_again(call, office):
    """An invoice that comes again, even changed, has no second effect but is counted."""
    await call(operations.RECEIVE_INVOICE, INVOICE)
    await call(operations.RECEIVE_INVOICE, msgspec.structs.replace(INVOICE, institution_invoice_id="other"))
    (listed,) = await office.read("invoices")
    invoice = await office.read(f"invoices/{INVOICE.id}")
    assert invoice == listed
    assert invoice["timesReceived"] == 2
    assert invoice["invoice"]["id"] == INVOICE.id
    assert invoice["invoice"].get("institutionInvoiceId") == INVOICE.institution_invoice_id


async def test_invoices_at_once(call, office):
    """Invoices that come at the same time are all kept, each once."""
    invoices = [msgspec.structs.replace(INVOICE, id=str(number % 25)) for number in range(50)]
    await asyncio.gather(*(call(operations.RECEIVE_INVOICE, invoice) for invoice in invoices))
    listed = await office.read("invoices")
    assert {each["id"]: each["timesReceived"] for each in listed} == {str(number): 2 for number in range(25)}


async def test_invoices_outlive_the_process(tmp_path):
    """What was kept is there when the store is started again."""
    path = tmp_path / "store.sqlite3"
    first = Database(path)
    store = store_on(first)
    with first.transaction() as tx:
        store.books.receive_invoice(INVOICE, tx)
    first.close()
    second = Database(path)
    assert decode(bytes(store_on(second).ledger.invoice(INVOICE.id).invoice), Invoice) == INVOICE
    second.close()


async def test_lists_go_on(call, office):
    """Lists are newest first, as long as asked for, and go on after the last one seen."""
    for name in "abcde":
        await call(operations.CHECK_PURCHASE, check(name, ENERGY_DRINK))
    first = await office.read("checks?limit=2")
    rest = await office.read(f"checks?after={first[-1]['invoiceId']}")
    assert [each["invoiceId"] for each in first + rest] == list("edcba")


async def test_checks_are_kept(call, office):
    """Of a cart that is asked about again, the last question and answer are kept."""
    await call(operations.CHECK_PURCHASE, check("a", ORDINARY))
    await call(operations.CHECK_PURCHASE, check("a", ENERGY_DRINK))
    (listed,) = await office.read("checks")
    assert (listed["invoiceId"], listed["decision"], listed["timesAsked"]) == ("a", "AGE", 2)
    assert [product["barcode"] for product in listed["check"]["products"]] == [ENERGY_DRINK]
