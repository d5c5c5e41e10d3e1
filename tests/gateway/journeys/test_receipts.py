"""Merchant side invoicing: the shopper sees the store's receipt, pays it, and the store is told so for sure."""

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.journeys.club import BONUS_USED, club_world
from gateway.journeys.till import RECEIPTS, Till, TillWorld, cheaper, receipt_for
from gateway.journeys.world import BREAD, MILK, NODE_TOKEN, Merchant, Reply, Shopper, small_world, until
from smarts.gateway.parties import Role, Switches
from smarts.node import Node, Refused
from smarts.wire.control import CheckStatus, Decision
from smarts.wire.money import Currency
from smarts.wire.receipts import CreateReceiptRequest, Receipt


@pytest.fixture
async def idle(database_url: str) -> AsyncIterator[TillWorld]:
    """A store that makes its own receipts; nobody delivers messages."""
    till = Till()
    async with small_world(database_url, merchant=till) as world:
        yield await TillWorld.of(world, till)


@pytest.fixture
async def at_work(idle: TillWorld) -> AsyncIterator[TillWorld]:
    """The same with a worker."""
    async with idle.world.gateway.working():
        yield idle


async def scanned(made: TillWorld) -> tuple[Shopper, dict[str, Any]]:
    """A shopper with a bread and a milk, 2.73 euros by the shelf."""
    shopper = await made.world.shopper()
    return shopper, await shopper.cart(made.store_id, BREAD, MILK)


async def passed(made: TillWorld) -> tuple[Shopper, dict[str, Any]]:
    """A shopper whose cart staff have looked at and let pass."""
    made.till.decision = Decision.FULL
    shopper, cart = await scanned(made)
    cart = await shopper.check_out(cart)
    await made.world.back.send_check_result(cart["invoiceId"], CheckStatus.PASSED)
    return shopper, cart


async def check_out(shopper: Shopper, cart: dict[str, Any], **headers: str) -> Reply:
    return await shopper.post(f"/shop/v1/carts/{cart['id']}/checkout", **headers)


async def test_the_shopper_sees_and_pays_the_stores_receipt(at_work: TillWorld) -> None:
    """Its total counts, and the difference is told; the store learns that it is paid and gets no default invoice."""
    at_work.till.make = cheaper
    shopper, cart = await scanned(at_work)
    cart = await shopper.check_out(cart)
    (asked,) = at_work.till.asked
    assert (asked.invoice_id, asked.person_id, asked.lang_code) == (cart["invoiceId"], cart["personId"], "EN")
    assert [(row.barcode, row.amount) for row in asked.products] == [(BREAD, 1), (MILK, 1)]
    assert (cart["state"], cart["receipt"]["total"], cart["receiptDifference"]) == ("READY", 1.73, -1)
    assert cart["total"]["totalToPay"] == 1.73

    paid = await shopper.pay(cart)
    assert (paid.body["state"], paid.body["payment"]["amount"]) == ("PAID", 1.73)
    (told,) = await until(lambda: at_work.till.confirmations)
    assert (told.invoice_id, told.total, told.payment_method) == (
        cart["invoiceId"],
        Decimal("1.73"),
        "SANDBOX",
    )
    assert told.institution_invoice_id == cart["receipt"]["institutionInvoiceId"]
    purchase = (await shopper.get(f"/shop/v1/purchases/{cart['invoiceId']}")).body
    assert purchase["receipt"] == cart["receipt"]
    assert (purchase["total"], purchase["storeName"]) == (1.73, "Nurgapood")
    assert purchase["institutionInvoiceId"] == told.institution_invoice_id
    assert (at_work.till.invoices, "invoice" in purchase) == ([], False)


async def test_without_the_switch_the_node_is_not_asked(at_work: TillWorld) -> None:
    """A store that leaves invoices to Smarts gets them, though its node could make receipts."""
    await at_work.world.change_store(switches=Switches())
    shopper, cart = await scanned(at_work)
    cart = await shopper.check_out(cart)
    assert cart["receipt"] is None
    assert (await shopper.pay(cart)).body["state"] == "PAID"
    await until(lambda: at_work.till.invoices)
    assert (at_work.till.asked, at_work.till.confirmations) == ([], [])


