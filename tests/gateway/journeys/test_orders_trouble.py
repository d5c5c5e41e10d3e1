"""Home delivery in bad times: the node is away, the provider is silent or refuses, and time passes."""

from typing import Any

from gateway.journeys.delivering import Delivering, delivering_world
from gateway.journeys.world import Reply, until
from smarts.gateway.orders.service import ORDER_DUE
from smarts.gateway.parties import Role
from smarts.gateway.payments.sandbox import (
    DECLINED_CAPTURE_CARD,
    LOST_ANSWER_CARD,
    LOST_CAPTURE_ANSWER_CARD,
    LOST_REFUND_ANSWER_CARD,
)
from smarts.gateway.payments.service import CAPTURE_PAYMENT, REFUND_PAYMENT, SETTLE_PAYMENT
from smarts.node import Refused

LIFE = ["WAITING_FOR_CONFIRMATION", "CONFIRMED", "ASSEMBLE_READY", "SHIPPING", "COMPLETED"]


async def test_an_order_is_told_in_its_order_to_a_node_that_was_away(delivering: Delivering) -> None:
    """The store goes on while its node is in trouble; when it is well again, it hears of it all, once and in order."""
    delivering.merchant.trouble = RuntimeError("the books are on fire")
    order = await delivering.moved(await delivering.order(), *LIFE[1:4])
    await until(lambda: delivering.merchant.order_tries)
    delivering.merchant.trouble = None
    order = await delivering.moved(order, "COMPLETED")
    await until(lambda: delivering.merchant.told(order["id"]) == LIFE)
    (placed,) = [each for each in delivering.merchant.orders if each.id == order["id"]]
    assert placed.closed is None
    last = [each for each in delivering.merchant.updates if each.id == order["id"]][-1]
    assert (str(last.closed), len(last.status_changelogs)) == (order["closed"], 5)


def nonsense_at_first(node: Any) -> Any:
    """Each of the first calls about orders is answered with nonsense of another kind; the last of them arrives."""
    odd = [(500, b"{}"), (302, b""), (503, b"<html>"), (429, b"later"), (200, b"")]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/pickup") or not odd:
            await node(scope, receive, send)
            return
        status, body = odd.pop(0)
        if status == 200:
            await node(scope, receive, _lose)
            status = 500
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return app


async def _lose(_: Any) -> None:
    """The node has it, and its answer never comes."""


async def test_a_node_that_answers_nonsense_hears_of_every_order(database_url: str) -> None:
    """Where its answer was lost it hears twice, and can tell: it is the same document."""
    async with delivering_world(database_url, in_front=nonsense_at_first) as delivering:
        orders = [await delivering.order() for _ in range(5)]
        heard = delivering.merchant.orders
        async with delivering.world.gateway.working():
            await until(lambda: len(heard) == 6, 60)
        assert {each.id for each in heard} == {order["id"] for order in orders}
        assert all(each == other for each in heard for other in heard if each.id == other.id)


async def test_an_update_that_the_node_refuses_for_good_does_not_hold_up_the_next(
    delivering: Delivering,
) -> None:
    """It is a dead letter for the operator, named by the order and the number of its change."""
    order = await delivering.order()
    await until(lambda: delivering.merchant.told(order["id"]))
    delivering.merchant.trouble = Refused("No such order here")
    await delivering.moved(order, "CONFIRMED")
    operator = await delivering.world.staff(Role.OPERATOR)

    async def dead() -> list[str]:
        return [letter["id"] for letter in (await operator.get("/operate/v1/dead-letters")).body]

    assert f"{order['id']}:2" in await until(dead)
    delivering.merchant.trouble = None
    await delivering.moved(order, "ASSEMBLE_READY")
    await until(lambda: delivering.merchant.told(order["id"]) == [LIFE[0], LIFE[2]])


async def test_a_node_without_orders_does_not_stop_them(database_url: str) -> None:
    """A store may manage its orders in the worker app alone: what cannot be told is not told."""
    async with (
        delivering_world(database_url, takes_orders=False) as delivering,
        delivering.world.gateway.working(),
    ):
        order = await delivering.moved(await delivering.order(), *LIFE[1:])
        assert await delivering.agrees(order)
        await until(lambda: delivering.invoices(order))
        operator = await delivering.world.staff(Role.OPERATOR)

        async def delivered() -> bool:
            depth = (await operator.get("/operate/v1/outbox")).body
            return bool(depth["overdue"] == depth["dead"] == 0)

        await until(delivered)


