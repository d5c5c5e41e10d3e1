"""Nodes that are broken in purchase control."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

from kit.broken.breakage import breakage, remembering
from kit.broken.layer import How, delay
from kit.broken.ways import answering, failing, failing_again, putting
from smarts.wire.operations import CHECK_PURCHASE


def has_strings(document: Any) -> bool:
    return any(isinstance(row[name], str) for row in document["products"] for name in ("amount", "rowPrice"))


def has_unknown(document: Any) -> bool:
    return any(row["barcode"] == "0000000000000" for row in document["products"])


def _when(is_so: Callable[[Any], Any], status: int = 422) -> How:
    return failing(CHECK_PURCHASE, is_so, status)


def _draws_lots() -> How:
    turns = cycle(("NO", "FULL"))
    return answering(CHECK_PURCHASE, lambda *_: {"decision": next(turns)})


BREAKAGES = (
    breakage(
        "answers a check with a word",
        "control.answer.shape control.answer.decision",
        answering(CHECK_PURCHASE, lambda found, _: found["decision"]),
    ),
    breakage(
        "decides nothing",
        "control.answer.shape control.answer.decision",
        answering(CHECK_PURCHASE, lambda *_: {}),
    ),
    breakage(
        "answers a check later, with 202",
        "control.answer.shape control.answer.decision",
        failing(CHECK_PURCHASE, status=202),
    ),
    breakage("decides in small letters", "control.answer.decision", putting(CHECK_PURCHASE, decision="no")),
    breakage(
        "decides something of its own", "control.answer.decision", putting(CHECK_PURCHASE, decision="MAYBE")
    ),
    breakage("takes its time to decide", "control.answer.soon", delay(0.25, CHECK_PURCHASE), patience=0.2),
    remembering(
        "decides once",
        "control.again.answered",
        lambda: failing_again(CHECK_PURCHASE, lambda asked: asked["invoiceId"]),
    ),
    remembering("draws lots", "control.again.same", _draws_lots),
    breakage("wants numbers in a check", "control.cart.strings", _when(has_strings)),
    breakage("wants no shipment in a check", "control.cart.shipment", _when(lambda cart: "shipment" in cart)),
    breakage(
        "has nothing to be picked up",
        "control.cart.shipment",
        _when(lambda cart: cart.get("shipment", {}).get("method") == "PICKUP", 500),
    ),
    breakage(
        "fails at cards in a check", "control.cart.cards", _when(lambda cart: cart.get("loyaltyCards"), 500)
    ),
    breakage("fails at unknown goods in a check", "control.cart.unknown-product", _when(has_unknown, 500)),
    breakage(
        "decides on small carts", "control.cart.big", _when(lambda cart: len(cart["products"]) > 99, 413)
    ),
    breakage(
        "fails at empty carts in a check", "control.cart.empty", _when(lambda cart: not cart["products"], 500)
    ),
)
