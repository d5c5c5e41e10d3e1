"""Checks of the gateway's invoices."""

import time
from decimal import Decimal
from typing import Any

from smarts.kit.gateway.looks import check, money, require_document
from smarts.kit.gateway.played_node import DOWN, Reply
from smarts.kit.gateway.stage import Stage, require
from smarts.kit.gateway.stories import invoiced, paid_cart
from smarts.kit.subject import Case
from smarts.wire.operations import MESSAGE_ID_HEADER

_DAY = 24 * 3600 * 1000


@check("gateway.invoice.sent")
async def invoice(case: Case) -> None:
    """Looks at the invoice of a purchase."""
    story, received = await invoiced(Stage(case))
    require_document("Invoice", received.json(), received.name)
    sold = sorted((row["barcode"], row["quantity"]["value"]) for row in received.json()["products"])
    lines = sorted((line["product"]["barcode"], line["quantity"]) for line in story.paid["lines"])
    require(sold == lines, f"the cart's {lines}", sold)


@check("gateway.invoice.status")
async def status(case: Case) -> None:
    """Looks at the invoice's status."""
    _, received = await invoiced(Stage(case))
    told = received.json().get("status")
    require(told == "PAYED", "PAYED", told)


@check("gateway.invoice.times")
async def times(case: Case) -> None:
    """Looks at the invoice's times, which are now."""
    _, received = await invoiced(Stage(case))
    told = received.json()
    now = time.time() * 1000
    for name in ("createdAt", "closedAt"):
        value = told.get(name)
        is_now = isinstance(value, int) and abs(value - now) < _DAY
        require(is_now, f"{name} in Unix milliseconds", value)
    require(told["createdAt"] <= told["closedAt"], "createdAt before closedAt", told["closedAt"])


@check("gateway.invoice.ids")
async def ids(case: Case) -> None:
    """Compares the invoice's ids with those of the check before."""
    stage = Stage(case)
    story, received = await invoiced(stage)
    told, asked = received.json(), story.asked.json()
    seen = (told.get("id"), told["buyer"].get("uniqueCode"), told["seller"].get("uniqueCode"))
    wanted = (asked["invoiceId"], asked["personId"], asked["institutionId"])
    require(seen == wanted, f"invoice, buyer and seller {wanted}", seen)


@check("gateway.invoice.sums")
async def sums(case: Case) -> None:
    """Adds the invoice up."""
    story, received = await invoiced(Stage(case))
    told = received.json()
    total, vat = money(told["total"]["totalToPay"]), told["total"]["vat"]
    rows: Any = sum((money(row["price"]["total"]) for row in told["products"]), Decimal(0))
    require(rows == total, f"rows that add up to {total}", rows)
    require(money(vat["sumWithVAT"]) == total, f"sumWithVAT {total}", vat)
    net_and_vat = money(vat["sumWithoutVAT"]) + money(vat["VATSum"])
    require(net_and_vat == total, f"sumWithoutVAT and VATSum that add up to {total}", vat)
    paid = money(story.paid["total"]["totalToPay"])
    require(paid == total, f"the {paid} that the shopper paid", total)


@check("gateway.invoice.retry")
async def retried(case: Case) -> None:
    """Takes an invoice at the third time only."""
    stage = Stage(case)
    shopper = await stage.shopper()
    stage.node.answer("/invoice", shopper.person_id, Reply(500))
    stage.node.answer("/invoice", shopper.person_id, DOWN)
    await paid_cart(stage, shopper)
    first, *again = await stage.node.wait_for("/invoice", shopper.person_id, count=3)
    for received in again:
        require(received.json() == first.json(), "the same document again", received.json())


@check("gateway.sends.message-id")
async def message_id(case: Case) -> None:
    """Takes one invoice at the second time only, another one at once, and compares the ids that they came with."""
    stage = Stage(case)
    shopper = await stage.shopper()
    stage.node.answer("/invoice", shopper.person_id, Reply(500))
    first = await paid_cart(stage, shopper)
    tries = await stage.node.wait_for("/invoice", first["invoiceId"], count=2)
    other = await paid_cart(stage, shopper)
    (another, *_) = await stage.node.wait_for("/invoice", other["invoiceId"])
    ids = [received.headers.get(MESSAGE_ID_HEADER, "") for received in (*tries, another)]
    require(all(ids), f"an id in {MESSAGE_ID_HEADER} of {another.name}", "none")
    require(len(set(ids[:-1])) == 1, "the same id at every try", ids[:-1])
    require(ids[-1] not in ids[:-1], "another id for another invoice", ids)


@check("gateway.invoice.once")
async def once(case: Case) -> None:
    """Buys twice, and looks at all invoices when the second one has come."""
    stage = Stage(case)
    shopper = await stage.shopper()
    first = await paid_cart(stage, shopper)
    await stage.node.wait_for("/invoice", first["invoiceId"], accepted=True)
    second = await paid_cart(stage, shopper)
    await stage.node.wait_for("/invoice", second["invoiceId"], accepted=True)
    sent = [received.json() for received in stage.node.heard("/invoice", shopper.person_id)]
    told = {invoice["id"] for invoice in sent}
    wanted = {first["invoiceId"], second["invoiceId"]}
    require(told == wanted, f"the invoices {sorted(wanted)}", sorted(map(str, told)))
    different = [document for number, document in enumerate(sent) if document not in sent[:number]]
    require(len(different) == len(wanted), "each of them as the same document always", different)


@check("gateway.invoice.after-payment")
async def not_before_payment(case: Case) -> None:
    """Checks out, lets somebody else buy something meanwhile, and pays then."""
    stage = Stage(case)
    waiting = await stage.shopper()
    cart = await waiting.check_out(await waiting.cart(stage.node.goods.sell()))
    other = await paid_cart(stage)
    await stage.node.wait_for("/invoice", other["invoiceId"], accepted=True)
    early = stage.node.heard("/invoice", waiting.person_id)
    require(not early, "no invoice before the payment", [each.json()["id"] for each in early])
    await waiting.pay(cart)
    await stage.node.wait_for("/invoice", waiting.person_id, accepted=True)
