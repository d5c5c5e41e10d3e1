"""What checks find teaches a store where to look: shown through the front doors, with goods that are confused there."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.journeys.checking import Desk, counted, row, save_policy, trolley
from gateway.journeys.world import World, product, small_world

GOODS = {f"47400000020{number:02}": f"Kaup {number}" for number in range(8)}
CHEAP, DEAR = "4740000000100", "4740000000117"
"""Tomatoes, whose barcode is scanned in that store for figs; they cost what anything else there does."""

LOOKS, CARTS = 8, 16


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with small_world(database_url) as made, made.gateway.working():
        made.merchant.add(*(product(barcode, name, "2.50") for barcode, name in GOODS.items()))
        made.merchant.add(product(CHEAP, "Tomat", "2.50"), product(DEAR, "Viigimarjad", "9.00"))
        yield made


async def asked(world: World, desk: Desk) -> int:
    """Of so many carts with tomatoes, in how many staff are to look at them."""
    found = 0
    for _ in range(CARTS):
        cart = await trolley(world, await world.shopper(), dict.fromkeys(GOODS, 1) | {CHEAP: 1})
        check: dict[str, Any] = await desk.open(cart)
        assert len(check["rescan"]) < len(GOODS)
        found += CHEAP in {each["barcode"] for each in check["rescan"]}
    return found


async def rescan_everything(world: World, desk: Desk) -> None:
    """Staff look at a whole cart in which tomatoes stand for figs, and put that right."""
    cart = await trolley(world, await world.shopper(), dict.fromkeys(GOODS, 1) | {CHEAP: 1})
    there = dict.fromkeys(GOODS, 1) | {CHEAP: 0, DEAR: 1}
    rows = [row(barcode, amount) for barcode, amount in there.items() if amount]
    ended = await desk.end(cart, "FAILED_ALLOW_PAYMENT", products=rows, rescanned=counted(there))
    assert ended == (204, None)


async def test_a_store_that_knows_a_confusing_pair_looks_at_it(world: World) -> None:
    """Before, tomatoes are looked at as seldom as anything else; afterwards in most carts that hold them.

    Two of nine products fit into the seconds, so that about four of the carts are expected before, and all after.
    """
    desk, part = await Desk.of(world), {"share": 1, "rescan": {"seconds": 40}}
    await save_policy(world, **part)
    before = await asked(world, desk)
    await save_policy(world, share=1)
    for _ in range(LOOKS):
        await rescan_everything(world, desk)
    await save_policy(world, **part)
    after = await asked(world, desk)
    assert after >= before + CARTS // 3
    assert after > CARTS // 2


async def test_what_one_store_learns_is_no_other_stores(world: World) -> None:
    """Another store of the world begins with knowing nothing of its goods."""
    desk = await Desk.of(world)
    await save_policy(world, share=1)
    await rescan_everything(world, desk)
    other, _ = await world.add_store("http://127.0.0.1:9", name="Teine pood")
    async with world.gateway.database.connection() as connection:
        stores = await connection.fetch("SELECT DISTINCT institution_id FROM goods_facts")
    assert [found["institution_id"] for found in stores] == [world.institution_id]
    assert other != world.institution_id
