"""What waits for a store's staff, live, over HTTP."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from smarts.edge.routes import Call, Events, Route
from smarts.edge.security import Authenticate
from smarts.gateway.journeys.work import Working
from smarts.gateway.parties import Staff
from smarts.wire.codec import encode
from smarts.wire.model import Model


class WaitingWork(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What waits: the invoice ids of checks, and those among them that nobody looks at yet; the ids of orders."""

    checks: tuple[str, ...]
    free: tuple[str, ...]
    orders: tuple[str, ...]


def routes(working: Working, worker: Authenticate[Staff]) -> Sequence[Route]:
    """The row; pages call it with their session, programs with a token."""

    async def work_events(call: Call[None, Staff]) -> Events:
        return Events(_events(working, call.who))

    return (
        Route("GET", "/work/v1/events", work_events, None, Events, "What waits, now and after every change", "work",
              worker),
    )  # fmt: skip


async def _events(working: Working, staff: Staff) -> AsyncIterator[tuple[str, bytes]]:
    async for found in working.watch(staff):
        waiting: dict[str, Any] = {
            "checks": tuple(check.invoice_id for check in found.checks),
            "free": tuple(check.invoice_id for check in found.checks if check.holder is None),
            "orders": tuple(order.id for order in found.orders),
        }
        yield "work", encode(WaitingWork(**waiting))
