"""Shopper, merchant, staff, timers and providers act on one order in the same instant: status and money agree after."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from gateway.journeys.delivering import Delivering
from gateway.journeys.world import Reply, until
from smarts.gateway.payments.sandbox import LOST_ANSWER_CARD, LOST_CAPTURE_ANSWER_CARD
from smarts.gateway.payments.service import CAPTURE_PAYMENT, SETTLE_PAYMENT

ROUNDS = 12
REFUSALS = {"order-change-refused", "order-under-way"}


async def at_once(*calls: Awaitable[Reply]) -> list[Reply]:
    """What all are answered: done, or a 409 that says why not."""
    replies = await asyncio.gather(*calls)
    refused = {reply.body["type"] for reply in replies if reply.status != 200}
    assert refused <= REFUSALS, [reply.text for reply in replies]
    return replies


def done(replies: Sequence[Reply]) -> list[str]:
    """The statuses that those who were not refused were told."""
    return [reply.body["shipment"]["status"] for reply in replies if reply.status == 200]


async def end_of(delivering: Delivering, order: dict[str, Any]) -> dict[str, Any]:
    """The order when nothing is under way: its log has no gaps, its money is where it belongs, its node knows."""
    seen = await delivering.look(order["id"])
    seen = await delivering.becomes(seen, seen["shipment"]["status"])
    log = [(each["previousStatus"], each["newStatus"]) for each in seen["statusChangelogs"]]
    assert [new for _, new in log[:-1]] == [previous for previous, _ in log[1:]]
    assert log[-1][1] == seen["shipment"]["status"]
    return seen


async def told_once(delivering: Delivering, order: dict[str, Any]) -> None:
    """The node heard of each change once and in order, and of an invoice if and only if money was taken."""
    log = [each["newStatus"] for each in order["statusChangelogs"]]
    log = log[log.index("WAITING_FOR_CONFIRMATION") :]
    await until(lambda: delivering.merchant.told(order["id"]) == log)
    invoices = 1 if "SHIPPING" in log or "READY_TO_PICKUP" in log else 0
    await until(lambda: len(delivering.invoices(order)) == invoices)


async def test_the_shopper_cancels_while_the_store_sends_it_out(delivering: Delivering) -> None:
    """Either the goods go out and are paid for, or they do not and nothing is: never half of each."""
    seen = set()
    for _ in range(ROUNDS):
        order = await delivering.moved(await delivering.order(), "CONFIRMED")
        cancelled, sent = await at_once(delivering.cancel(order), delivering.by_staff(order, "SHIPPING"))
        assert [cancelled.status, sent.status] in ([200, 409], [409, 200])
        ended = await end_of(delivering, order)
        assert done([cancelled, sent]) == [ended["shipment"]["status"]]
        seen.add(ended["shipment"]["status"])
        await told_once(delivering, ended)
    assert seen <= {"SHIPPING", "CANCELLED_BY_CLIENT"}


async def test_two_staff_and_the_api_send_it_out_at_once(delivering: Delivering) -> None:
    """It goes out once, with the money taken once and one invoice; the others are told so."""
    for _ in range(ROUNDS):
        order = await delivering.moved(await delivering.order(), "CONFIRMED")
        colleague = await delivering.colleague()
        replies = await at_once(
            delivering.by_staff(order, "SHIPPING"),
            colleague.by_staff(order, "SHIPPING"),
            delivering.by_api(order, "SHIPPING"),
        )
        assert done(replies) == ["SHIPPING"]
        ended = await end_of(delivering, order)
        assert (await delivering.money(ended))["captured"] == 6.63
        await told_once(delivering, ended)


async def test_one_who_taps_many_times_sends_it_out_once(delivering: Delivering) -> None:
    """The same change by the same person is the same change, whether its money is known to be there or not."""
    for card in (None, LOST_CAPTURE_ANSWER_CARD):
        order = await delivering.moved(await delivering.order(card=card), "CONFIRMED")
        replies = await asyncio.gather(*(delivering.by_staff(order, "SHIPPING") for _ in range(6)))
        assert {reply.status for reply in replies} <= {200, 409, 504}
        await delivering.hurry(CAPTURE_PAYMENT)
        ended = await delivering.becomes(order, "SHIPPING")
        assert [step["kind"] for step in (await delivering.money(ended))["steps"]].count("CAPTURE") == 1
        await told_once(delivering, ended)


async def test_staff_and_the_merchants_system_go_different_ways_at_once(delivering: Delivering) -> None:
    """One packs, one sends out, one cancels, the shopper cancels: whoever comes second sees what the first one did."""
    for _ in range(ROUNDS):
        order = await delivering.moved(await delivering.order(), "CONFIRMED")
        replies = await at_once(
            delivering.by_api(order, "ASSEMBLE_READY"),
            delivering.by_staff(order, "SHIPPING"),
            delivering.by_api(order, "CANCELLED_BY_INSTITUTION"),
            delivering.cancel(order),
        )
        ended = await end_of(delivering, order)
        log = [each["newStatus"] for each in ended["statusChangelogs"]]
        assert sorted(done(replies)) == sorted(log[2:])
        await told_once(delivering, ended)


async def test_the_merchant_cancels_while_the_shopper_pays(delivering: Delivering) -> None:
    """Before, while or after the money is held: the order is cancelled or waits, and the cart says the same."""
    for number in range(ROUNDS):
        cart = await delivering.ready()
        paying = asyncio.create_task(
            delivering.shopper.pay(cart, LOST_ANSWER_CARD if number % 3 == 0 else None)
        )
        order_id = await until(lambda cart=cart: delivering.order_of(cart))
        order = await delivering.look(order_id)
        cancelled, paid = await asyncio.gather(delivering.by_api(order, "CANCELLED_BY_INSTITUTION"), paying)
        assert cancelled.status == 200, cancelled.text
        assert paid.status in (200, 409, 504)
        await delivering.hurry(SETTLE_PAYMENT)
        ended = await delivering.becomes(order, "CANCELLED_BY_INSTITUTION")
        seen = await delivering.shopper.look(cart)
        placed = len(ended["statusChangelogs"]) == 2
        assert seen["state"] == ("PAID" if placed else "CANCELLED")
        if placed:
            await told_once(delivering, ended)


async def test_the_timer_fires_while_the_store_answers(delivering: Delivering) -> None:
    """Answered in time or missed, and the money goes with it."""
    ends = set()
    for _ in range(ROUNDS):
        order = await delivering.order()
        confirmed, _ = await asyncio.gather(
            delivering.by_staff(order, "CONFIRMED"), delivering.let_time_pass(order, "reactBy")
        )
        status = "CONFIRMED" if confirmed.status == 200 else "MISSED"
        ended = await delivering.becomes(order, status)
        ends.add(status)
        await told_once(delivering, ended)
    assert ends <= {"CONFIRMED", "MISSED"}


async def test_the_hold_ends_while_the_goods_go_out(delivering: Delivering) -> None:
    """The timer lets the money go, or it is taken: an order that is out is never missed by a clock."""
    for _ in range(ROUNDS):
        order = await delivering.moved(await delivering.order(), "CONFIRMED")
        sent, _ = await asyncio.gather(
            delivering.by_staff(order, "SHIPPING"), delivering.let_time_pass(order, "lapsesAt")
        )
        ended = await delivering.becomes(order, "SHIPPING" if sent.status == 200 else "MISSED")
        await told_once(delivering, ended)


async def test_the_worker_and_the_caller_finish_the_same_capture(delivering: Delivering) -> None:
    """The provider's answer was lost; both ask again at once, and one change comes of it."""
    for _ in range(ROUNDS // 2):
        order = await delivering.order(card=LOST_CAPTURE_ANSWER_CARD)
        order = await delivering.moved(order, "CONFIRMED")
        assert (await delivering.by_staff(order, "SHIPPING")).status == 504
        again, _ = await asyncio.gather(
            delivering.by_staff(order, "SHIPPING"), delivering.hurry(CAPTURE_PAYMENT)
        )
        assert again.status in (200, 409)
        ended = await delivering.becomes(order, "SHIPPING")
        assert len(ended["statusChangelogs"]) == 3
        await told_once(delivering, ended)


async def test_two_shoppers_and_one_store_do_not_get_in_each_others_way(delivering: Delivering) -> None:
    """Many orders of one store are placed, cancelled, sent out and missed at once; every one ends as it should."""
    shoppers = [await delivering.another() for _ in range(10)]
    orders = await asyncio.gather(*(each.order() for each in shoppers))
    await asyncio.gather(*(delivering.moved(order, "CONFIRMED") for order in orders))
    moves = [delivering.by_api(order, "SHIPPING") for order in orders[:5]]
    moves += [delivering.by_api(order, "CANCELLED_BY_INSTITUTION") for order in orders[5:]]
    assert {reply.status for reply in await asyncio.gather(*moves)} == {200}
    for place, order in enumerate(orders):
        status = "SHIPPING" if place < 5 else "CANCELLED_BY_INSTITUTION"
        ended = await shoppers[place].becomes(order, status)
        await told_once(delivering, ended)


async def test_several_who_learn_that_the_store_cancelled_are_all_told_so(delivering: Delivering) -> None:
    """The provider's answer was lost, the store cancels, and the phone asks six times at once: never a 500."""
    for _ in range(ROUNDS):
        cart = await delivering.ready()
        assert (await delivering.shopper.pay(cart, LOST_ANSWER_CARD)).status == 504
        order_id = await delivering.order_of(cart)
        assert (await delivering.by_api({"id": order_id}, "CANCELLED_BY_INSTITUTION")).status == 200
        told = await asyncio.gather(*(delivering.shopper.pay(cart) for _ in range(6)))
        assert {reply.status for reply in told} == {409}
        await delivering.becomes(await delivering.look(str(order_id)), "CANCELLED_BY_INSTITUTION")
