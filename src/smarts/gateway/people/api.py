"""Joining, and what a shopper has told, over HTTP."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import TOO_MANY
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.errors import KEY_REUSED
from smarts.gateway.parties import Shopper
from smarts.gateway.people.service import JoinedShopper, NewShopper, NextToken, People, Profile, ProfileChange


def routes(people: People, shopper: Authenticate[Shopper]) -> Sequence[Route]:
    """The shopper's rows; a new shopper needs no token."""

    async def join(call: Call[NewShopper, None]) -> Any:
        return await people.join(call.body, call.idempotency_key, call.raw, call.address)

    async def profile(call: Call[None, Shopper]) -> Any:
        return await people.profile(call.who.person_id)

    async def change(call: Call[ProfileChange, Shopper]) -> Any:
        return await people.change(call.who.person_id, call.body)

    async def next_token(call: Call[None, Shopper]) -> Any:
        return await people.next_token(call.who.person_id)

    return (
        Route("POST", "/shop/v1/shoppers", join, NewShopper, JoinedShopper, "Join as a shopper", "shopper", None,
              status=201, problems=(KEY_REUSED, TOO_MANY), takes_idempotency_key=True),
        Route("GET", "/shop/v1/shoppers/me", profile, None, Profile, "What the shopper has told", "shopper", shopper),
        Route("PATCH", "/shop/v1/shoppers/me", change, ProfileChange, Profile, "Tell something else", "shopper",
              shopper),
        Route("POST", "/shop/v1/shoppers/me/token", next_token, None, NextToken, "Sign out everywhere else", "shopper",
              shopper, status=201,
              description="Gives another token. With its first use the one before ends, wherever it is; until then the"
              " one before goes on, so that an answer which got lost locks nobody out."),
    )  # fmt: skip
