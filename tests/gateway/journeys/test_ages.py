"""An age that staff have seen: where it counts and how long, what it spares, and that it is forgotten."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from gateway.journeys.checking import Desk, row, save_policy, trolley
from gateway.journeys.world import BEER, BREAD, NODE_TOKEN, Shopper, World, product, small_world
from gateway.web.browsing import signed_in
from smarts.gateway.parties import Role
from smarts.wire.control import Decision
from smarts.wire.products import MaxAmount, MinAge

RUM = "4740000000076"
CRATE = "4740000000083"
DATA = "/shop/v1/shoppers/me/data"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store that believes for three days what its staff have seen."""
    async with small_world(database_url) as made, made.gateway.working():
        made.merchant.add(
            product(BEER, "Õlu", "1.80", inspections=(MinAge(age=18),)),
            product(RUM, "Rumm", "18.00", inspections=(MinAge(age=21),)),
            product(CRATE, "Kast", "30.00", inspections=(MinAge(age=18), MaxAmount(amount=1))),  # type: ignore[arg-type]
        )
        await save_policy(made, ageDays=3)
        yield made


async def buy(shopper: Shopper, cart: dict[str, Any]) -> None:
    assert (await shopper.pay(cart)).body["state"] == "PAID"


async def seen(world: World, shopper: Shopper, barcode: str = BEER) -> dict[str, Any]:
    """Staff look at somebody's age, and the goods are paid for; gives the cart."""
    cart = await trolley(world, shopper, {barcode: 1})
    assert cart["check"]["decision"] == "AGE"
    assert (await (await Desk.of(world)).end(cart, "PASSED"))[0] == 204
    await buy(shopper, cart)
    return cart


async def days_pass(world: World, days: int) -> None:
    """What was seen was seen so much earlier."""
    async with world.gateway.database.connection() as connection:
        await connection.execute(
            "UPDATE ages_seen SET seen_at = seen_at - $1::interval, until = until - $1::interval",
            timedelta(days=days),
        )


async def kept(world: World) -> list[tuple[int]]:
    async with world.gateway.database.connection() as connection:
        return [tuple(found) for found in await connection.fetch("SELECT age FROM ages_seen ORDER BY age")]


async def another_store(world: World) -> str:
    """Another store of the same merchant, with the same node."""
    manager = await world.staff(Role.MANAGER)
    target = await world.gateway.registry.target(world.institution_id)
    assert target
    about = {"name": "Teine pood", "timeZone": "Europe/Tallinn"}
    reply = await manager.post(
        "/manage/v1/stores", about | {"nodeUrl": target.base_url, "nodeToken": NODE_TOKEN}
    )
    assert reply.status == 201, reply.text
    store_id: str = reply.body["institutionId"]
    return store_id


async def test_an_age_is_looked_at_once(world: World) -> None:
    """The second purchase needs no check, and its decision tells the manager by what it did without."""
    shopper = await world.shopper()
    first = await seen(world, shopper)
    second = await trolley(world, shopper, {BEER: 2})
    assert (second["state"], second.get("check")) == ("READY", None)
    manager = await world.staff(Role.MANAGER)
    checks = f"/manage/v1/stores/{world.institution_id}/checks"
    relied_on = (await manager.get(f"{checks}/{second['invoiceId']}")).body["ageSeen"]
    assert relied_on["age"] == 18
    assert "ageSeen" not in (await manager.get(f"{checks}/{first['invoiceId']}")).body
    async with signed_in(world, Role.MANAGER) as page:
        told = await page.get(f"/manage/stores/{world.institution_id}/checks/{second['invoiceId']}")
        assert "18+: staff have seen it before" in told.text


async def test_it_is_of_that_shopper_alone(world: World) -> None:
    """Somebody else's age is looked at."""
    await seen(world, await world.shopper())
    other = await trolley(world, await world.shopper(), {BEER: 1})
    assert other["check"]["decision"] == "AGE"


async def test_a_higher_limit_is_looked_at_anew_and_covers_lower_ones(world: World) -> None:
    """Who was seen to be 18 may still be 20; who was seen to be 21 is 18 as well."""
    shopper = await world.shopper()
    await seen(world, shopper, BEER)
    cart = await trolley(world, shopper, {BEER: 1, RUM: 1})
    assert [reason["parameters"] for reason in cart["check"]["reasons"]] == [{"age": "21"}]
    other = await world.shopper()
    await seen(world, other, RUM)
    assert (await trolley(world, other, {BEER: 1}))["state"] == "READY"


