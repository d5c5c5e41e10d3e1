"""Request documents: the golden examples, about goods that the node really sells and purchases of its own."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from smarts.kit.asked import like
from smarts.kit.subject import Case

Json = dict[str, Any]


def golden(case: Case, name: str, **changes: Any) -> Json:
    """A golden document by its name, told by the shopper and the store of the run, and changed."""
    document: Json = like(case, name, **changes)
    return document


def new_id() -> str:
    """An id that the node has not seen."""
    return f"conformance-{uuid4()}"


def unknown_card(case: Case) -> Json:
    """A card that is nobody's, as it travels with requests."""
    return golden(case, "ClientCard", cardNumber=new_id())


def unknown_row(case: Case) -> Json:
    """A row of a product that nobody sells."""
    return golden(case, "ReceiptProduct", id=new_id(), barcode="0000000000000")


def shipments(case: Case, status: str) -> list[Json]:
    """A shipment of each way of delivery: by parcel machine, by courier, to be picked up."""
    names = ("Shipment", "Shipment.courier", "Shipment.pickup")
    return [golden(case, name, status=status) for name in names]


def purchase_check(case: Case, rows: Sequence[Json]) -> Json:
    """A cart before payment, without what may be there too."""
    return _cart(case, "PurchaseControlCheckRequest", rows)


def receipt_request(case: Case, rows: Sequence[Json]) -> Json:
    """A cart for which the node shall make a receipt, without what may be there too."""
    return _cart(case, "CreateReceiptRequest", rows)


def _cart(case: Case, name: str, rows: Sequence[Json]) -> Json:
    document = golden(case, name, invoiceId=new_id(), products=list(rows))
    del document["loyaltyCards"]
    return document


def confirmation(case: Case, receipt: Json) -> Json:
    """The word that a receipt is paid."""
    told = ("invoiceId", "institutionInvoiceId", "institutionId", "total", "currency")
    paid_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    document = golden(case, "ReceiptPaymentConfirmationRequest", paidAt=paid_at)
    return document | {name: receipt[name] for name in told}


def invoice(case: Case, products: Sequence[Json]) -> Json:
    """A paid invoice for one piece of each of these products."""
    document = golden(case, "Invoice")
    now = time.time_ns() // 1_000_000
    with_vat, vat = _sum(products, "sumWithVAT"), _sum(products, "VATSum")
    return document | {
        "id": new_id(),
        "seller": document["seller"] | {"uniqueCode": case.subject.institution_id},
        "buyer": {"uniqueCode": case.subject.person_id, "loyaltyCards": []},
        "createdAt": now - 60_123,
        "closedAt": now,
        "products": [product | {"quantity": {"unit": "PIECE", "value": 1}} for product in products],
        "total": {
            "vat": {
                "sumWithVAT": float(with_vat),
                "sumWithoutVAT": float(with_vat - vat),
                "VATSum": float(vat),
            },
            "totalToPay": float(with_vat),
        },
    }


def _sum(products: Sequence[Json], name: str) -> Decimal:
    return round(sum((Decimal(str(product["price"]["vat"][name])) for product in products), Decimal(0)), 2)


def order(case: Case, rows: Sequence[Json], *statuses: str) -> Json:
    """An order that has gone through these statuses; without any it waits for the store."""
    document = golden(case, "Order")
    for name in ("institutionInvoiceId", "resolverId"):
        del document[name]
    shipment = document["shipment"]
    steps = statuses or ("DRAFT", "WAITING_FOR_CONFIRMATION")
    price = sum((Decimal(str(row["rowPrice"])) for row in rows), Decimal(str(shipment["price"])))
    return (
        document
        | {
            "id": new_id(),
            "customerId": case.subject.person_id,
            "institutionId": case.subject.institution_id,
            "invoiceId": new_id(),
            "shipment": shipment | {"status": steps[-1]},
            "products": list(rows),
            "orderTotalPrice": float(price),
            "created": _today(),
        }
        | _history(steps)
    )


def moved(document: Json, *statuses: str) -> Json:
    """The same order when it has gone through these statuses."""
    return document | {"shipment": document["shipment"] | {"status": statuses[-1]}} | _history(statuses)


_ENDS = ("COMPLETED", "CANCELLED_BY_CLIENT", "CANCELLED_BY_INSTITUTION", "MISSED", "PAYMENT_FAILED")


def _history(statuses: Sequence[str]) -> Json:
    changes = [
        {"personName": "Jaan Tamm", "newStatus": status, "created": _today()}
        | ({"previousStatus": statuses[place - 1]} if place else {})
        for place, status in enumerate(statuses)
    ]
    return {"closed": _today() if statuses[-1] in _ENDS else None, "statusChangelogs": changes}


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def registration(case: Case, value: str, person_id: str) -> Json:
    """A shopper links a card by what was typed; which kind of card, the node's operator may have named."""
    document = golden(case, "LoyaltyCardRegistrationRequest")
    kind = document["loyaltyCard"]
    return document | {
        "loyaltyCard": kind | {"id": case.subject.card_kind or kind["id"]},
        "value": value,
        "personId": person_id,
    }


def bonus_request(case: Case, card: Json, person_id: str) -> Json:
    """How much bonus is on a card."""
    return golden(case, "LoyaltyCardBonusRequest", card=card, personId=person_id)


def offer_search(case: Case) -> Json:
    """Which offers there are for the shopper, without what may be there too."""
    document = golden(case, "OfferSearchRequest")
    del document["loyaltyCards"], document["classification"]
    return document
