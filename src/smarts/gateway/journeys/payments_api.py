"""A purchase's payments for the store's managers, and giving money back."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.refunds import PaymentsDocument, Refunding, StepDocument, payments_document
from smarts.gateway.parties import Staff
from smarts.gateway.payments.service import Books
from smarts.gateway.storage.answers import claim_of
from smarts.wire.model import Model
from smarts.wire.money import Number

_PATH = "/manage/v1/stores/{id}/payments/{invoiceId}"


class Refund(Model, frozen=True):
    """Money to give back, in the currency of the payment."""

    amount: Number


class PaymentsApi:
    """The handlers; a store that is not within the manager's reach is hidden."""

    def __init__(self, reach: Reach, refunding: Refunding) -> None:
        self._reach = reach
        self._refunding = refunding

    async def payments(self, call: Call[None, Staff]) -> Any:
        """GET /manage/v1/stores/{id}/payments/{invoiceId}."""
        return payments_document(call.path["invoiceId"], await self._books(call))

    async def refund(self, call: Call[Refund, Staff]) -> Any:
        """POST /manage/v1/stores/{id}/payments/{invoiceId}/refunds."""
        claim = claim_of(call, call.who.person_id, "refund")
        return await self._refunding.refund(await self._books(call), call.body.amount, claim)

    async def _books(self, call: Call[Any, Staff]) -> Books:
        store = await self._reach.store(call.who, call.path["id"])
        return await self._refunding.books(store.institution_id, call.path["invoiceId"])


def routes(api: PaymentsApi, manager: Authenticate[Staff]) -> Sequence[Route]:
    """The managers' rows."""
    # fmt: off
    return (
        Route("GET", _PATH, api.payments, None, PaymentsDocument, "A purchase's payments, and what they were",
              "manage", manager, problems=(NOT_FOUND,)),
        Route("POST", f"{_PATH}/refunds", api.refund, Refund, StepDocument,
              "Give money back; the provider is asked right afterwards, until it has done so", "manage", manager,
              status=201, takes_idempotency_key=True,
              problems=(NOT_FOUND, errors.PAYMENT_NOT_TAKEN, errors.AMOUNT_TOO_LARGE, errors.KEY_REUSED)),
    )
    # fmt: on
