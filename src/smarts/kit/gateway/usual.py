"""How a good node answers, in raw JSON: its golden documents, and what has to fit the request."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from smarts.kit.gateway.goods import Document, Goods, golden

CARD_NUMBER = "9200000770018"
CARD_CODE = "77"
BONUS = 3.4
_NOT_SOLD = {
    "type": "not-found",
    "title": "There is no such thing.",
    "status": 404,
    "detail": "Not sold here",
    "errors": [],
}


def usual_answer(path: str, body: bytes, goods: Goods) -> tuple[int, Any]:
    """The status and the document with which a good node answers a request; 204 is without a document."""
    try:
        request = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return 400, None
    if not isinstance(request, dict):
        return 422, None
    make = _ANSWERS.get(path)
    return make(request, goods) if make else (204, None)


def _version(_: Document, __: Goods) -> tuple[int, Any]:
    return 200, golden("NodeVersionResponse", name="smarts-conformance")


def _health(_: Document, __: Goods) -> tuple[int, Any]:
    return 200, golden("NodeHealthResponse.up")


def _by_barcode(request: Document, goods: Goods) -> tuple[int, Any]:
    found = goods.find(request.get("barcode"))
    return (200, found) if found else (404, _NOT_SOLD)


def _page(_: Document, goods: Goods) -> tuple[int, Any]:
    found = goods.all()[:5]
    return 200, {"result": found, "lastPage": 1, "totalCount": len(found)}


def _by_name(_: Document, goods: Goods) -> tuple[int, Any]:
    return 200, goods.all()[:5]


def _categories(_: Document, __: Goods) -> tuple[int, Any]:
    return 200, [golden("Category")]


def _decision(_: Document, __: Goods) -> tuple[int, Any]:
    return 200, {"decision": "NO"}


def _card(_: Document, __: Goods) -> tuple[int, Any]:
    return 200, golden(
        "LoyaltyCardRegistrationResponse", cardNumber=CARD_NUMBER, machineReadableCode=CARD_CODE
    )


def _bonus(_: Document, __: Goods) -> tuple[int, Any]:
    return 200, golden("LoyaltyCardBonusResponse", bonus=BONUS, expiresAt=None)


def _offers(_: Document, __: Goods) -> tuple[int, Any]:
    always = {"startDate": None, "endDate": None}
    return 200, [golden("DiscountOffer", **always), golden("DefaultOffer", **always)]


def _receipt(request: Document, _: Goods) -> tuple[int, Any]:
    return 200, receipt_for(request)


def receipt_for(request: Document, **changes: Any) -> Document:
    """A receipt that makes sense for the cart of a request, whatever is in it."""
    rows = request.get("products") or []
    shipment = request.get("shipment") or {}
    total = sum((Decimal(str(row["rowPrice"])) for row in rows), Decimal(str(shipment.get("price") or 0)))
    vat = (total * 24 / 124).quantize(Decimal("0.01"))
    receipt = {
        "institutionInvoiceId": f"K-{request.get('invoiceId')}",
        "invoiceId": request.get("invoiceId"),
        "institutionId": request.get("institutionId"),
        "customerId": request.get("personId"),
        "products": rows,
        "currency": "EUR",
        "totalWithoutAddition": float(total),
        "additionSum": 0,
        "totalWithoutVAT": float(total - vat),
        "vatSum": float(vat),
        "total": float(total),
    }
    return receipt | ({"shipment": shipment} if shipment else {}) | changes


_ANSWERS: dict[str, Callable[[Document, Goods], tuple[int, Any]]] = {
    "/version": _version,
    "/health": _health,
    "/product/search": _page,
    "/product/search/barcode": _by_barcode,
    "/product/search/name": _by_name,
    "/product/search/category": _categories,
    "/control/check": _decision,
    "/card/loyalty": _card,
    "/card/loyalty/bonus": _bonus,
    "/offer/search": _offers,
    "/receipt": _receipt,
}
