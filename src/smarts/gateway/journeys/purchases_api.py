"""The shopper's purchases, with what they were charged by now (`/shop/v1/purchases`)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Answer, Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.invoices.service import Invoices, Purchase, PurchaseInDetail
from smarts.gateway.parties import Shopper
from smarts.gateway.payments.service import Payments
from smarts.wire.codec import encode
from smarts.wire.money import Number


class Paging(msgspec.Struct, frozen=True, rename="camel"):
    """A page of a list, newest first: at most `limit`, those after the one with the id `after`."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    after: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class PurchaseDocument(Purchase, frozen=True, kw_only=True):
    """A purchase; `charged` is what the shopper has paid for it, less what was given back since."""

    charged: Number


class DetailedPurchaseDocument(PurchaseInDetail, frozen=True, kw_only=True):
    """A purchase in detail; `charged` is what the shopper has paid for it, less what was given back since."""

    charged: Number


def routes(invoices: Invoices, payments: Payments, shopper: Authenticate[Shopper]) -> Sequence[Route]:
    """The shopper's rows."""

    async def purchases(call: Call[None, Shopper]) -> Any:
        found = await invoices.purchases(call.who.person_id, call.query.limit, call.query.after)
        charged = await payments.charged(purchase.invoice_id for purchase in found)
        return tuple(
            PurchaseDocument(
                **msgspec.structs.asdict(purchase), charged=charged.get(purchase.invoice_id, Decimal(0))
            )
            for purchase in found
        )

    async def purchase(call: Call[None, Shopper]) -> Answer:
        invoice_id = call.path["invoiceId"]
        document = await invoices.purchase(call.who.person_id, invoice_id)
        charged = (await payments.charged([invoice_id])).get(invoice_id, Decimal(0))
        # Its documents are given as they are kept, so what belongs beside them is put in as text.
        return Answer(200, document[:-1] + b',"charged":' + encode(charged) + b"}")

    return (
        Route("GET", "/shop/v1/purchases", purchases, None, tuple[PurchaseDocument, ...],
              "Own purchases, newest first", "shopper", shopper, query=Paging),
        Route("GET", "/shop/v1/purchases/{invoiceId}", purchase, None, DetailedPurchaseDocument, "One purchase",
              "shopper", shopper, problems=(NOT_FOUND,)),
    )  # fmt: skip
