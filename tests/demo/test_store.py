import asyncio
from decimal import Decimal

import aiohttp
import msgspec
import pytest

from serving import serving
from smarts.caller import Caller, Refused, Target
from smarts.demo.catalogue import example_barcodes, invented_catalogue
from smarts.demo.ledger import Ledger
from smarts.demo.office import with_office
from smarts.demo.store import DemoStore
from smarts.edge.app import EdgeApp
from smarts.edge.problems import CONFLICT
from smarts.edge.routes import serve
from smarts.node import Gateway, Node
from smarts.wire import operations
from smarts.wire.codec import decode
from smarts.wire.control import CheckStatus, Decision, PurchaseControlCheckRequest, PurchaseControlResult
from smarts.wire.examples import example
from smarts.wire.invoices import Invoice
from smarts.wire.products import PageRequest, ProductSearchRequest
from smarts.wire.receipts import ReceiptProduct

TOKEN = "node-token"
EXAMPLES = example_barcodes(invented_catalogue())
ORDINARY, ENERGY_DRINK = EXAMPLES[:2]
INVOICE = decode(example("Invoice"), Invoice)


def store_app(ledger, gateway=None, share="0.1"):
    store = DemoStore(invented_catalogue(), ledger, Decimal(share))
    return with_office(Node(store, token=TOKEN, name="Demo", version="1"), ledger, TOKEN, gateway)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "store.sqlite3")
    yield ledger
    ledger.close()


@pytest.fixture
async def address(ledger):
    async with serving(store_app(ledger)) as address:
        yield address


@pytest.fixture
async def call(address):
    caller = Caller(allow_private_addresses=True)

    async def call(operation, body=None):
        return await caller.call(Target(address, TOKEN), operation, body)

    yield call
    await caller.close()


@pytest.fixture
async def office():
    async with aiohttp.ClientSession(headers={"accessToken": TOKEN}) as session:
        yield session


async def read(office, url, status=200):
    async with office.get(url) as response:
        assert response.status == status, await response.text()
        return await response.json(content_type=None)


def cart(invoice_id, *barcodes):
    products = tuple(
        ReceiptProduct(barcode, barcode, "Kaup", Decimal(1), Decimal("1.00")) for barcode in barcodes
    )
    return PurchaseControlCheckRequest(
        invoice_id=invoice_id, lang_code="ET", person_id="p", institution_id="s", products=products
    )


async def test_what_it_can_do(call):
    """The node has product search, invoices and purchase control, and is well."""
    assert (await call(operations.VERSION)).features == ("invoices", "purchase-control")
    assert (await call(operations.HEALTH)).status == "UP"


@pytest.mark.parametrize("barcode", EXAMPLES)
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
        answer = await call(operations.CHECK_PURCHASE, cart(str(number), ORDINARY, ENERGY_DRINK))
        assert answer.decision is Decision.AGE


async def test_share_of_full_checks(ledger):
    """About the given share of carts is checked fully, and the same cart always gets the same answer."""
    store = DemoStore(invented_catalogue(), ledger, Decimal("0.25"))
    carts = [cart(f"invoice-{number}", *[ORDINARY] * 3) for number in range(400)]
    decisions = [store.check_purchase(each).decision for each in carts]
    assert 60 < decisions.count(Decision.FULL) < 140
    assert decisions.count(Decision.NO) == 400 - decisions.count(Decision.FULL)
    assert [store.check_purchase(each).decision for each in carts] == decisions


@pytest.mark.parametrize(("share", "decision"), [("0", Decision.NO), ("1", Decision.FULL)])
async def test_none_or_all_checked(ledger, share, decision):
    """No cart or every cart can be checked; goods that the store does not know need no check of age."""
    store = DemoStore(invented_catalogue(), ledger, Decimal(share))
    assert store.check_purchase(cart("a", ORDINARY, ORDINARY, "unknown")).decision is decision


async def test_small_carts_are_let_go(ledger):
    """Who buys one thing or two is not checked in full, even where all others are."""
    store = DemoStore(invented_catalogue(), ledger, Decimal(1))
    assert store.check_purchase(cart("a", ORDINARY, "unknown")).decision is Decision.NO


async def test_invoice_that_comes_again(call, address, office):
    """An invoice that comes again, even changed, has no second effect but is counted."""
    await call(operations.RECEIVE_INVOICE, INVOICE)
    await call(operations.RECEIVE_INVOICE, msgspec.structs.replace(INVOICE, institution_invoice_id="other"))
    (listed,) = await read(office, f"{address}/invoices")
    kept = await read(office, f"{address}/invoices/{INVOICE.id}")
    assert kept == listed
    assert kept["timesReceived"] == 2
    assert msgspec.convert(kept["invoice"]["id"], str) == INVOICE.id
    assert kept["invoice"].get("institutionInvoiceId") == INVOICE.institution_invoice_id


async def test_invoices_at_once(call, address, office):
    """Invoices that come at the same time are all kept, each once."""
    invoices = [msgspec.structs.replace(INVOICE, id=str(number % 25)) for number in range(50)]
    await asyncio.gather(*(call(operations.RECEIVE_INVOICE, invoice) for invoice in invoices))
    kept = await read(office, f"{address}/invoices")
    assert {each["id"]: each["timesReceived"] for each in kept} == {str(number): 2 for number in range(25)}


