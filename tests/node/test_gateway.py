"""The merchant's way back, against a gateway made from the contract's rows."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from node.stores import golden
from serving import serving
from smarts.caller import CallFailed, Refused
from smarts.edge.app import EdgeApp
from smarts.edge.problems import CONFLICT, NODE_DOWN
from smarts.edge.routes import Call, serve
from smarts.node import Gateway, blocking
from smarts.wire.control import CheckStatus, PurchaseControlCheckResendRequest, PurchaseControlResult
from smarts.wire.operations import TO_GATEWAY
from smarts.wire.orders import Order, OrderProduct, PickupOrderStatusChangeRequest
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.shipments import ShipmentStatus

TOKEN = "access-token-of-a-store"


class FakeGateway:
    """Answers golden examples, remembers its calls, and fails first where it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Call[Any, Any]]] = []
        self.failures: list[Exception] = []

    def app(self) -> EdgeApp:
        return EdgeApp(
            [
                serve(row, self._handler(row.name, row.response), None, "/v1", takes_idempotency_key=True)
                for row in TO_GATEWAY
            ]
        )

    def _handler(self, name: str, response: Any) -> Any:
        async def handle(call: Call[Any, Any]) -> Any:
            self.calls.append((name, call))
            if self.failures:
                raise self.failures.pop(0)
            return None if response is None else golden(response)

        return handle


@pytest.fixture
def fake() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
async def address(fake: FakeGateway) -> AsyncIterator[str]:
    async with serving(fake.app()) as address:
        yield address


@pytest.fixture
async def gateway(address: str) -> AsyncIterator[Gateway]:
    async with Gateway(address, TOKEN, "store-1") as gateway:
        yield gateway


async def test_a_check_result_is_sent_for_the_store(fake: FakeGateway, gateway: Gateway) -> None:
    """A result carries the store's id and token and the changed cart where there is one."""
    products = golden(tuple[ReceiptProduct, ...])
    await gateway.send_check_result("inv-1", CheckStatus.PASSED)
    await gateway.send_check_result("inv-2", CheckStatus.FAILED, list(products))
    (_, first), (_, second) = fake.calls
    assert first.body == PurchaseControlResult(
        invoice_id="inv-1", institution_id="store-1", status=CheckStatus.PASSED
    )
    assert second.body.products == products
    assert first.headers["accesstoken"] == TOKEN


async def test_a_check_document_can_be_asked_for_again(fake: FakeGateway, gateway: Gateway) -> None:
    """The purchase check's document comes back as an object."""
    document = await gateway.resend_check("inv-1")
    assert document.products
    assert fake.calls[0][1].body == PurchaseControlCheckResendRequest("inv-1", "store-1")


async def test_an_order_is_moved_on(fake: FakeGateway, gateway: Gateway) -> None:
    """A status change says which order, which store and who did it, and gives the order."""
    order = await gateway.change_order_status("o-1", ShipmentStatus.CONFIRMED, person_name="Mari")
    assert isinstance(order, Order)
    assert fake.calls[0][1].body == PickupOrderStatusChangeRequest(
        order_id="o-1", institution_id="store-1", status=ShipmentStatus.CONFIRMED, person_name="Mari"
    )


async def test_what_was_picked_goes_with_the_change(fake: FakeGateway, gateway: Gateway) -> None:
    """A status change names the goods that were really picked, where they are not all that was ordered."""
    picked = golden(tuple[ReceiptProduct, ...])
    await gateway.change_order_status("o-1", ShipmentStatus.SHIPPING, products=list(picked))
    assert fake.calls[0][1].body.products == tuple(map(OrderProduct.from_row, picked))


async def test_a_replacement_says_what_it_replaces(fake: FakeGateway, gateway: Gateway) -> None:
    """Goods in place of those that were out arrive with the barcode of these."""
    row = golden(OrderProduct)
    await gateway.change_order_status("o-1", ShipmentStatus.SHIPPING, products=[row])
    assert row.replaces
    assert fake.calls[0][1].body.products == (row,)


async def test_orders_are_found_by_each_of_their_numbers(fake: FakeGateway, gateway: Gateway) -> None:
    """An order is found by its id and by either invoice's, whatever characters the store's own numbers have."""
    assert await gateway.find_order("o-1") == golden(Order)
    assert await gateway.find_order_by_invoice("inv-1") == golden(Order)
    assert await gateway.find_order_by_institution_invoice("A/17 õ") == golden(Order)
    assert [dict(call.path) for _, call in fake.calls] == [
        {"id": "o-1"},
        {"invoiceId": "inv-1"},
        {"institutionInvoiceId": "A/17 õ"},
    ]


async def test_a_repeated_call_has_the_same_key(fake: FakeGateway, gateway: Gateway) -> None:
    """The tries of one call are known by their key, so that a lost answer is not refused as decided already."""
    fake.failures = [NODE_DOWN.error(), NODE_DOWN.error()]
    await gateway.send_check_result("inv-1", CheckStatus.PASSED)
    await gateway.send_check_result("inv-1", CheckStatus.PASSED)
    keys = [call.idempotency_key for _, call in fake.calls]
    assert keys[0] is not None
    assert keys[0] == keys[1] == keys[2] != keys[3]


async def test_a_refusal_is_told(fake: FakeGateway, gateway: Gateway) -> None:
    """What the gateway refuses is raised with its problem, and not repeated."""
    fake.failures = [CONFLICT.error("The check is closed.")]
    with pytest.raises(Refused, match=r"The check is closed\."):
        await gateway.send_check_result("inv-1", CheckStatus.PASSED)
    assert len(fake.calls) == 1


async def test_the_base_path_may_be_in_the_address(fake: FakeGateway, address: str) -> None:
    """The contract's `/v1` may be in the address or not."""
    for url in (address + "/v1", address + "/v1/", address + "/"):
        async with Gateway(url, TOKEN, "store-1") as gateway:
            await gateway.resend_check("inv-1")
    assert len(fake.calls) == 3


async def test_a_deadline_of_ones_own_holds() -> None:
    """A merchant's own deadline counts instead of the contract's."""

    async def hang(call: Call[Any, Any]) -> None:
        await asyncio.sleep(1)

    routes = [serve(row, hang, None, "/v1") for row in TO_GATEWAY]
    async with serving(EdgeApp(routes)) as address, Gateway(address, TOKEN, "s", deadline=0.1) as gateway:
        with pytest.raises(CallFailed, match=r"within 0\.1 s"):
            await gateway.resend_check("inv-1")


async def test_code_that_is_not_async_can_call_too(fake: FakeGateway, address: str) -> None:
    """Plain code, in any thread, waits for a call with `blocking`."""
    found: list[Order] = []

    def plain_code() -> None:
        gateway = Gateway(address, TOKEN, "store-1")
        found.extend(blocking(gateway.find_order(order_id)) for order_id in ("o-1", "o-2"))
        blocking(gateway.close())

    thread = threading.Thread(target=plain_code)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert found == [golden(Order), golden(Order)]
