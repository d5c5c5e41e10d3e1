"""Rescans of a part of a cart, by the API: what is asked for, when it grows, and what is kept of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.journeys.checking import Desk, counted, row, save_policy, trolley
from gateway.journeys.world import APPLES, BREAD, MILK, World, product, small_world
from smarts.gateway.parties import Role

SECONDS = 40
"""Enough to count a trolley and to look at a product or two of it."""

GOODS = {f"47400000020{number:02}": f"Kaup {number}" for number in range(8)}


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store whose staff rescan a part of every cart."""
    async with small_world(database_url) as made, made.gateway.working():
        made.merchant.add(*(product(barcode, name, "2.50") for barcode, name in GOODS.items()))
        await save_policy(made, share=1, rescan={"seconds": SECONDS})
        yield made


@pytest.fixture
async def desk(world: World) -> Desk:
    return await Desk.of(world)


async def waiting(world: World, **more: float) -> dict[str, Any]:
    """The cart of somebody who has a piece of each of the goods."""
    shopper = await world.shopper()
    cart = await trolley(world, shopper, dict.fromkeys(GOODS, 1) | more)
    assert cart["state"] == "LOCKED"
    return cart


def asked(check: dict[str, Any]) -> dict[str, float]:
    """What is to be rescanned, as it would be counted if all of it were right."""
    return {each["barcode"]: each["pieces"] for each in check["rescan"]}


