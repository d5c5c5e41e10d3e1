"""A store's check policy over HTTP, and why carts were checked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, Struct

from smarts.control import Policy
from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.journeys.check_losses import CheckLoss, CheckLosses, CheckSimulation
from smarts.gateway.journeys.check_policies import (
    CheckPolicies,
    CheckPolicyChange,
    CheckTrial,
    CheckWhy,
    SavedCheckPolicy,
)
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.parties import Staff, Store

_LARGEST_VERSION = 2**31 - 1
_VERSION = re.compile(r"\d{1,9}", re.ASCII)


class VersionsQuery(Struct, frozen=True, rename="camel"):
    """A page of versions, those before the version `before`."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    before: Annotated[int, Meta(ge=1, le=_LARGEST_VERSION)] | None = None


@dataclass(frozen=True)
class CheckPoliciesApi:
    """The handlers."""

    policies: CheckPolicies
    losses: CheckLosses
    reach: Reach

    async def current(self, call: Call[None, Staff]) -> Any:
        """GET /manage/v1/stores/{id}/check-policy."""
        return await self.policies.current(await self._store(call))

    async def save(self, call: Call[CheckPolicyChange, Staff]) -> Any:
        """PUT /manage/v1/stores/{id}/check-policy."""
        return await self.policies.save(await self._store(call), call.body, call.who)

    async def versions(self, call: Call[None, Staff]) -> Any:
        """GET /manage/v1/stores/{id}/check-policy/versions."""
        return await self.policies.versions(await self._store(call), call.query.limit, call.query.before)

    async def version(self, call: Call[None, Staff]) -> Any:
        """GET /manage/v1/stores/{id}/check-policy/versions/{version}."""
        store, number = await self._store(call), call.path["version"]
        if not _VERSION.fullmatch(number):
            raise NOT_FOUND.error("The store's policy has no such version")
        return await self.policies.version(store, int(number))

    async def trial(self, call: Call[Policy, Staff]) -> Any:
        """POST /manage/v1/stores/{id}/check-policy/trial."""
        return await self.policies.trial(await self._store(call), call.body)

    async def simulation(self, call: Call[Policy, Staff]) -> Any:
        """POST /manage/v1/stores/{id}/check-policy/simulation."""
        return await self.losses.simulation(await self._store(call), call.body)

    async def loss(self, call: Call[None, Staff]) -> Any:
        """GET /manage/v1/stores/{id}/check-loss."""
        return await self.losses.loss(await self._store(call))

    async def why(self, call: Call[None, Staff]) -> Any:
        """GET /manage/v1/stores/{id}/checks/{invoiceId}/why."""
        return await self.policies.why(await self._store(call), call.path["invoiceId"])

    async def _store(self, call: Call[Any, Staff]) -> Store:
        return await self.reach.store(call.who, call.path["id"])


def routes(api: CheckPoliciesApi, manager: Authenticate[Staff]) -> Sequence[Route]:
    """The rows."""

    def row(
        method: str, path: str, handler: Any, request: Any, response: Any, summary: str, **more: Any
    ) -> Route:
        at = f"/manage/v1/stores/{{id}}/{path}"
        problems = (NOT_FOUND, *more.pop("problems", ()))
        return Route(
            method, at, handler, request, response, summary, "manage", manager, problems=problems, **more
        )

    # fmt: off
    return (
        row("GET", "check-policy", api.current, None, SavedCheckPolicy,
            "The policy that chooses whose cart is checked now"),
        row("PUT", "check-policy", api.save, CheckPolicyChange, SavedCheckPolicy,
            "Makes a policy count from now on, as a new version", problems=(errors.POLICY_CHANGED,)),
        row("GET", "check-policy/versions", api.versions, None, tuple[SavedCheckPolicy, ...],
            "The policy's versions, newest first", query=VersionsQuery),
        row("GET", "check-policy/versions/{version}", api.version, None, SavedCheckPolicy, "A version of the policy"),
        row("POST", "check-policy/trial", api.trial, Policy, CheckTrial,
            "What a policy would have done to the store's latest carts; changes nothing"),
        row("POST", "check-policy/simulation", api.simulation, Policy, CheckSimulation,
            "What a policy would catch where shoppers buy as they did of late; takes some seconds, changes nothing",
            problems=(errors.SIMULATOR_BUSY,)),
        row("GET", "check-loss", api.loss, None, CheckLoss,
            "What the store loses, estimated from its random checks of eight weeks, and goods scanned for others"),
        row("GET", "checks/{invoiceId}/why", api.why, None, CheckWhy,
            "Why a cart was checked or was not, decided anew from what was kept"),
    )
    # fmt: on
