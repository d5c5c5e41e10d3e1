"""Shoppers who would rather not be checked: each way out that is known has a rule, and is tried here from outside."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.journeys.checking import Desk, counted, save_policy, trolley
from gateway.journeys.world import BREAD, MILK, NODE_TOKEN, Shopper, World, small_world
from smarts.gateway.parties import Role
from smarts.wire.control import Decision


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with small_world(database_url) as made, made.gateway.working():
        yield made


def codes(cart: dict[str, Any]) -> set[str]:
    """Why a cart is checked; nothing where it is not."""
    return {reason["code"] for reason in cart["check"]["reasons"]} if cart.get("check") else set()


async def give_up(shopper: Shopper, cart: dict[str, Any]) -> None:
    assert (await shopper.call("DELETE", f"/shop/v1/carts/{cart['id']}")).status < 300


async def another_store(world: World) -> str:
    """Another store of the same merchant, with the same node."""
    manager = await world.staff(Role.MANAGER)
    target = await world.gateway.registry.target(world.institution_id)
    assert target
    about = {"name": "Teine pood", "timeZone": "Europe/Tallinn", "nodeUrl": target.base_url}
    reply = await manager.post("/manage/v1/stores", about | {"nodeToken": NODE_TOKEN})
    assert reply.status == 201, reply.text
    store_id: str = reply.body["institutionId"]
    return store_id


# Splitting: what is bought shortly before counts with what is bought now.


async def test_a_total_is_not_escaped_by_paying_twice(world: World) -> None:
    """Where totals over five euros are checked, the second half of six euros is."""
    await save_policy(world, totalOver=5, togetherMinutes=30)
    shopper = await world.shopper()
    first = await trolley(world, shopper, {BREAD: 2})
    assert first["state"] == "READY"
    await shopper.pay(first)
    assert codes(await trolley(world, shopper, {BREAD: 2})) == {"STORE_TOTAL"}


async def test_a_number_of_pieces_is_not_escaped_by_paying_twice(world: World) -> None:
    """Where more than five pieces are checked, the second three are."""
    await save_policy(world, piecesOver=5, togetherMinutes=30)
    shopper = await world.shopper()
    first = await trolley(world, shopper, {BREAD: 3})
    await shopper.pay(first)
    assert codes(await trolley(world, shopper, {MILK: 3})) == {"STORE_PIECES"}


async def test_carts_side_by_side_escape_nothing_but_once(world: World) -> None:
    """Of two carts that were READY together, the one that is paid for last was decided on alone; the next is not."""
    await save_policy(world, piecesOver=5, togetherMinutes=30)
    shopper = await world.shopper()
    first, second = [await shopper.cart(world.institution_id, BREAD, BREAD, BREAD) for _ in range(2)]
    await shopper.pay(await shopper.check_out(first))
    assert codes(await shopper.check_out(second)) == {"STORE_PIECES"}


# Cancelling and scanning again: the check that was due is due still.


async def test_giving_up_a_cart_that_is_to_be_checked_leads_to_a_check(world: World) -> None:
    """The next cart is looked at wholly, whatever is in it, until a check has taken place."""
    await save_policy(world, piecesOver=5)
    shopper = await world.shopper()
    full = await trolley(world, shopper, {BREAD: 6})
    assert full["state"] == "LOCKED"
    await give_up(shopper, full)
    little = await trolley(world, shopper, {BREAD: 1})
    assert codes(little) == {"STORE_LEFT"}
    assert (await (await Desk.of(world)).open(little)).get("rescan") is None
    assert (await (await Desk.of(world)).end(little, "PASSED"))[0] == 204
    await shopper.pay(little)
    assert (await trolley(world, shopper, {BREAD: 1}))["state"] == "READY"


async def test_taking_goods_out_and_in_again_draws_no_other_lot(world: World) -> None:
    """Chance is drawn once a purchase: however often a cart is checked out or begun anew, it comes out the same."""
    await save_policy(world, share=0.5, leftCheckHours=0)
    for _ in range(6):
        shopper = await world.shopper()
        first = await trolley(world, shopper, {BREAD: 1})
        drawn = {first["state"]}
        for barcode in (MILK, BREAD, MILK):
            if first["state"] == "LOCKED":
                await give_up(shopper, first)
            first = await trolley(world, shopper, {barcode: 1})
            drawn.add(first["state"])
        assert len(drawn) == 1


async def test_a_locked_cart_cannot_be_emptied(world: World) -> None:
    """What staff are to look at stays what was checked out: nothing is added, changed or taken out meanwhile."""
    world.merchant.decision = Decision.FULL
    shopper = await world.shopper()
    cart = await trolley(world, shopper, {BREAD: 2, MILK: 1})
    line = f"/shop/v1/carts/{cart['id']}/lines/{cart['lines'][0]['lineId']}"
    for reply in (
        await shopper.call("PATCH", line, {"quantity": 1}),
        await shopper.call("DELETE", line),
        await shopper.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": BREAD}),
    ):
        assert (reply.status, reply.body["type"]) == (409, "cart-locked")
    assert (await shopper.look(cart))["lines"] == cart["lines"]


async def test_a_failed_check_follows_the_shopper_into_the_next_carts(world: World) -> None:
    """Where the manager wants so, as many purchases as that are looked at wholly after a check that failed."""
    await save_policy(world, afterFailed=1)
    world.merchant.decision = Decision.FULL
    shopper = await world.shopper()
    cart = await trolley(world, shopper, {BREAD: 1})
    await (await Desk.of(world)).end(cart, "FAILED")
    await give_up(shopper, cart)
    world.merchant.decision = Decision.NO
    assert codes(await trolley(world, shopper, {MILK: 1})) == {"STORE_AFTER_FAILED"}


# In two stores at once: a cart elsewhere is known.


async def test_a_cart_in_two_stores_at_once_is_checked(world: World) -> None:
    """Who fills a cart in one store of a chain while checking out in another is looked at there."""
    await save_policy(world, elsewhereMinutes=60)
    sister, shopper = await another_store(world), await world.shopper()
    await shopper.cart(sister, BREAD, BREAD)
    cart = await trolley(world, shopper, {BREAD: 1})
    assert codes(cart) == {"STORE_ELSEWHERE"}
    other = await trolley(world, await world.shopper(), {BREAD: 1})
    assert other["state"] == "READY"


async def test_a_stranger_chains_carts_are_nobodys_business(world: World) -> None:
    """What somebody buys from another merchant enters no decision."""
    await save_policy(world, elsewhereMinutes=60)
    target = await world.gateway.registry.target(world.institution_id)
    assert target
    stranger, _ = await world.add_store(target.base_url)
    shopper = await world.shopper()
    await shopper.cart(stranger, BREAD)
    assert (await trolley(world, shopper, {BREAD: 1}))["state"] == "READY"


# Another's code: it opens that cart, and nothing else.


async def test_anothers_code_unlocks_anothers_cart_alone(world: World) -> None:
    """A picture of a friend's screen leads staff to the friend's basket: one's own stays locked."""
    world.merchant.decision = Decision.FULL
    friend, shopper = await world.shopper(), await world.shopper()
    friends, own = [await trolley(world, each, {BREAD: 1, MILK: 2}) for each in (friend, shopper)]
    desk = await Desk.of(world)
    seen = await desk.open(friends)
    assert (seen["cart"]["id"], seen["cart"]["personId"]) == (friends["id"], friends["personId"])
    assert (await desk.end(friends, "PASSED", rescanned=counted({BREAD: 1, MILK: 2})))[0] == 204
    assert (await friend.look(friends))["state"] == "READY"
    assert (await shopper.look(own))["state"] == "LOCKED"
    assert (await shopper.pay(own)).body["type"] == "cart-locked"


