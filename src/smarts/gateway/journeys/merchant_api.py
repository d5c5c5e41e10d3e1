"""The reversed direction: what a merchant calls (`/v1`, contract section 2)."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import FORBIDDEN, NOT_FOUND
from smarts.edge.routes import Answer, Call, Route, serve
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.parties import Institution
from smarts.gateway.storage.answers import claim_of, once
from smarts.gateway.storage.database import Database
from smarts.wire.control import PurchaseControlCheckResendRequest, PurchaseControlResult
from smarts.wire.operations import RESEND_CHECK, SEND_CHECK_RESULT

PREFIX = "/v1"


def routes(
    database: Database, checking_out: CheckingOut, institution: Authenticate[Institution]
) -> Sequence[Route]:
    """The merchant's rows of the contract's table."""

    async def result(call: Call[PurchaseControlResult, Institution]) -> Any:
        institution_id = call.who.institution_id
        claim = claim_of(call, institution_id, "result")
        return await once(
            database, claim, lambda: checking_out.take_result(institution_id, call.body, claim), 204
        )

    async def resend(call: Call[PurchaseControlCheckResendRequest, Institution]) -> Answer:
        body = call.body
        document = await checking_out.document(call.who.institution_id, body.institution_id, body.invoice_id)
        return Answer(200, document)

    return (
        serve(SEND_CHECK_RESULT, result, institution, PREFIX, takes_idempotency_key=True,
              problems=(FORBIDDEN, NOT_FOUND, errors.CHECK_CLOSED, errors.CHECK_NOT_BEGUN, errors.KEY_REUSED)),
        serve(RESEND_CHECK, resend, institution, PREFIX, problems=(FORBIDDEN, NOT_FOUND)),
    )  # fmt: skip
