"""The shopper's purchases over HTTP (`/shop/v1/purchases`)."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Answer, Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.journeys.paging import ShortPage
from smarts.gateway.journeys.purchases import DetailedPurchaseDocument, PurchaseDocument, Purchases
from smarts.gateway.parties import Shopper


def routes(purchases: Purchases, shopper: Authenticate[Shopper]) -> Sequence[Route]:
    """The shopper's rows."""

    async def own_purchases(call: Call[None, Shopper]) -> Any:
        return await purchases.page(call.who.person_id, call.query.limit, call.query.after)

    async def own_purchase(call: Call[None, Shopper]) -> Answer:
        return Answer(200, await purchases.one(call.who.person_id, call.path["invoiceId"]))

    return (
        Route("GET", "/shop/v1/purchases", own_purchases, None, tuple[PurchaseDocument, ...],
              "Own purchases, newest first", "shopper", shopper, query=ShortPage),
        Route("GET", "/shop/v1/purchases/{invoiceId}", own_purchase, None, DetailedPurchaseDocument, "One purchase",
              "shopper", shopper, problems=(NOT_FOUND,)),
    )  # fmt: skip
