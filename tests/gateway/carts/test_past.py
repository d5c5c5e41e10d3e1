"""The carts that a store has sold, as they are read to try something on them."""

from collections.abc import AsyncIterator

import pytest

from gateway.journeys.world import BREAD, MILK, World, small_world
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.service import Carts
from smarts.gateway.storage.notices import Notices


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with small_world(database_url) as made:
        yield made


@pytest.fixture
async def carts(world: World) -> AsyncIterator[Carts]:
    async with Notices.open(world.database_url, channels=("cart",)) as notices:
        yield Carts(world.gateway.database, notices, lambda: pytest.fail("nobody asks for the time"))


async def sold(world: World, *barcodes: str) -> str:
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, *barcodes))
    assert (await shopper.pay(cart)).status == 200
    return str(cart["id"])


def ids(carts: list[Cart]) -> list[str]:
    return [cart.id for cart in carts]


async def test_paid_carts_come_with_their_goods_latest_first(world: World, carts: Carts) -> None:
    """Only what was paid for in this store is past; pages follow each other without a gap."""
    first, second, third = [await sold(world, *goods) for goods in ((BREAD,), (MILK, BREAD), (MILK,))]
    await (await world.shopper()).cart(world.institution_id, BREAD)
    other, _ = await world.add_store("http://127.0.0.1:9")
    page = await carts.past(world.institution_id, 2)
    assert ids(page) == [third, second]
    assert [line.product.barcode for line in page[1].lines] == [MILK, BREAD]
    assert ids(await carts.past(world.institution_id, 2, page[-1])) == [first]
    assert await carts.past(other, 2) == []


async def test_past_carts_are_found_by_an_index(world: World) -> None:
    """A store among many is not looked for in everybody's carts."""
    async with world.gateway.database.transaction() as tx:
        await tx.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        plan = await tx.fetch(
            "EXPLAIN SELECT id FROM carts WHERE institution_id = 'x' AND state = 'PAID' AND forgotten_at IS NULL"
            " AND (created_at, id) < (now(), '') ORDER BY created_at DESC, id DESC LIMIT 5"
        )
    assert any("carts_institution_id_created_at_id_idx" in row[0] for row in plan), plan
