"""Stopping and restarting: nothing that was accepted is cut off, and callers go elsewhere in time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from cli.commands import free_ports
from gateway.journeys.world import BREAD, Client, Merchant, Shopper, small_world
from operations.balancer import Balancer
from operations.processes import Installation, Process, installation, soon
from smarts.gateway.outbox import attempts_of
from smarts.wire.invoices import Invoice

DRAIN = {"SMARTS_DRAIN_SECONDS": "3"}
SHOPPERS = 4


@pytest.fixture
async def parts(tmp_path: Path, database_url: str) -> AsyncIterator[Installation]:
    """An installation of the test's own."""
    async with installation(tmp_path, database_url) as made:
        yield made


async def shop(shopper: Shopper, store_id: str, enough: asyncio.Event) -> int:
    """Buys bread, again and again; fails where any answer is not as it should be."""
    bought = 0
    while not enough.is_set():
        cart = await shopper.check_out(await shopper.cart(store_id, BREAD))
        paid = await shopper.pay(cart)
        assert paid.status == 200, paid.text
        bought += 1
    return bought


async def watch(parts: Installation, shopper: Shopper, url: str, cart_id: str) -> bytes:
    """What a stream says until the gateway ends it."""
    path = f"{url}/shop/v1/carts/{cart_id}/events"
    async with parts.session.get(path, headers=shopper.headers) as response:
        assert response.status == 200
        return await response.content.read()


@pytest.mark.timeout(400)
async def test_a_rolling_restart_fails_no_request(parts: Installation) -> None:
    """Two gateways behind a balancer are restarted one after the other while shoppers buy; streams ask again soon."""
    ports = free_ports(2)
    (_, node_url), *gateways = await asyncio.gather(
        parts.node(), *(parts.gateway(f"gateway-{port}", port, **DRAIN) for port in ports)
    )
    balancer, enough = Balancer(ports), asyncio.Event()
    async with balancer.running():
        url = f"http://127.0.0.1:{balancer.port}"
        await parts.answering(gateways[0], f"{url}/readyz")
        store_id = await parts.store(node_url)
        shoppers = [await parts.shopper(url) for _ in range(SHOPPERS)]
        watched = await shoppers[0].cart(store_id, BREAD)
        direct = f"http://127.0.0.1:{ports[0]}"
        stream = asyncio.create_task(watch(parts, shoppers[0], direct, watched["id"]))
        work = [asyncio.create_task(shop(each, store_id, enough)) for each in shoppers]
        for port, old in zip(ports, gateways, strict=True):
            await restarted(parts, port, old, work)
        enough.set()
        bought = await asyncio.gather(*work)
        said = await stream
    assert min(bought) >= 1
    assert said.startswith(b"retry: 2000\n\nevent: cart\n")
    assert said.rpartition(b"\n\nretry: ")[2].rstrip().isdigit()


async def restarted(parts: Installation, port: int, old: Process, work: list["asyncio.Task[int]"]) -> None:
    """A gateway is stopped, and another one started in its place; it says first that it will stop."""
    stopping = asyncio.create_task(old.stop())
    address = f"http://127.0.0.1:{port}"
    assert await soon(lambda: stops_soon(parts.session, address))
    assert await stopping == 0
    assert not any(each.done() for each in work)
    await parts.gateway(f"gateway-{port}-new", port, **DRAIN)


async def stops_soon(session: aiohttp.ClientSession, address: str) -> bool:
    """Whether a gateway that still serves says that it is about to stop."""
    ready = await Client(session, address, {}).get("/readyz")
    if ready.status == 200:
        return False
    assert ready.body["type"] == "stopping"
    assert ready.headers["Connection"] == "close"
    assert (await Client(session, address, {}).get("/openapi.json")).status == 200
    return True


class Thinking(Merchant):
    """A merchant whose node takes its time with an invoice."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def receive_invoice(self, invoice: Invoice) -> None:
        self.asked.set()
        await self.may_answer.wait()
        await super().receive_invoice(invoice)


async def test_what_is_being_sent_to_a_node_is_finished(parts: Installation, database_url: str) -> None:
    """A worker that is told to stop while a node thinks waits for its answer, and writes it down: one attempt."""
    merchant = Thinking()
    async with small_world(database_url, merchant=merchant) as world:
        shopper = await world.shopper()
        paid = await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))
        worker, _ = await parts.worker()
        await merchant.asked.wait()
        stopping = asyncio.create_task(worker.stop())
        await asyncio.wait([stopping], timeout=1)
        assert not stopping.done()
        merchant.may_answer.set()
        assert await stopping == 0
        async with world.gateway.database.connection() as connection:
            attempts = await attempts_of(connection, paid.body["invoiceId"])
    assert [each.outcome for each in attempts] == ["delivered"]
    assert [each.id for each in merchant.invoices] == [paid.body["invoiceId"]]
