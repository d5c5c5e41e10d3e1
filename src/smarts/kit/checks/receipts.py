"""Checks of merchant side invoicing: the cart, and what its receipt is."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from smarts.kit import documents
from smarts.kit.carts import Json, many_rows, rows, stringed, weighed
from smarts.kit.check import Unseen, check
from smarts.kit.exchange import Answer
from smarts.kit.expect import document, done, needed, read, require_refusal, require_status
from smarts.kit.goods import ordinary, row
from smarts.kit.subject import Case
from smarts.kit.sums import amounts, number, shipping
from smarts.kit.verdicts import needs, object_of, require, require_soon, require_words
from smarts.wire.operations import CONFIRM_RECEIPT, CREATE_RECEIPT

_LONGEST_NUMBER = 200


async def request(case: Case, count: int = 3, **changes: Any) -> Json:
    """A request for the receipt of a cart with so many rows."""
    return documents.receipt_request(case, await rows(case, count)) | changes


async def receipt(case: Case, asked: Json) -> Json:
    """The receipt of a cart; raises `Unmet` where it is none."""
    await needs(case, "receipts.answer.shape")
    found: Json = await document(case, CREATE_RECEIPT, asked)
    return found


async def _ask(case: Case, **changes: Any) -> Answer:
    await needs(case, "receipts.answer.shape")
    return await case.ask(CREATE_RECEIPT, await request(case, **changes))


@check("receipts.answer.shape")
async def shape(case: Case) -> None:
    """Looks at the answer by its schema."""
    read(await case.ask(CREATE_RECEIPT, await request(case)), CREATE_RECEIPT)


@check("receipts.answer.soon")
async def soon(case: Case) -> None:
    """Asks three times."""
    await require_soon(case, CREATE_RECEIPT, await request(case))


@check("receipts.answer.ids")
async def ids(case: Case) -> None:
    """Compares the ids with those that were sent."""
    asked = await request(case)
    found = await receipt(case, asked)
    for name, source in (
        ("invoiceId", "invoiceId"),
        ("institutionId", "institutionId"),
        ("customerId", "personId"),
    ):
        require(found[name] == asked[source], f"{asked[source]!r} as {name}", repr(found[name]))


@check("receipts.answer.number")
async def number_of_its_own(case: Case) -> None:
    """Looks at the store's own number."""
    own = (await receipt(case, await request(case)))["institutionInvoiceId"]
    is_number = 1 <= len(own.strip()) <= len(own) <= _LONGEST_NUMBER
    require(is_number, f"an institutionInvoiceId of 1 to {_LONGEST_NUMBER} characters", repr(own))


@check("receipts.rows.goods")
async def same_goods(case: Case) -> None:
    """Compares barcodes and amounts with those of the cart."""
    for count in (1, 4):
        asked = await request(case, count)
        _require_goods(await receipt(case, asked), asked)


@check("receipts.rows.weighed")
async def weighed_goods(case: Case) -> None:
    """Asks for 0.804 of something that is weighed."""
    asked = documents.receipt_request(case, [row(await weighed(case), "0.804")])
    _require_goods(await receipt(case, asked), asked)


def _require_goods(found: Json, asked: Json) -> None:
    goods, wanted = amounts(found["products"]), amounts(asked["products"])
    require(goods == wanted, f"the goods {_listed(wanted)}", _listed(goods))


