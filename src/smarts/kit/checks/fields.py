"""Checks of every optional feature's endpoints alike: fields of the wrong type, and unknown ones."""

import copy
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from smarts.kit import documents
from smarts.kit.carts import Json, rows
from smarts.kit.check import check
from smarts.kit.exchange import Answer
from smarts.kit.expect import excerpt, require_status
from smarts.kit.goods import ordinary
from smarts.kit.subject import Case
from smarts.kit.verdicts import problem_of, require, require_alike
from smarts.wire import operations
from smarts.wire.operations import Operation

Place = tuple[str | int, ...]
_ANYTHING = {"addedLater": {"by": ["a", "newer", "contract"], "none": None}, "x-1": 1.5}


@dataclass(frozen=True)
class Door:
    """An endpoint: a request that it takes, and values that have the wrong type, each at its place."""

    operation: Operation
    request: Callable[[Case], Awaitable[Json]]
    wrong: Mapping[Place, Any]


Doors = tuple[Door, ...]


async def _purchase_check(case: Case) -> Json:
    return documents.purchase_check(case, await rows(case))


async def _receipt_request(case: Case) -> Json:
    return documents.receipt_request(case, await rows(case))


async def _confirmation(case: Case) -> Json:
    request = documents.golden(case, "Receipt") | {
        "invoiceId": documents.new_id(),
        "institutionInvoiceId": documents.new_id(),
        "institutionId": case.subject.institution_id,
    }
    return documents.confirmation(case, request)


async def _invoice(case: Case) -> Json:
    return documents.invoice(case, await ordinary(case, 2))


async def _registration(case: Case) -> Json:
    return documents.registration(case, documents.new_id(), case.subject.person_id)


async def _bonus_request(case: Case) -> Json:
    return documents.bonus_request(case, documents.unknown_card(case), case.subject.person_id)


async def _order(case: Case) -> Json:
    return documents.order(case, await rows(case))


async def _offer_search(case: Case) -> Json:
    return documents.offer_search(case)


_CART: Mapping[Place, Any] = {
    ("products",): "all that there is",
    ("products", 0, "amount"): True,
    ("invoiceId",): 17,
    ("personId",): None,
}
_ORDER: Mapping[Place, Any] = {
    ("products",): {"1": "bread"},
    ("products", 0, "rowPrice"): [1.99],
    ("id",): 17,
    ("shipment", "status"): "SOMEWHERE",
}

DOORS: Mapping[str, Doors] = {
    "control": (Door(operations.CHECK_PURCHASE, _purchase_check, _CART),),
    "invoices": (
        Door(
            operations.RECEIVE_INVOICE,
            _invoice,
            {("products",): "bread", ("total", "totalToPay"): True, ("id",): 17, ("status",): "UNPAID"},
        ),
    ),
    "receipts": (
        Door(operations.CREATE_RECEIPT, _receipt_request, _CART),
        Door(
            operations.CONFIRM_RECEIPT,
            _confirmation,
            {("total",): {}, ("invoiceId",): 17, ("currency",): 978},
        ),
    ),
    "cards": (
        Door(
            operations.REGISTER_CARD,
            _registration,
            {("value",): {"number": "1"}, ("personId",): 17, ("loyaltyCard",): "any"},
        ),
    ),
    "bonus": (
        Door(
            operations.CARD_BONUS,
            _bonus_request,
            {("card",): "1", ("card", "cardNumber"): 1, ("personId",): []},
        ),
    ),
    "orders": (
        Door(operations.RECEIVE_ORDER, _order, _ORDER),
        Door(operations.RECEIVE_ORDER_UPDATE, _order, _ORDER),
    ),
    "offers": (
        Door(
            operations.FIND_OFFERS,
            _offer_search,
            {("institutionId",): 17, ("loyaltyCards",): "1", ("classification",): "BEST"},
        ),
    ),
}


async def _wrong_type(doors: Doors, case: Case) -> None:
    for door in doors:
        for place, value in door.wrong.items():
            answer = await case.ask(door.operation, _with(await door.request(case), place, value))
            require_status(answer, 422, words=f"422 for the wrong type at {_path(place)}")
            _require_path(answer, _path(place))


def _require_path(answer: Answer, path: str) -> None:
    """The refusal names the path: `$.products[0].amount` and `/products/0/amount` go the same way."""
    paths = _paths(answer)
    seen = f"errors with {', '.join(paths)}" if paths else excerpt(answer)
    require(
        re.findall(r"\w+", path) in [re.findall(r"\w+", each) for each in paths], f"errors with {path}", seen
    )


def _with(document: Json, place: Place, value: Any) -> Json:
    changed = copy.deepcopy(document)
    within: Any = changed
    for step in place[:-1]:
        within = within[step]
    within[place[-1]] = value
    return changed


async def _unknown_fields(doors: Doors, case: Case) -> None:
    for door in doors:
        usual = await case.ask(door.operation, await door.request(case))
        require_alike(await case.ask(door.operation, await door.request(case) | _ANYTHING), usual)


def _path(place: Place) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)


def _paths(answer: Answer) -> list[str]:
    errors = problem_of(answer).get("errors")
    found = errors if isinstance(errors, list) else []
    return [str(error.get("path")) for error in found if isinstance(error, dict)]


for _area, _doors in DOORS.items():
    check(f"{_area}.fields.wrong-type")(partial(_wrong_type, _doors))
    check(f"{_area}.fields.unknown")(partial(_unknown_fields, _doors))
