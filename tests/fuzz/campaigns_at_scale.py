"""Hostile campaigns by the thousand, through the front doors of a gateway that is a process of its own.

Managers save them, the store's node sends them with its goods, and shoppers' carts are priced with them.
"""

import argparse
import asyncio
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any

from msgspec.structs import replace

from fuzz.databases import migrated_database
from fuzz.operations import hostile_campaign
from fuzz.processes import GatewayProcess, gateway_process
from gateway.journeys.world import APPLES, BREAD, MILK, Client, Shopper, World, small_world
from smarts.gateway.parties import Role
from smarts.wire.products import Campaign

OF_THE_STORE, OF_A_PRODUCT = 20, 10
A_ROUND = OF_THE_STORE + 3 * OF_A_PRODUCT
SECONDS = 2.0  # of processor time for a scan, which prices the whole cart with all of them


@dataclass(frozen=True)
class Hostility:
    """What came of it: campaigns, requests, lists saved, the slowest request, memory after a warm-up and at the end."""

    campaigns: int
    requests: int
    saved: int
    slowest: float
    began: float
    ended: float

    @property
    def grown(self) -> float:
        """How many megabytes more the gateway holds at the end than after its caches were full."""
        return self.ended - self.began


async def hostility(database_url: str, campaigns: int, warm_up: int, seed: int) -> Hostility:
    """Lets a gateway price carts with so many campaigns, of which the first ones are to fill its caches.

    Raises:
        AssertionError: it answered with 500 or more, hung, or did not price a cart.
    """
    async with small_world(database_url) as world, gateway_process(database_url) as process:
        run = await _Run.of(world, process, Random(seed))
        while run.campaigns < warm_up:
            await run.round()
        began = process.megabytes()
        while run.campaigns < campaigns:
            await run.round()
        return Hostility(run.campaigns, run.requests, run.saved, run.slowest, began, process.megabytes())


class _Run:
    def __init__(
        self, world: World, process: GatewayProcess, random: Random, manager: Client, shopper: Shopper
    ) -> None:
        self.world = world
        self.process = process
        self.random = random
        self.manager = manager
        self.shopper = shopper
        self.campaigns = self.requests = self.saved = 0
        self.slowest = 0.0

    @classmethod
    async def of(cls, world: World, process: GatewayProcess, random: Random) -> "_Run":
        manager = await world.staff(Role.MANAGER)
        shopper = await world.shopper(email="mari@example.ee")
        return cls(
            world,
            process,
            random,
            Client(world.session, process.url, manager.headers),
            Shopper(world.session, process.url, shopper.headers),
        )

    def _some(self, count: int) -> tuple[Campaign, ...]:
        first, self.campaigns = self.campaigns, self.campaigns + count
        return tuple(hostile_campaign(self.random, number) for number in range(first, first + count))

    async def round(self) -> None:
        """A manager saves campaigns, the node sells goods with others, a shopper scans them and goes."""
        store = self.world.institution_id
        goods = self.world.merchant.products
        for barcode in (BREAD, MILK, APPLES):
            goods[barcode] = replace(goods[barcode], campaigns=self._some(OF_A_PRODUCT))
        campaigns = self._some(OF_THE_STORE)
        told = {
            "campaigns": [
                {"name": each.name, "code": each.code, "operation": each.operation} for each in campaigns
            ]
        }
        saved = await self._ask(self.manager, "PATCH", f"/manage/v1/stores/{store}", told)
        self.saved += saved.status == 200
        for campaign in told["campaigns"][:3]:
            await self._ask(
                self.manager, "POST", f"/manage/v1/stores/{store}/campaigns/effect", {"campaign": campaign}
            )
        cart = (await self._ask(self.shopper, "POST", "/shop/v1/carts", {"institutionId": store})).body
        for barcode, quantity in ((BREAD, 3), (MILK, 1), (APPLES, 0.7)):
            scanned = await self._ask(
                self.shopper,
                "POST",
                f"/shop/v1/carts/{cart['id']}/lines",
                {"barcode": barcode, "quantity": quantity},
            )
            assert scanned.status == 200, scanned.text
            assert scanned.body["total"]["totalToPay"] >= 0
        await self._ask(self.shopper, "DELETE", f"/shop/v1/carts/{cart['id']}", None)

    async def _ask(self, client: Client, method: str, path: str, body: Any) -> Any:
        before, self.requests = self.process.seconds(), self.requests + 1
        async with asyncio.timeout(60):
            reply = await client.call(method, path, body)
        took = self.process.seconds() - before
        self.slowest = max(self.slowest, took)
        assert reply.status < 500, f"{method} {path}: {reply.text}"
        assert took < SECONDS, f"{method} {path} took {took:.1f} s with {body}"
        return reply


async def _main(inputs: int, seed: int) -> Hostility:
    async with migrated_database() as url:
        return await hostility(url, inputs, inputs // 2, seed)


def main(told: argparse.Namespace) -> int:
    """As many campaigns as each decoder gets inputs."""
    started = monotonic()
    found = asyncio.run(_main(told.inputs, told.seed))
    lists = found.campaigns // A_ROUND
    print(
        f"{found.campaigns:,} hostile campaigns in {found.requests:,} requests to a gateway,"
        f" {monotonic() - started:.0f} s: no 500; the slowest took {1000 * found.slowest:.0f} ms of processor time;"
        f" {found.saved} of {lists} lists were saved; memory {found.began:.0f} MB after the first half,"
        f" {found.ended:.0f} MB at the end"
    )
    return 0
