"""Checks of whole flows, through several endpoints."""

from decimal import Decimal

from smarts.kit import documents
from smarts.kit.carts import Json, rows, scan, scanned
from smarts.kit.check import Unseen, check
from smarts.kit.checks import offers, orders
from smarts.kit.checks.control import decision_on
from smarts.kit.checks.loyalty import HOLDER, bonus_on, linked_card
from smarts.kit.checks.receipt_sums import require_holds
from smarts.kit.checks.receipts import receipt, require_same
from smarts.kit.documents import moved
from smarts.kit.expect import done
from smarts.kit.goods import ordinary, row
from smarts.kit.leaving import send_and_leave
from smarts.kit.subject import Case
from smarts.kit.sums import number, sums_of
from smarts.kit.verdicts import require
from smarts.wire.nodes import Feature
from smarts.wire.operations import (
    CONFIRM_RECEIPT,
    CREATE_RECEIPT,
    RECEIVE_INVOICE,
    RECEIVE_ORDER,
    RECEIVE_ORDER_UPDATE,
)

_MOST_TRIED = 20  # goods that are scanned until one is found with the price that a story needs


async def _cart(case: Case) -> list[Json]:
    """Three goods that were scanned."""
    return [row(product) for product in await scanned(case, 3)]


def _need_receipts(case: Case) -> None:
    if Feature.RECEIPTS not in case.subject.declared:
        raise Unseen("the node does not declare receipts, through which this story leads")


@check("stories.check.scanned")
async def scan_and_check(case: Case) -> None:
    """Scans three products and checks out."""
    cart = await _cart(case)
    await decision_on(case, documents.purchase_check(case, cart))


@check("stories.check.after-result")
async def check_again_after_result(case: Case) -> None:
    """Checks out, lets the supervisor take away a row, and checks out again."""
    cart = await _cart(case)
    await decision_on(case, documents.purchase_check(case, cart))
    await decision_on(case, documents.purchase_check(case, cart[:-1] or cart))


@check("stories.receipt.paid")
async def pay_receipt(case: Case) -> None:
    """Scans, asks for the receipt, pays, and tells so twice."""
    await _paid(case, times=2)


@check("stories.receipt.after-payment")
async def receipt_after_payment(case: Case) -> None:
    """Asks for the receipt of a cart that is paid."""
    document, paid = await _paid(case, times=1)
    require_same(await receipt(case, document), paid)


async def _paid(case: Case, *, times: int) -> tuple[Json, Json]:
    document = documents.receipt_request(case, await _cart(case))
    found = await receipt(case, document)
    await _confirm(case, found, times=times)
    return document, found


async def _confirm(case: Case, found: Json, *, times: int = 1, total: Decimal | None = None) -> None:
    confirmation = documents.confirmation(case, found) | ({} if total is None else {"total": float(total)})
    for _ in range(times):
        await done(case, CONFIRM_RECEIPT, confirmation)


@check("stories.receipt.lost-answer")
async def receipt_lost(case: Case) -> None:
    """Asks for a receipt, goes away, asks again, pays, goes away, and tells again."""
    document = documents.receipt_request(case, await rows(case))
    await send_and_leave(case, CREATE_RECEIPT, document)
    found = await receipt(case, document)
    await send_and_leave(case, CONFIRM_RECEIPT, documents.confirmation(case, found))
    await _confirm(case, found)


@check("stories.receipt.scanned-price")
async def scanned_price(case: Case) -> None:
    """Buys one piece of something without campaigns."""
    plain = [product for product in await ordinary(case, 50) if not product.get("campaigns")]
    if not plain:
        raise Unseen("all products of the node have campaigns")
    product = await scan(case, plain[0]["barcode"])
    found = await receipt(case, documents.receipt_request(case, [row(product)]))
    _require_price(found, product)


def _require_price(found: Json, product: Json) -> None:
    (line, *_) = found.get("products") or [{}]
    price = number(product["price"], "total")
    require(number(line, "rowPrice") == price, f"a rowPrice of {price}, as scanned", line.get("rowPrice"))


@check("stories.invoice.scanned")
async def invoice_scanned(case: Case) -> None:
    """Scans three products, and sends the paid invoice."""
    document = documents.invoice(case, await scanned(case, 3))
    await done(case, RECEIVE_INVOICE, document)


@check("stories.invoice.lost-answer")
async def invoice_lost(case: Case) -> None:
    """Sends an invoice, goes away, and sends it twice again."""
    document = documents.invoice(case, await ordinary(case, 2))
    await send_and_leave(case, RECEIVE_INVOICE, document)
    for _ in range(2):
        await done(case, RECEIVE_INVOICE, document)


@check("stories.order.completed")
async def order_completed(case: Case) -> None:
    """Orders what was scanned, and has it brought."""
    cart = await _cart(case)
    document = documents.order(case, cart)
    await orders.take(case, RECEIVE_ORDER, document)
    way = (*orders.ON_ITS_WAY, "COMPLETED")
    for place in range(3, len(way) + 1):
        await orders.take(case, RECEIVE_ORDER_UPDATE, moved(document, *way[:place]))


