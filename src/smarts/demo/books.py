"""Default invoicing at the demo store: paid invoices are kept, and earn a bonus as receipts do."""

import sqlite3
from collections.abc import Mapping

from smarts.demo.bonus import BonusBook, earned_with
from smarts.demo.ledger import Ledger
from smarts.demo.members import Members
from smarts.wire.invoices import Invoice
from smarts.wire.nodes import HealthStatus, PartHealth


class Books:
    """The feature invoices."""

    def __init__(self, ledger: Ledger, members: Members, bonus: BonusBook) -> None:
        self._ledger = ledger
        self._members = members
        self._bonus = bonus

    def receive_invoice(self, invoice: Invoice, _: sqlite3.Connection) -> None:
        """Keeps a paid invoice, and books the bonus that it earns on the first card that collects one.

        The database's own transactions are parts of the inbox's, which is open.
        """
        self._ledger.keep_invoice(invoice)
        held = self._members.held(invoice.buyer.unique_code, invoice.buyer.loyalty_cards)
        for card in [card for card in held if self._members.collects(card.member)][:1]:
            earned = earned_with(invoice.total.total_to_pay)
            self._bonus.book(card.member.number, invoice.id, earned=earned)

    def health(self) -> Mapping[str, PartHealth]:
        """Whether invoices could be kept now."""
        return {"ledger": PartHealth(HealthStatus.UP if self._ledger.is_writable() else HealthStatus.DOWN)}