async def test_money_whose_taking_was_not_answered_is_taken_once(delivering: Delivering) -> None:
    """504 at first; whoever asks next, for whatever, has the change made, and is then told that it is."""
    order = await delivering.moved(await delivering.order(card=LOST_CAPTURE_ANSWER_CARD), "CONFIRMED")
    lost = await delivering.by_staff(order, "SHIPPING")
    assert (lost.status, lost.body["type"], lost.body["retryable"]) == (504, "order-payment-unknown", True)
    for reply in (await delivering.cancel(order), await delivering.by_api(order, "SHIPPING")):
        assert (reply.status, reply.body["type"]) == (409, "order-change-refused")
    sent = await delivering.look(order["id"])
    assert sent["shipment"]["status"] == "SHIPPING"
    assert await delivering.agrees(sent)
    assert (await delivering.money(order))["captured"] == 6.63


async def test_the_worker_finishes_what_a_lost_answer_left(delivering: Delivering) -> None:
    """Nobody asks again; with what was picked, and with the name of who sent it out."""
    order = await delivering.moved(await delivering.order(card=LOST_CAPTURE_ANSWER_CARD), "CONFIRMED")
    row = order["products"][0]
    lost = await delivering.by_api(order, "SHIPPING", products=[row], personName="Jüri", resolverId="emp-7")
    assert lost.status == 504
    await delivering.hurry(CAPTURE_PAYMENT)
    sent = await delivering.becomes(order, "SHIPPING")
    assert sent["orderTotalPrice"] == 5.39
    assert (sent["statusChangelogs"][-1]["personName"], sent["resolverId"]) == ("Jüri", "emp-7")
    assert [len(invoice.products) for invoice in await until(lambda: delivering.invoices(order))] == [1]


async def test_who_asks_again_after_a_lost_answer_is_told_what_became_of_it(delivering: Delivering) -> None:
    """With the same key, although the worker has made the change by then; a request without it comes too late."""
    path, key = "/work/v1/orders/{}/status", {"Idempotency-Key": "sent"}
    order = await delivering.moved(await delivering.order(card=LOST_CAPTURE_ANSWER_CARD), "CONFIRMED")

    async def send(**headers: str) -> Reply:
        return await delivering.worker.post(path.format(order["id"]), {"status": "SHIPPING"}, **headers)

    assert (await send(**key)).status == 504
    await delivering.hurry(CAPTURE_PAYMENT)
    sent = await delivering.becomes(order, "SHIPPING")
    again = [await send(**key) for _ in range(2)]
    assert [(reply.status, reply.body) for reply in again] == [(200, sent)] * 2
    assert (await send()).body["type"] == "order-change-refused"


async def test_an_order_whose_money_is_refused_is_missed(delivering: Delivering) -> None:
    """409 for who wanted to send it out, the same again for the same key; the hold is let go and nothing billed."""
    order = await delivering.moved(await delivering.order(card=DECLINED_CAPTURE_CARD), "CONFIRMED")
    path, key = f"/work/v1/orders/{order['id']}/status", {"Idempotency-Key": "out"}
    replies = [await delivering.worker.post(path, {"status": "SHIPPING"}, **key) for _ in range(2)]
    assert {(each.status, each.body["type"]) for each in replies} == {(409, "order-payment-refused")}
    assert (await delivering.money(await delivering.becomes(order, "MISSED")))["status"] == "RELEASED"
    await until(lambda: delivering.merchant.told(order["id"])[-1:] == ["MISSED"])
    assert delivering.invoices(order) == []


async def test_a_hold_that_has_ended_before_its_time_is_missed_too(delivering: Delivering) -> None:
    """The provider let go of the money by itself, which shows when it is to be taken."""
    order = await delivering.moved(await delivering.order(), "CONFIRMED", "ASSEMBLE_READY")
    await delivering.holds_expire()
    assert (await delivering.by_api(order, "SHIPPING")).body["type"] == "order-payment-refused"
    await delivering.becomes(order, "MISSED")


async def test_a_refund_whose_answer_is_lost_is_given_once(delivering: Delivering) -> None:
    """The order ends at once; the worker asks until it is known that the money is back."""
    order = await delivering.order(card=LOST_REFUND_ANSWER_CARD)
    order = await delivering.moved(order, "CONFIRMED", "SHIPPING", "CANCELLED_BY_INSTITUTION")

    async def asked_again() -> bool:
        await delivering.hurry(REFUND_PAYMENT)
        return await delivering.agrees(order)

    await until(asked_again)
    assert (await delivering.money(order))["refunded"] == 6.63


async def test_a_store_that_does_not_answer_in_time_has_missed_the_order(delivering: Delivering) -> None:
    """One that has answered has not, whenever the timer fires; the money is let go and the shopper sees it."""
    silent, answered = await delivering.order(), await delivering.order("PICKUP")
    await delivering.moved(answered, "CONFIRMED")
    for order in (silent, answered):
        await delivering.let_time_pass(order, "reactBy")
    missed = await delivering.becomes(silent, "MISSED")
    assert "personName" not in missed["statusChangelogs"][-1]
    assert (await delivering.by_api(silent, "CONFIRMED")).status == 409
    await until(lambda: delivering.merchant.told(silent["id"]) == ["WAITING_FOR_CONFIRMATION", "MISSED"])
    assert (await delivering.look(answered["id"]))["shipment"]["status"] == "CONFIRMED"


