"""What shoppers can still do while their store's node hangs, answers 500, or is not there: feature by feature."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.journeys.club import BONUS_CARD
from gateway.journeys.delivering import CHOICES
from gateway.journeys.failing import DEAD, HANGING, WAYS, FailingStore, failing_store
from gateway.journeys.test_bad_input import is_problem
from gateway.journeys.world import BREAD, MILK, Reply, Shopper, until
from smarts.control import Policy, Unanswered
from smarts.gateway.nodes.fallbacks import FALLBACKS, still_works
from smarts.gateway.parties import Switches
from smarts.wire.nodes import Feature
from smarts.wire.operations import HEALTH, PRODUCT_BY_BARCODE

ALL = ["cart", "check-out", "pay", "orders", "purchases", "staff"]
WITHOUT_BUYING = ["cart", "orders", "purchases", "staff"]


@pytest.fixture
async def failing(database_url: str) -> AsyncIterator[FailingStore]:
    """A store with every feature, and a worker that delivers."""
    async with failing_store(database_url) as store, store.world.gateway.working():
        yield store


def is_node_failure(reply: Reply, still: list[str]) -> bool:
    """Whether an answer says that the store's system fails, and what works all the same."""
    return (
        reply.status in (502, 503, 504)
        and is_problem(reply, reply.status)
        and reply.body["stillWorks"] == still
    )


async def scan(shopper: Shopper, cart: dict[str, Any], barcode: str) -> Reply:
    return await shopper.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": barcode})


async def codes(store: FailingStore, *barcodes: str) -> list[str]:
    """Why a cart that is checked out now is checked; nothing where it is not."""
    cart = await store.store.shopper.cart(store.world.institution_id, *barcodes)
    await store.fail(HANGING, "/control/check")
    out = await store.store.shopper.check_out(cart)
    await store.recover()
    return [reason["code"] for reason in out["check"]["reasons"]] if out["state"] == "LOCKED" else []


async def waiting(store: FailingStore) -> set[str]:
    """The kinds of messages to the node that wait."""
    path = f"/manage/v1/stores/{store.world.institution_id}/messages?state=waiting"
    reply = await store.store.manager.get(path)
    assert reply.status == 200, reply.text
    return {message["kind"] for message in reply.body}


@pytest.mark.parametrize("way", WAYS)
async def test_a_store_goes_on_selling_without_its_node(failing: FailingStore, way: str) -> None:
    """Scans, searches, offers and new cards are told to fail, and what works works: change, check out, pay, order.

    What the node must know waits, and arrives when the node is back and its merchant has called.
    """
    world, shopper, shop = (
        failing.world,
        failing.store.shopper,
        f"/shop/v1/stores/{failing.world.institution_id}",
    )
    kind = await failing.store.manager.post("/manage/v1/loyalty-kinds", BONUS_CARD)
    card = {"cardId": kind.body["id"], "institutionId": world.institution_id, "value": "77"}
    assert (await shopper.post("/shop/v1/loyalty-cards", card)).status == 201
    cart = await shopper.cart(world.institution_id, BREAD)
    basket = await shopper.cart(world.institution_id, BREAD)
    brought = await shopper.call("PUT", f"/shop/v1/carts/{basket['id']}/shipment", CHOICES["COURIER"])

    await failing.fail(way)
    assert is_node_failure(await scan(shopper, cart, MILK), ALL)
    for what in ("products", "categories", "offers"):
        assert is_node_failure(await shopper.get(f"{shop}/{what}"), ALL), what
    other = await world.shopper()
    assert is_node_failure(await other.post("/shop/v1/loyalty-cards", card), ALL)
    [linked] = (await shopper.get("/shop/v1/loyalty-cards")).body
    assert linked["bonus"] is None
    assert linked["bonusUnknown"].startswith("node-")

    line = cart["lines"][0]["lineId"]
    path = f"/shop/v1/carts/{cart['id']}/lines/{line}"
    assert (await shopper.call("PATCH", path, {"quantity": 2})).body["total"]["totalToPay"] == 2.98
    paid = [await bought(failing, each) for each in (cart, brought.body)]
    assert {"invoice", "order.placed"} <= await waiting(failing)

    await failing.recover()
    assert (await world.as_store().get("/v1/pickup/order/none-such")).status == 404
    again = await scan(shopper, await shopper.cart(world.institution_id), MILK)
    assert again.status == 200, again.text
    await until(lambda: [each.id for each in failing.store.merchant.invoices] == [paid[0]["invoiceId"]])
    await until(lambda: failing.store.merchant.told(paid[1]["orderId"]))


async def bought(failing: FailingStore, cart: dict[str, Any]) -> dict[str, Any]:
    """The cart after its check by the store's staff, and its payment."""
    locked = await failing.store.shopper.check_out(cart)
    assert locked["check"]["decision"] == "FULL"
    assert [reason["code"] for reason in locked["check"]["reasons"]] == ["STORE_UNANSWERED"]
    path = f"/work/v1/checks/{locked['invoiceId']}/result"
    assert (await failing.store.worker.post(path, {"status": "PASSED"})).status == 204
    paid = await failing.store.shopper.pay(locked)
    assert (paid.status, paid.body["state"]) == (200, "PAID"), paid.text
    document: dict[str, Any] = paid.body
    return document


