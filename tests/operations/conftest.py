"""One installation for all tests that only look at it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from cli.commands import free_ports
from gateway.journeys.world import BREAD, Reply, Shopper
from operations.processes import Installation, Process, installation
from operations.receiver import Receiver, receiving
from postgres_fixtures import TEMPLATE, database_urls
from smarts.gateway.storage.embedded import EmbeddedPostgres


@dataclass(frozen=True)
class Running:
    """A gateway, a worker and a node at work, all traced."""

    parts: Installation
    gateway: Process
    worker: Process
    node: Process
    url: str
    worker_url: str
    store_id: str
    receiver: Receiver

    async def purchase(self, **headers: str) -> Reply:
        """Somebody buys bread; the headers are those of the payment."""
        shopper: Shopper = await self.parts.shopper(self.url)
        cart = await shopper.check_out(await shopper.cart(self.store_id, BREAD))
        paid = await shopper.pay(cart, **headers)
        assert paid.status == 200, paid.text
        return paid


@pytest.fixture(scope="package")
async def running(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """The installation."""
    folder = tmp_path_factory.mktemp("logs")
    async for database_url in database_urls(postgres, TEMPLATE):
        async with receiving() as receiver:
            traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
            async with installation(folder, database_url, **traced) as parts:
                (port,) = free_ports(1)
                (node, node_url), gateway, (worker, worker_url) = await asyncio.gather(
                    parts.node(), parts.gateway("gateway", port), parts.worker()
                )
                store_id = await parts.store(node_url)
                url = f"http://127.0.0.1:{port}"
                yield Running(parts, gateway, worker, node, url, worker_url, store_id, receiver)
