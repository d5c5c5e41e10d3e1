"""What a check found: pure functions."""

from collections.abc import Sequence
from decimal import Decimal

from smarts.wire.model import Model
from smarts.wire.money import Number
from smarts.wire.receipts import ReceiptProduct

_NOTHING = Decimal(0)


class Difference(Model, frozen=True, kw_only=True):
    """A product of which there was more or less than in the cart: how much, and for how much, before and after."""

    barcode: str
    product_name: str
    before: Number
    after: Number
    price_before: Number
    price_after: Number


def differences(before: Sequence[ReceiptProduct], after: Sequence[ReceiptProduct]) -> tuple[Difference, ...]:
    """What a check changed in a cart, the products that were there before it first."""
    old, new = ({row.barcode: row for row in rows} for rows in (before, after))
    pairs = ((old.get(barcode), new.get(barcode)) for barcode in dict.fromkeys([*old, *new]))
    return tuple(_difference(one, other) for one, other in pairs if _amount(one) != _amount(other))


def missing(found: Sequence[Difference]) -> Decimal:
    """What of it should have been in the cart and was not, in money with VAT; what was too much does not make up."""
    dearer = (each.price_after - each.price_before for each in found)
    return sum((more for more in dearer if more > 0), _NOTHING)


def _difference(before: ReceiptProduct | None, after: ReceiptProduct | None) -> Difference:
    named = before or after
    assert named
    return Difference(
        barcode=named.barcode,
        product_name=named.product_name,
        before=_amount(before),
        after=_amount(after),
        price_before=before.row_price if before else _NOTHING,
        price_after=after.row_price if after else _NOTHING,
    )


def _amount(row: ReceiptProduct | None) -> Decimal:
    return row.amount if row else _NOTHING
