"""The verbs of invoices: keep one and send it, look them up, forget their details in time."""

from datetime import datetime, timedelta

from smarts.edge.problems import NOT_FOUND
from smarts.gateway.invoices import store
from smarts.gateway.invoices.store import InvoiceRow
from smarts.gateway.outbox import Message, put
from smarts.gateway.storage.database import Database, Transaction
from smarts.wire.codec import encode
from smarts.wire.invoices import Invoice
from smarts.wire.model import Model
from smarts.wire.money import Currency, Number
from smarts.wire.times import UtcMillis

INVOICE_PAID = "invoice"
KEPT_IN_DETAIL = timedelta(days=62)  # two months, of the longest (contract section 6.4)


class Purchase(Model, frozen=True, kw_only=True):
    """A paid purchase; `invoice` is there for two months."""

    invoice_id: str
    institution_id: str
    store_name: str
    paid_at: UtcMillis
    total: Number
    currency: Currency
    vat_sum: Number


class PurchaseInDetail(Purchase, frozen=True, kw_only=True):
    """A paid purchase with its invoice, while that is kept."""

    invoice: Invoice | None = None


class Invoices:
    """Invoices in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_and_send(self, tx: Transaction, invoice: Invoice, paid_at: datetime) -> None:
        """Keeps a paid invoice and enqueues it for the node: both happen, or neither."""
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
            ),
        )
        await put(
            tx,
            Message(
                id=invoice.id, lane=institution_id, kind=INVOICE_PAID, order_key=invoice.id, payload=document
            ),
        )

    async def purchase(self, person_id: str, invoice_id: str) -> bytes:
        """A person's purchase as JSON; another's is not found."""
        async with self._database.connection() as connection:
            row = await store.find(connection, invoice_id, person_id)
        if row is None:
            raise NOT_FOUND.error("There is no such purchase")
        summary = encode(_purchase(row))
        # The invoice is shown as it was sent, so it is not read and written again.
        return summary if row.document is None else summary[:-1] + b',"invoice":' + row.document + b"}"

    async def purchases(self, person_id: str, limit: int, after: str | None) -> tuple[Purchase, ...]:
        """A person's purchases, newest first, at most `limit`, those after the purchase `after`."""
        async with self._database.connection() as connection:
            rows = await store.page(connection, person_id, limit, after)
        return tuple(_purchase(row) for row in rows)

    async def forget_details(self, now: datetime) -> int:
        """Forgets the details of what was paid more than two months ago; answers of how many."""
        async with self._database.connection() as connection:
            return await store.forget_details(connection, now - KEPT_IN_DETAIL)


def _purchase(row: InvoiceRow) -> Purchase:
    return Purchase(
        invoice_id=row.id,
        institution_id=row.institution_id,
        store_name=row.store_name,
        paid_at=UtcMillis.of(row.paid_at),
        total=row.total,
        currency=Currency(row.currency),
        vat_sum=row.vat,
    )
