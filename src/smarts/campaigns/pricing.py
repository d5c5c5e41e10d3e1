"""What a cart costs: campaigns, rows, VAT, total (sections 3 and 5)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, localcontext
from itertools import chain

import msgspec

from smarts.campaigns.code import Buyer
from smarts.campaigns.effects import CampaignEffect
from smarts.campaigns.purchase import Purchase
from smarts.campaigns.rows import CartLine, Row
from smarts.campaigns.striking import strike, strike_listed
from smarts.campaigns.sums import split, vat_in
from smarts.wire.invoices import Total, TotalVAT
from smarts.wire.money import Currency
from smarts.wire.products import VAT, Campaign

# Wide enough for the largest price times the largest quantity with all their decimals.
PRECISE = Context(prec=60)


class PricedLine(msgspec.Struct, frozen=True):
    """A line and what it costs.

    `price_before` is its price without campaigns, `row_total` with its own ones, both with VAT. `amount` is paid
    for. `vat` is the row on the invoice: its `sum_with_vat` holds the row's part of institution campaigns too. Its
    `effects` are in the order in which the campaigns had their turn.
    """

    line: CartLine
    price_before: Decimal
    amount: Decimal
    row_total: Decimal
    vat: VAT
    effects: tuple[CampaignEffect, ...]

    @property
    def key(self) -> str:
        """The line's."""
        return self.line.key

    @property
    def institution_change(self) -> Decimal:
        """The row's part of what the institution campaigns changed; negative where they took something off."""
        return self.vat.sum_with_vat - self.row_total


class PricedCart(msgspec.Struct, frozen=True):
    """A cart and what it costs, in `currency`.

    The rows' totals and the institution campaigns' change add up to the total; so do the rows' `vat`, both to the
    sums by rate (`vat`, ascending by rate) and to `total`. `effects` are those of the institution campaigns; of a long
    list, not all that changed nothing (`ALWAYS_TOLD`).
    """

    currency: Currency
    lines: tuple[PricedLine, ...]
    vat: tuple[VAT, ...]
    total: Total
    effects: tuple[CampaignEffect, ...]

    @property
    def institution_change(self) -> Decimal:
        """What the institution campaigns changed, with VAT; negative where they took something off."""
        return sum((line.institution_change for line in self.lines), Decimal(0))

    @property
    def errors(self) -> tuple[CampaignEffect, ...]:
        """The campaigns that do not work, on any line or on the purchase: for the store manager only."""
        every = chain(*(line.effects for line in self.lines), self.effects)
        return tuple(effect for effect in every if effect.is_error)


def price_cart(
    lines: Sequence[CartLine],
    institution_campaigns: Sequence[Campaign],
    buyer: Buyer,
    currency: Currency,
    *,
    watched: Campaign | None = None,
    thorough: bool = False,
) -> PricedCart:
    """Prices a cart by the node's prices and campaigns; the order of the lines changes no sum.

    A campaign that does not work leaves the price as it was and is in `errors`; `watched`, one of the institution's,
    has its effect told in any case, and so have all of them where it is `thorough`.

    Raises:
        ValueError: two lines have the same key.
    """
    if len({line.key for line in lines}) < len(lines):
        raise ValueError("Two lines of the cart have the same key.")
    with localcontext(PRECISE):
        struck = [strike(Row.of(line, currency), line.product.campaigns, buyer) for line in lines]
        rows = [row for row, _ in struck]
        before = Purchase.of(rows, currency)
        purchase, effects = (
            strike(before, institution_campaigns, buyer)
            if thorough
            else strike_listed(before, institution_campaigns, buyer, watched)
        )
        vat = tuple(_vat(purchase.sums[rate], rate, currency) for rate in sorted(purchase.sums))
        invoiced = _invoiced(rows, vat)
        priced = tuple(_priced_line(row, row_effects, invoiced[row.key]) for row, row_effects in struck)
        return PricedCart(currency, priced, vat, _total(vat), effects)


def _priced_line(row: Row, effects: tuple[CampaignEffect, ...], vat: VAT) -> PricedLine:
    before = effects[0].before if effects else row.total
    return PricedLine(row.line, before, row.amount, row.total, vat, effects)


def _invoiced(rows: Iterable[Row], vat: Iterable[VAT]) -> dict[str, VAT]:
    """The rows as they stand on the invoice, by key: each rate's sum and VAT, split over its rows."""
    by_rate: dict[Decimal, list[Row]] = defaultdict(list)
    for row in rows:
        by_rate[row.rate].append(row)
    return {key: of_row for of_rate in vat for key, of_row in _split_rate(of_rate, by_rate[of_rate.vat_rate])}


def _split_rate(of_rate: VAT, rows: Sequence[Row]) -> Iterable[tuple[str, VAT]]:
    currency, keys = rows[0].currency, [row.key for row in rows]
    sums = split(of_rate.sum_with_vat, [row.total for row in rows], keys, currency)
    vats = split(of_rate.vat_sum, sums, keys, currency)
    for key, gross, vat in zip(keys, sums, vats, strict=True):
        yield key, VAT(gross - vat, vat, gross, of_rate.vat_rate)


def _vat(gross: Decimal, rate: Decimal, currency: Currency) -> VAT:
    vat = vat_in(gross, rate, currency)
    return VAT(gross - vat, vat, gross, rate)


def _total(vat: Iterable[VAT]) -> Total:
    with_vat, without_vat, vat_sum = Decimal(0), Decimal(0), Decimal(0)
    for of_rate in vat:
        with_vat += of_rate.sum_with_vat
        without_vat += of_rate.sum_without_vat
        vat_sum += of_rate.vat_sum
    return Total(TotalVAT(with_vat, without_vat, vat_sum), with_vat)
