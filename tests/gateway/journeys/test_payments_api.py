"""A purchase's payments as the store's managers see them, and money given back."""

import asyncio
from typing import Any

import pytest

from gateway.journeys.world import BREAD, MILK, Client, Shopper, World, until
from smarts.gateway.parties import Role
from smarts.gateway.payments.sandbox import DECLINED_CARD, DECLINED_REFUND_CARD

TOTAL = 2.73


async def purchase(world: World) -> tuple[Shopper, dict[str, Any], str]:
    """Somebody who has paid for bread and milk, and where a manager sees the payment."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD, MILK))
    paid = (await shopper.pay(cart)).body
    return shopper, paid, f"/manage/v1/stores/{world.institution_id}/payments/{paid['invoiceId']}"


async def look(manager: Client, path: str) -> dict[str, Any]:
    reply = await manager.get(path)
    assert reply.status == 200, reply.text
    seen: dict[str, Any] = reply.body
    return seen


async def test_a_manager_sees_what_a_purchase_was_charged(world: World) -> None:
    """The payments with their steps, the ledger, and the sum that the ledger gives."""
    manager = await world.staff(Role.MANAGER)
    _, paid, path = await purchase(world)
    seen = await look(manager, path)
    (payment,) = seen["payments"]
    (step,) = payment["steps"]
    assert (seen["invoiceId"], seen["charged"]) == (paid["invoiceId"], TOTAL)
    assert {name: payment[name] for name in ("method", "status", "amount", "captured", "refunded")} == {
        "method": "SANDBOX",
        "status": "CAPTURED",
        "amount": TOTAL,
        "captured": TOTAL,
        "refunded": 0,
    }
    assert (step["kind"], step["status"], step["amount"]) == ("SALE", "DONE", TOTAL)
    assert {(entry["account"], entry["amount"]) for entry in seen["ledger"]} == {
        ("provider", TOTAL),
        ("sales", -TOTAL),
    }


async def test_a_declined_payment_was_charged_nothing(world: World) -> None:
    """It is listed beside the one that went through, the newest first."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    await shopper.pay(cart, DECLINED_CARD)
    path = f"/manage/v1/stores/{world.institution_id}/payments/{cart['invoiceId']}"
    assert (await look(manager, path))["charged"] == 0
    refused = await manager.post(f"{path}/refunds", {"amount": 1})
    assert (refused.status, refused.body["type"]) == (409, "payment-not-taken")
    await shopper.pay(cart)
    seen = await look(manager, path)
    assert [payment["status"] for payment in seen["payments"]] == ["CAPTURED", "DECLINED"]
    assert seen["charged"] == 1.49


async def test_a_manager_gives_money_back(world: World) -> None:
    """In parts, until nothing is left; the provider does it right afterwards."""
    manager = await world.staff(Role.MANAGER)
    _, _, path = await purchase(world)
    first = await manager.post(f"{path}/refunds", {"amount": 1.24})
    assert (first.status, first.body["kind"], first.body["status"]) == (201, "REFUND", "PENDING")
    beyond = await manager.post(f"{path}/refunds", {"amount": 1.5})
    assert (beyond.status, beyond.body["type"]) == (409, "amount-too-large")
    assert (await manager.post(f"{path}/refunds", {"amount": 1.49})).status == 201

    async def given_back() -> bool:
        return bool((await look(manager, path))["payments"][0]["status"] == "REFUNDED")

    await until(given_back)
    seen = await look(manager, path)
    assert (seen["charged"], seen["payments"][0]["refunded"]) == (0, TOTAL)
    assert sum(entry["amount"] for entry in seen["ledger"]) == pytest.approx(0)