def _listed(goods: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{amount:f} of {barcode}" for barcode, amount in goods.items()) or "nothing"


@check("receipts.rows.names")
async def names(case: Case) -> None:
    """Asks in each language that a product is named in."""
    named = [product for product in await ordinary(case, 50) if len(_names(product)) > 1]
    if not named:
        raise Unseen("no product that the node lists is named in more than one language")
    for language, name in _names(named[0]).items():
        asked = documents.receipt_request(case, [row(named[0])]) | {"langCode": language}
        found = [each["productName"] for each in (await receipt(case, asked))["products"]]
        require(found == [name], f"{name!r} in {language}", ", ".join(map(repr, found)))


def _names(product: Json) -> dict[str, str]:
    translations = product["translatableName"].get("translations") or ()
    return {language: text for each in translations for language, text in each.items() if text}


@check("receipts.rows.strange-language")
async def strange_language(case: Case) -> None:
    """Asks in Icelandic and Maltese."""
    for language in ("IS", "MT"):
        await receipt(case, await request(case, langCode=language))


@check("receipts.again.answered")
async def answered_again(case: Case) -> None:
    """Sends the same cart three times."""
    asked = await request(case)
    for _ in range(3):
        await receipt(case, asked)


@check("receipts.again.same")
async def same_again(case: Case) -> None:
    """Compares the receipts of the same cart."""
    asked = await request(case)
    with needed("receipts.again.answered"):
        first, second = [await receipt(case, asked) for _ in range(2)]
    require_same(second, first)


def require_same(again: Json, first: Json) -> None:
    """The receipt is the one that was made first."""
    for name in ("institutionInvoiceId", "total"):
        require(again[name] == first[name], f"{first[name]!r} as {name} again", repr(again[name]))


@check("receipts.another.number")
async def another_number(case: Case) -> None:
    """Asks for the receipts of the same goods and of others, under ids of their own."""
    receipts = [await receipt(case, await request(case, count)) for count in (2, 2, 1)]
    numbers = [each["institutionInvoiceId"] for each in receipts]
    require(len(set(numbers)) == len(numbers), "a number of its own for each of three purchases", numbers)


@check("receipts.cart.strings")
async def strings(case: Case) -> None:
    """Compares the totals of a cart with numbers and with strings."""
    asked = await request(case)
    wanted = number(await receipt(case, asked), "total")
    total = number(await receipt(case, await request(case, products=stringed(asked["products"]))), "total")
    require(total == wanted, f"a total of {wanted}, as with numbers", total)


@check("receipts.cart.shipment")
async def with_shipment(case: Case) -> None:
    """Compares totals with each way of delivery and without; what delivery costs is the store's to say."""
    goods = number(await receipt(case, await request(case)), "total")
    for shipment in documents.shipments(case, "DRAFT"):
        found = await receipt(case, await request(case, shipment=shipment))
        own = found.get("shipment") or {}
        require(own.get("method") == shipment["method"], f"a shipment by {shipment['method']}", own)
        total = goods + shipping(found)
        require(number(found, "total") == total, f"a total of {total} with the shipment", found["total"])


@check("receipts.cart.cards")
async def with_cards(case: Case) -> None:
    """Sends a card that is nobody's, to collect a bonus and to pay."""
    for pays in (False, True):
        card = documents.unknown_card(case) | {"useBonusOnPayment": pays}
        require_refusal(await _ask(case, loyaltyCards=[card]), or_done=True)


@check("receipts.cart.bonus-unasked")
async def bonus_unasked(case: Case) -> None:
    """Sends a card that does not pay."""
    answer = await _ask(case, loyaltyCards=[documents.unknown_card(case)])
    if answer.status != 200:
        raise Unseen("the node makes no receipt with a card that it does not know")
    used = [each.get("bonusUsed") for each in read(answer, CREATE_RECEIPT).get("loyaltyCards") or ()]
    require(not any(used), "no bonus used", f"a bonus used of {used}")


@check("receipts.cart.unknown-product")
async def unknown_product(case: Case) -> None:
    """Sends a product that nobody sells, alone and beside others."""
    for others in (0, 2):
        cart = [*(await rows(case, 2))[:others], documents.unknown_row(case)]
        require_refusal(await _ask(case, products=cart))


@check("receipts.cart.unknown-product-words")
async def words_for_the_shopper(case: Case) -> None:
    """Reads why a product that nobody sells is refused."""
    answer = await _ask(case, products=[documents.unknown_row(case)])
    with needed("receipts.cart.unknown-product"):
        require_refusal(answer)
    require_words(answer)


@check("receipts.cart.odd-amount")
async def odd_amount(case: Case) -> None:
    """Asks for nothing of a product, and for less than nothing."""
    for amount in (0, -1):
        (bought,) = await rows(case, 1)
        require_refusal(await _ask(case, products=[bought | {"amount": amount}]))


@check("receipts.cart.big")
async def big(case: Case) -> None:
    """Sends 300 rows."""
    object_of(await _ask(case, products=await many_rows(case, 300)))


async def _confirmation(case: Case) -> Json:
    await needs(case, "receipts.confirm.accepted")
    return await _paid(case)


async def _paid(case: Case) -> Json:
    return documents.confirmation(case, await receipt(case, await request(case)))


@check("receipts.confirm.accepted")
async def confirmed(case: Case) -> None:
    """Confirms a receipt."""
    await done(case, CONFIRM_RECEIPT, await _paid(case))


@check("receipts.confirm.again")
async def confirmed_again(case: Case) -> None:
    """Confirms a receipt three times."""
    confirmation = await _confirmation(case)
    for _ in range(3):
        await done(case, CONFIRM_RECEIPT, confirmation)


@check("receipts.confirm.less")
async def less(case: Case) -> None:
    """Confirms that a cent less was paid."""
    confirmation = await _confirmation(case)
    paid = float(number(confirmation, "total") - Decimal("0.01"))
    await done(case, CONFIRM_RECEIPT, confirmation | {"total": paid})


@check("receipts.confirm.unknown")
async def unknown(case: Case) -> None:
    """Confirms a receipt that was never made."""
    never_made = {"invoiceId": documents.new_id(), "institutionInvoiceId": documents.new_id()}
    answer = await case.ask(CONFIRM_RECEIPT, await _confirmation(case) | never_made)
    require_status(answer, 404)
