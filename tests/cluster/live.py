"""Live events: a shopper who listens at one gateway hears of what was done at another."""

import asyncio
import random
import time
from contextlib import suppress
from itertools import product

import aiohttp

from crash.phone import Phone
from crash.stores import BREAD

from .cluster import Cluster

_PATIENCE_SECONDS = 20.0


async def slowest_event(cluster: Cluster) -> float:
    """Of all pairs of gateways, the longest time in seconds from the change at one to its event at the other.

    Raises:
        RuntimeError: at some pair nothing was heard.
    """
    addresses = [f"http://{machine.address}:8080" for machine in cluster.layout.gateways]
    heard = await asyncio.gather(
        *(_heard(cluster, listens, does) for listens, does in product(addresses, addresses))
    )
    return max(heard)


async def _heard(cluster: Cluster, listens: str, does: str) -> float:
    phone = Phone(cluster.session, does, lambda _: None, random.Random(listens + does))
    phone.token = (await phone.ask("join", "", "POST", "/shop/v1/shoppers", {"langCode": "ET"})).body["token"]
    store = cluster.stores[0].institution_id
    cart = (await phone.ask("cart", "", "POST", "/shop/v1/carts", {"institutionId": store})).body["id"]
    headers = {"Authorization": f"Bearer {phone.token}"}
    with suppress(TimeoutError):
        async with (
            asyncio.timeout(_PATIENCE_SECONDS),
            cluster.session.get(f"{listens}/shop/v1/carts/{cart}/events", headers=headers) as stream,
        ):
            await _next_event(stream)
            began = time.monotonic()
            await phone.ask("scan", "", "POST", f"/shop/v1/carts/{cart}/lines", {"barcode": BREAD})
            while BREAD not in await _next_event(stream):
                pass
            return time.monotonic() - began
    raise RuntimeError(f"a change at {does} is not heard at {listens} within {_PATIENCE_SECONDS:.0f} s")


async def _next_event(stream: aiohttp.ClientResponse) -> str:
    while line := await stream.content.readline():
        if line.startswith(b"data:"):
            return line.decode()
    raise RuntimeError("the stream ended")