NONSENSE: dict[str, tuple[Callable[[CreateReceiptRequest], Receipt], str]] = {
    "somebody else's": (lambda request: receipt_for(request, customer_id="somebody"), "customerId"),
    "of another cart": (lambda request: receipt_for(request, invoice_id="another"), "invoiceId"),
    "in another currency": (lambda request: receipt_for(request, currency=Currency.USD), "currency"),
    "without the milk": (
        lambda request: receipt_for(replace(request, products=request.products[:1])),
        f"products has 0 of '{MILK}'",
    ),
    "with wrong sums": (lambda request: receipt_for(request, total=Decimal("0.01")), "the rows"),
    "with a bonus that nobody gave": (
        lambda request: receipt_for(request, total=Decimal(-1), addition_sum=Decimal("3.73")),
        "total is -1",
    ),
    "too long": (
        lambda request: receipt_for(
            replace(
                request,
                products=(replace(request.products[0], product_name="x" * 600_000), *request.products[1:]),
            )
        ),
        "longer than",
    ),
}


@pytest.mark.parametrize("kind", NONSENSE)
async def test_a_receipt_that_makes_no_sense_is_refused_and_reported(idle: TillWorld, kind: str) -> None:
    """502 without what the node said; the cart stays open, the manager reads what is wrong, a better one is taken."""
    idle.till.make, told = NONSENSE[kind]
    shopper, cart = await scanned(idle)
    refused = await check_out(shopper, cart)
    assert (refused.status, refused.body["type"]) == (502, "node-nonsense")
    assert told not in refused.text
    after = await shopper.look(cart)
    assert (after["state"], after["receipt"]) == ("OPEN", None)
    assert (await shopper.pay(cart)).body["type"] == "cart-not-ready"
    (report,) = await idle.reports()
    assert told in report
    idle.till.make = receipt_for
    assert (await shopper.check_out(cart))["receipt"]["total"] == 2.73


async def test_a_node_that_refuses_a_receipt_is_reported(idle: TillWorld) -> None:
    """The shopper is told that something is wrong, the manager in the node's own words."""

    def refuse(_: CreateReceiptRequest) -> Receipt:
        raise Refused("Kassa on kinni")

    idle.till.make = refuse
    shopper, cart = await scanned(idle)
    refused = await check_out(shopper, cart)
    assert (refused.status, refused.body["type"]) == (502, "node-nonsense")
    (report,) = await idle.reports()
    assert "Kassa on kinni" in report


async def test_a_node_without_receipts_although_they_are_switched_on(database_url: str) -> None:
    """A problem that names the reason, for the shopper and in the manager's reports."""
    node = Node(Merchant(), token=NODE_TOKEN, name="small", version="1")
    async with small_world(database_url, node=node) as world:
        made = await TillWorld.of(world, Till())
        shopper, cart = await scanned(made)
        refused = await check_out(shopper, cart)
        assert (refused.status, refused.body["type"]) == (502, "receipts-absent")
        (report,) = await made.reports()
        assert "does not make receipts" in report
        assert (await shopper.look(cart))["state"] == "OPEN"


async def test_a_node_that_is_down_leaves_the_cart_as_it_was(idle: TillWorld) -> None:
    """503 and when to try again; once the node is back, the same checkout works."""
    shopper, cart = await scanned(idle)
    await idle.world.change_store(switches=replace(RECEIPTS, merchant_side_purchase_control=False))
    await idle.node_goes()
    down = await check_out(shopper, cart)
    assert (down.status, down.body["type"], down.body["retryable"]) == (503, "node-down", True)
    assert float(down.headers["Retry-After"]) > 0
    assert (await shopper.look(cart))["state"] == "OPEN"
    await idle.node_comes_back()
    assert (await shopper.check_out(cart))["receipt"]["total"] == 2.73


async def test_a_node_that_is_slow_leaves_the_cart_as_it_was(idle: TillWorld) -> None:
    """504 after the operation's time; the receipt that comes too late is not taken."""
    answer = asyncio.Event()
    idle.till.before_making = answer.wait
    shopper, cart = await scanned(idle)
    slow = await check_out(shopper, cart)
    answer.set()
    assert (slow.status, slow.body["type"]) == (504, "node-slow")
    after = await shopper.look(cart)
    assert (after["state"], after["receipt"]) == ("OPEN", None)


async def test_a_repeated_checkout_is_answered_alike(idle: TillWorld) -> None:
    """With a key and without one: the node makes one receipt, whatever it would answer the second time."""
    shopper, cart = await scanned(idle)
    key = {"Idempotency-Key": "out"}
    first = await check_out(shopper, cart, **key)
    idle.till.make = cheaper
    assert (await check_out(shopper, cart, **key)).text == first.text
    assert (await check_out(shopper, cart)).body == first.body
    assert len(idle.till.asked) == 1


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "out"}])
async def test_many_checkouts_at_once_end_with_one_receipt(idle: TillWorld, headers: dict[str, str]) -> None:
    """Each is answered with the cart or told to try again; the receipt is of the invoice id that is paid."""
    shopper, cart = await scanned(idle)
    replies = await asyncio.gather(*(check_out(shopper, cart, **headers) for _ in range(6)))
    assert {reply.status for reply in replies} <= {200, 409}
    after = (await check_out(shopper, cart, **headers)).body
    assert {reply.body["receipt"]["invoiceId"] for reply in replies if reply.status == 200} <= {
        after["invoiceId"]
    }
    assert after["receipt"]["invoiceId"] == after["invoiceId"]
    assert (await shopper.pay(cart)).body["state"] == "PAID"


