"""Nodes that do each thing well, and not one after the other."""

from typing import Any

from kit.broken.breakage import breakage, remembering
from kit.broken.layer import Answer, Asked, How, Reply
from kit.broken.ways import answering, failing, failing_again, reading, without
from smarts.wire.operations import (
    CARD_BONUS,
    CHECK_PURCHASE,
    CONFIRM_RECEIPT,
    CREATE_RECEIPT,
    FIND_OFFERS,
    PRODUCT_BY_BARCODE,
    RECEIVE_INVOICE,
    RECEIVE_ORDER,
    RECEIVE_ORDER_UPDATE,
    Operation,
)

_RENAMED = "As it was called at the scan"


def _forgets_what_it_scanned(operation: Operation, status: int) -> How:
    """Calls goods otherwise at the scan, and does not know them by that name."""
    renamed = {"originalText": _RENAMED, "translations": []}
    at_the_scan = answering(PRODUCT_BY_BARCODE, lambda found, _: found | {"translatableName": renamed})

    async def how(asked: Asked, answer: Answer) -> Reply:
        if asked.of(operation) and _RENAMED.encode() in asked.body:
            return Reply(status)
        return await at_the_scan(asked, answer)

    return how


def _forgets_receipts_when_paid() -> How:
    paid: set[str] = set()

    async def how(asked: Asked, answer: Answer) -> Reply:
        if asked.of(CONFIRM_RECEIPT):
            paid.add(asked.json["invoiceId"])
        if asked.of(CREATE_RECEIPT) and asked.json["invoiceId"] in paid:
            return Reply(409)
        return await answer(asked)

    return how


def _suspects_smaller_carts() -> How:
    last: dict[str, Any] = {}

    def is_smaller(asked: Any) -> bool:
        before, now = last.get(asked["personId"], []), asked["products"]
        last[asked["personId"]] = now
        return len(now) < len(before) and before[: len(now)] == now

    return failing(CHECK_PURCHASE, is_smaller, 409)


def _dearer(receipt: Any, _: Any) -> Any:
    rows = [row | {"rowPrice": round(float(row["rowPrice"]) + 1, 2)} for row in receipt["products"]]
    return receipt | {"products": rows, "total": round(receipt["total"] + len(rows), 2)}


def _other_goods(offers: Any, _: Any) -> Any:
    return [
        offer | {"relatedProduct": offer["relatedProduct"] | {"barcode": "0000000000000"}}
        if "relatedProduct" in offer
        else offer
        for offer in offers
    ]


def _pays_with_bonus(asked: Any) -> bool:
    return any(card.get("useBonusOnPayment") for card in asked.get("loyaltyCards", ()))


def _uses_more_bonus(receipt: Any, _: Any) -> Any:
    cards = [card | {"bonusUsed": 1000} for card in receipt["loyaltyCards"]]
    return receipt | {"loyaltyCards": cards}


def _asks_the_whole_price(receipt: Any, _: Any) -> Any:
    used = sum(card.get("bonusUsed", 0) for card in receipt["loyaltyCards"])
    return receipt | {"total": round(receipt["total"] + used, 2)}


def _books_at_once() -> How:
    """A bonus that is a euro less after each receipt."""
    made: list[Asked] = []

    async def how(asked: Asked, answer: Answer) -> Reply:
        found = await answer(asked)
        if asked.of(CREATE_RECEIPT) and found.status == 200 and _pays_with_bonus(asked.json):
            made.append(asked)
        if asked.of(CARD_BONUS) and found.status == 200:
            return found.with_json(found.json | {"bonus": found.json["bonus"] - len(made)})
        return found

    return how


def _ends_as(status: str) -> How:
    return failing(RECEIVE_ORDER_UPDATE, lambda asked: asked["shipment"]["status"] == status)


BREAKAGES = (
    breakage(
        "does not check what it scanned",
        "stories.check.scanned stories.check.after-result",
        _forgets_what_it_scanned(CHECK_PURCHASE, 500),
    ),
    remembering("takes a smaller cart for theft", "stories.check.after-result", _suspects_smaller_carts),
    breakage(
        "sells nothing that it scanned",
        "stories.receipt.paid stories.receipt.after-payment stories.receipt.scanned-price stories.card.price",
        _forgets_what_it_scanned(CREATE_RECEIPT, 500),
    ),
    remembering(
        "is told once that a receipt is paid",
        "stories.receipt.paid stories.receipt.lost-answer",
        lambda: failing_again(CONFIRM_RECEIPT, lambda asked: asked["invoiceId"]),
    ),
    remembering(
        "forgets receipts when they are paid", "stories.receipt.after-payment", _forgets_receipts_when_paid
    ),
    remembering(
        "does not repeat a receipt that was lost",
        "stories.receipt.lost-answer stories.receipt.after-payment",
        lambda: failing_again(CREATE_RECEIPT, lambda asked: asked["invoiceId"]),
    ),
    breakage(
        "asks more than the scan said",
        "stories.receipt.scanned-price stories.card.price",
        answering(CREATE_RECEIPT, _dearer),
    ),
    breakage(
        "takes no invoice of what it scanned",
        "stories.invoice.scanned",
        _forgets_what_it_scanned(RECEIVE_INVOICE, 422),
    ),
    remembering(
        "does not take an invoice whose answer was lost",
        "stories.invoice.lost-answer",
        lambda: failing_again(RECEIVE_INVOICE, lambda asked: asked["id"]),
    ),
    breakage(
        "does not hear that an order is completed",
        "stories.order.completed stories.order.receipt",
        _ends_as("COMPLETED"),
    ),
    breakage(
        "does not hear that the store cancels",
        "stories.order.cancelled",
        _ends_as("CANCELLED_BY_INSTITUTION"),
    ),
    remembering(
        "does not take an order whose answer was lost",
        "stories.order.lost-answer",
        lambda: failing_again(RECEIVE_ORDER, lambda asked: asked["id"]),
    ),
    breakage(
        "takes no order of a receipt",
        "stories.order.receipt",
        failing(RECEIVE_ORDER, lambda asked: "institutionInvoiceId" in asked, 422),
    ),
    breakage(
        "sells nothing to shoppers with cards",
        "stories.card.travels stories.card.price",
        failing(PRODUCT_BY_BARCODE, lambda asked: bool(asked.get("loyaltyCards")), 404),
    ),
    breakage(
        "forgets the card when it makes the receipt",
        "stories.card.price",
        reading(CREATE_RECEIPT, lambda asked: without(asked, "loyaltyCards")),
    ),
    breakage(
        "uses a bonus that is not there",
        "stories.card.bonus",
        answering(CREATE_RECEIPT, _uses_more_bonus, _pays_with_bonus),
    ),
    breakage(
        "uses a bonus and asks the whole price",
        "stories.card.bonus",
        answering(CREATE_RECEIPT, _asks_the_whole_price, _pays_with_bonus),
    ),
    remembering("books a bonus before it is paid", "stories.card.bonus-unpaid", _books_at_once),
    breakage("offers what it does not sell", "stories.offer.scanned", answering(FIND_OFFERS, _other_goods)),
)
