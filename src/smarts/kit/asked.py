"""The documents that are asked with: the golden ones, told by the shopper and the store of the run."""

import json
from typing import Any

from smarts.kit.subject import Case
from smarts.wire import operations
from smarts.wire.examples import example
from smarts.wire.operations import Operation

_GOLDEN = {
    operations.PRODUCT_SEARCH: "PageRequest",
    operations.PRODUCT_BY_BARCODE: "ProductSearchRequest.barcode",
    operations.PRODUCTS_BY_NAME: "ProductSearchRequest.name",
    operations.CATEGORIES: "ProductSearchRequest",
    operations.RECEIVE_INVOICE: "Invoice",
    operations.CREATE_RECEIPT: "CreateReceiptRequest",
    operations.CONFIRM_RECEIPT: "ReceiptPaymentConfirmationRequest",
    operations.CHECK_PURCHASE: "PurchaseControlCheckRequest",
    operations.REGISTER_CARD: "LoyaltyCardRegistrationRequest",
    operations.CARD_BONUS: "LoyaltyCardBonusRequest",
    operations.RECEIVE_ORDER: "Order",
    operations.RECEIVE_ORDER_UPDATE: "Order",
    operations.FIND_OFFERS: "OfferSearchRequest",
}


def golden(case: Case, operation: Operation, **changes: Any) -> Any:
    """The golden request of an operation, changed; None for an operation without one.

    `personId`, `institutionId` and `langCode` are those of the run, where the document has them at its top.
    """
    name = _GOLDEN.get(operation)
    return None if name is None else like(case, name, **changes)


def like(case: Case, name: str, **changes: Any) -> Any:
    """A golden document by its name, as `golden` gives it."""
    document = json.loads(example(name))
    ours = {
        "personId": case.subject.person_id,
        "institutionId": case.subject.institution_id,
        "langCode": case.subject.language,
    }
    return document | {field: value for field, value in ours.items() if field in document} | changes


def search(case: Case, **changes: Any) -> Any:
    """A product search request with nothing in it but who asks."""
    base = {"type": "SELF_SERVICE", "langCode": case.subject.language, "loyaltyCards": []}
    return base | {"personId": case.subject.person_id, "institutionId": case.subject.institution_id} | changes


def page(case: Case, number: int = 1, limit: int = 20, *, request: Any = None, **changes: Any) -> Any:
    """A request for a page of products, in the order in which the node lists them."""
    document = {"page": number, "limit": limit, "request": request or search(case), "loyaltyCards": []}
    return document | changes
