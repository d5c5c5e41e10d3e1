"""The end of a run: everything comes to rest, and everybody looks once more."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import asyncpg

from .evidence import office_to_do
from .notebook import Notebook, Purchase
from .phone import Phone
from .staff import Colleague
from .world import World

_HOP_SECONDS = 30 * 60
"""Pauses grow with every failure: instead of waiting for hours all clocks go on by as much."""
_LOOKERS = 8
_QUIET_LOOKS = 4  # one after the other: a message may be put by what another one led to
_OPEN = """
SELECT 'message ' || id || ' is overdue: ' || kind || ', ' || coalesce(detail, 'not tried')
FROM outbox_messages WHERE state = 'waiting' AND due <= now()
UNION ALL SELECT 'payment ' || id || ' is ' || status FROM payments WHERE status IN ('PENDING', 'UNKNOWN')
UNION ALL SELECT 'step ' || id || ' is ' || status FROM payment_steps WHERE status IN ('PENDING', 'UNKNOWN')
UNION ALL SELECT 'check ' || invoice_id || ' is ' || status FROM checks WHERE status IN ('WAITING', 'PENDING')
UNION ALL SELECT 'order ' || id || ' is ' || status FROM orders WHERE capture_step IS NOT NULL OR status = 'DRAFT'
"""


async def settle(
    world: World, staff: Sequence[Colleague], limit: float, *, hop: bool
) -> tuple[list[str], float]:
    """Waits until nothing is under way; gives what still is after so many seconds, and how long it took."""
    began = time.monotonic()
    if hop:
        for process in world.processes:
            process.clock.set(_HOP_SECONDS)
        await world.database.restart_with_clock(_HOP_SECONDS)
    await asyncio.gather(*(process.replace() for process in (*world.workers, *world.gateways)))
    await world.database.ready()
    unsettled = await at_rest(world.database.url, world.books, staff, limit - (time.monotonic() - began))
    return unsettled, time.monotonic() - began


async def at_rest(url: str, books: Path, staff: Sequence[Colleague], limit: float) -> list[str]:
    """Waits until nothing is under way, and gives what still is after so many seconds."""
    ends, quiet = time.monotonic() + limit, 0
    while quiet < _QUIET_LOOKS:
        open_things = [*await _still_open(url), *_still_to_do(books, staff)]
        if time.monotonic() > ends:
            return open_things
        quiet = 0 if open_things else quiet + 1
        await asyncio.sleep(0.5)
    return []


async def _still_open(url: str) -> list[str]:
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError):
        return ["database is not there"]
    try:
        return [row[0] for row in await connection.fetch(_OPEN)]
    finally:
        await connection.close()


def _still_to_do(books: Path, staff: Sequence[Colleague]) -> list[str]:
    office = [f"{what} is not done by the office" for what in office_to_do(books)]
    return office + [
        f"staff of {each.store.institution_id} have something to do" for each in staff if not each.is_idle
    ]


async def look_once_more(url: str, session: aiohttp.ClientSession, notebook: Notebook) -> None:
    """Every shopper sees how it has ended."""
    waiting = [purchase for purchase in notebook.purchases if purchase.cart_id]

    async def looker() -> None:
        while waiting:
            await _look(session, url, waiting.pop())

    await asyncio.gather(*(looker() for _ in range(_LOOKERS)))


async def _look(session: aiohttp.ClientSession, url: str, purchase: Purchase) -> None:
    phone = Phone.of(session, url, purchase.token)
    path = f"/shop/v1/carts/{purchase.cart_id}"
    final = await phone.ask("final", path, "GET", path)
    if final.status != 200:
        raise RuntimeError(f"{path}, which was begun: {final.status} {final.body}")
    purchase.cart = final.body
    if order_id := purchase.cart.get("orderId"):
        path = f"/shop/v1/orders/{order_id}"
        purchase.order = (await phone.ask("final", path, "GET", path)).body
    path = f"/shop/v1/purchases/{purchase.cart['invoiceId']}"
    seen = await phone.ask("final", path, "GET", path)
    purchase.bought = seen.body if seen.status == 200 else None