async def findings(world: World, cart: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the manager sees that staff found, by the barcode."""
    manager = await world.staff(Role.MANAGER)
    seen = await manager.get(f"/manage/v1/stores/{world.institution_id}/checks/{cart['invoiceId']}")
    return {each["barcode"]: each for each in seen.body["findings"]}


async def test_staff_are_told_which_goods_to_rescan(world: World, desk: Desk) -> None:
    """A part of the cart, all pieces of each product in it; the shopper sees a check of everything, and not which."""
    cart = await waiting(world)
    check = await desk.open(cart)
    assert check["decision"] == "FULL"
    assert 0 < len(check["rescan"]) < len(GOODS)
    assert set(asked(check)) < set(GOODS)
    assert cart["check"]["decision"] == "FULL"
    assert "rescan" not in cart["check"]


async def test_a_part_that_is_as_it_should_be_passes(world: World, desk: Desk) -> None:
    """What was looked at is kept, product by product, as a part; nothing is kept of the rest."""
    cart = await waiting(world)
    part = asked(await desk.open(cart))
    assert await desk.end(cart, "PASSED", rescanned=counted(part, len(GOODS))) == (204, None)
    found = await findings(world, cart)
    assert {barcode: each["found"] for barcode, each in found.items()} == part
    assert {each["rescan"] for each in found.values()} == {"PART"}
    assert all(each["scanned"] == each["found"] for each in found.values())


async def test_a_part_in_which_something_differs_is_no_result(world: World, desk: Desk) -> None:
    """The answer says that everything is to be rescanned, and from then on that is so for every colleague."""
    cart = await waiting(world)
    part = asked(await desk.open(cart))
    one = next(iter(part))
    status, body = await desk.end(
        cart,
        "FAILED_ALLOW_PAYMENT",
        products=[row(one, 2)],
        rescanned=counted(part | {one: 2}, len(GOODS) + 1),
    )
    assert (status, body["type"]) == (409, "rescan-grows")
    colleague = await Desk.of(world)
    check = await colleague.open(cart)
    assert (check.get("rescan"), check["grown"]) == (None, True)
    status, body = await colleague.end(cart, "PASSED", rescanned=counted(part, len(GOODS)))
    assert (status, body["errors"][0]["path"]) == (422, "$.rescanned.products")
    for status_said in ("PASSED", "FAILED_ALLOW_PAYMENT"):
        status, body = await colleague.end(cart, status_said)
        assert (status, body["type"]) == (409, "rescan-grows")
    assert (await colleague.end(cart, "PASSED", rescanned=counted(dict.fromkeys(GOODS, 1))))[0] == 204


async def test_two_wrong_counts_of_the_bag_make_a_part_grow(world: World, desk: Desk) -> None:
    """Pieces that nobody scanned are on no list: it is the number of pieces that gives them away."""
    cart = await waiting(world)
    state = await desk.tell(cart, counted({}, len(GOODS)))
    assert not state["grown"]
    state = await desk.tell(cart, counted({}, len(GOODS) + 1))
    assert (state["grown"], state.get("rescan")) == (True, None)


async def test_goods_that_were_not_scanned_make_a_part_grow(world: World, desk: Desk) -> None:
    """Something in the bag that the cart does not hold is a difference, and is told so at once."""
    cart = await waiting(world)
    state = await desk.tell(cart, counted({MILK: 1}))
    assert state["grown"]
    assert [(each["barcode"], each["scanned"], each["found"]) for each in state["findings"]] == [(MILK, 0, 1)]


async def test_what_a_grown_rescan_found_is_kept_with_what_was_exchanged(world: World, desk: Desk) -> None:
    """One product was scanned in place of another: both are kept, each with the other, as a rescan that has grown."""
    cart = await waiting(world)
    scanned = next(iter(GOODS))
    everything = dict.fromkeys(GOODS, 1) | {scanned: 0, MILK: 1}
    await desk.tell(cart, counted({scanned: 0, MILK: 1}))
    there = [row(barcode, amount) for barcode, amount in everything.items() if amount]
    ended = await desk.end(cart, "FAILED_ALLOW_PAYMENT", products=there, rescanned=counted(everything))
    assert ended == (204, None)
    found = await findings(world, cart)
    assert {each["rescan"] for each in found.values()} == {"GROWN"}
    assert (found[scanned]["scanned"], found[scanned]["found"]) == (1, 0)
    assert (found[scanned]["exchangedFor"], found[MILK]["exchangedFor"]) == (MILK, scanned)


async def test_staff_may_fail_a_part_without_going_on(world: World, desk: Desk) -> None:
    """FAILED lets nobody pay, so that it needs no full rescan; the next check of the cart is one of everything."""
    shopper = await world.shopper()
    cart = await trolley(world, shopper, dict.fromkeys(GOODS, 1))
    part = asked(await desk.open(cart))
    one = next(iter(part))
    assert (await desk.end(cart, "FAILED", rescanned=counted({one: 3})))[0] == 204
    assert (await findings(world, cart))[one]["rescan"] == "PART"
    again = await shopper.check_out(cart)
    assert (await desk.open(again)).get("rescan") is None


NONSENSE: tuple[tuple[dict[str, Any], str], ...] = (
    (counted({BREAD: 1.5}), "$.rescanned.products[0].amount"),
    (counted({APPLES: 0.0001}), "$.rescanned.products[0].amount"),
    (counted({"000": 1}), "$.rescanned.products[0].barcode"),
    (counted({BREAD: -1}), "$.rescanned.products[0].amount"),
    ({"products": [{"barcode": BREAD, "amount": 1}] * 2}, "$.rescanned.products[1].barcode"),
    ({"products": [{"barcode": "", "amount": 1}]}, "$.rescanned.products[0].barcode"),
    ({"pieces": -1, "products": []}, "$.rescanned.pieces"),
    ({"pieces": 1}, "$.rescanned"),
    ({"products": [{"barcode": BREAD, "amount": 1}] * 1001}, "$.rescanned.products"),
)


async def test_counts_that_make_no_sense_are_named(world: World, desk: Desk) -> None:
    """The field and the row are told, and the check still waits."""
    cart = await waiting(world)
    for rescanned, path in NONSENSE:
        status, body = await desk.end(cart, "PASSED", rescanned=rescanned)
        assert (status, body["errors"][0]["path"]) == (422, path)
    assert (await desk.open(cart))["status"] == "WAITING"


async def test_part_of_a_part_is_not_enough(world: World, desk: Desk) -> None:
    """Whoever says what was rescanned says it of all that was to be."""
    cart = await waiting(world)
    part = asked(await desk.open(cart))
    left = next(iter(part))
    less = {barcode: amount for barcode, amount in part.items() if barcode != left}
    status, body = await desk.end(cart, "PASSED", rescanned=counted(less, len(GOODS)))
    assert (status, body["errors"][0]["path"]) == (422, "$.rescanned.products")
    assert left in body["errors"][0]["message"]


async def test_a_check_that_is_over_takes_no_counts(world: World, desk: Desk) -> None:
    """Neither a result nor a count until now comes after the end."""
    cart = await waiting(world)
    assert (await desk.end(cart, "PASSED"))[0] == 204
    path = f"/work/v1/checks/{cart['invoiceId']}/rescan"
    assert (await desk.client.post(path, counted({MILK: 1}))).body["type"] == "check-closed"


async def test_another_stores_rescans_are_hidden(world: World) -> None:
    """Staff of other stores neither see nor tell anything of a rescan."""
    cart = await waiting(world)
    other, _ = await world.add_store("http://127.0.0.1:9", name="Teine pood")
    stranger = await world.staff(Role.WORKER, other)
    path = f"/work/v1/checks/{cart['invoiceId']}/rescan"
    assert (await stranger.post(path, counted({MILK: 1}))).status == 404


async def test_what_was_found_is_forgotten_with_its_shopper_and_what_was_learnt_is_not(
    world: World, desk: Desk
) -> None:
    """After erasing, no check says what was in the bag; how often goods are wrong is of nobody's bag, and stays."""
    shopper = await world.shopper()
    cart = await trolley(world, shopper, dict.fromkeys(GOODS, 1))
    part = asked(await desk.open(cart))
    await desk.end(cart, "PASSED", rescanned=counted(part, len(GOODS)))
    (told,) = (await shopper.get("/shop/v1/shoppers/me/data")).body["checks"]
    assert {each["barcode"] for each in told["findings"]} == set(part)
    assert (await shopper.call("DELETE", "/shop/v1/shoppers/me")).status == 204
    assert await findings(world, cart) == {}
    async with world.gateway.database.connection() as connection:
        learnt = await connection.fetch("SELECT barcode, looked, wrong FROM goods_facts")
        columns = {name for row in learnt for name in row.keys()}  # noqa: SIM118 - a record is no mapping
    assert {row["barcode"]: (row["looked"], row["wrong"]) for row in learnt} == dict.fromkeys(part, (1, 0))
    assert columns == {"barcode", "looked", "wrong"}


async def test_staff_may_say_that_something_differs(world: World, desk: Desk) -> None:
    """A part grows at their word, though each count is as it should be."""
    cart = await waiting(world)
    part = asked(await desk.open(cart))
    state = await desk.tell(cart, counted(part, len(GOODS)) | {"differs": True})
    assert state["grown"]
    assert (await desk.open(cart))["grown"]
