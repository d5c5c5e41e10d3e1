"""Purchase control: the decision, the lock, the result, the expiry."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.journeys.world import (
    BEER,
    BREAD,
    MILK,
    NODE_TOKEN,
    Merchant,
    Shopper,
    World,
    product,
    small_world,
    until,
)
from smarts.caller import Refused
from smarts.gateway.parties import Role, Switches
from smarts.node import Node
from smarts.wire.control import CheckStatus, Decision
from smarts.wire.products import BetweenTime, InspectionAction, MaxAmount, MinAge, MinAmount
from smarts.wire.times import TimeOfDay


async def locked(world: World, decision: Decision = Decision.FULL) -> tuple[Shopper, dict[str, Any]]:
    """A shopper whose cart of a bread and a milk waits for staff."""
    world.merchant.decision = decision
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD, MILK))
    assert cart["state"] == "LOCKED"
    return shopper, cart


def result(world: World, cart: dict[str, Any], status: str, **more: Any) -> dict[str, Any]:
    return {"invoiceId": cart["invoiceId"], "institutionId": world.institution_id, "status": status, **more}


@pytest.mark.parametrize("decision", [Decision.AGE, Decision.FULL])
async def test_a_cart_that_the_node_wants_checked_is_locked_until_the_result(
    world: World, decision: Decision
) -> None:
    """The shopper can neither scan nor pay meanwhile; PASSED unlocks for payment."""
    shopper, cart = await locked(world, decision)
    assert cart["check"]["decision"] == decision
    assert cart["check"]["reasons"]
    scan = await shopper.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": BREAD})
    assert (scan.status, scan.body["type"]) == (409, "cart-locked")
    assert (await shopper.pay(cart)).body["type"] == "cart-locked"

    await world.back.send_check_result(cart["invoiceId"], CheckStatus.PASSED)
    cart = await shopper.look(cart)
    assert (cart["state"], cart["check"]["status"]) == ("READY", "PASSED")
    assert (await shopper.pay(cart)).body["state"] == "PAID"


async def test_the_node_sees_the_cart_as_the_shopper_does(world: World) -> None:
    """The check request holds the goods, their amounts and the rows' prices."""
    _, cart = await locked(world)
    (check,) = world.merchant.checks
    assert (check.invoice_id, check.institution_id) == (cart["invoiceId"], world.institution_id)
    rows = [(row.barcode, float(row.amount), float(row.row_price)) for row in check.products]
    assert rows == [(BREAD, 1, 1.49), (MILK, 1, 1.24)]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PASSED", "READY"),
        ("FAILED", "OPEN"),
        ("FAILED_ALLOW_PAYMENT", "READY"),
        ("PENDING", "LOCKED"),
        ("EXIPRED", "OPEN"),
        ("EXPIRED", "OPEN"),
    ],
)
async def test_every_status_of_a_result_has_its_effect(world: World, status: str, state: str) -> None:
    """Only PASSED and FAILED_ALLOW_PAYMENT let the shopper pay; PENDING keeps the lock."""
    shopper, cart = await locked(world)
    reply = await world.as_store().post("/v1/control/result", result(world, cart, status))
    assert reply.status == 204, reply.text
    cart = await shopper.look(cart)
    assert cart["state"] == state
    assert cart["check"]["status"] == status.replace("EXPIRED", "EXIPRED")
    assert (await shopper.pay(cart)).status == (200 if state == "READY" else 409)


async def test_after_a_failed_check_the_next_checkout_is_checked_for_sure(world: World) -> None:
    """A shopper who failed cannot slip through by checking out again until the node says NO."""
    shopper, cart = await locked(world)
    await world.back.send_check_result(cart["invoiceId"], CheckStatus.FAILED)
    world.merchant.decision = Decision.NO
    again = await shopper.check_out(cart)
    assert (again["state"], again["check"]["decision"]) == ("LOCKED", "FULL")
    assert again["invoiceId"] != cart["invoiceId"]
    await world.back.send_check_result(again["invoiceId"], CheckStatus.PASSED)
    assert (await shopper.pay(again)).body["state"] == "PAID"


