"""Checks of purchase control."""

from smarts.kit import documents
from smarts.kit.carts import Json, many_rows, rows, stringed
from smarts.kit.check import check
from smarts.kit.expect import needed, require_refusal
from smarts.kit.subject import Case
from smarts.kit.verdicts import needs, object_of, require, require_soon
from smarts.wire.operations import CHECK_PURCHASE

DECISIONS = ("NO", "AGE", "FULL")


async def decision_on(case: Case, asked: Json) -> str:
    """The decision on a purchase with something odd in it; raises `Unmet` where it is none."""
    await needs(case, "control.answer.decision")
    return await _decision(case, asked)


async def _decision(case: Case, asked: Json) -> str:
    decision = object_of(await case.ask(CHECK_PURCHASE, asked)).get("decision")
    require(decision in DECISIONS, "a decision of NO, AGE or FULL", repr(decision))
    return str(decision)


@check("control.answer.shape")
async def shape(case: Case) -> None:
    """Looks at the answer."""
    answer = await case.ask(CHECK_PURCHASE, documents.purchase_check(case, await rows(case)))
    decision = object_of(answer).get("decision")
    require(isinstance(decision, str), "a text as decision", repr(decision))


@check("control.answer.decision")
async def decision(case: Case) -> None:
    """Asks about carts of one row and of several."""
    for count in (1, 3, 8):
        await _decision(case, documents.purchase_check(case, await rows(case, count)))


@check("control.answer.soon")
async def soon(case: Case) -> None:
    """Asks three times."""
    document = documents.purchase_check(case, await rows(case))
    await require_soon(case, CHECK_PURCHASE, document)


@check("control.again.answered")
async def answered_again(case: Case) -> None:
    """Sends the same document three times."""
    document = documents.purchase_check(case, await rows(case))
    for _ in range(3):
        await decision_on(case, document)


@check("control.again.same")
async def same_again(case: Case) -> None:
    """Sends several documents three times each: a node that draws lots is found."""
    for count in (1, 2, 4, 8):
        document = documents.purchase_check(case, await rows(case, count))
        with needed("control.again.answered"):
            decisions = [await decision_on(case, document) for _ in range(3)]
        require(len(set(decisions)) == 1, "the same decision each time", ", then ".join(decisions))


@check("control.cart.strings")
async def strings(case: Case) -> None:
    """Sends a cart with strings for numbers."""
    await decision_on(case, documents.purchase_check(case, stringed(await rows(case, 3))))


@check("control.cart.shipment")
async def with_shipment(case: Case) -> None:
    """Sends a cart with each way of delivery."""
    for shipment in documents.shipments(case, "DRAFT"):
        document = documents.purchase_check(case, await rows(case))
        await decision_on(case, document | {"shipment": shipment})


@check("control.cart.cards")
async def with_cards(case: Case) -> None:
    """Sends a cart with two cards that are nobody's."""
    cards = [documents.unknown_card(case), documents.unknown_card(case) | {"useBonusOnPayment": True}]
    await decision_on(case, documents.purchase_check(case, await rows(case)) | {"loyaltyCards": cards})


@check("control.cart.unknown-product")
async def unknown_product(case: Case) -> None:
    """Sends a cart with a product that nobody sells beside others."""
    cart = [*await rows(case, 1), documents.unknown_row(case)]
    require_refusal(await case.ask(CHECK_PURCHASE, documents.purchase_check(case, cart)), or_done=True)


@check("control.cart.big")
async def big(case: Case) -> None:
    """Sends 500 rows."""
    await decision_on(case, documents.purchase_check(case, await many_rows(case, 500)))


@check("control.cart.empty")
async def empty(case: Case) -> None:
    """Sends no rows."""
    require_refusal(await case.ask(CHECK_PURCHASE, documents.purchase_check(case, [])), or_done=True)
