"""The gateway's OpenAPI document holds for the real application, whatever strangers send."""

from pathlib import Path

import pytest

from gateway.journeys.delivering import Delivering
from gateway.journeys.world import BREAD, World
from smarts.gateway.parties import Role
from strangers import strangers_call


@pytest.mark.timeout(400)
async def test_the_shoppers_api_does_as_its_document_says(world: World, tmp_path: Path) -> None:
    """Never a 500, nothing undocumented, authentication everywhere."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD)
    await strangers_call(
        world.url,
        "^/shop/v1/(carts|shop|loyalty|images|purch)",
        shopper.headers,
        tmp_path,
        {"id": cart["id"]},
    )
    stores = {"id": world.institution_id}
    await strangers_call(world.url, "^/shop/v1/stores", shopper.headers, tmp_path, stores)


@pytest.mark.timeout(400)
async def test_the_reversed_direction_does_as_its_document_says(world: World, tmp_path: Path) -> None:
    """The same for what merchants call."""
    await strangers_call(world.url, "^/v1/", {"accessToken": world.access_token}, tmp_path)


@pytest.mark.timeout(400)
async def test_the_staffs_api_does_as_its_document_says(world: World, tmp_path: Path) -> None:
    """The same for workers, managers and operators."""
    operator = await world.staff(Role.OPERATOR)
    ids = {"id": world.institution_id}
    await strangers_call(world.url, "^/(work|manage|operate)/v1", operator.headers, tmp_path, ids)


@pytest.mark.timeout(400)
async def test_orders_do_as_their_document_says(delivering: Delivering, tmp_path: Path) -> None:
    """The same for an order that there is, at the doors of its shopper, its staff and its store."""
    order = await delivering.order()
    ids = {"id": order["id"], "invoiceId": order["invoiceId"]}
    await strangers_call(delivering.world.url, "^/shop/v1/orders", delivering.shopper.headers, tmp_path, ids)
    await strangers_call(delivering.world.url, "^/work/v1/orders", delivering.worker.headers, tmp_path, ids)
    store = {"accessToken": delivering.world.access_token}
    await strangers_call(delivering.world.url, "^/v1/pickup", store, tmp_path, ids)
