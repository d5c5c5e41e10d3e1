"""Checks of receiving invoices."""

import asyncio
from typing import Any

from smarts.kit import documents
from smarts.kit.carts import Json
from smarts.kit.check import check
from smarts.kit.expect import done
from smarts.kit.goods import ordinary
from smarts.kit.subject import Case
from smarts.kit.verdicts import needs
from smarts.wire.operations import RECEIVE_INVOICE


async def _invoice(case: Case, **changes: Any) -> Json:
    return documents.invoice(case, await ordinary(case, 2)) | changes


async def _take(case: Case, invoice: Json) -> None:
    await needs(case, "invoices.paid.accepted")
    await done(case, RECEIVE_INVOICE, invoice)


@check("invoices.paid.accepted")
async def accepted(case: Case) -> None:
    """Sends an invoice."""
    await done(case, RECEIVE_INVOICE, await _invoice(case))


@check("invoices.paid.again")
async def again(case: Case) -> None:
    """Sends the same document three times."""
    document = await _invoice(case)
    for _ in range(3):
        await _take(case, document)


@check("invoices.paid.at-once")
async def at_once(case: Case) -> None:
    """Sends the same document four times at once."""
    document = await _invoice(case)
    await needs(case, "invoices.paid.accepted")
    await asyncio.gather(*(_take(case, document) for _ in range(4)))


@check("invoices.paid.after-broken")
async def after_broken(case: Case) -> None:
    """Sends half a document, one of the wrong shape, and then the right one."""
    document = await _invoice(case)
    whole = case.request(RECEIVE_INVOICE, document).body or b""
    await case.ask(RECEIVE_INVOICE, body=whole[: len(whole) // 2])
    await case.ask(RECEIVE_INVOICE, document | {"total": "much", "products": 1})
    await _take(case, document)


@check("invoices.paid.unsold")
async def unsold(case: Case) -> None:
    """Sends an invoice with a golden product under a barcode that nobody sells."""
    document = await _invoice(case)
    stranger = documents.golden(case, "Product.plain") | {
        "id": documents.new_id(),
        "barcode": "0000000000000",
    }
    await _take(case, document | {"products": [*document["products"], stranger]})


@check("invoices.paid.big")
async def big(case: Case) -> None:
    """Sends an invoice in which products come again and again."""
    few = await ordinary(case, 10)
    await _take(case, documents.invoice(case, [few[place % len(few)] for place in range(500)]))


@check("invoices.date.millis")
async def millis(case: Case) -> None:
    """Sends moments with and without thousandths."""
    for created, closed in ((1_795_422_600_001, 1_795_422_852_999), (1_795_392_000_000, 1_795_478_400_000)):
        await _take(case, await _invoice(case, createdAt=created, closedAt=closed))


@check("invoices.date.day")
async def days(case: Case) -> None:
    """Sends the days of the golden example."""
    golden = documents.golden(case, "Invoice.dates")
    await _take(case, await _invoice(case, createdAt=golden["createdAt"], closedAt=golden["closedAt"]))


@check("invoices.with.shipment")
async def with_shipment(case: Case) -> None:
    """Sends an invoice with each way of delivery, and the store's own number beside it."""
    for shipment in documents.shipments(case, "WAITING_FOR_CONFIRMATION"):
        await _take(case, await _invoice(case, shipment=shipment, institutionInvoiceId=documents.new_id()))


@check("invoices.with.campaigns")
async def with_campaigns(case: Case) -> None:
    """Sends the golden example's campaign of a store."""
    golden = documents.golden(case, "Invoice.institution-campaign")
    await _take(case, await _invoice(case, institutionCampaigns=golden["institutionCampaigns"]))


@check("invoices.with.cards")
async def with_cards(case: Case) -> None:
    """Sends a buyer with two cards that are nobody's."""
    buyer = {
        "uniqueCode": case.subject.person_id,
        "loyaltyCards": [documents.unknown_card(case), documents.unknown_card(case)],
    }
    await _take(case, await _invoice(case, buyer=buyer))


@check("invoices.with.strings")
async def strings(case: Case) -> None:
    """Sends quantities as strings."""
    document = await _invoice(case)
    products = [each | {"quantity": {"unit": "PIECE", "value": "1"}} for each in document["products"]]
    await _take(case, document | {"products": products})


@check("invoices.with.nothing-more")
async def nothing_more(case: Case) -> None:
    """Sends an invoice that names the store and the buyer by their ids alone."""
    document = await _invoice(
        case,
        seller={"uniqueCode": case.subject.institution_id},
        buyer={"uniqueCode": case.subject.person_id},
    )
    del document["institutionCampaigns"]
    await _take(case, document)
