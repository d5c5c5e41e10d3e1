"""What the kit sends where it means to send what is right."""

from typing import Any

import pytest

from demo.parts import TOKEN
from smarts.kit import documents
from smarts.kit.carts import rows, stringed, weighed
from smarts.kit.client import Client
from smarts.kit.goods import ordinary, row
from smarts.kit.schemas import violations
from smarts.kit.subject import Case, Subject
from smarts.wire.shipments import ShipmentStatus


@pytest.fixture
def case(client: Client, good_node: str) -> Case:
    return Case(Subject(client, good_node, TOKEN))


async def test_requests_are_as_their_schemas(case: Case) -> None:
    """Each request document of the kit is valid by the published schemas, filled with what the node sells."""
    cart = [*await rows(case, 3), row(await weighed(case), "0.804")]
    shipped = {"shipment": documents.shipments(case, "DRAFT")[1]}
    with_cards = {"loyaltyCards": [documents.unknown_card(case)]}
    receipt = documents.golden(case, "Receipt")
    sent: list[tuple[str, Any]] = [
        ("PurchaseControlCheckRequest", documents.purchase_check(case, cart)),
        ("PurchaseControlCheckRequest", documents.purchase_check(case, stringed(cart[:3])) | shipped),
        ("CreateReceiptRequest", documents.receipt_request(case, cart) | with_cards),
        ("ReceiptPaymentConfirmationRequest", documents.confirmation(case, receipt)),
        ("Invoice", documents.invoice(case, await ordinary(case, 3))),
        ("LoyaltyCardRegistrationRequest", documents.registration(case, "1", "person")),
        ("LoyaltyCardBonusRequest", documents.bonus_request(case, documents.unknown_card(case), "person")),
        ("Order", documents.order(case, cart)),
        ("OfferSearchRequest", documents.offer_search(case)),
    ]
    assert [(name, violations(name, document)) for name, document in sent] == [(name, []) for name, _ in sent]


@pytest.mark.parametrize("status", list(ShipmentStatus))
async def test_orders_of_every_status(case: Case, status: ShipmentStatus) -> None:
    """An order of any status is valid, the last step of its history is that status, and only ends have a day."""
    document = documents.moved(documents.order(case, await rows(case)), "DRAFT", status)
    assert violations("Order", document) == []
    assert document["statusChangelogs"][-1]["newStatus"] == document["shipment"]["status"] == status
    ended = {"COMPLETED", "CANCELLED_BY_CLIENT", "CANCELLED_BY_INSTITUTION", "MISSED", "PAYMENT_FAILED"}
    assert (document["closed"] is not None) == (status in ended)


async def test_an_invoice_adds_up(case: Case) -> None:
    """An invoice is over what its goods cost, in cents."""
    goods = await ordinary(case, 5)
    total = documents.invoice(case, goods)["total"]
    assert len(goods) == 5
    assert total["totalToPay"] == pytest.approx(
        sum(product["price"]["total"] for product in goods), abs=0.001
    )
    vat = total["vat"]
    assert vat["sumWithoutVAT"] + vat["VATSum"] == pytest.approx(vat["sumWithVAT"], abs=0.001)
