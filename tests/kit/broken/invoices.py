"""Nodes that are broken in receiving invoices."""

from collections.abc import Callable
from typing import Any

from kit.broken.breakage import Breakage, breakage, remembering
from kit.broken.layer import Answer, Asked, How, Reply
from kit.broken.ways import failing, failing_again
from smarts.wire.operations import RECEIVE_INVOICE


def _fails(words: str, breaks: str, when: Callable[[Any], Any], status: int = 422) -> Breakage:
    return breakage(f"{words} of an invoice", breaks, failing(RECEIVE_INVOICE, when, status))


def _locks_itself_out() -> How:
    """Refuses an invoice while it is being written down."""
    writing: set[bytes] = set()

    async def how(asked: Asked, answer: Answer) -> Reply:
        if not asked.of(RECEIVE_INVOICE) or asked.body in writing:
            return Reply(500) if asked.of(RECEIVE_INVOICE) else await answer(asked)
        writing.add(asked.body)
        try:
            return await answer(asked)
        finally:
            writing.discard(asked.body)

    return how


def _is_poisoned() -> How:
    """Keeps the id of an invoice before it has read the rest."""
    known: set[str] = set()

    async def how(asked: Asked, answer: Answer) -> Reply:
        found = await answer(asked)
        if asked.of(RECEIVE_INVOICE) and found.status == 422:
            known.add(asked.json["id"] if isinstance(asked.json["id"], str) else "")
        if asked.of(RECEIVE_INVOICE) and found.status < 300 and asked.json["id"] in known:
            return Reply(409)
        return found

    return how


BREAKAGES = (
    _fails("takes nothing", "invoices.paid.accepted", lambda _: True, 500),
    _fails("wants another address", "invoices.paid.accepted", lambda _: True, 302),
    remembering(
        "takes an invoice once",
        "invoices.paid.again invoices.paid.at-once",
        lambda: failing_again(RECEIVE_INVOICE, lambda asked: asked["id"]),
    ),
    remembering("locks itself out", "invoices.paid.at-once", _locks_itself_out),
    remembering("is poisoned by a broken invoice", "invoices.paid.after-broken", _is_poisoned),
    _fails(
        "wants goods that it knows",
        "invoices.paid.unsold",
        lambda asked: any(each["barcode"] == "0000000000000" for each in asked["products"]),
    ),
    _fails("reads the first 99 rows", "invoices.paid.big", lambda asked: len(asked["products"]) > 99, 413),
    _fails(
        "wants no milliseconds", "invoices.date.millis", lambda asked: asked["createdAt"] == 1_795_422_600_001
    ),
    _fails("wants seconds only", "invoices.date.day", lambda asked: isinstance(asked["createdAt"], str)),
    _fails("wants no shipment", "invoices.with.shipment", lambda asked: "shipment" in asked),
    _fails(
        "fails at campaigns", "invoices.with.campaigns", lambda asked: asked.get("institutionCampaigns"), 500
    ),
    _fails("fails at cards", "invoices.with.cards", lambda asked: asked["buyer"].get("loyaltyCards"), 500),
    _fails(
        "wants numbers",
        "invoices.with.strings",
        lambda asked: any(
            isinstance(each.get("quantity", {}).get("value"), str) for each in asked["products"]
        ),
    ),
    _fails("wants the address", "invoices.with.nothing-more", lambda asked: "address" not in asked["seller"]),
    _fails("wants cards", "invoices.with.nothing-more", lambda asked: "loyaltyCards" not in asked["buyer"]),
)
