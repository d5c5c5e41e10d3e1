"""What a node that has everything and sells anything would answer: golden documents, made to fit the request."""

from collections.abc import Callable, Mapping
from typing import Any

from smarts.kit.gateway.goods import golden
from smarts.kit.gateway.usual import receipt_for
from smarts.wire import operations
from smarts.wire.examples import example_object
from smarts.wire.nodes import Feature
from smarts.wire.operations import Operation


class Declined(Exception):  # noqa: N818 - it names what happened
    """The node says no, with this status and these words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def answer_to(operation: Operation, request: Any) -> Any:
    """The plain answer to a plain request; None where the operation has no answer.

    Raises:
        Declined: a barcode of zeros is not sold, and a card needs a value without spaces.
    """
    return _ANSWERS[operation.name](request) if operation.name in _ANSWERS else None


def _version(_: Any) -> Any:
    optional = [feature for feature in Feature if feature not in (Feature.NODE, Feature.PRODUCT_SEARCH)]
    return golden("NodeVersionResponse", features=optional)


def _product(request: Any) -> Any:
    if not request["barcode"].strip("0"):
        raise Declined(404, "The store does not sell this.")
    return golden("Product.plain", id=request["barcode"], barcode=request["barcode"])


def _products(_: Any) -> Any:
    return [example_object("Product.plain")]


def _page(_: Any) -> Any:
    return {"result": _products(None), "lastPage": 1, "totalCount": 1}


def _card(request: Any) -> Any:
    if not request["value"].strip().isalnum():
        raise Declined(422, "There is no such card.")
    return example_object("LoyaltyCardRegistrationResponse")


def _golden(name: str) -> Callable[[Any], Any]:
    return lambda _: example_object(name)


_ANSWERS: Mapping[str, Callable[[Any], Any]] = {
    operations.VERSION.name: _version,
    operations.HEALTH.name: _golden("NodeHealthResponse.up"),
    operations.PRODUCT_SEARCH.name: _page,
    operations.PRODUCT_BY_BARCODE.name: _product,
    operations.PRODUCTS_BY_NAME.name: _products,
    operations.CATEGORIES.name: lambda _: [example_object("Category")],
    operations.CREATE_RECEIPT.name: receipt_for,
    operations.CHECK_PURCHASE.name: _golden("PurchaseControlCheckResponse.no"),
    operations.REGISTER_CARD.name: _card,
    operations.CARD_BONUS.name: _golden("LoyaltyCardBonusResponse"),
    operations.FIND_OFFERS.name: lambda _: [example_object("DiscountOffer")],
}
