"""A shopper's purchases, with what they were charged by now."""

from decimal import Decimal

from msgspec.structs import asdict

from smarts.gateway.invoices.service import Invoices, Purchase, PurchaseInDetail
from smarts.gateway.payments.service import Payments
from smarts.wire.codec import decode, encode
from smarts.wire.money import Number

_NOTHING = Decimal(0)


class PurchaseDocument(Purchase, frozen=True, kw_only=True):
    """A purchase; `charged` is what the shopper has paid for it, less what was given back since."""

    charged: Number


class DetailedPurchaseDocument(PurchaseInDetail, frozen=True, kw_only=True):
    """A purchase in detail; `charged` is what the shopper has paid for it, less what was given back since."""

    charged: Number


class Purchases:
    """What invoices and the ledger say together."""

    def __init__(self, invoices: Invoices, payments: Payments) -> None:
        self._invoices = invoices
        self._payments = payments

    async def page(self, person_id: str, limit: int, after: str | None) -> tuple[PurchaseDocument, ...]:
        """A person's purchases, newest first, at most `limit`, those after the purchase `after`."""
        found = await self._invoices.purchases(person_id, limit, after)
        charged = await self._payments.charged(each.invoice_id for each in found)
        return tuple(
            PurchaseDocument(**asdict(each), charged=charged.get(each.invoice_id, _NOTHING)) for each in found
        )

    async def one(self, person_id: str, invoice_id: str) -> bytes:
        """A person's purchase in detail, as JSON; another's is not found."""
        document = await self._invoices.purchase(person_id, invoice_id)
        charged = (await self._payments.charged([invoice_id])).get(invoice_id, _NOTHING)
        # Its documents are given as they are kept, so what belongs beside them is put in as text.
        return document[:-1] + b',"charged":' + encode(charged) + b"}"

    async def in_detail(self, person_id: str, invoice_id: str) -> DetailedPurchaseDocument:
        """A person's purchase in detail; another's is not found."""
        return decode(await self.one(person_id, invoice_id), DetailedPurchaseDocument)

    async def of_person(self, person_id: str) -> tuple[DetailedPurchaseDocument, ...]:
        """All of a person's purchases in detail, newest first."""
        found = await self._invoices.of_person(person_id)
        charged = await self._payments.charged(each.invoice_id for each in found)
        return tuple(
            DetailedPurchaseDocument(**asdict(each), charged=charged.get(each.invoice_id, _NOTHING))
            for each in found
        )
