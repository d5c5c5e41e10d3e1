"""A ready store for tests: its goods, its settings, its shoppers, and its node behind real HTTP."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import aiohttp
import msgspec

from serving import serving
from smarts.node import ProductList
from smarts.ready.calendar import Calendar
from smarts.ready.settings import Settings
from smarts.ready.store import ReadyStore
from smarts.wire.codec import decode, encode
from smarts.wire.control import PurchaseControlCheckRequest
from smarts.wire.examples import example
from smarts.wire.invoices import Invoice
from smarts.wire.loyalty import ClientCard
from smarts.wire.nodes import HealthStatus, PartHealth
from smarts.wire.orders import Order
from smarts.wire.products import Category, InspectionAction, MaxAmount, MinAge, Price, Product, Quantity, Unit
from smarts.wire.receipts import CreateReceiptRequest, ReceiptPaymentConfirmationRequest, ReceiptProduct
from smarts.wire.text import Translatable
from smarts.wire.times import UtcMillis

TOKEN = "node-token"
UNPRICED = "4740000000049"
NOT_SOLD = MaxAmount(amount=Decimal(0), action=InspectionAction.RESTRICT)
STORE, PERSON = "store-1", "person-1"
BREAD, BEER, APPLES, CHOCOLATE = "4740000000018", "4740000000025", "2000000000015", "4740000000032"
MONDAY_MORNING = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)  # nine o'clock in Tallinn


def product(barcode, name, price, category, *, rate=24, weighed=False, inspections=()):
    return Product(
        id=barcode,
        barcode=barcode,
        translatable_name=Translatable.of(name),
        price=Price.of(Decimal(price), Decimal(rate)),
        weight_item=weighed,
        quantity=Quantity(Unit.KILOGRAM if weighed else Unit.PIECE, Decimal(1)),
        inspections=inspections,
        categories=(Category(category.casefold(), Translatable.of(category, EN=f"{category} in English")),),
    )


class Goods(ProductList):
    """A catalogue that is well."""

    def health(self):
        return {"catalogue": PartHealth(HealthStatus.UP)}


def goods():
    return Goods(
        [
            product(BREAD, "Rukkileib", "1.49", "Leib"),
            product(BEER, "Õlu", "2.20", "Alkohol", inspections=(MinAge(age=18),)),
            product(APPLES, "Õunad", "2.99", "Puuvili", rate=9, weighed=True),
            product(CHOCOLATE, "Šokolaad", "3.00", "Maius"),
            product(UNPRICED, "Kama", "0.00", "Leib", inspections=(NOT_SOLD,)),
        ]
    )


class Clock:
    """The store's clock, which tests set."""

    def __init__(self, now=MONDAY_MORNING):
        self.now = now

    def __call__(self):
        return self.now


def settings_of(folder, text):
    file = folder / "store.toml"
    file.write_text(text, "utf-8")
    return Settings.read(file, {})


def ready_store(folder, text="", *, clock=None):
    settings = settings_of(folder, text)
    settings.node.data.mkdir(parents=True, exist_ok=True)
    return ReadyStore(settings, Calendar(settings.node.time_zone, clock or Clock()))


class Caller:
    """The gateway, as far as a node can tell."""

    def __init__(self, session, address):
        self._session = session
        self._address = address

    async def post(self, path, document, kind=None, *, status=200):
        headers = {"Content-Type": "application/json", "accessToken": TOKEN}
        async with self._session.post(self._address + path, data=encode(document), headers=headers) as answer:
            body = await answer.read()
            assert answer.status in (status, 204 if status == 200 else status), body
            return decode(body, kind) if kind else body and msgspec.json.decode(body)

    async def get(self, path):
        async with self._session.get(self._address + path, headers={"accessToken": TOKEN}) as answer:
            return await answer.json()


@asynccontextmanager
async def calling(store, *sales):
    """The store's node at work, and a caller of it."""
    node = store.node([TOKEN], goods(), sales=sales)
    async with serving(node) as address, aiohttp.ClientSession() as session:
        yield Caller(session, address)


def row(barcode, amount=1, price="1.00", name="Kaup"):
    return ReceiptProduct(barcode, barcode, name, Decimal(amount), Decimal(price))


def check(*rows, invoice_id="inv-1", person_id=PERSON):
    return PurchaseControlCheckRequest(
        invoice_id=invoice_id, lang_code="ET", person_id=person_id, institution_id=STORE, products=rows
    )


def cart(*rows, invoice_id="inv-1", cards=(), person_id=PERSON, shipment=None, store=STORE, language="EN"):
    return CreateReceiptRequest(
        invoice_id=invoice_id,
        products=rows,
        shipment=shipment,
        loyalty_cards=cards,
        lang_code=language,
        person_id=person_id,
        institution_id=store,
    )


def paid(receipt, total=None):
    return ReceiptPaymentConfirmationRequest(
        invoice_id=receipt.invoice_id,
        institution_invoice_id=receipt.institution_invoice_id,
        institution_id=receipt.institution_id,
        paid_at=UtcMillis.read("2026-11-30T08:00:00.000Z"),
        total=receipt.total if total is None else total,
        currency=receipt.currency,
        payment_method="SANDBOX",
    )


def invoice(**changes):
    return msgspec.structs.replace(decode(example("Invoice"), Invoice), **changes)


def order(**changes):
    return msgspec.structs.replace(decode(example("Order"), Order), **changes)


def client_card(number):
    return ClientCard("kind", number)
