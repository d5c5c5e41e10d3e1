"""A whole purchase on the way to its price: what institution campaigns change, step by step."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from smarts.campaigns.code import Kind
from smarts.campaigns.effects import Reason
from smarts.campaigns.rows import Row
from smarts.campaigns.sums import split, vat_in
from smarts.wire.money import Currency, rounded
from smarts.wire.products import Unit


class Purchase(msgspec.Struct, frozen=True):
    """What some campaigns have left of a purchase.

    `sums` are what it costs, with VAT, in money, by VAT rate in percent; `total` is all of them together, `net_total`
    the same without VAT, which is rounded once for each rate. `given` are the pieces and this last sum as operations
    are called with them.
    """

    currency: Currency
    pieces: Decimal
    sums: Mapping[Decimal, Decimal]
    total: Decimal
    net_total: Decimal
    given: tuple[float, float]

    @classmethod
    def of(cls, rows: Iterable[Row], currency: Currency) -> "Purchase":
        """The purchase before any institution campaign."""
        pieces = Decimal(0)
        sums: dict[Decimal, Decimal] = defaultdict(Decimal)
        for row in rows:
            pieces += row.line.pieces
            sums[row.rate] += row.total
        return cls.of_sums(currency, pieces, sums)

    @classmethod
    def of_sums(cls, currency: Currency, pieces: Decimal, sums: Mapping[Decimal, Decimal]) -> "Purchase":
        """The same by its sums with VAT, by rate."""
        total = net_total = Decimal(0)
        for rate, gross in sums.items():
            total += gross
            net_total += gross - vat_in(gross, rate, currency)
        return cls(currency, pieces, sums, total, net_total, (float(pieces), float(net_total)))

    @property
    def key(self) -> None:
        """No line's."""
        return

    @property
    def unit(self) -> Unit:
        """What `pieces` counts."""
        return Unit.PIECE

    def obstacle(self, kind: Kind) -> Reason | None:
        """Why a campaign of this kind has nothing to do here."""
        if kind.is_product_based:
            return Reason.PRODUCT_KIND
        return None if self.net_total else Reason.NOTHING_TO_PAY

    def inputs(self, kind: Kind) -> tuple[float, ...]:
        """What an operation of this kind is called with here; the last one is what it changes."""
        return self.given[1:] if kind is Kind.TOTAL else self.given

    def after(self, _: Kind, result: Decimal) -> "Purchase":
        """The purchase when an operation has given this total without VAT: every rate bears its part of the change."""
        total = rounded(self.total * result / self.net_total, self.currency)
        rates, sums = list(self.sums), list(self.sums.values())
        shares = split(total, sums, rates, self.currency)
        return Purchase.of_sums(self.currency, self.pieces, dict(zip(rates, shares, strict=True)))

    def change(self, _: Kind) -> Reason:
        """What a campaign is said to change."""
        return Reason.CHANGED_TOTAL

    def measure(self, _: Kind) -> Decimal:
        """What a campaign is told with."""
        return self.total
