"""What a store loses by its random checks, and what a policy would catch on the store's own carts."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from msgspec.structs import replace

from gateway.journeys.checking import Desk, counted, row, save_policy, trolley
from gateway.journeys.world import BREAD, MILK, Client, World
from smarts.gateway.journeys.check_losses import LEAST_CARTS
from smarts.gateway.parties import Role
from smarts.wire.times import UtcMillis

BREAD_PRICE, MILK_PRICE = Decimal("1.49"), Decimal("1.24")
RULES = {"share": 0.1, "afterFailed": 20}


def money(amount: Any) -> Decimal:
    return Decimal(str(amount))


async def loss_of(world: World, manager: Client) -> dict[str, Any]:
    reply = await manager.get(f"/manage/v1/stores/{world.institution_id}/check-loss")
    assert reply.status == 200, reply.text
    found: dict[str, Any] = reply.body
    return found


async def simulated(world: World, manager: Client, policy: dict[str, Any]) -> tuple[int, Any]:
    path = f"/manage/v1/stores/{world.institution_id}/check-policy/simulation"
    reply = await manager.post(path, policy)
    return reply.status, reply.body


async def test_the_estimate_is_what_random_checks_found_over_their_chance(world: World) -> None:
    """Of purchases that half are looked at, each missing milk stands for two; what was too much, for nothing."""
    await save_policy(world, estimateShare=0.5)
    desk, manager = await Desk.of(world), await world.staff(Role.MANAGER)
    before = await loss_of(world, manager)
    assert (before["carts"], before["withinReach"], before.get("estimate")) == (0, 0, None)
    seen = 0
    for number in range(30):
        shopper = await world.shopper()
        cart = await trolley(world, shopper, {BREAD: 2})
        if cart["state"] != "LOCKED":
            continue
        assert [each["code"] for each in cart["check"]["reasons"]] == ["STORE_ESTIMATE"]
        kept = [row(BREAD, 2), row(MILK, 1)] if seen % 2 == 0 else [row(BREAD, 1)]
        status, _ = await desk.end(cart, "FAILED_ALLOW_PAYMENT", products=kept)
        assert status == 204, number
        seen += 1
    assert seen > 4
    loss = await loss_of(world, manager)
    short = (seen + 1) // 2
    assert (loss["carts"], loss["withinReach"], loss["unseen"]) == (30, 30, 0)
    estimate = loss["estimate"]
    assert (estimate["probes"], estimate["found"]) == (seen, short)
    assert money(estimate["total"]) == 2 * short * MILK_PRICE
    assert money(estimate["least"]) < money(estimate["total"]) < money(estimate["most"])


async def test_checks_for_another_reason_have_no_part_in_the_estimate(world: World) -> None:
    """What the store's share chose tells nothing: not what it found, nor of whom it could have chosen."""
    await save_policy(world, share=1)
    desk, manager = await Desk.of(world), await world.staff(Role.MANAGER)
    cart = await trolley(world, await world.shopper(), {BREAD: 1})
    assert (await desk.end(cart, "FAILED_ALLOW_PAYMENT", products=[row(BREAD, 1), row(MILK, 1)]))[0] == 204
    loss = await loss_of(world, manager)
    assert (loss["carts"], loss["withinReach"], loss["unseen"], loss.get("estimate")) == (1, 0, 0, None)


async def test_what_nobody_looked_at_is_told_and_not_counted_as_right(world: World) -> None:
    """A shopper who gives up before staff come leaves a random check that found nothing out."""
    await save_policy(world, estimateShare=1)
    desk, manager = await Desk.of(world), await world.staff(Role.MANAGER)
    gone, stayed = await world.shopper(), await world.shopper()
    cart = await trolley(world, gone, {BREAD: 1})
    assert (await gone.call("DELETE", f"/shop/v1/carts/{cart['id']}")).status == 200
    cart = await trolley(world, stayed, {BREAD: 1})
    assert (await desk.end(cart, "PASSED"))[0] == 204
    loss = await loss_of(world, manager)
    assert (loss["carts"], loss["withinReach"], loss["unseen"]) == (2, 2, 1)
    assert (loss["estimate"]["probes"], loss["estimate"]["found"], loss["estimate"]["total"]) == (1, 0, 0)
    assert loss["estimate"]["most"] is None


async def test_a_cart_that_is_checked_out_again_is_one_purchase(world: World) -> None:
    """What staff put right the first time is not forgotten with the second look, nor is the cart counted twice."""
    await save_policy(world, estimateShare=1)
    desk, manager = await Desk.of(world), await world.staff(Role.MANAGER)
    shopper = await world.shopper()
    cart = await trolley(world, shopper, {BREAD: 1})
    assert (await desk.end(cart, "FAILED_ALLOW_PAYMENT", products=[row(BREAD, 1), row(MILK, 1)]))[0] == 204
    cart = await shopper.scan(await shopper.look(cart), BREAD)
    cart = await shopper.check_out(cart)
    if cart["state"] == "LOCKED":
        assert (await desk.end(cart, "PASSED"))[0] == 204
    loss = await loss_of(world, manager)
    assert (loss["carts"], loss["withinReach"]) == (1, 1)
    assert (loss["estimate"]["probes"], money(loss["estimate"]["total"])) == (1, MILK_PRICE)
    assert (money(loss["estimate"]["least"]), loss["estimate"]["most"]) == (MILK_PRICE, None)