@check("stories.order.cancelled")
async def order_cancelled(case: Case) -> None:
    """Orders twice; the shopper cancels one, the store the other."""
    for end in ("CANCELLED_BY_CLIENT", "CANCELLED_BY_INSTITUTION"):
        document = await orders.order(case)
        await orders.take(case, RECEIVE_ORDER, document)
        await orders.take(case, RECEIVE_ORDER_UPDATE, moved(document, *orders.ON_ITS_WAY[:2], end))


@check("stories.order.lost-answer")
async def order_lost(case: Case) -> None:
    """Sends an order, goes away, sends it again, and does the same with its change."""
    document = await orders.order(case)
    changed = moved(document, *orders.ON_ITS_WAY[:3])
    await send_and_leave(case, RECEIVE_ORDER, document)
    await orders.take(case, RECEIVE_ORDER, document)
    await send_and_leave(case, RECEIVE_ORDER_UPDATE, changed)
    await orders.take(case, RECEIVE_ORDER_UPDATE, changed)


@check("stories.order.receipt")
async def order_of_receipt(case: Case) -> None:
    """Orders by a receipt; only its first row goes out and is paid."""
    _need_receipts(case)
    shipment = documents.golden(case, "Shipment") | {"status": "DRAFT"}
    found = await receipt(case, documents.receipt_request(case, await rows(case, 3)) | {"shipment": shipment})
    ids = {name: found[name] for name in ("invoiceId", "institutionInvoiceId")}
    document = documents.order(case, found["products"]) | ids
    await orders.take(case, RECEIVE_ORDER, document)
    picked = document["products"][:1]
    ready = moved(document, *orders.ON_ITS_WAY[:4])
    await orders.take(case, RECEIVE_ORDER_UPDATE, ready | {"products": picked})
    paid = number(picked[0], "rowPrice") + number(document["shipment"], "price")
    await _confirm(case, found, total=paid)
    await orders.take(case, RECEIVE_ORDER_UPDATE, moved(document, *orders.ON_ITS_WAY, "COMPLETED"))


@check("stories.card.travels")
async def card_travels(case: Case) -> None:
    """Links the operator's card, and scans with it."""
    card = await linked_card(case)
    for product in await ordinary(case, 3):
        await scan(case, product["barcode"], cards=[card], person_id=HOLDER)


@check("stories.card.price")
async def card_price(case: Case) -> None:
    """Links the operator's card, scans until a price is another one with it, and buys that."""
    _need_receipts(case)
    card = await linked_card(case)
    product = await _personal(case, card)
    request = documents.receipt_request(case, [row(product)]) | {"loyaltyCards": [card], "personId": HOLDER}
    _require_price(await receipt(case, request), product)


async def _personal(case: Case, card: Json) -> Json:
    for product in await ordinary(case, _MOST_TRIED):
        with_card = await scan(case, product["barcode"], cards=[card], person_id=HOLDER)
        if with_card["price"]["total"] != product["price"]["total"]:
            return with_card
    raise Unseen(f"no price of {_MOST_TRIED} products is another one with the card")


@check("stories.card.bonus")
async def card_bonus(case: Case) -> None:
    """Buys with the operator's card, which pays."""
    bonus, found = await _with_bonus(case)
    sums = sums_of(found)
    require(0 <= sums.bonus <= bonus, f"a bonus used of 0 to {bonus}", sums.bonus)
    require_holds(sums.of_rows)


@check("stories.card.bonus-unpaid")
async def card_bonus_unpaid(case: Case) -> None:
    """Asks for the bonus before and after a receipt that nobody pays."""
    bonus, _ = await _with_bonus(case)
    left = await bonus_on(case, await linked_card(case))
    require(left == bonus, f"a bonus of {bonus}, as before the receipt", left)


async def _with_bonus(case: Case) -> tuple[Decimal, Json]:
    """The bonus on the operator's card, and then a receipt which it helps to pay."""
    _need_receipts(case)
    card = await linked_card(case)
    bonus = await bonus_on(case, card)
    paying = {"loyaltyCards": [card | {"useBonusOnPayment": True}], "personId": HOLDER}
    return bonus, await receipt(case, documents.receipt_request(case, await rows(case, 3)) | paying)


@check("stories.offer.scanned")
async def offer_scanned(case: Case) -> None:
    """Scans the products that are on offer."""
    products = [offer["relatedProduct"] for offer in await offers.found(case) if offer.get("relatedProduct")]
    if not products:
        raise Unseen("no product of the node is on offer")
    for product in products[:_MOST_TRIED]:
        found = await scan(case, product["barcode"])
        require(
            found["id"] == product["id"], f"the id {product['id']!r} of {product['barcode']}", found["id"]
        )