async def test_the_supervisor_may_change_the_cart(world: World) -> None:
    """Products of a result are the new cart: other amounts, goods taken out, goods that were not scanned."""
    sugar = product("4740000000069", "Suhkur", "0.99")
    world.merchant.add(sugar)
    shopper, cart = await locked(world)
    rows = [
        {"id": "p", "barcode": BREAD, "productName": "Rukkileib", "amount": "3", "rowPrice": "4.47"},
        {"id": "s", "barcode": sugar.barcode, "productName": "Suhkur", "amount": 1, "rowPrice": 0.99},
    ]
    reply = await world.as_store().post("/v1/control/result", result(world, cart, "PASSED", products=rows))
    assert reply.status == 204, reply.text
    cart = await shopper.look(cart)
    lines = [(line["product"]["barcode"], line["quantity"], line["rowTotal"]) for line in cart["lines"]]
    assert lines == [(BREAD, 3, 4.47), (sugar.barcode, 1, 0.99)]
    assert (await shopper.pay(cart)).body["payment"]["amount"] == 5.46


async def test_a_result_that_empties_the_cart_cancels_the_shopping(world: World) -> None:
    """The supervisor took everything away: there is nothing left to pay for."""
    shopper, cart = await locked(world)
    await world.as_store().post("/v1/control/result", result(world, cart, "PASSED", products=[]))
    assert (await shopper.look(cart))["state"] == "CANCELLED"


async def test_a_result_with_goods_that_the_store_does_not_sell_changes_nothing(world: World) -> None:
    """The answer names the field, and the check still waits."""
    shopper, cart = await locked(world)
    rows = [{"id": "x", "barcode": "000", "productName": "?", "amount": 1, "rowPrice": 1}]
    reply = await world.as_store().post("/v1/control/result", result(world, cart, "PASSED", products=rows))
    assert (reply.status, reply.body["errors"][0]["path"]) == (422, "$.products[0].barcode")
    assert (await shopper.look(cart))["state"] == "LOCKED"


async def test_no_result_is_taken_twice(world: World) -> None:
    """The second result is a 409, whatever it says; many at once end the check exactly once."""
    _, cart = await locked(world)
    store = world.as_store()
    replies = await asyncio.gather(
        *(
            store.post("/v1/control/result", result(world, cart, status))
            for status in ["PASSED", "FAILED", "FAILED_ALLOW_PAYMENT", "PASSED"] * 3
        )
    )
    assert sorted(reply.status for reply in replies) == [204] + [409] * 11


async def test_a_repeated_result_with_the_same_key_is_answered_again(world: World) -> None:
    """A merchant whose answer got lost may repeat; the same key with another body is refused."""
    _, cart = await locked(world)
    store, key = world.as_store(), {"Idempotency-Key": "result-1"}
    body = result(world, cart, "PASSED")
    assert [(await store.post("/v1/control/result", body, **key)).status for _ in range(3)] == [204, 204, 204]
    other = await store.post("/v1/control/result", result(world, cart, "FAILED"), **key)
    assert (other.status, other.body["type"]) == (409, "idempotency-key-reused")


async def test_results_for_unknown_finished_and_foreign_checks_are_told_apart(world: World) -> None:
    """404 unknown, 403 in another store's name, 404 for another store's check, 409 once the cart is paid."""
    shopper, cart = await locked(world)
    _, other_token = await world.add_store("http://127.0.0.1:9")
    other = world.as_store(other_token)
    unknown = result(world, {"invoiceId": "none"}, "PASSED")
    assert (await world.as_store().post("/v1/control/result", unknown)).status == 404
    assert (await other.post("/v1/control/result", result(world, cart, "PASSED"))).status == 403
    other_id = (await world.add_store("http://127.0.0.1:9"))[0]
    foreign = result(world, cart, "PASSED") | {"institutionId": other_id}
    assert (await world.as_store().post("/v1/control/result", foreign)).status == 403
    assert (await shopper.look(cart))["state"] == "LOCKED"
    await world.back.send_check_result(cart["invoiceId"], CheckStatus.PASSED)
    await shopper.pay(cart)
    assert (await world.as_store().post("/v1/control/result", result(world, cart, "FAILED"))).status == 409
    assert (await shopper.look(cart))["state"] == "PAID"


async def test_resend_gives_the_very_document_that_was_sent(world: World) -> None:
    """Before and after the result, and it changes nothing; another store's is not found."""
    shopper, cart = await locked(world)
    body = {"invoiceId": cart["invoiceId"], "institutionId": world.institution_id}
    first = await world.as_store().post("/v1/control/resend", body)
    assert first.status == 200
    assert await world.back.resend_check(cart["invoiceId"]) == world.merchant.checks[0]
    await world.back.send_check_result(cart["invoiceId"], CheckStatus.PASSED)
    await shopper.pay(cart)
    assert (await world.as_store().post("/v1/control/resend", body)).text == first.text
    other_id, other_token = await world.add_store("http://127.0.0.1:9")
    stolen = await world.as_store(other_token).post("/v1/control/resend", body | {"institutionId": other_id})
    assert stolen.status == 404


