"""The reversed direction: what a merchant calls (`/v1`, contract section 2)."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import FORBIDDEN, NOT_FOUND, invalid
from smarts.edge.routes import Answer, Call, Route, serve
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.orders_api import PACKING_FAILS
from smarts.gateway.journeys.packing import Packing
from smarts.gateway.orders.model import Actor, Change, order_document
from smarts.gateway.orders.service import Orders
from smarts.gateway.parties import Institution
from smarts.gateway.storage.answers import claim_of, once
from smarts.gateway.storage.database import Database
from smarts.wire.control import PurchaseControlCheckResendRequest, PurchaseControlResult
from smarts.wire.operations import (
    CHANGE_ORDER_STATUS,
    FIND_ORDER,
    FIND_ORDER_BY_INSTITUTION_INVOICE,
    FIND_ORDER_BY_INVOICE,
    RESEND_CHECK,
    SEND_CHECK_RESULT,
)
from smarts.wire.orders import PickupOrderStatusChangeRequest

PREFIX = "/v1"
_LONGEST_NAME = 200


def routes(
    database: Database, checking_out: CheckingOut, institution: Authenticate[Institution]
) -> Sequence[Route]:
    """The merchant's rows of the contract's table about checks."""

    async def result(call: Call[PurchaseControlResult, Institution]) -> Any:
        institution_id = call.who.institution_id
        claim = claim_of(call, institution_id, "result")
        return await once(
            database,
            claim,
            lambda: checking_out.take_result(institution_id, call.body, claim),
            204,
            whole=True,
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


def order_routes(
    database: Database, orders: Orders, packing: Packing, institution: Authenticate[Institution]
) -> Sequence[Route]:
    """The merchant's rows of the contract's table about orders."""

    async def change(call: Call[PickupOrderStatusChangeRequest, Institution]) -> Any:
        body, institution_id = call.body, call.who.institution_id
        if body.institution_id != institution_id:
            raise FORBIDDEN.error("The token belongs to another store")
        _require_short(body.person_name, "$.personName")
        _require_short(body.resolver_id, "$.resolverId")
        order = await orders.of_institution(institution_id, body.order_id)
        claim = claim_of(call, institution_id, "order status")
        wanted = Change(
            status=body.status,
            actor=Actor.MERCHANT,
            person_name=body.person_name,
            resolver_id=body.resolver_id,
        )
        return await once(
            database,
            claim,
            lambda: packing.move_on(order, wanted, body.products, claim),
            document=order_document,
        )

    async def find(call: Call[None, Institution]) -> Any:
        return order_document(await orders.of_institution(call.who.institution_id, call.path["id"]))

    async def find_by_invoice(call: Call[None, Institution]) -> Any:
        invoice_id = call.path["invoiceId"]
        return order_document(await orders.by_invoice(call.who.institution_id, invoice_id))

    async def find_by_own_invoice(call: Call[None, Institution]) -> Any:
        invoice_id = call.path["institutionInvoiceId"]
        return order_document(await orders.by_institution_invoice(call.who.institution_id, invoice_id))

    return (
        serve(CHANGE_ORDER_STATUS, change, institution, PREFIX, takes_idempotency_key=True,
              problems=(FORBIDDEN, *PACKING_FAILS)),
        serve(FIND_ORDER, find, institution, PREFIX, problems=(NOT_FOUND,)),
        serve(FIND_ORDER_BY_INVOICE, find_by_invoice, institution, PREFIX, problems=(NOT_FOUND,)),
        serve(FIND_ORDER_BY_INSTITUTION_INVOICE, find_by_own_invoice, institution, PREFIX,
              problems=(NOT_FOUND,)),
    )  # fmt: skip


def _require_short(name: str | None, path: str) -> None:
    """Names go into the log of an order for good, and to the node with every change."""
    if name is not None and len(name) > _LONGEST_NAME:
        raise invalid(path, f"Expected at most {_LONGEST_NAME} characters")