async def test_a_code_that_was_used_is_worth_nothing(world: World) -> None:
    """After the result, and after another checkout of the same cart, the old code neither passes nor opens anything."""
    world.merchant.decision = Decision.FULL
    shopper, desk = await world.shopper(), await Desk.of(world)
    cart = await trolley(world, shopper, {BREAD: 1})
    await desk.end(cart, "FAILED")
    again = await shopper.check_out(cart)
    assert again["invoiceId"] != cart["invoiceId"]
    status, body = await desk.end(cart, "PASSED")
    assert (status, body["type"]) == (409, "check-closed")
    assert (await shopper.look(cart))["state"] == "LOCKED"


async def test_nobody_unlocks_or_pays_or_watches_anothers_cart(world: World) -> None:
    """Who knows the id of a cart that is another's is told that there is none."""
    world.merchant.decision = Decision.FULL
    cart = await trolley(world, await world.shopper(), {BREAD: 1})
    stranger, here = await world.shopper(), f"/shop/v1/carts/{cart['id']}"
    for reply in (
        await stranger.post(f"{here}/unlock"),
        await stranger.post(f"{here}/checkout"),
        await stranger.post(f"{here}/payment", {"method": "SANDBOX"}),
        await stranger.get(f"{here}/events"),
        await stranger.call("DELETE", here),
    ):
        assert reply.status == 404


# Policies that make no sense, from outside.

NONSENSE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"share": 1.5}, "$.policy.share"),
    ({"share": -0.1}, "$.policy.share"),
    ({"estimateShare": 2}, "$.policy.estimateShare"),
    (
        {"hours": [{"weekdays": [], "start": "10:00", "end": "12:00", "share": 0.5}]},
        "$.policy.hours[0].weekdays",
    ),
    (
        {"hours": [{"weekdays": ["MONDAY"], "start": "10:00", "end": "10:00", "share": 0.5}]},
        "$.policy.hours[0].end",
    ),
    (
        {"hours": [{"weekdays": ["MONDAY"], "start": "25:00", "end": "10:00", "share": 0.5}]},
        "$.policy.hours[0].start",
    ),
    (
        {
            "hours": [
                {"weekdays": ["SUNDAY"], "start": "22:00", "end": "06:00", "share": 0.5},
                {"weekdays": ["MONDAY"], "start": "05:00", "end": "09:00", "share": 0.1},
            ]
        },
        "$.policy.hours[1]",
    ),
    ({"goods": [{"name": "Nothing"}]}, "$.policy.goods[0]"),
    ({"pause": {"until": "2001-01-01T00:00:00Z"}}, "$.policy.pause.until"),
    ({"ageDays": 367}, "$.policy.ageDays"),
    ({"ageDays": -1}, "$.policy.ageDays"),
    ({"rescan": {"seconds": 0}}, "$.policy.rescan.seconds"),
    ({"limits": {"inARow": 3}}, "$.policy.limits.inARow"),
    ({"lockMinutes": 0}, "$.policy.lockMinutes"),
    ({"risk": {}}, "$.policy.risk"),
)


async def test_policies_that_make_no_sense_are_refused(world: World) -> None:
    """The field is named, and the policy that counted goes on."""
    await save_policy(world, piecesOver=3)
    manager = await world.staff(Role.MANAGER)
    here = f"/manage/v1/stores/{world.institution_id}/check-policy"
    for policy, field in NONSENSE:
        reply = await manager.call("PUT", here, {"policy": policy})
        assert reply.status == 422, (policy, reply.text)
        assert field in {error["path"] for error in reply.body["errors"]}
    assert (await manager.get(here)).body["policy"]["piecesOver"] == 3
