"""Merchant side invoicing at the demo store: a receipt for a cart, and the word that it is paid.

The sums of a receipt: the rows and the shipment, less the bonus that is used, are the total. The sum without VAT and
the VAT make the total and the bonus together; so do the sum without additions and the additions. A bonus is a way to
pay, it makes nothing cheaper.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from smarts.demo.bonus import BonusBook, earned_with
from smarts.demo.database import Database
from smarts.demo.members import HeldCard, Members
from smarts.demo.till import Till
from smarts.node import NotFound, Refused
from smarts.node.words import PAID_ALREADY
from smarts.wire.codec import decode, encode
from smarts.wire.orders import Order
from smarts.wire.receipts import (
    CreateReceiptRequest,
    Receipt,
    ReceiptLoyaltyCard,
    ReceiptPaymentConfirmationRequest,
)
from smarts.wire.shipments import ShipmentStatus

_NOT_BROUGHT = frozenset(
    {ShipmentStatus.CANCELLED_BY_CLIENT, ShipmentStatus.CANCELLED_BY_INSTITUTION, ShipmentStatus.MISSED}
)
_TABLE = """
receipt (
    number integer primary key,
    invoice_id text not null unique,
    asked blob not null,
    body blob not null,
    made_at text not null,
    paid_at text,
    confirmation blob
)
"""
_BROUGHT_TABLE = """
receipt_brought (
    invoice_id text primary key,
    worth text not null
)
"""
_KEEP_BROUGHT = """
insert into receipt_brought values (?, ?) on conflict (invoice_id) do update set worth = excluded.worth
"""
_PAID_RECEIPT = """
select body, confirmation, worth from receipt left join receipt_brought using (invoice_id)
where invoice_id = ? and paid_at is not null
"""
_NEXT_NUMBER = "select coalesce(max(number), 0) + 1 from receipt"
_KEEP = """
insert into receipt (number, invoice_id, asked, body, made_at) values (?, ?, ?, ?, ?)
on conflict (invoice_id) do update set asked = excluded.asked, body = excluded.body, made_at = excluded.made_at
"""
_BEFORE = "select number, asked, body, paid_at from receipt where invoice_id = ?"
_PAY = "update receipt set paid_at = ?, confirmation = ? where invoice_id = ? and paid_at is null"
_ONE = "select invoice_id, body, made_at, paid_at, confirmation from receipt where invoice_id = ?"
_PAGE = """
select invoice_id, body, made_at, paid_at, confirmation from receipt
where number < coalesce((select number from receipt where invoice_id = ?), 9223372036854775807)
order by number desc limit ?
"""


class KeptReceipt(msgspec.Struct, frozen=True, rename="camel"):
    """A receipt as it was made last, and the word that it is paid, once that has come."""

    invoice_id: str
    made_at: str
    paid_at: str | None
    receipt: msgspec.Raw
    confirmation: msgspec.Raw | None


class Receipts:
    """The feature receipts.

    The same cart gets the same receipt, however often it is asked for. A cart that has changed gets another one: with a
    number of its own under a new invoice id, with the same number under the old one.
    """

    def __init__(self, database: Database, till: Till, members: Members, bonus: BonusBook) -> None:
        database.prepare(_TABLE, _BROUGHT_TABLE)
        self._database = database
        self._till = till
        self._members = members
        self._bonus = bonus

    def create_receipt(self, request: CreateReceiptRequest) -> Receipt:
        """The receipt of a cart; refused where the cart was paid for and is another one now."""
        asked = encode(request)
        with self._database.transaction() as tx:
            before = tx.execute(_BEFORE, (request.invoice_id,)).fetchone()
            if before and before["asked"] == asked:
                return decode(before["body"], Receipt)
            if before and before["paid_at"]:
                raise Refused(PAID_ALREADY.in_language(request.lang_code))
            number = before["number"] if before else tx.execute(_NEXT_NUMBER).fetchone()[0]
            receipt = self._receipt(request, f"R-{number:06}")
            tx.execute(_KEEP, (number, request.invoice_id, asked, encode(receipt), _now()))
        return receipt

    def confirm_receipt(
        self, confirmation: ReceiptPaymentConfirmationRequest, tx: sqlite3.Connection
    ) -> None:
        """Keeps that the receipt is paid and books the bonus, by what was really paid and what went out of an order."""
        kept = self.receipt(confirmation.invoice_id)
        receipt = decode(bytes(kept.receipt), Receipt) if kept else None
        if receipt is None or receipt.institution_invoice_id != confirmation.institution_invoice_id:
            raise NotFound("The store has made no such receipt")
        tx.execute(_PAY, (_now(), encode(confirmation), receipt.invoice_id))
        self._book(tx, receipt.invoice_id)

    def bring(self, order: Order) -> None:
        """Keeps what goes out of an order, and corrects the bonus where its receipt is paid already.

        The word that a receipt is paid and the order's change may come in either order.
        """
        if order.invoice_id is None:
            return
        with self._database.transaction() as tx:
            tx.execute(_KEEP_BROUGHT, (order.invoice_id, str(_worth(order))))
            self._book(tx, order.invoice_id)

    def _book(self, tx: sqlite3.Connection, invoice_id: str) -> None:
        """What was not paid with money was paid with the bonus; what was not brought is paid with neither."""
        row = tx.execute(_PAID_RECEIPT, (invoice_id,)).fetchone()
        if row is None:
            return
        receipt = decode(row["body"], Receipt)
        total = decode(row["confirmation"], ReceiptPaymentConfirmationRequest).total
        worth = Decimal(row["worth"]) if row["worth"] else total + _used(receipt)
        left = max(worth - total, Decimal(0))
        for card in receipt.loyalty_cards:
            used = min(card.bonus_used or Decimal(0), left)
            earned = earned_with(min(total, worth)) if card.bonus_earned else Decimal(0)
            self._bonus.book(card.card_number, receipt.invoice_id, used=used, earned=earned)
            left -= used

    def receipt(self, invoice_id: str) -> KeptReceipt | None:
        """The receipt for the purchase with this invoice id."""
        found = self._database.read(_ONE, invoice_id)
        return _kept_receipt(*found[0]) if found else None

    def receipts(self, limit: int, after: str | None = None) -> list[KeptReceipt]:
        """Receipts, newest first; `after` is the invoice id of the last one seen."""
        return [_kept_receipt(*row) for row in self._database.read(_PAGE, after, limit)]

    def _receipt(self, request: CreateReceiptRequest, number: str) -> Receipt:
        held = self._members.held(request.person_id, request.loyalty_cards)
        bill = self._till.bill(request, held)
        payer = next((card.member for card in held if card.pays), None)
        used = min(self._bonus.on(payer), bill.gross) if payer else Decimal(0)
        total = bill.gross - used
        return bill.receipt(request, number, self._card_rows(held, used, earned_with(total)), used)

    def _card_rows(
        self, held: Iterable[HeldCard], used: Decimal, earned: Decimal
    ) -> Iterator[ReceiptLoyaltyCard]:
        """A row a card; the first that may pay pays, the first that collects a bonus earns."""
        for card in held:
            if not self._members.collects(card.member):
                yield ReceiptLoyaltyCard(card.member.card, card.member.number)
                continue
            pays = used if card.pays else Decimal(0)
            yield ReceiptLoyaltyCard(card.member.card, card.member.number, pays, earned)
            used, earned = used - pays, Decimal(0)


def _used(receipt: Receipt) -> Decimal:
    return sum((card.bonus_used or Decimal(0) for card in receipt.loyalty_cards), Decimal(0))


def _worth(order: Order) -> Decimal:
    """What the goods that go out and the delivery cost; nothing where an order ended without them."""
    if order.shipment.status in _NOT_BROUGHT:
        return Decimal(0)
    return sum((row.row_price for row in order.products), order.shipment.price or Decimal(0))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _kept_receipt(
    invoice_id: str, body: bytes, made_at: str, paid_at: str | None, confirmation: bytes | None
) -> KeptReceipt:
    return KeptReceipt(
        invoice_id, made_at, paid_at, msgspec.Raw(body), msgspec.Raw(confirmation) if confirmation else None
    )
