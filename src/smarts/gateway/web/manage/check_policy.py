"""A store's check policy, tried on its latest carts while it is typed; and its versions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.control import Policy
from smarts.edge.problems import NOT_FOUND
from smarts.gateway.journeys.check_losses import LEAST_CARTS, CheckLosses, CheckSimulation
from smarts.gateway.journeys.check_policies import CheckPolicies, CheckPolicyChange, SavedCheckPolicy
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.parties import Store
from smarts.gateway.web.forms import path_parameter, read_form
from smarts.gateway.web.languages import language_of
from smarts.gateway.web.manage.policy_form import (
    ROWS,
    as_sent,
    as_typed,
    errors_at,
    policy_of,
    row_count,
)
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Sessions, staff_of
from smarts.wire.errors import Problem, ProblemError
from smarts.wire.times import Weekday

_VERSIONS_SHOWN = 20
_VERSION = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True)
class CheckPolicyPages:
    """The handlers."""

    reach: Reach
    policies: CheckPolicies
    losses: CheckLosses

    async def policy_page(self, request: Request) -> Response:
        """GET /manage/stores/{id}/check-rules: the policy, what it would have done, and its versions."""
        store = await managed(self.reach, request)
        policy = (await self.policies.current(store)).policy
        fields = as_typed(policy, language_of(request), store.time_zone)
        return await self._page(request, store, fields, policy)

    async def version(self, request: Request) -> Response:
        """GET /manage/stores/{id}/check-rules/{version}: a version as it was, to be saved again or left."""
        store, number = await managed(self.reach, request), path_parameter(request, "version")
        if not _VERSION.fullmatch(number):
            raise NOT_FOUND.error()
        shown = await self.policies.version(store, int(number))
        fields = as_typed(shown.policy, language_of(request), store.time_zone)
        return await self._page(request, store, fields, shown.policy, shown=shown)

    async def _page(
        self,
        request: Request,
        store: Store,
        fields: Mapping[str, Any],
        policy: Policy | None,
        problem: Problem | None = None,
        shown: SavedCheckPolicy | None = None,
        simulation: CheckSimulation | None = None,
    ) -> Response:
        trial = await self.policies.trial(store, policy) if policy else None
        return page(
            request,
            "manage/check_policy.html",
            store,
            problem,
            typed=fields,
            wrong=errors_at(problem),
            counts={kind: row_count(fields, kind) for kind in ROWS},
            weekdays=tuple(Weekday),
            trial=trial,
            loss=await self.losses.loss(store),
            simulation=simulation,
            least_carts=LEAST_CARTS,
            current=await self.policies.current(store),
            versions=await self.policies.versions(store, _VERSIONS_SHOWN, None),
            shown=shown,
        )

    async def save(self, request: Request) -> Response:
        """POST /manage/stores/{id}/check-rules: keeps the policy, or tries or simulates it where that was asked."""
        store, form = await managed(self.reach, request), await read_form(request)
        try:
            policy = policy_of(form, store.time_zone)
            if form.get("try"):
                return await self._page(request, store, as_sent(form), policy)
            if form.get("simulate"):
                simulation = await self.losses.simulation(store, policy)
                return await self._page(request, store, as_sent(form), policy, simulation=simulation)
            based_on = int(form["version"]) if _VERSION.fullmatch(form.get("version", "")) else None
            await self.policies.save(
                store, CheckPolicyChange(policy=policy, based_on=based_on), staff_of(request)
            )
        except ProblemError as error:
            return await self._page(request, store, as_sent(form), None, error.problem)
        return back(store, "/check-rules?done=saved")

    async def trial(self, request: Request) -> Response:
        """POST /manage/stores/{id}/check-rules/trial: what typed rules would have done, or which make no sense."""
        store, form = await managed(self.reach, request), await read_form(request)
        try:
            trial, problem = await self.policies.trial(store, policy_of(form, store.time_zone)), None
        except ProblemError as error:
            trial, problem = None, error.problem
        return render(
            request, "manage/check_policy_trial.html", store=store, trial=trial, wrong=errors_at(problem)
        )


def routes(pages: CheckPolicyPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(
        sessions,
        ("GET /check-rules", pages.policy_page),
        ("POST /check-rules", pages.save),
        ("POST /check-rules/trial", pages.trial),
        ("GET /check-rules/{version}", pages.version),
    )
