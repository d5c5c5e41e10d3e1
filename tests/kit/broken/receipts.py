"""Nodes that are broken in merchant side invoicing."""

from collections.abc import Callable
from itertools import count
from typing import Any

from kit.broken.breakage import breakage, remembering
from kit.broken.control import has_strings, has_unknown
from kit.broken.layer import Answer, Asked, How, Reply, delay
from kit.broken.ways import (
    always,
    answering,
    failing,
    failing_again,
    instead_of_refusing,
    putting,
    reading,
    refusing,
    without,
)
from smarts.wire.operations import CONFIRM_RECEIPT, CREATE_RECEIPT

_SUMS = "receipts.sums."


def _more(*names: str, by: float = 1.0, when: Callable[[Any], bool] = always) -> How:
    """A node whose receipts have more in these fields."""

    def change(receipt: Any, _: Any) -> Any:
        return receipt | {name: round(receipt[name] + by, 3) for name in names}

    return answering(CREATE_RECEIPT, change, when)


def _rows(change: Callable[[Any, Any], Any]) -> How:
    """A node whose receipts have other rows."""
    return answering(
        CREATE_RECEIPT, lambda receipt, asked: receipt | {"products": change(receipt["products"], asked)}
    )


def _takes_the_bonus(receipt: Any, asked: Any) -> Any:
    cards = [
        without(each, "useBonusOnPayment") | {"bonusUsed": 0.5} for each in asked.get("loyaltyCards", ())
    ]
    return receipt | {"loyaltyCards": cards, "total": round(receipt["total"] - 0.5 * len(cards), 2)}


def _owes_vat(receipt: Any, _: Any) -> Any:
    return receipt | {"vatSum": -1, "totalWithoutVAT": round(receipt["total"] + 1, 2)}


def _names_of_the_cart(rows: Any, asked: Any) -> Any:
    named = zip(rows, asked["products"], strict=True)
    return [row | {"productName": before["productName"]} for row, before in named]


def _without_unknown(asked: Any) -> Any:
    return asked | {"products": [row for row in asked["products"] if row["barcode"] != "0000000000000"]}


def _numbers_each_answer() -> How:
    numbers = count(1)
    return answering(
        CREATE_RECEIPT, lambda receipt, _: receipt | {"institutionInvoiceId": f"R-{next(numbers)}"}
    )


def _wants_the_whole_sum() -> How:
    totals: dict[str, float] = {}

    async def how(asked: Asked, answer: Answer) -> Reply:
        found = await answer(asked)
        if asked.of(CREATE_RECEIPT) and found.status == 200:
            totals[found.json["invoiceId"]] = found.json["total"]
        if asked.of(CONFIRM_RECEIPT) and found.status < 300:
            confirmation = asked.json
            return found if confirmation["total"] >= totals[confirmation["invoiceId"]] else Reply(422)
        return found

    return how


