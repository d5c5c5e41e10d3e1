"""Nodes that read the fields of an optional feature's requests wrongly."""

from collections.abc import Iterator
from typing import Any

from kit.broken.breakage import Breakage, breakage
from kit.broken.ways import failing, refusing_wrong_types, without
from smarts.wire import operations

_OF_AREAS = (
    ("control", operations.CHECK_PURCHASE),
    ("invoices", operations.RECEIVE_INVOICE),
    ("receipts", operations.CREATE_RECEIPT),
    ("receipts", operations.CONFIRM_RECEIPT),
    ("cards", operations.REGISTER_CARD),
    ("bonus", operations.CARD_BONUS),
    ("orders", operations.RECEIVE_ORDER),
    ("orders", operations.RECEIVE_ORDER_UPDATE),
    ("offers", operations.FIND_OFFERS),
)


def _breakages() -> Iterator[Breakage]:
    for area, operation in _OF_AREAS:
        is_newer = failing(operation, lambda document: "addedLater" in document, 422)
        yield breakage(f"{operation.path}: refuses unknown fields", f"{area}.fields.unknown", is_newer)
        names_nothing = refusing_wrong_types(operation, lambda problem: without(problem, "errors"))
        yield breakage(f"{operation.path}: names no path", f"{area}.fields.wrong-type", names_nothing)


def _names_another(problem: Any) -> Any:
    return problem | {"errors": [{"path": "$.elsewhere", "message": "wrong"}]}


BREAKAGES = (
    *_breakages(),
    breakage(
        "/offer/search: names another path",
        "offers.fields.wrong-type",
        refusing_wrong_types(operations.FIND_OFFERS, _names_another),
    ),
    breakage(
        "/control/check: refuses wrong types with 400",
        "control.fields.wrong-type",
        refusing_wrong_types(operations.CHECK_PURCHASE, dict, 400),
    ),
    breakage(
        "/pickup/order: fails at wrong types",
        "orders.fields.wrong-type",
        refusing_wrong_types(operations.RECEIVE_ORDER, dict, 500),
    ),
    breakage(
        "/invoice: takes wrong types",
        "invoices.fields.wrong-type",
        refusing_wrong_types(operations.RECEIVE_INVOICE, dict, 200),
    ),
)
