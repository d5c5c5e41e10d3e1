"""Persons' data over HTTP: a shopper reads all that is kept, and has it erased."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.errors import ORDER_OPEN, PAYMENT_UNDER_WAY
from smarts.gateway.journeys.privacy import PersonData, Privacy
from smarts.gateway.parties import Shopper


def routes(privacy: Privacy, shopper: Authenticate[Shopper]) -> Sequence[Route]:
    """The shopper's rows."""

    async def data(call: Call[None, Shopper]) -> Any:
        return await privacy.data(call.who)

    async def erase(call: Call[None, Shopper]) -> None:
        await privacy.erase(call.who)

    return (
        Route("GET", "/shop/v1/shoppers/me/data", data, None, PersonData, "All that is kept of the shopper",
              "shopper", shopper),
        Route("DELETE", "/shop/v1/shoppers/me", erase, None, None, "Erase the shopper", "shopper", shopper,
              problems=(PAYMENT_UNDER_WAY, ORDER_OPEN)),
    )  # fmt: skip