async def test_a_timer_that_fires_too_early_does_nothing(delivering: Delivering) -> None:
    """The clocks of gateway and database may differ; the order is missed when its time has come."""
    order = await delivering.order()
    await delivering.hurry(ORDER_DUE, order["id"])
    assert (await delivering.by_api(order, "CONFIRMED")).status == 200


async def test_an_order_is_missed_shortly_before_its_hold_ends(delivering: Delivering) -> None:
    """However far the store has come without sending it out; what is sent out has its money and stays."""
    orders = [await delivering.moved(await delivering.order(), *LIFE[1:far]) for far in (1, 2, 3, 4)]
    for order in orders:
        await delivering.let_time_pass(order, "lapsesAt")
    for order, end in zip(orders, ["MISSED", "MISSED", "MISSED", "SHIPPING"], strict=True):
        await delivering.becomes(order, end)


async def test_an_order_does_not_lapse_while_its_money_is_being_taken(delivering: Delivering) -> None:
    """The timer waits for the provider's word; the goods went out, so the order stays."""
    order = await delivering.moved(await delivering.order(card=LOST_CAPTURE_ANSWER_CARD), "CONFIRMED")
    assert (await delivering.by_api(order, "SHIPPING")).status == 504
    await delivering.let_time_pass(order, "lapsesAt")
    await delivering.hurry(CAPTURE_PAYMENT)
    await delivering.becomes(order, "SHIPPING")


async def test_an_order_that_the_store_cancels_while_the_shopper_pays(delivering: Delivering) -> None:
    """The money that was held meanwhile is let go, the cart ends, and the store never hears of the order."""
    cart = await delivering.ready()
    assert (await delivering.shopper.pay(cart, LOST_ANSWER_CARD)).status == 504
    order_id = (await delivering.shopper.look(cart))["orderId"]
    order = await delivering.look(order_id)
    assert (order["shipment"]["status"], (await delivering.cancel(order)).status) == ("DRAFT", 409)
    assert (await delivering.by_api(order, "CANCELLED_BY_INSTITUTION")).status == 200
    await delivering.hurry(SETTLE_PAYMENT)
    await delivering.becomes(order, "CANCELLED_BY_INSTITUTION")
    assert (await delivering.money(order))["status"] == "RELEASED"
    assert (await delivering.shopper.look(cart))["state"] == "CANCELLED"
    assert (await delivering.shopper.pay(cart)).status == 409
    assert delivering.merchant.told(order_id) == []


async def test_a_key_that_answers_something_else_by_now_does_not_keep_the_order_back(
    delivering: Delivering,
) -> None:
    """A change waits for its money; its key is used for another order meanwhile: the change is made all the same."""
    first = await delivering.moved(await delivering.order(card=LOST_CAPTURE_ANSWER_CARD), "CONFIRMED")
    second = await delivering.order()
    key = {"Idempotency-Key": "the-key-of-today"}
    store = delivering.world.as_store()

    async def move(order: dict[str, Any], status: str, **headers: str) -> Reply:
        body = {"orderId": order["id"], "institutionId": delivering.world.institution_id, "status": status}
        return await store.post("/v1/pickup/order/status", body, **headers)

    assert (await move(first, "SHIPPING", **key)).status == 504
    assert (await move(second, "CONFIRMED", **key)).status == 200
    sent = await move(first, "SHIPPING")
    assert (sent.status, sent.body["shipment"]["status"]) == (200, "SHIPPING")
    assert await delivering.agrees(sent.body)


async def test_whoever_comes_next_finishes_what_the_provider_did_not_tell(delivering: Delivering) -> None:
    """The first one's change is made before the second one's wish is judged: nobody waits for the worker."""
    for after in ("SHIPPING", "COMPLETED", "CANCELLED_BY_INSTITUTION"):
        order = await delivering.moved(await delivering.order(card=LOST_CAPTURE_ANSWER_CARD), "CONFIRMED")
        assert (await delivering.by_staff(order, "SHIPPING")).status == 504
        reply = await delivering.by_api(order, after)
        assert reply.status == (409 if after == "SHIPPING" else 200), reply.text
        assert (await delivering.look(order["id"]))["shipment"]["status"] == after
    order = await delivering.moved(await delivering.order(card=LOST_CAPTURE_ANSWER_CARD), "CONFIRMED")
    assert (await delivering.by_staff(order, "SHIPPING")).status == 504
    late = await delivering.cancel(order)
    assert (late.status, late.body["type"]) == (409, "order-change-refused")
