"""Receipts that the node makes: priced by the catalogue and the campaigns, numbered without a gap, kept."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping

from smarts.edge.problems import CONFLICT
from smarts.node import Bill, NotFound, Refused
from smarts.node.words import PAID_ALREADY
from smarts.ready.calendar import Calendar, is_on
from smarts.ready.checks import Find
from smarts.ready.database import Database
from smarts.ready.records import cents, require_id
from smarts.ready.sales import Sales
from smarts.ready.settings import ReceiptSettings
from smarts.ready.tables import RECEIPTS, add, change, find, next_number
from smarts.wire.codec import decode, encode
from smarts.wire.loyalty import ClientCard
from smarts.wire.money import Currency
from smarts.wire.products import Campaign, Inspection, InspectionAction, MaxAmount, Product
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptPaymentConfirmationRequest

CardCodes = Callable[[str, Sequence[ClientCard]], frozenset[str]]


class Receipts:
    """The feature receipts.

    The same cart gets the same receipt, however often it is asked for. A cart that has changed under its old invoice id
    gets another one with the same number, unless it is paid.
    """

    def __init__(
        self,
        settings: ReceiptSettings,
        currency: Currency,
        sold: Find,
        card_codes: CardCodes,
        database: Database,
        calendar: Calendar,
        sales: Sequence[Sales] = (),
    ) -> None:
        self._settings = settings
        self._currency = currency
        self._sold = sold
        self._card_codes = card_codes
        self._database = database
        self._calendar = calendar
        self._sales = sales

    def create_receipt(self, request: CreateReceiptRequest) -> Receipt:
        """The receipt of a cart.

        Raises:
            Refused: the store does not sell something in it, or it was paid for and is another one now.
            ProblemError: 503, the database is away.
        """
        require_id(request.invoice_id, "$.invoiceId")
        asked = encode(request).decode()
        made = self._database.read(lambda tx: _made(find(tx, RECEIPTS, request.invoice_id), request, asked))
        if made:
            return made
        bill = self._bill(request)  # outside a transaction, since goods and cards may have to be asked for
        return self._database.write(lambda tx: self._keep(tx, request, asked, bill))

    def _keep(self, tx: Connection, request: CreateReceiptRequest, asked: str, bill: Bill) -> Receipt:
        kept = find(tx, RECEIPTS, request.invoice_id, for_change=True)
        made = _made(kept, request, asked)
        if made:
            return made
        number = kept["number"] if kept else next_number(tx, request.institution_id)
        receipt = bill.receipt(request, f"{self._settings.prefix}{number:06}")
        values = self._values(receipt) | {"asked": asked}
        if kept:
            change(tx, RECEIPTS, request.invoice_id, values)
        else:
            add(tx, RECEIPTS, invoice_id=request.invoice_id, number=number, **values)
        return receipt

    def _bill(self, request: CreateReceiptRequest) -> Bill:
        today = self._calendar.today()
        return Bill.of(
            request,
            self._for_sale,
            campaigns=[
                Campaign(each.name, each.code, each.operation)
                for each in self._settings.campaigns
                if is_on(today, each.starts, each.ends)
            ],
            card_codes=self._card_codes(request.person_id, request.loyalty_cards),
            currency=self._currency,
            shipment_vat_rate=self._settings.shipment_vat_rate,
        )

    def _for_sale(self, barcode: str) -> Product | None:
        """What has lost its price since it was scanned would be given away, so it is not sold."""
        product = self._sold(barcode)
        return None if product is None or any(map(_forbids_all, product.inspections)) else product

    def _values(self, receipt: Receipt) -> dict[str, Any]:
        return {
            "store": receipt.institution_id,
            "shopper": receipt.customer_id,
            "day": self._calendar.day(),
            "total_cents": cents(receipt.total),
            "vat_cents": cents(receipt.vat_sum),
            "currency": receipt.currency.value,
            "made_at": self._calendar.now(),
            "document": encode(receipt).decode(),
        }

    def confirm_receipt(self, confirmation: ReceiptPaymentConfirmationRequest) -> None:
        """Keeps that a receipt is paid.

        Raises:
            NotFound: there is no such receipt.
            ProblemError: 409, something else was confirmed before; 503, the database is away.
        """
        receipt = self._database.write(lambda tx: self._confirmed(tx, confirmation))
        for each in self._sales:
            each.receipt_paid(receipt, confirmation)

    def _confirmed(self, tx: Connection, confirmation: ReceiptPaymentConfirmationRequest) -> Receipt:
        kept = find(tx, RECEIPTS, confirmation.invoice_id, for_change=True)
        receipt = decode(kept["document"].encode(), Receipt) if kept else None
        number = receipt and receipt.institution_invoice_id
        if kept is None or receipt is None or number != confirmation.institution_invoice_id:
            raise NotFound("The store has made no such receipt.")
        document = encode(confirmation).decode()
        if kept["confirmation"] is None:
            paid = {
                "day": self._calendar.day(confirmation.paid_at),
                "paid_at": confirmation.paid_at.written(),
                "paid_cents": cents(confirmation.total),
                "confirmation": document,
            }
            change(tx, RECEIPTS, confirmation.invoice_id, paid)
        elif kept["confirmation"] != document:
            raise CONFLICT.error(f"Another payment of {confirmation.institution_invoice_id} is kept.")
        return receipt


def _forbids_all(inspection: Inspection) -> bool:
    is_restricted = inspection.action is InspectionAction.RESTRICT
    return is_restricted and isinstance(inspection, MaxAmount) and inspection.amount <= 0


def _made(kept: RowMapping | None, request: CreateReceiptRequest, asked: str) -> Receipt | None:
    """The receipt that was made for this very cart; raises `Refused` where another cart was paid for."""
    if kept and kept["asked"] == asked:
        return decode(kept["document"].encode(), Receipt)
    if kept and kept["paid_at"]:
        raise Refused(PAID_ALREADY.in_language(request.lang_code))
    return None