async def test_a_result_may_arrive_before_the_lock_is_written(world: World) -> None:
    """A merchant quicker than the gateway is told to try again, and then it works."""
    shopper = await world.shopper()
    early: list[int] = []

    async def hurry() -> None:
        store, check = world.as_store(), world.merchant.checks[-1]
        body = result(world, {"invoiceId": check.invoice_id}, "PASSED")
        reply = await store.post("/v1/control/result", body)
        assert reply.body["retryable"] is True
        early.append(reply.status)

    world.merchant.decision, world.merchant.before_deciding = Decision.FULL, hurry
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    assert early == [409]
    await world.back.send_check_result(cart["invoiceId"], CheckStatus.PASSED)
    assert (await shopper.look(cart))["state"] == "READY"


async def test_the_lock_expires_by_itself_and_no_result_is_taken_after(database_url: str) -> None:
    """With nobody answering the app unlocks; the shopper has to check out again."""
    async with (
        small_world(database_url, lock_for=timedelta(seconds=1)) as world,
        world.gateway.working(),
    ):
        shopper, cart = await locked(world)
        early = await shopper.post(f"/shop/v1/carts/{cart['id']}/unlock")
        assert (early.status, early.body["type"]) == (409, "lock-not-expired")

        async def expired() -> bool:
            return (await shopper.look(cart))["state"] == "OPEN"

        await until(expired)
        assert (await shopper.look(cart))["check"]["status"] == "EXIPRED"
        with pytest.raises(Refused):
            await world.back.send_check_result(cart["invoiceId"], CheckStatus.PASSED)
        assert (await shopper.post(f"/shop/v1/carts/{cart['id']}/unlock")).body["state"] == "OPEN"
        assert (await shopper.pay(cart)).status == 409


async def test_the_expiry_survives_a_restart_of_everything(database_url: str) -> None:
    """A lock made by one gateway is ended by the worker of the next one."""
    async with small_world(database_url, lock_for=timedelta(seconds=1)) as world:
        shopper, cart = await locked(world)
    async with small_world(database_url) as next_world, next_world.gateway.working():
        again = Shopper(next_world.session, next_world.url, shopper.headers)

        async def expired() -> bool:
            return (await again.look(cart))["state"] == "OPEN"

        await until(expired)


async def test_a_shopper_may_unlock_an_expired_cart_before_the_timer_does(database_url: str) -> None:
    """Without any worker running, unlock works once the time is over."""
    async with small_world(database_url, lock_for=timedelta(seconds=1)) as world:
        shopper, cart = await locked(world)

        async def unlocked() -> bool:
            return (await shopper.post(f"/shop/v1/carts/{cart['id']}/unlock")).status == 200

        await until(unlocked)
        assert (await shopper.look(cart))["state"] == "OPEN"


async def test_inspect_asks_for_a_check_whatever_the_node_decides(world: World) -> None:
    """Beer is for adults: the cart is locked for the age although the node said NO."""
    world.merchant.add(product(BEER, "Õlu", "1.80", inspections=(MinAge(age=18),)))
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BEER))
    assert (cart["state"], cart["check"]["decision"]) == ("LOCKED", "AGE")
    assert "18" in cart["check"]["reasons"][0]["message"]


async def test_restrict_refuses_with_the_reason(world: World) -> None:
    """What may not be sold now is not put into the cart, which stays as it was."""
    never = BetweenTime(
        action=InspectionAction.RESTRICT, start=TimeOfDay(0, 0), end=TimeOfDay(0, 0), timezone=None
    )
    world.merchant.add(product(BEER, "Õlu", "1.80", inspections=(never,)))
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD)
    reply = await shopper.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": BEER})
    assert (reply.status, reply.body["type"]) == (422, "product-refused")
    assert "00:00" in reply.body["detail"]
    assert len((await shopper.look(cart))["lines"]) == 1


async def test_amount_inspections_count_the_whole_line(world: World) -> None:
    """At most three of a product: the fourth scan is refused; at least two: one is refused."""
    most = MaxAmount(action=InspectionAction.RESTRICT, amount=Decimal(3))
    least = MinAmount(action=InspectionAction.RESTRICT, amount=most.amount - 1)
    world.merchant.add(product(BEER, "Õlu", "1.80", inspections=(most, least)))
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)
    lines = f"/shop/v1/carts/{cart['id']}/lines"
    assert (await shopper.post(lines, {"barcode": BEER})).status == 422
    await shopper.scan(cart, BEER, quantity=2)
    await shopper.scan(cart, BEER)
    assert (await shopper.post(lines, {"barcode": BEER})).status == 422
    assert (await shopper.look(cart))["lines"][0]["quantity"] == 3


