"""A store's rules for checks, tried on its past carts, over HTTP; they are read and changed with the store."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.journeys.check_rules import CheckTrial, StoreRules
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.parties import CheckRules, Staff


def routes(rules: StoreRules, reach: Reach, manager: Authenticate[Staff]) -> Sequence[Route]:
    """The row."""

    async def trial(call: Call[CheckRules, Staff]) -> Any:
        """POST /manage/v1/stores/{id}/check-rules/trial."""
        return await rules.trial(await reach.store(call.who, call.path["id"]), call.body)

    return (
        Route("POST", "/manage/v1/stores/{id}/check-rules/trial", trial, CheckRules, CheckTrial,
              "What rules for checks would have done to the store's latest carts; changes nothing", "manage",
              manager, problems=(NOT_FOUND,)),
    )  # fmt: skip
