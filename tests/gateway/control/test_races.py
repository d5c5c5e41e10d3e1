"""Result, second result, expiry, giving up and checking out at the same instant: one wins, cart and check agree."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.journeys.world import BREAD, MILK, Reply, Shopper, World, small_world
from smarts.wire.codec import decode
from smarts.wire.control import CheckStatus, Decision, PurchaseControlCheckRequest

ROUNDS = 20
STATES = {"PASSED": "READY", "FAILED": "OPEN", "FAILED_ALLOW_PAYMENT": "READY", "EXIPRED": "OPEN"}


@dataclass
class Lock:
    """A locked cart, and all who may end the lock."""

    world: World
    shopper: Shopper
    cart: dict[str, Any]
    version: int

    async def result(self, status: str) -> Reply:
        body = {"invoiceId": self.cart["invoiceId"], "institutionId": self.world.institution_id}
        return await self.world.as_store().post("/v1/control/result", body | {"status": status})

    async def result_before_the_end(self, status: str, milliseconds: float) -> Reply:
        """A result that is sent this long before the lock expires."""
        ends = datetime.fromisoformat(self.cart["check"]["expiresAt"])
        while datetime.now(UTC) < ends - timedelta(milliseconds=milliseconds):
            await self.shopper.look(self.cart)
        return await self.result(status)

    async def unlock(self) -> Reply:
        """The shopper presses the button until it works."""
        path = f"/shop/v1/carts/{self.cart['id']}/unlock"
        while (reply := await self.shopper.post(path)).status == 409:
            assert reply.body["type"] == "lock-not-expired"
        return reply

    async def give_up(self) -> Reply:
        return await self.shopper.call("DELETE", f"/shop/v1/carts/{self.cart['id']}")

    async def version_now(self) -> int:
        async with self.world.gateway.database.connection() as connection:
            version: int = await connection.fetchval(
                "SELECT version FROM carts WHERE id = $1", self.cart["id"]
            )
            return version

    async def check(self) -> Any:
        async with self.world.gateway.database.connection() as connection:
            return await connection.fetchrow(
                "SELECT status, closed_at, expires_at FROM checks WHERE invoice_id = $1",
                self.cart["invoiceId"],
            )


async def lock(world: World) -> Lock:
    world.merchant.decision = Decision.FULL
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    made = Lock(world, shopper, cart, 0)
    made.version = await made.version_now()
    return made


@asynccontextmanager
async def busy_world(database_url: str, lock_for: timedelta) -> AsyncIterator[World]:
    """A world in which timers fire, too."""
    async with small_world(database_url, lock_for=lock_for) as world, world.gateway.working():
        yield world


def taken(replies: list[Reply]) -> int:
    """How many results were taken; the others were told that the check is over."""
    assert {reply.status for reply in replies} <= {204, 409}
    assert {reply.body["type"] for reply in replies if reply.status == 409} <= {"check-closed"}
    return [reply.status for reply in replies].count(204)


async def test_results_and_the_expiry_race_and_one_of_them_ends_the_lock(database_url: str) -> None:
    """Two results, the shopper's unlock and the timer around the end: one change of the cart, the one in the books."""
    async with busy_world(database_url, timedelta(milliseconds=80)) as world:
        for number in range(ROUNDS):
            locked = await lock(world)
            *replies, unlocked = await asyncio.gather(
                locked.result_before_the_end("PASSED", number),
                locked.result_before_the_end("FAILED", number),
                locked.unlock(),
            )
            check, cart = await locked.check(), await locked.shopper.look(locked.cart)
            assert taken(replies) == (0 if check["status"] == "EXIPRED" else 1)
            assert (cart["state"], cart["check"]["status"]) == (STATES[check["status"]], check["status"])
            assert unlocked.body["state"] == cart["state"]
            assert (check["closed_at"] < check["expires_at"]) == (check["status"] != "EXIPRED")
            assert await locked.version_now() == locked.version + 1