async def test_a_refund_that_is_repeated_gives_back_once(world: World) -> None:
    """By its key, one after the other and at once; another sum under the key is refused."""
    manager = await world.staff(Role.MANAGER)
    _, _, path = await purchase(world)
    key = {"Idempotency-Key": "refund"}
    replies = await asyncio.gather(*(manager.post(f"{path}/refunds", {"amount": 1}, **key) for _ in range(5)))
    replies = [*replies, await manager.post(f"{path}/refunds", {"amount": 1}, **key)]
    assert {(reply.status, reply.text) for reply in replies} == {(201, replies[0].text)}
    steps = (await look(manager, path))["payments"][0]["steps"]
    assert [step["kind"] for step in steps] == ["SALE", "REFUND"]
    other = await manager.post(f"{path}/refunds", {"amount": 1.01}, **key)
    assert (other.status, other.body["type"]) == (409, "idempotency-key-reused")


async def test_a_sum_that_cannot_be_given_back_is_refused(world: World) -> None:
    """422 names the field."""
    manager = await world.staff(Role.MANAGER)
    _, _, path = await purchase(world)
    for amount in (0, -1, 0.001, 1.005, "1", None, 1e300):
        reply = await manager.post(f"{path}/refunds", {"amount": amount})
        assert (reply.status, reply.body["errors"][0]["path"]) == (422, "$.amount")
    assert (await look(manager, path))["charged"] == TOTAL


async def test_payments_are_the_own_managers_business(world: World) -> None:
    """Workers may not see them, and another store's or an unknown purchase's are not found."""
    manager, worker = await world.staff(Role.MANAGER), await world.staff(Role.WORKER, world.institution_id)
    _, _, path = await purchase(world)
    other, _ = await world.add_store("http://127.0.0.1:9")
    assert (await worker.get(path)).status == 403
    for wrong in (path.replace(world.institution_id, other), f"{path}0"):
        assert (await manager.get(wrong)).status == 404
        assert (await manager.post(f"{wrong}/refunds", {"amount": 1})).status == 404
    operator = await world.staff(Role.OPERATOR)
    elsewhere = path.replace(world.institution_id, other)
    assert (await operator.get(path)).status == 200
    assert (await operator.get(elsewhere)).status == 404


async def test_a_shopper_sees_what_was_given_back(world: World) -> None:
    """The purchase keeps what it cost, and says what the shopper was charged by now; in the list as well."""
    manager = await world.staff(Role.MANAGER)
    shopper, paid, path = await purchase(world)
    async with world.gateway.working():
        assert (await manager.post(f"{path}/refunds", {"amount": 0.73})).status == 201

        async def given_back() -> bool:
            return bool((await look(manager, path))["charged"] == 2)

        await until(given_back)
    (listed,) = (await shopper.get("/shop/v1/purchases")).body
    shown = (await shopper.get(f"/shop/v1/purchases/{paid['invoiceId']}")).body
    assert [(each["total"], each["charged"]) for each in (listed, shown)] == [(TOTAL, 2), (TOTAL, 2)]


async def test_a_refund_that_the_provider_refuses_is_seen_by_people(world: World) -> None:
    """The money stays taken, the manager sees the declined step, the operator a dead letter with the reason."""
    manager, operator = await world.staff(Role.MANAGER), await world.staff(Role.OPERATOR)
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    assert (await shopper.pay(cart, DECLINED_REFUND_CARD)).body["state"] == "PAID"
    path = f"/manage/v1/stores/{world.institution_id}/payments/{cart['invoiceId']}"
    asked = await manager.post(f"{path}/refunds", {"amount": 1})

    async def dead() -> Any:
        return (await operator.get("/operate/v1/dead-letters")).body

    async with world.gateway.working():
        (first,) = await until(dead)
        replayed = await operator.post(f"/operate/v1/dead-letters/{first['id']}/replay")
        assert replayed.status == 200
        (letter,) = await until(dead)
    assert (first["attempts"], letter["attempts"]) == (1, 2)
    assert (letter["id"], letter["kind"]) == (asked.body["id"], "payment.refund")
    assert "takes no money back" in letter["detail"]
    seen = await look(manager, path)
    steps = {step["kind"]: step["status"] for step in seen["payments"][0]["steps"]}
    assert (seen["charged"], steps["REFUND"]) == (1.49, "DECLINED")
