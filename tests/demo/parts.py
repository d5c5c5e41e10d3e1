"""The demo store, its members and its customers, for tests."""

from decimal import Decimal

from smarts.demo import demo_card_kinds, demo_members
from smarts.demo.catalogue import example_barcodes, invented_catalogue, members_catalogue
from smarts.demo.store import DemoStore
from smarts.wire.loyalty import ClientCard, LoyaltyCardRegistrationRequest
from smarts.wire.receipts import CreateReceiptRequest, ReceiptPaymentConfirmationRequest, ReceiptProduct
from smarts.wire.times import UtcMillis

TOKEN = "node-token"
PERSON, STRANGER = "person-1", "person-2"
ORDINARY, ENERGY_DRINK = example_barcodes(invented_catalogue())[:2]
KINDS = {kind.id: kind for kind in demo_card_kinds()}
MARI, JURI, LIIS = demo_members()[:3]  # with 3.40, 12.50 and 250.00 euros of bonus
FRIEND = next(member for member in demo_members() if member.card == "demo-card")


def store_on(database, share="0.1"):
    return DemoStore.on(database, invented_catalogue(), members_catalogue(), Decimal(share))


def registration(member, value=None, person_id=PERSON):
    return LoyaltyCardRegistrationRequest(
        loyalty_card=KINDS[member.card], value=member.number if value is None else value, person_id=person_id
    )


def card(member, *, pays=False):
    return ClientCard(member.card, member.number, pays)


def row(barcode, amount=1, price="1.00"):
    return ReceiptProduct(barcode, barcode, "Kaup", Decimal(amount), Decimal(price))


def cart(*rows, invoice_id="inv-1", cards=(), person_id=PERSON, shipment=None, language="ET"):
    return CreateReceiptRequest(
        invoice_id=invoice_id,
        products=rows,
        shipment=shipment,
        loyalty_cards=cards,
        lang_code=language,
        person_id=person_id,
        institution_id="demo-store",
    )


def paid(receipt, total=None):
    return ReceiptPaymentConfirmationRequest(
        invoice_id=receipt.invoice_id,
        institution_invoice_id=receipt.institution_invoice_id,
        institution_id=receipt.institution_id,
        paid_at=UtcMillis.read("2026-11-23T08:34:12.345Z"),
        total=receipt.total if total is None else total,
        currency=receipt.currency,
        payment_method="SANDBOX",
    )


class Office:
    """The back office of a store, as its staff use it."""

    def __init__(self, session, address):
        self._session = session
        self._address = address

    async def read(self, path, status=200):
        async with self._session.get(f"{self._address}/{path}") as response:
            assert response.status == status, await response.text()
            return await response.json(content_type=None)

    async def post(self, path, body):
        async with self._session.post(f"{self._address}/{path}", data=body) as response:
            return response.status, await response.read()

    async def delete(self, path):
        async with self._session.delete(f"{self._address}/{path}") as response:
            return response.status