@pytest.mark.parametrize("way", WAYS)
async def test_a_store_that_makes_its_receipts_waits_with_them(failing: FailingStore, way: str) -> None:
    """Such a cart cannot be checked out and stays as it was; one that has its receipt is paid, and confirmed later."""
    await failing.world.change_store(switches=Switches(False, True))
    shopper = failing.store.shopper
    has_it = await shopper.check_out(await shopper.cart(failing.world.institution_id, BREAD))
    cart = await shopper.cart(failing.world.institution_id, BREAD)
    await failing.fail(way)
    refused = await shopper.post(f"/shop/v1/carts/{cart['id']}/checkout")
    assert is_node_failure(refused, WITHOUT_BUYING)
    assert is_node_failure(await scan(shopper, cart, MILK), WITHOUT_BUYING)
    assert (await shopper.look(cart))["state"] == "OPEN"
    assert (await shopper.pay(has_it)).body["state"] == "PAID"
    assert "receipt.paid" in await waiting(failing)
    await failing.recover()
    await failing.world.as_store().get("/v1/pickup/order/none-such")
    assert (await shopper.check_out(cart))["receipt"]["total"] == 1.49
    await until(
        lambda: [each.invoice_id for each in failing.store.merchant.confirmations] == [has_it["invoiceId"]]
    )


@pytest.mark.parametrize("way", [HANGING, DEAD])
async def test_the_first_to_notice_is_the_last_to_wait(failing: FailingStore, way: str) -> None:
    """A node that answers neither the scan nor how it is gets no further questions, long before a scan's deadline."""
    shopper = failing.store.shopper
    cart = await shopper.cart(failing.world.institution_id, BREAD)
    await failing.fail(way)
    before = failing.asked(PRODUCT_BY_BARCODE.path)
    assert is_node_failure(await scan(shopper, cart, MILK), ALL)
    asked = failing.asked(PRODUCT_BY_BARCODE.path)
    assert asked == before + (way == HANGING)
    await until(lambda: way == DEAD or HEALTH.path in failing.node.asked[-2:])

    async def told() -> bool:
        return (await scan(shopper, cart, MILK)).body["detail"] == "The store's system does not answer"

    await until(told)
    for _ in range(5):
        again = await scan(shopper, cart, MILK)
        assert (again.status, again.body["type"]) == (503, "node-down")
        assert int(again.headers["Retry-After"]) >= 1
    assert failing.asked(PRODUCT_BY_BARCODE.path) == asked


async def test_a_question_that_is_slow_at_a_node_that_lives_is_waited_for(failing: FailingStore) -> None:
    """The node says that it is well: the scan has the whole deadline, and then the answer is 504."""
    shopper = failing.store.shopper
    cart = await shopper.cart(failing.world.institution_id, BREAD)
    await failing.fail(HANGING, PRODUCT_BY_BARCODE.path)
    slow = await scan(shopper, cart, MILK)
    assert (slow.status, slow.body["type"]) == (504, "node-slow")
    assert HEALTH.path in failing.node.asked
    assert (await shopper.get(f"/shop/v1/stores/{failing.world.institution_id}/products")).status == 200


@pytest.mark.parametrize(
    ("rules", "reasons"),
    [
        (Policy(), ["STORE_UNANSWERED"]),
        (Policy(pieces_over=5), ["STORE_UNANSWERED"]),
        (Policy(pieces_over=5, unanswered=Unanswered.RULES), []),
        (Policy(pieces_over=1, unanswered=Unanswered.RULES), ["STORE_PIECES"]),
        (Policy(unanswered=Unanswered.RULES), ["STORE_UNANSWERED"]),
    ],
)
async def test_the_store_says_who_decides_where_its_node_does_not(
    failing: FailingStore, rules: Policy, reasons: list[str]
) -> None:
    """The staff, or the store's own rules where it has any; never nobody."""
    await failing.world.set_policy(rules)
    assert await codes(failing, BREAD, MILK) == reasons


def test_every_feature_has_its_fallback() -> None:
    """A new feature cannot be forgotten, and a word that is told is one that holds."""
    assert {each.feature for each in FALLBACKS} == set(Feature) - {Feature.NODE}
    assert set(still_works(Feature.INVOICES, makes_receipts=True)).isdisjoint({"check-out", "pay"})


async def test_what_was_answered_is_answered_again_whatever_the_node_does(failing: FailingStore) -> None:
    """A phone that never got the answer to its scan gets that one, also while the node is gone; it is scanned once."""
    world = failing.world
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)
    lines, key = f"/shop/v1/carts/{cart['id']}/lines", {"Idempotency-Key": "scan"}
    first = await shopper.post(lines, {"barcode": BREAD}, **key)
    await failing.fail(DEAD)
    assert (await shopper.post(lines, {"barcode": BREAD}, **key)).text == first.text
    other = await shopper.post(lines, {"barcode": MILK}, **key)
    assert (other.status, other.body["type"]) == (409, "idempotency-key-reused")
    assert (await shopper.look(cart))["lines"] == first.body["lines"]
