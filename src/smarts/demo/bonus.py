"""The bonus on the demo store's cards: what purchases used and earned, in the store's own SQLite file.

A receipt that is not paid yet changes nothing here. So a shopper who pays two carts at once may use the same bonus
twice; the card then owes it, and earns it back before there is a bonus on it again.
"""

from datetime import UTC, datetime
from decimal import Decimal

from smarts.demo.cards import Member
from smarts.demo.database import Database
from smarts.wire.money import Currency, rounded

CURRENCY = Currency.EUR
_SHARE = Decimal("0.01")
_TABLE = """
bonus (
    card_number text not null,
    invoice_id text not null,
    used text not null,
    earned text not null,
    booked_at text not null,
    primary key (card_number, invoice_id)
)
"""
_BOOK = """
insert into bonus values (?, ?, ?, ?, ?)
on conflict (card_number, invoice_id) do update set used = excluded.used, earned = excluded.earned
"""
_BOOKED = "select used, earned from bonus where card_number = ?"


def earned_with(paid: Decimal) -> Decimal:
    """The bonus that a purchase earns: one percent of what is paid for it."""
    return rounded(paid * _SHARE, CURRENCY)


class BonusBook:
    """What was used and earned on each card, once a purchase."""

    def __init__(self, database: Database) -> None:
        database.prepare(_TABLE)
        self._database = database

    def on(self, member: Member) -> Decimal:
        """The bonus on a card, never below zero."""
        booked = self._database.read(_BOOKED, member.number)
        return max(Decimal(0), member.bonus + sum(Decimal(earned) - Decimal(used) for used, earned in booked))

    def book(
        self, card_number: str, invoice_id: str, *, used: Decimal = Decimal(0), earned: Decimal = Decimal(0)
    ) -> None:
        """Books a paid purchase, in place of what was booked for it before."""
        with self._database.transaction() as tx:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            tx.execute(_BOOK, (card_number, invoice_id, str(used), str(earned), now))
