import aiohttp
import msgspec
import pytest

from demo.parts import MARI, STRANGER, TOKEN, Office, registration, row
from serving import serving
from smarts.caller import Refused
from smarts.demo.office import with_office
from smarts.edge.app import EdgeApp
from smarts.edge.problems import CONFLICT
from smarts.edge.routes import serve
from smarts.node import Gateway
from smarts.wire import operations
from smarts.wire.codec import decode, encode
from smarts.wire.control import CheckStatus, PurchaseControlResult
from smarts.wire.examples import example
from smarts.wire.orders import Order, OrderProduct, PickupOrderStatusChangeRequest
from smarts.wire.shipments import ShipmentStatus

ORDER = decode(example("Order"), Order)


@pytest.mark.parametrize(
    "path",
    ["invoices", "invoices/a", "checks", "receipts", "receipts/a", "orders", "orders/a", "members"],
)
async def test_office_wants_the_token(address, path):
    """Without the node's token the back office shows nothing."""
    async with aiohttp.ClientSession(headers={"accessToken": "another"}) as session:
        assert (await Office(session, address).read(path, 401))["type"] == "token-unknown"


@pytest.mark.parametrize("path", ["checks/a/result", "orders/a/status"])
async def test_office_takes_nothing_without_the_token(address, path):
    """Without the node's token nothing is sent to the gateway."""
    async with aiohttp.ClientSession() as session:
        status, _ = await Office(session, address).post(path, '{"status":"PASSED"}')
    assert status == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("invoices/unknown", 404),
        ("receipts/unknown", 404),
        ("orders/unknown", 404),
        ("invoices?limit=0", 422),
        ("orders?limit=1001", 422),
        ("checks?limit=many", 422),
        ("nothing", 404),
    ],
)
async def test_office_refuses(office, path, status):
    """What is not there, and what cannot be asked for, is answered with a problem."""
    assert (await office.read(path, status))["status"] == status


@pytest.fixture
async def sent():
    """What a gateway was sent, and its address; what is called closed it refuses."""
    got = []

    def take(answer, name):
        async def handle(request):
            if getattr(request.body, name) == "closed":
                raise CONFLICT.error()
            got.append(request.body)
            return answer

        return handle

    routes = [
        serve(operations.SEND_CHECK_RESULT, take(None, "invoice_id"), None, "/v1"),
        serve(operations.CHANGE_ORDER_STATUS, take(ORDER, "order_id"), None, "/v1"),
    ]
    async with serving(EdgeApp(routes)) as address:
        yield got, address


@pytest.fixture
async def connected(store, sent, session):
    """The back office of a store that knows its gateway."""
    async with serving(with_office(store, TOKEN, Gateway(sent[1], "token", "store-1"))) as address:
        yield Office(session, address)


async def test_result_of_a_check(sent, connected):
    """The store's staff sends what it found, with the changed cart, to the gateway."""
    changed = encode({"status": "FAILED_ALLOW_PAYMENT", "products": [row("2", 2)]})
    assert await connected.post("checks/i-1/result", '{"status":"PASSED"}') == (204, b"")
    assert await connected.post("checks/i-2/result", changed) == (204, b"")
    assert sent[0] == [
        PurchaseControlResult(invoice_id="i-1", institution_id="store-1", status=CheckStatus.PASSED),
        PurchaseControlResult(
            invoice_id="i-2",
            institution_id="store-1",
            status=CheckStatus.FAILED_ALLOW_PAYMENT,
            products=(row("2", 2),),
        ),
    ]


async def test_an_order_goes_on(sent, connected):
    """The store's staff moves an order on, with what was picked; the order as it is then is answered and kept."""
    change = encode({"status": "READY_TO_PICKUP", "personName": "Jaan Tamm", "products": [row("2", 2)]})
    status, body = await connected.post(f"orders/{ORDER.id}/status", change)
    assert (status, decode(body, Order)) == (200, ORDER)
    assert sent[0] == [
        PickupOrderStatusChangeRequest(
            order_id=ORDER.id,
            institution_id="store-1",
            status=ShipmentStatus.READY_TO_PICKUP,
            person_name="Jaan Tamm",
            products=(OrderProduct.from_row(row("2", 2)),),
        )
    ]
    kept = await connected.read(f"orders/{ORDER.id}")
    assert kept["order"]["shipment"]["status"] == "READY_TO_PICKUP"


@pytest.mark.parametrize("path", ["checks/{}/result", "orders/{}/status"])
@pytest.mark.parametrize(
    ("id_", "body", "status"),
    [("i", "PASSED", 400), ("i", '{"status":"DONE"}', 422), ("closed", '{"status":"%s"}', 409)],
)
async def test_what_is_refused(connected, path, id_, body, status):
    """A status that is none, and one that the gateway refuses, is answered with the problem."""
    word = "PASSED" if "checks" in path else "SHIPPING"
    answered, problem = await connected.post(path.format(id_), body.replace("%s", word))
    assert (answered, msgspec.json.decode(problem)["status"]) == (status, status)


@pytest.mark.parametrize("path", ["checks/i/result", "orders/i/status"])
async def test_without_a_gateway(office, path):
    """A store that knows no gateway says so."""
    status, problem = await office.post(path, '{"status":"PASSED"}')
    assert (status, b"address of a gateway" in problem) == (404, True)


async def test_gateway_that_is_down(store, session):
    """Where the gateway is down, the answer is 502 and says that trying again may help."""
    async with serving(EdgeApp([])) as closed:
        pass
    gateway = Gateway(closed, "token", "store-1", deadline=1)
    async with serving(with_office(store, TOKEN, gateway)) as address:
        status, problem = await Office(session, address).post("checks/i/result", '{"status":"PASSED"}')
    assert (status, msgspec.json.decode(problem)["retryable"]) == (502, True)


async def test_a_card_that_was_unlinked_can_be_freed_for_somebody_else(office, call):
    """Only then does the node let another shopper link it; a card that is not there cannot be freed."""
    await call(operations.REGISTER_CARD, registration(MARI))
    strangers = registration(MARI, person_id=STRANGER)
    with pytest.raises(Refused):
        await call(operations.REGISTER_CARD, strangers)
    assert await office.delete(f"members/{MARI.number}/link") == 204
    linked = await call(operations.REGISTER_CARD, strangers)
    assert linked.card_number == MARI.number
    assert await office.delete("members/unknown/link") == 404
