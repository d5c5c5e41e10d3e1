"""What becomes of each feature while a store's node does not do it: the one table, for code and documents."""

from dataclasses import dataclass
from enum import StrEnum

from smarts.wire.nodes import Feature


class StillWorks(StrEnum):
    """What a shopper can do while the store's system fails, as problem documents say it."""

    CART = "cart"
    CHECK_OUT = "check-out"
    PAY = "pay"
    ORDERS = "orders"
    PURCHASES = "purchases"
    STAFF = "staff"


_W = StillWorks
_BUYING = (_W.CART, _W.CHECK_OUT, _W.PAY)
_ALWAYS = (_W.ORDERS, _W.PURCHASES, _W.STAFF)
MEANINGS: dict[StillWorks, str] = {
    _W.CART: "what is in the cart stays at its price; quantities can be changed and goods taken out",
    _W.CHECK_OUT: "the cart can be checked out",
    _W.PAY: "a cart that is checked out can be paid for",
    _W.ORDERS: "orders can be looked at and cancelled",
    _W.PURCHASES: "purchases and their receipts can be looked at",
    _W.STAFF: "the store's staff can look at carts, and sell at the till",
}


@dataclass(frozen=True)
class Fallback:
    """A feature without its node: what the shopper gets, what becomes of it later, and what works all the same."""

    feature: Feature
    shopper: str
    later: str
    still_works: tuple[StillWorks, ...]


# fmt: off
FALLBACKS = (
    Fallback(
        Feature.PRODUCT_SEARCH,
        "Nothing can be scanned, searched or priced anew: the gateway keeps no goods and no prices of the store. "
        "What is in the cart can be bought.",
        "The shopper's app keeps what was scanned and asks again; it counts, at the price of then, "
        "or is taken out by the shopper, who pays for the rest.",
        (*_BUYING, *_ALWAYS)),
    Fallback(
        Feature.PURCHASE_CONTROL,
        "The cart is checked out all the same. The store's own rules and those of the goods decide; beside them the "
        "staff look at everything, unless the store has set that its rules are enough.",
        "Nothing: the check is the staff's. A result that the store's system sends counts as always.",
        (*_BUYING, *_ALWAYS)),
    Fallback(
        Feature.RECEIPTS,
        "No cart can be checked out or paid for that has no receipt yet; one that has it can. The cart stays as it "
        "was.",
        "The receipt of a cart that staff have let pass is asked for again by itself. A confirmation of a payment "
        "waits in the outbox.",
        (_W.CART, *_ALWAYS)),
    Fallback(
        Feature.INVOICES,
        "Nothing is different: the gateway makes the invoice, and the shopper has it.",
        "The invoice waits in the outbox.",
        (*_BUYING, *_ALWAYS)),
    Fallback(
        Feature.LOYALTY_CARDS,
        "No card can be linked. Cards that are linked stay so, and carts keep the prices that they had.",
        "Nothing: the shopper tries again.",
        (*_BUYING, *_ALWAYS)),
    Fallback(
        Feature.LOYALTY_BONUS,
        "The cards are shown, the bonus is not, with a word why.",
        "Nothing: it is asked for whenever the cards are shown.",
        (*_BUYING, *_ALWAYS)),
    Fallback(
        Feature.ORDERS,
        "Nothing is different: orders are placed, packed in the worker's app, and cancelled.",
        "The order and each of its changes wait in the outbox, in their order.",
        (*_BUYING, *_ALWAYS)),
    Fallback(
        Feature.OFFERS,
        "No offers are shown, with a word why.",
        "Nothing: they are asked for whenever they are shown.",
        (*_BUYING, *_ALWAYS)),
)
# fmt: on

_BY_FEATURE = {each.feature: each.still_works for each in FALLBACKS}


def still_works(feature: Feature, *, makes_receipts: bool) -> tuple[str, ...]:
    """What works while a node fails at a feature; a store that makes its own receipts cannot sell without its node."""
    words = _BY_FEATURE.get(feature, _ALWAYS)
    return tuple(each.value for each in words if not (makes_receipts and each in (_W.CHECK_OUT, _W.PAY)))
