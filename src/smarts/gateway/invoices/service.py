"""The verbs of invoices: keep one and send it, look them up, forget their details in time."""

from collections.abc import Sequence
from datetime import datetime

from smarts.edge.problems import NOT_FOUND
from smarts.gateway.invoices import store
from smarts.gateway.invoices.store import InvoiceRow, PurchaseSearch, SalesTally, ShopperPurchase
from smarts.gateway.outbox import Message, put
from smarts.gateway.storage.database import Database, Transaction
from smarts.wire.codec import decode, encode
from smarts.wire.invoices import Invoice
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.products import VAT
from smarts.wire.receipts import Receipt
from smarts.wire.times import UtcMillis

INVOICE_PAID = "invoice"


class Purchase(Model, frozen=True, kw_only=True):
    """A paid purchase; `institution_invoice_id` is the store's own number of it."""

    invoice_id: str
    institution_id: str
    institution_invoice_id: str | None = None
    store_name: str
    paid_at: UtcMillis
    total: Number
    currency: Currency
    vat_sum: Number


class PurchaseInDetail(Purchase, frozen=True, kw_only=True):
    """A paid purchase with its invoice or the merchant's own receipt, for two months; `rates` are the VAT by rate."""

    rates: tuple[VAT, ...] = none()
    invoice: Invoice | None = None
    receipt: Receipt | None = None


class Invoices:
    """Invoices in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_and_send(
        self,
        tx: Transaction,
        invoice: Invoice,
        rates: tuple[VAT, ...],
        paid_at: datetime,
        begun_at: datetime | None = None,
    ) -> None:
        """Keeps a paid invoice, with its sums by VAT rate, and enqueues it for the node: both happen, or neither."""
        document = encode(invoice)
        institution_id = invoice.seller.unique_code
        await store.add(
            tx,
            InvoiceRow(
                invoice.id,
                institution_id,
                invoice.buyer.unique_code,
                invoice.seller.seller_name or "",
                invoice.currency,
                invoice.total.total_to_pay,
                invoice.total.vat.vat_sum,
                document,
                paid_at,
                invoice.institution_invoice_id,
                rates=encode(rates).decode(),
                begun_at=begun_at,
            ),
        )
        await put(
            tx,
            Message(
                id=invoice.id, lane=institution_id, kind=INVOICE_PAID, order_key=invoice.id, payload=document
            ),
        )

    async def keep_receipt(
        self,
        tx: Transaction,
        receipt: Receipt,
        store_name: str,
        paid_at: datetime,
        begun_at: datetime | None = None,
    ) -> None:
        """Keeps a purchase that was paid by the merchant's own receipt."""
        await store.add(
            tx,
            InvoiceRow(
                receipt.invoice_id,
                receipt.institution_id,
                receipt.customer_id,
                store_name,
                receipt.currency,
                receipt.total,
                receipt.vat_sum,
                None,
                paid_at,
                receipt.institution_invoice_id,
                encode(receipt),
                begun_at=begun_at,
            ),
        )

    async def purchase(self, person_id: str, invoice_id: str) -> bytes:
        """A person's purchase as JSON; another's is not found."""
        async with self._database.connection() as connection:
            row = await store.find(connection, invoice_id, person_id)
        if row is None:
            raise NOT_FOUND.error("There is no such purchase")
        return _in_detail(row)

    async def purchases(self, person_id: str, limit: int, after: str | None) -> tuple[Purchase, ...]:
        """A person's purchases, newest first, at most `limit`, those after the purchase `after`."""
        async with self._database.connection() as connection:
            rows = await store.page(connection, person_id, limit, after)
        return tuple(_purchase(row) for row in rows)

    async def search(
        self, institution_id: str, sought: PurchaseSearch, limit: int, after: str | None
    ) -> tuple[Purchase, ...]:
        """A store's purchases, newest first, at most `limit`, those after the purchase `after`."""
        async with self._database.connection() as connection:
            rows = await store.search(connection, institution_id, sought, limit, after)
        return tuple(_purchase(row) for row in rows)

    async def of_shopper(self, institution_id: str, person_id: str, limit: int) -> list[ShopperPurchase]:
        """A person's latest purchases in a store, newest first, at most `limit`."""
        async with self._database.connection() as connection:
            return await store.of_shopper(connection, institution_id, person_id, limit)

    async def in_store(self, institution_id: str, invoice_id: str) -> bytes:
        """A store's purchase as JSON; another's is not found."""
        async with self._database.connection() as connection:
            row = await store.find_in_store(connection, institution_id, invoice_id)
        if row is None:
            raise NOT_FOUND.error("There is no such purchase")
        return _in_detail(row)

    async def tallies(
        self, institution_id: str, currency: Currency, moments: Sequence[datetime]
    ) -> list[SalesTally]:
        """What a store sold in a currency from each of some moments to the next one."""
        async with self._database.connection() as connection:
            return await store.tallies(connection, institution_id, currency, moments)

    async def of_person(self, person_id: str) -> tuple[PurchaseInDetail, ...]:
        """All of a person's purchases with their details, newest first."""
        async with self._database.connection() as connection:
            rows = await store.of_person(connection, person_id)
        return tuple(decode(_in_detail(row), PurchaseInDetail) for row in rows)

    async def forget_person(self, tx: Transaction, person_id: str) -> list[str]:
        """Leaves of a person's purchases what bookkeeping needs: sums, VAT by rate, store and time, not whose.

        Returns:
            The ids of the messages to nodes about them.
        """
        return await store.forget_person(tx, person_id)

    async def forget_details(self, before: datetime) -> int:
        """Forgets the details of what was paid before a moment; answers of how many."""
        return await store.forget_documents(self._database, before)


def _in_detail(row: InvoiceRow) -> bytes:
    """The purchase as JSON; documents are shown as they were sent or came, so they are not read and written again."""
    parts = [encode(_purchase(row))[:-1], b',"rates":' + row.rates.encode()]
    if row.document is not None:
        parts.append(b',"invoice":' + row.document)
    if row.receipt is not None:
        parts.append(b',"receipt":' + row.receipt)
    return b"".join(parts) + b"}"


def _purchase(row: InvoiceRow) -> Purchase:
    return Purchase(
        invoice_id=row.id,
        institution_id=row.institution_id,
        institution_invoice_id=row.institution_invoice_id,
        store_name=row.store_name,
        paid_at=UtcMillis.of(row.paid_at),
        total=row.total,
        currency=Currency(row.currency),
        vat_sum=row.vat,
    )