async def test_invoices_outlive_the_process(tmp_path):
    """What was kept is there when the store is started again."""
    path = tmp_path / "store.sqlite3"
    first = Ledger(path)
    first.keep_invoice(INVOICE)
    first.close()
    second = Ledger(path)
    assert decode(bytes(second.invoice(INVOICE.id).invoice), Invoice) == INVOICE
    second.close()


async def test_lists_go_on(call, address, office):
    """Lists are newest first, as long as asked for, and go on after the last one seen."""
    for name in "abcde":
        await call(operations.CHECK_PURCHASE, cart(name, ENERGY_DRINK))
    first = await read(office, f"{address}/checks?limit=2")
    rest = await read(office, f"{address}/checks?after={first[-1]['invoiceId']}")
    assert [check["invoiceId"] for check in first + rest] == list("edcba")


async def test_checks_are_kept(call, address, office):
    """Of a cart that is asked about again, the last question and answer are kept."""
    await call(operations.CHECK_PURCHASE, cart("a", ORDINARY))
    await call(operations.CHECK_PURCHASE, cart("a", ENERGY_DRINK))
    (check,) = await read(office, f"{address}/checks")
    assert (check["invoiceId"], check["decision"], check["timesAsked"]) == ("a", "AGE", 2)
    assert [product["barcode"] for product in check["check"]["products"]] == [ENERGY_DRINK]


@pytest.mark.parametrize("path", ["invoices", "invoices/a", "checks"])
async def test_office_wants_the_token(address, path):
    """Without the node's token the back office shows nothing."""
    async with aiohttp.ClientSession(headers={"accessToken": "another"}) as session:
        assert (await read(session, f"{address}/{path}", 401))["type"] == "token-unknown"


@pytest.mark.parametrize(
    ("path", "status"),
    [("invoices/unknown", 404), ("invoices?limit=0", 422), ("checks?limit=many", 422), ("nothing", 404)],
)
async def test_office_refuses(address, office, path, status):
    """What is not there, and what cannot be asked for, is answered with a problem."""
    assert (await read(office, f"{address}/{path}", status))["status"] == status


async def post(office, url, body):
    async with office.post(url, data=body) as response:
        return response.status, await response.read()


@pytest.fixture
async def results():
    """The results that a gateway got, and its address."""
    got = []

    async def take(request):
        if request.body.invoice_id == "closed":
            raise CONFLICT.error()
        got.append(request.body)

    async with serving(EdgeApp([serve(operations.SEND_CHECK_RESULT, take, None, "/v1")])) as address:
        yield got, address


async def test_result_of_a_check(ledger, results, office):
    """The store's staff sends what it found, with the changed cart, to the gateway."""
    got, gateway = results
    app = store_app(ledger, Gateway(gateway, "token", "store-1"))
    row = '{"id":"1","barcode":"2","productName":"Piim","amount":2,"rowPrice":2.10}'
    async with serving(app) as address:
        assert await post(office, f"{address}/checks/i-1/result", '{"status":"PASSED"}') == (204, b"")
        body = f'{{"status":"FAILED_ALLOW_PAYMENT","products":[{row}]}}'
        assert await post(office, f"{address}/checks/i-2/result", body) == (204, b"")
    milk = ReceiptProduct("1", "2", "Piim", Decimal(2), Decimal("2.10"))
    assert got == [
        PurchaseControlResult(invoice_id="i-1", institution_id="store-1", status=CheckStatus.PASSED),
        PurchaseControlResult(
            invoice_id="i-2",
            institution_id="store-1",
            status=CheckStatus.FAILED_ALLOW_PAYMENT,
            products=(milk,),
        ),
    ]


@pytest.mark.parametrize(
    ("invoice_id", "body", "status"),
    [("i", "PASSED", 400), ("i", '{"status":"DONE"}', 422), ("closed", '{"status":"PASSED"}', 409)],
)
async def test_result_that_is_refused(ledger, results, office, invoice_id, body, status):
    """A result that is none, and one that the gateway refuses, is answered with the problem."""
    async with serving(store_app(ledger, Gateway(results[1], "token", "store-1"))) as address:
        answered, problem = await post(office, f"{address}/checks/{invoice_id}/result", body)
    assert (answered, msgspec.json.decode(problem)["status"]) == (status, status)


async def test_result_without_a_gateway(address, office):
    """A store that knows no gateway says so."""
    status, problem = await post(office, f"{address}/checks/i/result", '{"status":"PASSED"}')
    assert (status, b"address of a gateway" in problem) == (404, True)


async def test_gateway_that_is_down(ledger, office):
    """Where the gateway is down, the answer is 502 and says that trying again may help."""
    async with serving(EdgeApp([])) as closed:
        pass
    gateway = Gateway(closed, "token", "store-1", deadline=1)
    async with serving(store_app(ledger, gateway)) as address:
        status, problem = await post(office, f"{address}/checks/i/result", '{"status":"PASSED"}')
    assert (status, msgspec.json.decode(problem)["retryable"]) == (502, True)