async def test_a_shopper_who_gives_up_gets_their_way_and_the_check_ends_once(database_url: str) -> None:
    """Whether results come before or after, the cart is cancelled and at most one result was taken."""
    async with busy_world(database_url, timedelta(hours=4)) as world:
        for _ in range(ROUNDS):
            locked = await lock(world)
            given_up, *replies = await asyncio.gather(
                locked.give_up(), locked.result("PASSED"), locked.result("FAILED")
            )
            check, cart = await locked.check(), await locked.shopper.look(locked.cart)
            assert (given_up.status, cart["state"]) == (200, "CANCELLED")
            assert check["status"] in {"PASSED", "FAILED", "CANCELLED"}
            assert taken(replies) == (0 if check["status"] == "CANCELLED" else 1)
            assert await locked.version_now() == locked.version + 1 + taken(replies)
            assert (await locked.shopper.pay(cart)).status == 409


async def test_staff_at_work_and_the_result_race(database_url: str) -> None:
    """PENDING may be told any number of times, before the end and never after it."""
    async with busy_world(database_url, timedelta(hours=4)) as world:
        for _ in range(ROUNDS):
            locked = await lock(world)
            *pending, passed, failed = await asyncio.gather(
                *(locked.result("PENDING") for _ in range(3)),
                locked.result("PASSED"),
                locked.result("FAILED"),
            )
            check, cart = await locked.check(), await locked.shopper.look(locked.cart)
            assert taken([passed, failed]) == 1
            assert check["status"] == ("PASSED" if passed.status == 204 else "FAILED")
            assert (cart["state"], cart["check"]["status"]) == (STATES[check["status"]], check["status"])
            assert await locked.version_now() == locked.version + 1 + taken(pending)


async def test_checkouts_and_a_scan_race_and_what_waits_is_what_the_store_was_asked(
    database_url: str,
) -> None:
    """A double tap beside a scan: one check waits at most, of this very cart; if none does, the cart is open."""
    async with busy_world(database_url, timedelta(hours=4)) as world:
        world.merchant.decision = Decision.FULL
        for _ in range(ROUNDS):
            shopper = await world.shopper()
            cart = await shopper.cart(world.institution_id, BREAD)
            path = f"/shop/v1/carts/{cart['id']}"
            replies = await asyncio.gather(
                shopper.post(f"{path}/checkout"),
                shopper.post(f"{path}/lines", {"barcode": MILK}),
                shopper.post(f"{path}/checkout"),
            )
            assert {reply.status for reply in replies} <= {200, 409}
            await agree(world, await shopper.look(cart))


async def test_a_slow_checkout_that_lost_does_not_end_the_check_of_the_one_that_won(
    database_url: str,
) -> None:
    """The node answers the first tap after the second one has locked the cart: the lock stays, and can be ended."""
    async with busy_world(database_url, timedelta(hours=4)) as world:
        asked, answer = asyncio.Event(), asyncio.Event()

        async def slowly_the_first_time() -> None:
            world.merchant.before_deciding = None
            asked.set()
            await answer.wait()

        world.merchant.decision, world.merchant.before_deciding = Decision.FULL, slowly_the_first_time
        shopper = await world.shopper()
        cart = await shopper.cart(world.institution_id, BREAD)
        first = asyncio.create_task(shopper.post(f"/shop/v1/carts/{cart['id']}/checkout"))
        await asked.wait()
        cart = await shopper.check_out(cart)
        answer.set()
        assert (await first).status == 409
        await agree(world, await shopper.look(cart))
        await world.back.send_check_result(cart["invoiceId"], CheckStatus.PASSED)
        assert (await shopper.look(cart))["state"] == "READY"


async def agree(world: World, cart: dict[str, Any]) -> None:
    async with world.gateway.database.connection() as connection:
        waiting = await connection.fetch(
            "SELECT invoice_id, request FROM checks WHERE cart_id = $1 AND status = 'WAITING'", cart["id"]
        )
    if cart["state"] == "OPEN":
        assert not waiting
        return
    assert (cart["state"], [row["invoice_id"] for row in waiting]) == ("LOCKED", [cart["invoiceId"]])
    asked = decode(waiting[0]["request"], PurchaseControlCheckRequest)
    in_cart = [line["product"]["barcode"] for line in cart["lines"]]
    assert [row.barcode for row in asked.products] == in_cart