async def test_after_a_check_the_receipt_comes_by_itself(at_work: TillWorld) -> None:
    """Staff let the cart pass, and a moment later its shopper sees what the store wants for it."""
    shopper, cart = await passed(at_work)

    async def with_receipt() -> Any:
        return (await shopper.look(cart))["receipt"]

    receipt = await until(with_receipt)
    assert receipt["total"] == 2.73
    assert (await shopper.pay(cart)).body["state"] == "PAID"
    await until(lambda: at_work.till.confirmations)


async def test_the_result_of_a_check_does_not_wait_for_the_receipt(idle: TillWorld) -> None:
    """The node may be in trouble with receipts: the result is taken, and a checkout asks for the receipt anew."""
    idle.till.make = NONSENSE["with wrong sums"][0]
    shopper, cart = await passed(idle)
    after = await shopper.look(cart)
    assert (after["state"], after["receipt"]) == ("READY", None)
    assert (await check_out(shopper, cart)).status == 502
    assert (await shopper.look(cart))["state"] == "READY"
    idle.till.make = receipt_for
    assert (await shopper.check_out(cart))["receipt"]["total"] == 2.73


async def test_paying_before_the_receipt_is_there_pays_what_was_on_the_screen(idle: TillWorld) -> None:
    """The receipt is made then; where it costs the same, the payment goes on."""
    shopper, cart = await passed(idle)
    paid = await shopper.pay(cart)
    assert (paid.body["state"], paid.body["receipt"]["total"]) == ("PAID", 2.73)


async def test_a_receipt_that_the_shopper_has_not_seen_is_not_paid(idle: TillWorld) -> None:
    """It came with the payment and costs something else: 409 first, the next payment pays it."""
    idle.till.make = cheaper
    shopper, cart = await passed(idle)
    unseen = await shopper.pay(cart)
    assert (unseen.status, unseen.body["type"], unseen.body["retryable"]) == (409, "receipt-new", True)
    after = await shopper.look(cart)
    assert (after["state"], after["receipt"]["total"], after["payment"]) == ("READY", 1.73, None)
    assert (await shopper.pay(cart)).body["payment"]["amount"] == 1.73


async def test_a_cart_without_its_receipt_cannot_be_paid_while_the_node_is_down(at_work: TillWorld) -> None:
    """Nothing is taken; when the node is back, the receipt comes by itself and is paid."""
    at_work.till.decision = Decision.FULL
    shopper, cart = await scanned(at_work)
    cart = await shopper.check_out(cart)
    await at_work.node_goes()
    await at_work.world.back.send_check_result(cart["invoiceId"], CheckStatus.PASSED)
    down = await shopper.pay(cart)
    assert (down.status, down.body["type"]) == (503, "node-down")
    assert (await shopper.look(cart))["payment"] is None
    await at_work.node_comes_back()

    async def with_receipt() -> Any:
        return (await shopper.look(cart))["receipt"]

    await until(with_receipt)
    assert (await shopper.pay(cart)).body["state"] == "PAID"


async def test_a_receipt_for_goods_that_changed_meanwhile_is_thrown_away(idle: TillWorld) -> None:
    """The shopper scans on while the node makes the receipt: the cart is open, and the next receipt has it all."""
    shopper, cart = await passed(idle)

    async def scan_on() -> None:
        idle.till.before_making = None
        await shopper.scan(cart, BREAD)

    idle.till.before_making = scan_on
    idle.till.decision = Decision.NO
    late = await check_out(shopper, cart)
    assert (late.status, late.body["type"]) == (409, "cart-changed")
    after = await shopper.look(cart)
    assert (after["state"], after["receipt"]) == ("OPEN", None)
    after = await shopper.check_out(cart)
    assert after["receipt"]["total"] == 4.22
    assert after["invoiceId"] != cart["invoiceId"]


async def test_a_change_takes_the_receipt_away(idle: TillWorld) -> None:
    """What was scanned after the receipt is not on it, so the cart has to be checked out again."""
    shopper, cart = await scanned(idle)
    cart = await shopper.check_out(cart)
    changed = await shopper.scan(cart, BREAD)
    assert (changed["state"], changed["receipt"], changed["receiptDifference"]) == ("OPEN", None, None)
    assert (await shopper.pay(cart)).body["type"] == "cart-not-ready"
    again = await shopper.check_out(cart)
    assert again["receipt"]["invoiceId"] == again["invoiceId"] != cart["invoiceId"]


