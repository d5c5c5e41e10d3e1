"""The workers' API: checks (`/work/v1`)."""

from collections.abc import Sequence
from typing import Any

from smarts.control import AgeSeen, RescanPiece
from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import CartDocument, cart_document
from smarts.gateway.control.rescanned import Rescanned
from smarts.gateway.control.service import Control
from smarts.gateway.control.store import Check, CheckState
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.paging import LongPage
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.rescans import RescanState
from smarts.gateway.journeys.work import Working
from smarts.gateway.parties import Staff
from smarts.gateway.storage.answers import claim_of, once
from smarts.gateway.storage.database import Database
from smarts.wire.control import CheckStatus, Decision, PurchaseControlResult
from smarts.wire.model import Model
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.times import UtcMillis

StaffCall = Call[Any, Staff]


class WaitingCheck(Model, frozen=True, kw_only=True):
    """A cart that waits for staff."""

    invoice_id: str
    institution_id: str
    decision: Decision | None = None
    status: CheckState
    created_at: UtcMillis
    expires_at: UtcMillis | None = None


class OpenedCheck(WaitingCheck, frozen=True, kw_only=True):
    """A check and the cart as its shopper sees it; an age that staff have seen need not be looked at again.

    Of a FULL check the pieces of `rescan` are to be rescanned, and everything where that is absent; it has `grown` into
    everything where one of those pieces differed.
    """

    cart: CartDocument
    age_seen: AgeSeen | None = None
    rescan: tuple[RescanPiece, ...] | None = None
    grown: bool = False


class StaffResult(Model, frozen=True, kw_only=True):
    """What staff found; `products` are the whole new cart where they changed it, `rescanned` what they counted."""

    status: CheckStatus
    products: tuple[ReceiptProduct, ...] | None = None
    rescanned: Rescanned | None = None


def _waiting(check: Check) -> dict[str, Any]:
    return {
        "invoice_id": check.invoice_id,
        "institution_id": check.institution_id,
        "decision": check.decision,
        "status": check.status,
        "created_at": UtcMillis.of(check.created_at),
        "expires_at": UtcMillis.of(check.expires_at) if check.expires_at else None,
    }


class StaffApi:
    """The handlers; each looks whether the store is within the person's reach, and hides it otherwise."""

    def __init__(
        self,
        database: Database,
        carts: Carts,
        reach: Reach,
        control: Control,
        checking_out: CheckingOut,
        working: Working,
    ) -> None:
        self._database = database
        self._carts = carts
        self._reach = reach
        self._control = control
        self._checking_out = checking_out
        self._working = working

    async def waiting(self, call: StaffCall) -> Any:
        """GET /work/v1/checks."""
        reach = frozenset(store.institution_id for store in await self._reach.stores_of(call.who))
        found = await self._control.waiting(reach, call.query.limit, call.query.after)
        return tuple(WaitingCheck(**_waiting(check)) for check in found)

    async def _check(self, call: StaffCall) -> Check:
        check = await self._control.find(call.path["invoiceId"])
        if check is None:
            raise NOT_FOUND.error("There is no such check")
        await self._reach.store(call.who, check.institution_id)
        return check

    async def open_check(self, call: StaffCall) -> Any:
        """GET /work/v1/checks/{invoiceId}."""
        check = await self._check(call)
        cart = cart_document(await self._carts.get(check.cart_id))
        return OpenedCheck(
            **_waiting(check),
            cart=cart,
            age_seen=check.age_seen,
            rescan=check.part,
            grown=check.grown_at is not None,
        )

    async def result(self, call: Call[StaffResult, Staff]) -> Any:
        """POST /work/v1/checks/{invoiceId}/result."""
        check = await self._check(call)
        claim = claim_of(call, call.who.person_id, "result")
        result = PurchaseControlResult(
            invoice_id=check.invoice_id,
            institution_id=check.institution_id,
            status=call.body.status,
            products=call.body.products,
        )
        return await once(
            self._database,
            claim,
            lambda: self._checking_out.take_result(
                check.institution_id, result, claim, call.who, rescanned=call.body.rescanned
            ),
            204,
        )

    async def rescan(self, call: Call[Rescanned, Staff]) -> Any:
        """POST /work/v1/checks/{invoiceId}/rescan."""
        return await self._working.rescan(call.who, call.path["invoiceId"], call.body)


def routes(api: StaffApi, worker: Authenticate[Staff]) -> Sequence[Route]:
    """The workers' rows."""

    def row(line: str, handler: Any, request: Any, response: Any, summary: str, *problems: Any,
            **more: Any) -> Route:  # fmt: skip
        method, path = line.split()
        return Route(method, f"/work/v1{path}", handler, request, response, summary, "work", worker,
                     problems=problems, **more)  # fmt: skip

    # fmt: off
    return (
        row("GET /checks", api.waiting, None, tuple[WaitingCheck, ...],
            "Carts that wait for a check, oldest first", query=LongPage),
        row("GET /checks/{invoiceId}", api.open_check, None, OpenedCheck, "A check and its cart",
            NOT_FOUND),
        row("POST /checks/{invoiceId}/result", api.result, StaffResult, None, "The result of a check",
            NOT_FOUND, errors.CHECK_CLOSED, errors.CHECK_NOT_BEGUN, errors.RESCAN_GROWS, errors.KEY_REUSED,
            takes_idempotency_key=True),
        row("POST /checks/{invoiceId}/rescan", api.rescan, Rescanned, RescanState,
            "Tell what was counted until now, and learn whether everything is to be rescanned", NOT_FOUND,
            errors.CHECK_CLOSED, errors.CHECK_NOT_BEGUN),
    )
    # fmt: on