async def exchange(world: World, desk: Desk, scanned: str, found: str, status: str) -> None:
    """Staff find one product where another one was scanned, and put it right where the shopper may pay."""
    cart = await trolley(world, await world.shopper(), {scanned: 2})
    rows = [row(scanned, 1), row(found, 1)] if status != "FAILED" else None
    ended = await desk.end(cart, status, products=rows, rescanned=counted({scanned: 1, found: 1}))
    assert ended == (204, None)


async def test_goods_that_are_scanned_for_others_are_told_with_how_often_and_for_how_much(
    world: World,
) -> None:
    """Bread for milk, milk for bread: each its own pair, most often first, and nobody paid after a failed check."""
    await save_policy(world, share=1)
    desk, manager = await Desk.of(world), await world.staff(Role.MANAGER)
    assert (await loss_of(world, manager))["exchanged"] == []
    for _ in range(2):
        await exchange(world, desk, BREAD, MILK, "FAILED_ALLOW_PAYMENT")
        await exchange(world, desk, MILK, BREAD, "FAILED_ALLOW_PAYMENT")
    await exchange(world, desk, MILK, BREAD, "FAILED")
    pairs = (await loss_of(world, manager))["exchanged"]
    dearer = 2 * (BREAD_PRICE - MILK_PRICE)
    found = [
        (each["scanned"]["barcode"], each["found"]["barcode"], each["times"], money(each["value"]))
        for each in pairs
    ]
    assert found == [(MILK, BREAD, 3, dearer), (BREAD, MILK, 2, -dearer)]
    assert all(each["scanned"]["productName"] for each in pairs)


async def test_goods_scanned_for_others_are_those_of_one_store_and_of_late(world: World) -> None:
    """The merchant's other store has none of them, and this one only those of eight weeks."""
    await save_policy(world, share=1)
    desk, manager = await Desk.of(world), await world.staff(Role.MANAGER)
    await exchange(world, desk, BREAD, MILK, "FAILED_ALLOW_PAYMENT")
    ours, other = await world.gateway.stores.get(world.institution_id), str(uuid4())
    async with world.gateway.database.transaction() as tx:
        await world.gateway.stores.put(tx, replace(ours, institution_id=other))
    elsewhere = await manager.get(f"/manage/v1/stores/{other}/check-loss")
    assert elsewhere.body["exchanged"] == []
    async with world.gateway.database.transaction() as tx:
        await tx.execute("UPDATE checks SET created_at = created_at - interval '8 weeks'")
    assert (await loss_of(world, manager))["exchanged"] == []


async def test_a_policy_is_simulated_on_the_stores_own_carts(world: World) -> None:
    """Once there are enough of them: beside the published defaults and chance, the same each time; one at a time."""
    manager = await world.staff(Role.MANAGER)
    for number in range(LEAST_CARTS):
        if number == LEAST_CARTS - 1:
            status, told = await simulated(world, manager, RULES)
            assert status == 200, told
            assert (told["carts"], told.get("comparison")) == (number, None)
        await trolley(world, await world.shopper(), {BREAD: 1 + number % 3, MILK: 1 + number % 2})
    both = await asyncio.gather(*(simulated(world, manager, RULES) for _ in range(2)))
    assert sorted(status for status, _ in both) == [200, 503]
    busy = next(body for status, body in both if status == 503)
    assert (busy["type"], busy["retryable"]) == ("simulator-busy", True)
    told = next(body for status, body in both if status == 200)
    comparison = told["comparison"]
    assert told["carts"] == LEAST_CARTS
    published = [each["method"] for each in comparison["published"]]
    assert len(published) == 2
    assert [each["method"] for each in comparison["equal"]] == [*published, "chance, whole carts"]
    ours = comparison["policy"]["minutes"]["value"]
    assert all(abs(each["minutes"]["value"] / ours - 1) < 0.05 for each in comparison["equal"])
    assert comparison["times"]["least"] <= comparison["times"]["value"] <= comparison["times"]["most"]
    soon = UtcMillis.of(datetime.now(UTC) + timedelta(hours=1)).written()
    again = await simulated(world, manager, RULES | {"pause": {"until": soon}})
    assert again == (200, told)


async def test_a_policy_that_makes_no_sense_is_not_simulated(world: World) -> None:
    """The field is named, as it is when such a policy is saved."""
    manager = await world.staff(Role.MANAGER)
    status, problem = await simulated(world, manager, RULES | {"share": 2})
    assert (status, [each["path"] for each in problem["errors"]]) == (422, ["$.share"])