async def test_staff_change_a_cart_while_its_shopper_checks_out_again(at_work: TillWorld) -> None:
    """Whoever comes first: what is paid in the end is a receipt for the goods that staff left in the cart."""
    at_work.till.decision = Decision.FULL
    shopper, cart = await scanned(at_work)
    cart = await shopper.check_out(cart)
    milk = {"id": "p", "barcode": MILK, "productName": "Piim", "amount": 2, "rowPrice": 2.48}
    result = {"invoiceId": cart["invoiceId"], "institutionId": at_work.store_id, "status": "PASSED"}
    replies = await asyncio.gather(
        *(check_out(shopper, cart) for _ in range(3)),
        at_work.world.as_store().post("/v1/control/result", result | {"products": [milk]}),
        *(check_out(shopper, cart) for _ in range(3)),
    )
    assert {reply.status for reply in replies} <= {200, 204, 409}
    for reply in replies:
        if reply.status == 200 and reply.body["receipt"]:
            assert [row["barcode"] for row in reply.body["receipt"]["products"]] == [MILK]
    after = await shopper.check_out(cart)
    assert (after["state"], after["receipt"]["total"]) == ("READY", 2.48)
    assert (await shopper.pay(cart)).body["payment"]["amount"] == 2.48


async def test_the_bonus_that_a_card_pays_is_on_the_receipt(database_url: str) -> None:
    """The shopper pays the rest, and the purchase tells what was used and earned."""
    async with club_world(database_url) as club, club.world.gateway.working():
        await club.world.change_store(switches=RECEIPTS)
        card = await club.define()
        shopper = await club.member(card)
        cart = await shopper.cart(club.store_id, BREAD, MILK)
        await club.use(shopper, cart, {"id": card, "useBonusOnPayment": True})
        cart = await shopper.check_out(cart)
        (used,) = cart["receipt"]["loyaltyCards"]
        assert (used["bonusUsed"], used["bonusEarned"]) == (1.00, 0.05)
        assert cart["receipt"]["total"] == 1.73
        assert (await shopper.pay(cart)).body["payment"]["amount"] == 1.73
        (told,) = await until(lambda: club.merchant.confirmations)
        assert told.total == Decimal("2.73") - BONUS_USED


async def test_the_confirmation_is_delivered_though_the_node_was_down(at_work: TillWorld) -> None:
    """The shopper has paid and gone; the node is told once it is back."""
    shopper, cart = await scanned(at_work)
    cart = await shopper.check_out(cart)
    await at_work.node_goes()
    assert (await shopper.pay(cart)).body["state"] == "PAID"
    assert at_work.till.confirmations == []
    await at_work.node_comes_back()
    (told,) = await until(lambda: at_work.till.confirmations)
    assert told.invoice_id == cart["invoiceId"]


async def test_a_confirmation_that_the_node_refuses_waits_for_an_operator(at_work: TillWorld) -> None:
    """It is a dead letter that can be delivered again, as with invoices."""
    at_work.till.trouble = Refused("Seda arvet me ei tea")
    shopper, cart = await scanned(at_work)
    assert (await shopper.pay(await shopper.check_out(cart))).body["state"] == "PAID"
    operator = await at_work.world.staff(Role.OPERATOR)

    async def dead() -> list[dict[str, Any]]:
        letters: list[dict[str, Any]] = (await operator.get("/operate/v1/dead-letters")).body
        return letters

    (letter,) = await until(dead)
    assert "Seda arvet me ei tea" in letter["detail"]
    at_work.till.trouble = None
    replayed = await operator.post(f"/operate/v1/dead-letters/{letter['id']}/replay")
    assert replayed.status == 200, replayed.text
    assert await until(lambda: at_work.till.confirmations)


async def test_many_payments_at_once_confirm_once(at_work: TillWorld) -> None:
    """A double tap takes the money once and tells the store once."""
    shopper, cart = await scanned(at_work)
    cart = await shopper.check_out(cart)
    replies = await asyncio.gather(*(shopper.pay(cart) for _ in range(6)))
    assert {reply.status for reply in replies} <= {200, 409}
    await until(lambda: at_work.till.confirmations)
    async with at_work.world.gateway.database.connection() as connection:
        sent = await connection.fetchval("SELECT count(*) FROM outbox_messages WHERE kind = 'receipt.paid'")
        kept = await connection.fetchval("SELECT count(*) FROM invoices")
    assert (sent, kept) == (1, 1)
