"""Bounds hold at their edges, over HTTP, on both applications: the last thing allowed is read, the next is refused."""

import io
from collections.abc import AsyncIterator

import aiohttp
import pytest

from gateway.journeys.world import BREAD, NODE_TOKEN, World, small_world
from postgres_fixtures import TEMPLATE, database_urls
from smarts.edge.requests import MOST_QUERY_FIELDS
from smarts.edge.router import LONGEST_PARAMETER
from smarts.gateway.storage.embedded import EmbeddedPostgres
from smarts.wire.operations import PRODUCT_BY_BARCODE

GATEWAY, NODE = 1024 * 1024, 4 * 1024 * 1024


@pytest.fixture(scope="module")
async def world(postgres: EmbeddedPostgres) -> AsyncIterator[World]:
    async for url in database_urls(postgres, TEMPLATE):
        async with small_world(url) as made:
            yield made


async def status(url: str, body: bytes, **headers: str) -> int:
    sent = {"Content-Type": "application/json", **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=io.BytesIO(body), headers=sent) as answer,
    ):
        await answer.read()
        return answer.status


def padded(document: bytes, size: int) -> bytes:
    return document + b" " * (size - len(document))


def nested(depth: int) -> bytes:
    return b'{"barcode":"%s","more":' % BREAD.encode() + b"[" * depth + b"]" * depth + b"}"


async def test_bytes_and_depth_of_the_gateway(world: World) -> None:
    """A document of exactly the bound is read, one byte more is not; nesting ends in a refusal."""
    url = f"{world.url}/shop/v1/shoppers"
    assert await status(url, padded(b'{"name":"Mari"}', GATEWAY)) == 201
    assert await status(url, padded(b'{"name":"Mari"}', GATEWAY + 1)) == 413
    assert await status(url, b'{"name":"Mari","more":' + b"[" * 100_000 + b"]" * 100_000 + b"}") == 400


async def test_bytes_and_depth_of_a_node(world: World) -> None:
    """The same at the merchant's node."""
    target = await world.gateway.registry.target(world.institution_id)
    assert target
    url, token = target.base_url + PRODUCT_BY_BARCODE.path, {"accessToken": NODE_TOKEN}
    document = b'{"barcode":"%s"}' % BREAD.encode()
    assert await status(url, padded(document, NODE), **token) == 200
    assert await status(url, padded(document, NODE + 1), **token) == 413
    assert await status(url, nested(10), **token) == 200
    assert await status(url, nested(100_000), **token) == 400


async def test_addresses_queries_and_keys(world: World) -> None:
    """Parameters, fields of a query and keys are read up to their bounds."""
    shopper = await world.shopper()
    assert (await shopper.get(f"/shop/v1/carts/{'x' * LONGEST_PARAMETER}")).status == 404
    assert (await shopper.get(f"/shop/v1/carts/{'x' * (LONGEST_PARAMETER + 1)}")).status == 404
    fields = "&".join(f"f{number}=" for number in range(MOST_QUERY_FIELDS))
    assert (await shopper.get(f"/shop/v1/stores?{fields}")).status == 200
    assert (await shopper.get(f"/shop/v1/stores?{fields}&one=more")).status == 422
    new = {"institutionId": world.institution_id}
    assert (await shopper.post("/shop/v1/carts", new, **{"Idempotency-Key": "k" * 255})).status == 201
    assert (await shopper.post("/shop/v1/carts", new, **{"Idempotency-Key": "k" * 256})).status == 422


@pytest.mark.parametrize(
    ("path", "most"), [("/shop/v1/stores", 500), ("/shop/v1/purchases", 100), ("/shop/v1/orders", 100)]
)
async def test_pages_of_lists(world: World, path: str, most: int) -> None:
    """A page is as long as its row says at most, and has one thing at least."""
    shopper = await world.shopper()
    assert (await shopper.get(f"{path}?limit={most}")).status == 200
    for limit in (0, -1, most + 1, 10**30):
        assert (await shopper.get(f"{path}?limit={limit}")).status == 422


async def test_numbers(world: World) -> None:
    """A quantity is one that can be bought, written as numbers are, with as many digits as there may be."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)
    path = f"/shop/v1/carts/{cart['id']}/lines"
    for quantity, answer in (
        (b"10000", 200), (b"10001", 422), (b"0", 422), (b"-1", 422), (b"1e400", 422), (b"1" * 5000, 422),
        (b'"NaN"', 422), (b"1." + b"0" * 33, 422),
    ):  # fmt: skip
        body = b'{"barcode":"%s","quantity":%s}' % (BREAD.encode(), quantity)
        reply = await shopper.post(path, body)
        assert (quantity[:20], reply.status) == (quantity[:20], answer), reply.text