_ANSWERS = (
    breakage(
        "makes receipts without a total",
        "receipts.answer.shape",
        answering(CREATE_RECEIPT, lambda each, _: without(each, "total")),
    ),
    breakage("writes the total as text", "receipts.answer.shape", putting(CREATE_RECEIPT, total="7.62")),
    breakage("sells for pounds", "receipts.answer.shape", putting(CREATE_RECEIPT, currency="GBP")),
    breakage(
        "takes its time for a receipt", "receipts.answer.soon", delay(0.25, CREATE_RECEIPT), patience=0.2
    ),
    breakage(
        "answers with another invoice's id",
        "receipts.answer.ids receipts.confirm.accepted",
        putting(CREATE_RECEIPT, invoiceId="another"),
    ),
    breakage(
        "answers with another store's id",
        "receipts.answer.ids",
        putting(CREATE_RECEIPT, institutionId="another"),
    ),
    breakage("forgets whose receipt it is", "receipts.answer.ids", putting(CREATE_RECEIPT, customerId="")),
    breakage(
        "has blank numbers",
        "receipts.answer.number receipts.another.number receipts.confirm.accepted",
        putting(CREATE_RECEIPT, institutionInvoiceId=" "),
    ),
    breakage(
        "has endless numbers",
        "receipts.answer.number receipts.confirm.accepted",
        answering(
            CREATE_RECEIPT, lambda each, _: each | {"institutionInvoiceId": each["institutionInvoiceId"] * 50}
        ),
    ),
    breakage(
        "adds a bag",
        "receipts.rows.goods receipts.rows.weighed receipts.rows.names",
        _rows(lambda rows, _: [*rows, rows[0] | {"barcode": "4740000009999", "rowPrice": 0}]),
    ),
    breakage(
        "sells one of each",
        "receipts.rows.goods receipts.rows.weighed",
        _rows(lambda rows, _: [row | {"amount": 1} for row in rows]),
    ),
    breakage(
        "rounds weights",
        "receipts.rows.weighed",
        _rows(lambda rows, _: [row | {"amount": round(row["amount"])} for row in rows]),
    ),
    breakage("leaves goods named as in the cart", "receipts.rows.names", _rows(_names_of_the_cart)),
    breakage(
        "knows three languages",
        "receipts.rows.strange-language",
        failing(CREATE_RECEIPT, lambda asked: asked["langCode"] not in ("ET", "EN", "RU")),
    ),
)
_RECKONING = (
    breakage(
        "has a total of its own",
        f"{_SUMS}rows {_SUMS}exact",
        _more("total", "totalWithoutVAT", "totalWithoutAddition"),
    ),
    breakage("has the VAT twice", f"{_SUMS}vat {_SUMS}exact", _more("vatSum")),
    breakage("forgets an addition", f"{_SUMS}additions {_SUMS}exact", _more("totalWithoutAddition")),
    breakage("is a cent off in VAT", f"{_SUMS}exact", _more("vatSum", by=0.01)),
    breakage("is a cent off in additions", f"{_SUMS}exact", _more("additionSum", by=0.01)),
    breakage("reckons in tenths of a cent", f"{_SUMS}cents {_SUMS}exact", _more("total", by=0.001)),
    breakage("owes VAT", f"{_SUMS}negative", answering(CREATE_RECEIPT, _owes_vat)),
)
_CARTS = (
    remembering(
        "makes a receipt once",
        "receipts.again.answered",
        lambda: failing_again(CREATE_RECEIPT, lambda asked: asked["invoiceId"]),
    ),
    remembering("numbers each answer", "receipts.again.same receipts.confirm.accepted", _numbers_each_answer),
    breakage(
        "has one number for all",
        "receipts.another.number receipts.confirm.accepted",
        putting(CREATE_RECEIPT, institutionInvoiceId="R-1"),
    ),
    breakage(
        "wants numbers for a receipt", "receipts.cart.strings", failing(CREATE_RECEIPT, has_strings, 422)
    ),
    breakage("reads strings otherwise", "receipts.cart.strings", _more("total", when=has_strings)),
    breakage(
        "forgets the shipment",
        "receipts.cart.shipment",
        reading(CREATE_RECEIPT, lambda asked: without(asked, "shipment")),
    ),
    breakage(
        "delivers for nothing",
        f"receipts.cart.shipment {_SUMS}rows {_SUMS}vat {_SUMS}additions {_SUMS}exact",
        _more("total", by=-2.99, when=lambda asked: "shipment" in asked),
    ),
    breakage(
        "fails at cards for a receipt",
        "receipts.cart.cards",
        failing(CREATE_RECEIPT, lambda asked: bool(asked.get("loyaltyCards"))),
    ),
    breakage(
        "takes the bonus unasked", "receipts.cart.bonus-unasked", answering(CREATE_RECEIPT, _takes_the_bonus)
    ),
    breakage(
        "fails at goods that it does not sell",
        "receipts.cart.unknown-product",
        failing(CREATE_RECEIPT, has_unknown),
    ),
    breakage(
        "leaves out goods that it does not sell",
        "receipts.cart.unknown-product",
        reading(CREATE_RECEIPT, _without_unknown),
    ),
    breakage(
        "refuses goods without a word",
        "receipts.cart.unknown-product-words",
        refusing(CREATE_RECEIPT, lambda each: without(each, "detail")),
    ),
    breakage(
        "sells nothing for nothing",
        "receipts.cart.odd-amount",
        instead_of_refusing(CREATE_RECEIPT, 200, {}, lambda asked: asked["products"][0]["amount"] == 0),
    ),
    breakage(
        "makes short receipts",
        "receipts.cart.big",
        failing(CREATE_RECEIPT, lambda asked: len(asked["products"]) > 99, 413),
    ),
)
_CONFIRMATIONS = (
    breakage("is not told of payments", "receipts.confirm.accepted", failing(CONFIRM_RECEIPT)),
    remembering(
        "is told once of a payment",
        "receipts.confirm.again",
        lambda: failing_again(CONFIRM_RECEIPT, lambda asked: asked["invoiceId"]),
    ),
    breakage(
        "believes in any payment",
        "receipts.confirm.unknown",
        instead_of_refusing(CONFIRM_RECEIPT, 200, {}, lambda asked: isinstance(asked["total"], float)),
    ),
    remembering("wants the whole sum", "receipts.confirm.less", _wants_the_whole_sum),
)
BREAKAGES = (*_ANSWERS, *_RECKONING, *_CARTS, *_CONFIRMATIONS)