async def test_other_reasons_are_checked_all_the_same(world: World) -> None:
    """More than may be bought without a look is looked at; staff read that the age was seen."""
    shopper = await world.shopper()
    await seen(world, shopper)
    cart = await trolley(world, shopper, {CRATE: 2})
    assert cart["check"]["decision"] == "FULL"
    assert [reason["code"] for reason in cart["check"]["reasons"]] == ["MAX_AMOUNT"]
    assert (await (await Desk.of(world)).open(cart))["ageSeen"]["age"] == 18
    async with signed_in(world, Role.WORKER) as page:
        told = await page.get(f"/work/checks/{cart['invoiceId']}")
        assert "It need not be looked at again" in told.text


async def test_what_the_node_asks_about_these_goods_is_covered_too(world: World) -> None:
    """AGE of the node is put down to the goods' limits; where no goods have one, the node knows why."""
    shopper = await world.shopper()
    await seen(world, shopper)
    world.merchant.decision = Decision.AGE
    assert (await trolley(world, shopper, {BEER: 1}))["state"] == "READY"
    assert (await trolley(world, await world.shopper(), {BREAD: 1}))["check"]["decision"] == "AGE"
    world.merchant.decision = Decision.FULL
    assert (await trolley(world, shopper, {BEER: 1}))["check"]["decision"] == "FULL"


@pytest.mark.parametrize("status", ["FAILED", "FAILED_ALLOW_PAYMENT"])
async def test_only_a_check_that_passed_shows_an_age(world: World, status: str) -> None:
    """Who is let go without that is looked at the next time."""
    shopper = await world.shopper()
    cart = await trolley(world, shopper, {BEER: 1})
    await (await Desk.of(world)).end(cart, status)
    await shopper.call("DELETE", f"/shop/v1/carts/{cart['id']}")
    assert await kept(world) == []
    assert (await trolley(world, shopper, {BEER: 1}))["check"]["decision"] == "AGE"


async def test_goods_that_were_taken_out_show_nothing(world: World) -> None:
    """Staff put the beer back and let the bread go: perhaps since its buyer is fifteen."""
    shopper = await world.shopper()
    cart = await trolley(world, shopper, {BEER: 1, BREAD: 1})
    ended = await (await Desk.of(world)).end(cart, "PASSED", products=[row(BREAD, 1)])
    assert ended[0] == 204
    assert await kept(world) == []


async def test_it_counts_in_the_merchants_other_stores_and_nowhere_else(world: World) -> None:
    """A chain's staff trust each other where they are told to; another merchant's staff look themselves."""
    shopper = await world.shopper()
    await seen(world, shopper)
    target = await world.gateway.registry.target(world.institution_id)
    assert target
    sister, (stranger, _) = await another_store(world), await world.add_store(target.base_url)

    async def decision(store: str) -> str | None:
        cart = await shopper.check_out(await shopper.cart(store, BEER))
        await shopper.call("DELETE", f"/shop/v1/carts/{cart['id']}")
        return cart["check"]["decision"] if cart.get("check") else None

    assert await decision(sister) == "AGE"
    await save_policy(world, sister, ageDays=3, leftCheckHours=0)
    assert await decision(sister) is None
    assert await decision(stranger) == "AGE"


async def test_it_ends_and_is_forgotten(world: World) -> None:
    """Two days later it counts, after three it does not, and sooner by a shorter rule; then it is tidied away."""
    shopper = await world.shopper()
    await seen(world, shopper)
    await days_pass(world, 2)
    assert (await trolley(world, shopper, {BEER: 1}))["state"] == "READY"
    await save_policy(world, ageDays=1)
    assert (await trolley(world, shopper, {BEER: 1}))["state"] == "LOCKED"
    await save_policy(world, ageDays=3)
    await days_pass(world, 1)
    assert (await trolley(world, shopper, {BEER: 1}))["state"] == "LOCKED"
    assert await kept(world) == [(18,)]
    await world.gateway.housekeeping.tidy()
    assert await kept(world) == []


async def test_nothing_is_kept_where_the_manager_does_not_want_it(world: World) -> None:
    """With 0 days, as it is at first, ages are looked at each time and leave nothing behind."""
    await save_policy(world)
    shopper = await world.shopper()
    await seen(world, shopper)
    assert await kept(world) == []
    assert (await trolley(world, shopper, {BEER: 1}))["state"] == "LOCKED"


async def test_the_shopper_is_told_and_may_have_it_erased(world: World) -> None:
    """The export says who saw what and until when; no birth date is there, and nothing after erasing."""
    shopper = await world.shopper()
    await seen(world, shopper)
    (told,) = (await shopper.get(DATA)).body["ages"]
    assert set(told) == {"merchant", "age", "at", "until"}
    assert (told["merchant"], told["age"]) == (f"Merchant of {world.institution_id}", 18)
    assert told["until"] > told["at"]
    assert (await shopper.call("DELETE", "/shop/v1/shoppers/me")).status == 204
    assert await kept(world) == []
