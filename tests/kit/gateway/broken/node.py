"""Gateways that are broken towards nodes, or in what they make of a node's answers."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

from kit.gateway.broken.bends import (
    BARCODE,
    Bend,
    Broken,
    also_sending,
    from_gateway,
    from_node,
    having,
    never_sending,
    status,
    taking_any_answer_for_a_yes,
    to_node,
    unread,
    where,
    with_headers,
    within,
    without,
)
from kit.gateway.checked import Checked
from kit.gateway.proxies import Answered, Asked
from smarts.wire.operations import MESSAGE_ID_HEADER

_ODD_OPERATIONS = ("unitPrice *", "process.exit()", "unitPrice / 0")


def _tokenless(headers: dict[str, str]) -> None:
    headers.pop("accesstoken", None)


def _bearing(headers: dict[str, str]) -> None:
    headers["authorization"] = f"Bearer {headers.pop('accesstoken', '')}"


def _without_charset(headers: dict[str, str]) -> None:
    if "content-type" in headers:
        headers["content-type"] = "application/json"


def _without_id(headers: dict[str, str]) -> None:
    headers.pop(MESSAGE_ID_HEADER, None)


def _with_a_new_id(headers: dict[str, str]) -> None:
    headers[MESSAGE_ID_HEADER] = uuid4().hex


def _with_one_id(headers: dict[str, str]) -> None:
    headers[MESSAGE_ID_HEADER] = "message"


def _more(name: str) -> Callable[[Any], Any]:
    return lambda document: document | {name: document[name] + 1}


def _in_strings(name: str) -> Callable[[Any], Any]:
    return lambda document: document | {name: str(document[name])}


def _in_seconds(invoice: Any) -> Any:
    return invoice | {name: invoice[name] // 1000 for name in ("createdAt", "closedAt")}


def _shorter_lock(cart: Any) -> Any:
    told = cart.get("check") or {}
    return cart | {"check": told | {"expiresAt": told.get("lockedAt")}}


def _at_the_price_before(cart: Any) -> Any:
    total = sum(Decimal(str(line["priceBefore"])) for line in cart.get("lines", []))
    return cart | {"total": cart.get("total", {}) | {"totalToPay": float(total)}}


def _inspected(condition: Callable[[Any], bool], **changes: Any) -> Bend:
    """Reads inspections of which a condition holds otherwise."""
    return from_node(BARCODE, within("inspections", where(condition, having(**changes))))


def _campaigns(condition: Callable[[Any], bool], change: Callable[[Any], Any]) -> Bend:
    return from_node(BARCODE, within("campaigns", where(condition, change)))


def _swapped(campaign: Any) -> Any:
    return campaign | {"code": {"U": "B", "B": "U"}[campaign["code"][0]] + campaign["code"][1:]}


def _for_everybody(campaign: Any) -> Any:
    return campaign | {"code": campaign["code"][0] + "00000000" + campaign["code"][9:]}


def _invoice_of(person_id: str) -> tuple[str, Any]:
    return "/invoice", {"id": "one-too-many", "buyer": {"uniqueCode": person_id}}


def _never_asking(checked: Checked) -> None:
    never_sending("/version")(checked)
    checked.subject.node.received.clear()


def _following_redirects(checked: Checked) -> None:
    checked.back.follows = True


def _impatient_for_ever(checked: Checked) -> None:
    """Gives a store up whose node failed once."""
    failed = []

    def answer(asked: Asked, answered: Answered) -> Answered:
        if answered.status in (502, 503):
            failed.append(asked)
        return replace(answered, status=503) if failed and "/lines" in asked.path else answered

    checked.front.answer = answer


def _without_retry_after(checked: Checked) -> None:
    def answer(_: Asked, answered: Answered) -> Answered:
        kept = {name: value for name, value in answered.headers.items() if name.lower() != "retry-after"}
        return replace(answered, headers=kept)

    checked.front.answer = answer


def _has_odd_operation(product: Any) -> bool:
    return any(campaign["operation"] in _ODD_OPERATIONS for campaign in product.get("campaigns", []))


# fmt: off
BROKEN = (
    Broken("gateway.sends.token", "shows no token", with_headers("back", _tokenless)),
    Broken("gateway.sends.token", "shows the token in another header", with_headers("back", _bearing)),
    Broken("gateway.sends.content-type", "names no charset", with_headers("back", _without_charset)),
    Broken("gateway.sends.paths", "asks for what there is not",
           also_sending(BARCODE, lambda told: ("/product/find", told))),
    Broken("gateway.sends.numbers", "sends amounts in strings",
           to_node("/control/check", within("products", _in_strings("amount")))),
    Broken("gateway.sends.numbers", "sends the total in a string",
           to_node("/invoice", within("total", _in_strings("totalToPay")))),
    Broken("gateway.sends.languages", "speaks English only", to_node("", having(langCode="EN"))),
    Broken("gateway.sends.version", "never asks what a node is", _never_asking),
    Broken("gateway.scan.request", "does not say who asks", to_node(BARCODE, without("personId"))),
    Broken("gateway.scan.request", "forgets the type", to_node(BARCODE, without("type"))),
    Broken("gateway.scan.barcode", "takes barcodes for numbers",
           to_node(BARCODE, lambda told: told | {"barcode": told["barcode"].lstrip("0")})),
    Broken("gateway.scan.product", "names goods otherwise",
           from_gateway("/lines", within("lines", within("product", having(translatableName=None))))),
    Broken("gateway.scan.unknown", "answers 422 to an unknown barcode", status("/lines", 404, 422)),
    Broken("gateway.search.page", "counts pages from 0",
           to_node("/product/search", lambda told: told | {"page": told["page"] - 1})),
    Broken("gateway.search.categories", "shows no categories", from_gateway("/categories", lambda _: [])),
    Broken("gateway.check.request", "renames a field",
           to_node("/control/check", lambda told: without("langCode")(told) | {"language": told["langCode"]})),
    Broken("gateway.check.goods", "sends others", to_node("/control/check", within("products", _more("amount")))),
    Broken("gateway.check.goods", "leaves rows out",
           to_node("/control/check", lambda told: told | {"products": told["products"][:1]})),
    Broken("gateway.check.ids", "hides who buys", to_node("/control/check", having(personId="somebody"))),
    Broken("gateway.check.no", "locks every cart", from_node("/control/check", having(decision="FULL"))),
    Broken("gateway.check.lock", "lets people pay meanwhile", status("/payment", 409, 200)),
    Broken("gateway.check.lock", "lets people scan meanwhile", status("/lines", 409, 200)),
    Broken("gateway.check.age", "checks everything instead", from_node("/control/check", having(decision="FULL"))),
    Broken("gateway.check.expiry", "locks for no time", from_gateway("/checkout", _shorter_lock)),
    Broken("gateway.check.expiry", "unlocks for whoever asks", status("/unlock", 409, 200)),
    Broken("gateway.inspection.inspect", "does not look at inspections", from_node(BARCODE, having(inspections=[]))),
    Broken("gateway.inspection.restrict", "takes RESTRICT for INSPECT",
           _inspected(lambda each: each.get("action") == "RESTRICT", action="INSPECT")),
    Broken("gateway.inspection.restict", "takes RESTICT for INSPECT",
           _inspected(lambda each: each.get("action") == "RESTICT", action="INSPECT")),
    Broken("gateway.inspection.no-action", "takes no action for RESTRICT",
           _inspected(lambda each: "action" not in each, action="RESTRICT")),
    Broken("gateway.inspection.max-amount", "strikes from one piece more",
           _inspected(lambda each: each["type"] == "MAX_AMOUNT", amount=4)),
    Broken("gateway.inspection.min-amount", "takes less for more",
           _inspected(lambda each: each["type"] == "MIN_AMOUNT", type="MAX_AMOUNT")),
    Broken("gateway.inspection.min-time", "takes before for after",
           _inspected(lambda each: each["type"] == "MIN_TIME", type="MAX_TIME")),
    Broken("gateway.inspection.between-time", "looks at the end alone",
           _inspected(lambda each: each["type"] == "BETWEEN_TIME", start="00:00:00", end="23:59:59")),
    Broken("gateway.inspection.between-time", "strikes always",
           _inspected(lambda each: each["type"] == "BETWEEN_TIME", start="00:00:00", end="00:00:00")),
    Broken("gateway.inspection.time-zone", "does not read UTF-2",
           _inspected(lambda each: each.get("timezone") == "UTF-2", timezone="nonsense")),
    Broken("gateway.inspection.time-zone", "reads offsets as UTC without times",
           _inspected(lambda each: each.get("time") == "00:00", time="24:00")),
    Broken("gateway.reads.unknown-fields", "stumbles over unknown fields",
           from_node(BARCODE, unread(lambda product: "shelf" in product))),
    Broken("gateway.reads.minimal", "needs every field", from_node(BARCODE, unread(lambda told: "type" not in told))),
    Broken("gateway.reads.null-parts", "stumbles over null",
           from_node(BARCODE, unread(lambda product: None in product.values()))),
    Broken("gateway.reads.strings", "reads numbers only",
           from_node(BARCODE, unread(lambda product: isinstance(product["quantity"]["value"], str)))),
    Broken("gateway.reads.decimal-rate", "knows whole rates only",
           from_node(BARCODE, unread(lambda product: product["price"]["vat"]["VATRate"] % 1))),
    Broken("gateway.campaign.amount", "does not know 001", _campaigns(lambda each: each["code"][-3:] == "001",
                                                                    having(operation="amount"))),
    Broken("gateway.campaign.unit-price", "does not know the en dash",
           _campaigns(lambda each: "–" in each["operation"], having(operation="unitPrice ! 0.5"))),
    Broken("gateway.campaign.row", "knows 501 from stores only",
           _campaigns(lambda each: each["code"][-3:] == "501", having(operation="total"))),
    Broken("gateway.campaign.amount-total", "knows the total alone",
           _campaigns(lambda each: each["code"][-3:] == "502", having(operation="total"))),
    Broken("gateway.campaign.clients", "swaps U and B", _campaigns(lambda each: each["code"][0] in "UB", _swapped)),
    Broken("gateway.campaign.card", "gives every client what is for a card",
           _campaigns(lambda each: each["code"][1:9] != "00000000", _for_everybody)),
    Broken("gateway.campaign.invoice", "forgets the store's campaign", from_gateway("/lines", _at_the_price_before)),
    Broken("gateway.campaign.broken", "stops the sale", from_node(BARCODE, unread(_has_odd_operation))),
    Broken("gateway.invoice.sent", "leaves the currency out", to_node("/invoice", without("currency"))),
    Broken("gateway.invoice.sent", "leaves amounts at one",
           to_node("/invoice", within("products", within("quantity", having(value=1))))),
    Broken("gateway.invoice.status", "spells it PAID", to_node("/invoice", having(status="PAID"))),
    Broken("gateway.invoice.times", "sends seconds", to_node("/invoice", _in_seconds)),
    Broken("gateway.invoice.times", "sends days", to_node("/invoice", having(createdAt="2026-11-23"))),
    Broken("gateway.invoice.ids", "has an id of its own", to_node("/invoice", having(id="INV-1"))),
    Broken("gateway.invoice.ids", "has another buyer code",
           to_node("/invoice", lambda told: told | {"seller": told["buyer"]})),
    Broken("gateway.invoice.sums", "sends another total",
           to_node("/invoice", within("total", _more("totalToPay")))),
    Broken("gateway.invoice.sums", "forgets VAT",
           to_node("/invoice", within("total", within("vat", having(VATSum=0))))),
    Broken("gateway.invoice.retry", "forgets what was not taken", taking_any_answer_for_a_yes("/invoice")),
    Broken("gateway.sends.message-id", "sends no ids", with_headers("back", _without_id)),
    Broken("gateway.sends.message-id", "makes a new id for each try", with_headers("back", _with_a_new_id)),
    Broken("gateway.sends.message-id", "has one id for all", with_headers("back", _with_one_id)),
    Broken("gateway.invoice.once", "sends another one under another id",
           also_sending("/invoice", lambda told: ("/invoice", told | {"id": f"again-{told['id']}"}))),
    Broken("gateway.invoice.once", "sends another document under the same id",
           also_sending("/invoice", lambda told: ("/invoice", told | {"currency": "USD"}))),
    Broken("gateway.invoice.after-payment", "sends invoices at the checkout",
           also_sending("/control/check", lambda told: _invoice_of(told["personId"]))),
    Broken("gateway.receipt.request", "does not say who buys", to_node("/receipt", having(personId="somebody"))),
    Broken("gateway.receipt.shown", "hides the receipt", from_gateway("/checkout", having(receipt=None))),
    Broken("gateway.receipt.confirmed", "forgets the store's number",
           to_node("/receipt/confirm", without("institutionInvoiceId"))),
    Broken("gateway.receipt.confirmed", "confirms another total", to_node("/receipt/confirm", _more("total"))),
    Broken("gateway.receipt.retry", "forgets what was not taken", taking_any_answer_for_a_yes("/receipt/confirm")),
    Broken("gateway.receipt.no-invoice", "sends an invoice as well",
           also_sending("/receipt", lambda told: _invoice_of(told["personId"]))),
    Broken("gateway.receipt.nonsense", "takes any receipt", status("/checkout", 502, 200)),
    Broken("gateway.order.sent", "leaves the log out", to_node("/pickup/order", without("statusChangelogs"))),
    Broken("gateway.order.sent", "sends orders as confirmed",
           to_node("/pickup/order", within("shipment", having(status="CONFIRMED")))),
    Broken("gateway.order.ids", "hides who buys", to_node("/pickup/order", having(customerId="somebody"))),
    Broken("gateway.order.times", "sends moments for days",
           to_node("/pickup/order", having(created="2026-11-23T10:00:00Z"))),
    Broken("gateway.order.times", "leaves closed out", to_node("/pickup/order", without("closed"))),
    Broken("gateway.order.sums", "forgets the delivery",
           to_node("/pickup/order", lambda told: told | {"orderTotalPrice": told["products"][0]["rowPrice"]})),
    Broken("gateway.order.update", "tells nothing of changes", never_sending("/pickup/order/update")),
    Broken("gateway.order.cancelled", "says that the store cancelled",
           to_node("/pickup/order/update", within("shipment", having(status="CANCELLED_BY_INSTITUTION")))),
    Broken("gateway.order.retry", "forgets what was not taken", taking_any_answer_for_a_yes("/pickup/order")),
    Broken("gateway.card.request", "tidies what was typed",
           to_node("/card/loyalty", lambda told: told | {"value": told["value"].replace(" ", "")})),
    Broken("gateway.card.refused", "keeps the reason to itself", from_gateway("/loyalty-cards", where(
        lambda told: isinstance(told, dict), lambda told: told | {"detail": "No"} if "detail" in told else told))),
    Broken("gateway.card.once", "registers again by itself",
           also_sending("/card/loyalty", lambda told: ("/card/loyalty", told))),
    Broken("gateway.card.travels", "leaves cards at home", to_node(BARCODE, having(loyaltyCards=[]))),
    Broken("gateway.card.travels", "hides cards from checks", to_node("/control/check", having(loyaltyCards=[]))),
    Broken("gateway.card.bonus", "asks for another card",
           to_node("/card/loyalty/bonus", within("card", having(cardNumber="1")))),
    Broken("gateway.offers.request", "does not say who asks", to_node("/offer/search", having(personId="somebody"))),
    Broken("gateway.offers.shown", "shows one offer", from_gateway("/offers", lambda offers: offers[:1])),
    Broken("gateway.trouble.error", "answers 500", status("/lines", (502, 503), 500)),
    Broken("gateway.trouble.wrong-shape", "answers 500", status("/lines", 502, 500)),
    Broken("gateway.trouble.not-json", "answers 500", status("/lines", 502, 500)),
    Broken("gateway.trouble.down", "does not say when to come again", _without_retry_after),
    Broken("gateway.trouble.hangs", "answers 500", status("/lines", 504, 500)),
    Broken("gateway.trouble.endless", "answers 500", status("/lines", (502, 504), 500)),
    Broken("gateway.trouble.redirect", "goes where a node sends it", _following_redirects),
    Broken("gateway.trouble.check", "lets pay what was not decided", status("/payment", 409, 200)),
    Broken("gateway.trouble.recovers", "gives a store up after one failure", _impatient_for_ever),
)
# fmt: on
