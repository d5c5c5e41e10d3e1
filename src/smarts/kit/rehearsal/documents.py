"""The document of any operation: made of a visit where there is a cart, else the golden one; and changes by hand."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, get_origin

from smarts.kit.gateway.goods import golden
from smarts.kit.rehearsal.visit import Visit, moved
from smarts.wire import operations
from smarts.wire.codec import encode
from smarts.wire.examples import example_names, example_object
from smarts.wire.operations import Operation
from smarts.wire.products import ProductSearchRequest
from smarts.wire.shipments import ShipmentStatus

_STEP = re.compile(r"(?:^|\.)([^.\[\]=]+)|\[(\d+)\]")
_OF_CART: Mapping[str, Callable[[Visit], Any]] = {
    operations.CHECK_PURCHASE.name: Visit.check_request,
    operations.CREATE_RECEIPT.name: Visit.receipt_request,
    operations.CONFIRM_RECEIPT.name: Visit.confirmation,
    operations.RECEIVE_INVOICE.name: Visit.invoice,
    operations.RECEIVE_ORDER.name: Visit.order,
    operations.RECEIVE_ORDER_UPDATE.name: lambda visit: moved(visit.order(), ShipmentStatus.CONFIRMED),
}


def document_for(operation: Operation, visit: Visit) -> Any:
    """The plain JSON document that is sent with an operation in a visit; None where it has no body."""
    if operation.request is None:
        return None
    if operation.request is ProductSearchRequest:
        return plain(visit.search()) | _searched(operation)
    if operation is operations.PRODUCT_SEARCH:
        cards = plain(visit.cards)
        return {
            "page": 1,
            "limit": 10,
            "orderBy": "ACS",
            "request": plain(visit.search()),
            "loyaltyCards": cards,
        }
    if visit.lines and operation.name in _OF_CART:
        return plain(_OF_CART[operation.name](visit))
    return _in_visit(example_object(_golden_name(operation)), visit)


def _searched(operation: Operation) -> dict[str, Any]:
    """What the golden documents search for, where one must be named."""
    field = {operations.PRODUCT_BY_BARCODE: "barcode", operations.PRODUCTS_BY_NAME: "name"}.get(operation)
    return {field: golden(f"ProductSearchRequest.{field}")[field]} if field else {}


def plain(document: Any) -> Any:
    """A data object as the plain JSON values that are sent; numbers keep their digits where a double can."""
    return json.loads(encode(document))


def change(document: Any, assignment: str) -> None:
    """Sets one value in a plain document: `products[0].amount=5`.

    What stands on the right is JSON; text where it is none. A number in place of a text, such as a barcode, is text.

    Raises:
        ValueError: it is no assignment, or there is nothing such in the document.
    """
    path, sign, text = assignment.partition("=")
    steps = [name or int(index) for name, index in _STEP.findall(path.removeprefix("$").removeprefix("."))]
    if not sign or not steps:
        raise ValueError(f"Expected path=value, such as products[0].amount=5, got {assignment}")
    try:
        for step in steps[:-1]:
            document = document[step]
        before = document.get(steps[-1]) if isinstance(document, dict) else document[steps[-1]]
        value = _value(text)
        document[steps[-1]] = text if isinstance(before, str) and isinstance(value, int | float) else value
    except (KeyError, IndexError, TypeError):
        raise ValueError(f"There is no {path} in the document") from None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _golden_name(operation: Operation) -> str:
    kind = get_origin(operation.request) or operation.request
    name: str = kind.__name__
    if name not in example_names():
        raise LookupError(f"there is no golden document for {operation.name}")
    return name


def _in_visit(document: Any, visit: Visit) -> Any:
    """The golden document with the visit's store, shopper, language and cards."""
    known = {
        "institutionId": visit.institution_id,
        "personId": visit.person_id,
        "customerId": visit.person_id,
        "langCode": visit.language,
        "loyaltyCards": plain(visit.cards),
    }
    for name, value in document.items():
        if name in known:
            document[name] = known[name]
        elif name == "request":
            document[name] = _in_visit(value, visit)
    return document
