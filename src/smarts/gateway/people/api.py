"""Joining over HTTP."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.routes import Call, Route
from smarts.gateway.errors import KEY_REUSED
from smarts.gateway.people.service import JoinedShopper, NewShopper, People


def routes(people: People) -> Sequence[Route]:
    """A new shopper needs no token."""

    async def join(call: Call[NewShopper, None]) -> Any:
        return await people.join(call.body, call.idempotency_key, call.raw)

    return (
        Route("POST", "/shop/v1/shoppers", join, NewShopper, JoinedShopper, "Join as a shopper", "shopper", None,
              status=201, problems=(KEY_REUSED,), takes_idempotency_key=True),
    )  # fmt: skip