async def test_checks_that_wait_are_paged(world: World) -> None:
    """Oldest first, and a page goes on after the last check of the one before, also when that was decided meanwhile."""
    waiting = [(await locked(world))[1]["invoiceId"] for _ in range(3)]
    worker = await world.staff(Role.WORKER, world.institution_id)

    async def page(query: str) -> list[str]:
        return [check["invoiceId"] for check in (await worker.get(f"/work/v1/checks?{query}")).body]

    assert (await page(""), await page("limit=2")) == (waiting, waiting[:2])
    await world.back.send_check_result(waiting[1], CheckStatus.PASSED)
    assert await page(f"limit=2&after={waiting[1]}") == waiting[2:]
    assert (await worker.get("/work/v1/checks?limit=0")).status == 422


async def test_without_merchant_side_control_the_stores_own_staff_check(world: World) -> None:
    """The node is not asked; age goods wait for a worker, who sees the cart and passes it."""
    await world.change_store(switches=Switches(merchant_side_purchase_control=False))
    world.merchant.add(product(BEER, "Õlu", "1.80", inspections=(MinAge(age=18),)))
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BEER))
    assert (cart["state"], world.merchant.checks) == ("LOCKED", [])
    worker = await world.staff(Role.WORKER, world.institution_id)
    stranger = await world.staff(Role.WORKER)
    (waiting,) = (await worker.get("/work/v1/checks")).body
    assert (await stranger.get("/work/v1/checks")).body == []
    opened = f"/work/v1/checks/{waiting['invoiceId']}"
    assert (await stranger.get(opened)).status == 404
    assert (await worker.get(opened)).body["cart"]["lines"][0]["product"]["barcode"] == BEER
    assert (await stranger.post(f"{opened}/result", {"status": "PASSED"})).status == 404
    assert (await worker.post(f"{opened}/result", {"status": "PASSED"})).status == 204
    assert (await shopper.pay(cart)).body["state"] == "PAID"


async def test_a_node_without_purchase_control_sells_without_checks(database_url: str) -> None:
    """A feature that the node does not have is absent, not broken."""
    merchant = Merchant()

    class SearchOnly:
        search, by_barcode = staticmethod(merchant.search), staticmethod(merchant.by_barcode)
        by_name, categories = staticmethod(merchant.by_name), staticmethod(merchant.categories)

    node = Node(SearchOnly(), token=NODE_TOKEN, name="small", version="1")
    async with small_world(database_url, node=node) as world, world.gateway.working():
        shopper = await world.shopper()
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        assert cart["state"] == "READY"
        assert (await shopper.pay(cart)).body["state"] == "PAID"


async def test_a_decision_that_was_lost_is_the_staffs_and_the_nodes_result_counts(world: World) -> None:
    """The node decided but its answer was lost: the cart waits for staff, and the store's own result ends that."""

    async def lose_the_answer() -> None:
        raise RuntimeError("the answer is lost")

    shopper = await world.shopper()
    world.merchant.before_deciding = lose_the_answer
    cart = await shopper.cart(world.institution_id, BREAD)
    locked = await shopper.check_out(cart)
    assert (locked["state"], locked["check"]["decision"]) == ("LOCKED", "FULL")
    assert [reason["code"] for reason in locked["check"]["reasons"]] == ["STORE_UNANSWERED"]
    late = result(world, {"invoiceId": world.merchant.checks[0].invoice_id}, "PASSED")
    assert (await world.as_store().post("/v1/control/result", late)).status == 204
    assert (await shopper.look(cart))["state"] == "READY"


async def test_checking_out_twice_at_once_with_one_key_is_one_checkout(world: World) -> None:
    """Every answer is the locked cart, or says to try again; one check begins."""
    world.merchant.decision = Decision.FULL
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD)
    path, key = f"/shop/v1/carts/{cart['id']}/checkout", {"Idempotency-Key": "out"}
    replies = await asyncio.gather(*(shopper.post(path, **key) for _ in range(6)))
    assert {reply.status for reply in replies} <= {200, 409}
    again = await shopper.post(path, **key)
    assert {reply.text for reply in replies if reply.status == 200} == {again.text}
    assert again.body["state"] == "LOCKED"
