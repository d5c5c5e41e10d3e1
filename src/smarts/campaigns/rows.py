"""A line of a cart on the way to its price: what product campaigns change, step by step."""

from decimal import Decimal

import msgspec

from smarts.campaigns.code import Kind
from smarts.campaigns.effects import Reason
from smarts.campaigns.sums import vat_in
from smarts.wire.money import Currency, rounded
from smarts.wire.products import Product, Unit

LARGEST_SUM = Decimal(10) ** 12
"""No row and no purchase may cost as much."""

_CHANGES = {Kind.AMOUNT: Reason.CHANGED_AMOUNT, Kind.UNIT_PRICE: Reason.CHANGED_UNIT_PRICE}


class CartLine(msgspec.Struct, frozen=True):
    """A product in a cart, as the node gave it, and how much of it: pieces, or units of weight for a `weight_item`.

    `key` tells the cart's lines apart.

    Raises:
        ValueError: the product has a negative price or VAT rate, the quantity is negative, or the row costs
            `LARGEST_SUM` or more. A cart cannot hold such a line.
    """

    key: str
    product: Product
    quantity: Decimal

    def __post_init__(self) -> None:
        price = self.product.price
        if price.total < 0 or price.vat.sum_without_vat < 0 or price.vat.vat_rate < 0:
            raise ValueError(f"The price of product {self.product.id} is negative.")
        if self.quantity < 0:
            raise ValueError(f"The quantity of line {self.key} is negative.")
        if price.total * self.quantity >= LARGEST_SUM:
            raise ValueError(f"Line {self.key} costs {LARGEST_SUM} or more.")

    @property
    def pieces(self) -> Decimal:
        """How many pieces it is; what is weighed is one."""
        return Decimal(1) if self.product.weight_item and self.quantity else self.quantity

    @property
    def unit(self) -> Unit:
        """What `quantity` counts."""
        weighed_in = self.product.quantity if self.product.weight_item else None
        return weighed_in.unit if weighed_in else Unit.PIECE


class Row(msgspec.Struct, frozen=True):
    """What some campaigns have left of a line.

    `amount` is paid for at `unit_price` (with VAT, exact); `total` is what the row costs, with VAT, in money.
    `net_unit_price` is the unit price as campaigns see it: with addition, without VAT. `rate` is the VAT's, in
    percent.
    """

    line: CartLine
    currency: Currency
    rate: Decimal
    amount: Decimal
    net_unit_price: Decimal
    unit_price: Decimal
    total: Decimal

    @classmethod
    def of(cls, line: CartLine, currency: Currency) -> "Row":
        """The row before any campaign."""
        price, amount = line.product.price, line.quantity
        total = rounded(price.total * amount, currency)
        return cls(line, currency, price.vat.vat_rate, amount, price.vat.sum_without_vat, price.total, total)

    @property
    def key(self) -> str:
        """The line's."""
        return self.line.key

    @property
    def unit(self) -> Unit:
        """The line's."""
        return self.line.unit

    @property
    def net_total(self) -> Decimal:
        """What the row costs without VAT, in money."""
        return self.total - vat_in(self.total, self.rate, self.currency)

    def obstacle(self, kind: Kind) -> Reason | None:
        """Why a campaign of this kind has nothing to do here: earlier ones have left no amount, or nothing to pay."""
        left = self.amount if kind.is_product_based else self.net_total
        return None if left else Reason.NOTHING_TO_PAY

    def inputs(self, kind: Kind) -> tuple[float, ...]:
        """What an operation of this kind is called with here; the last one is what it changes."""
        match kind:
            case Kind.AMOUNT:
                return (float(self.amount),)
            case Kind.UNIT_PRICE:
                return float(self.amount), float(self.net_unit_price)
            case Kind.TOTAL:
                return (float(self.net_total),)
            case Kind.AMOUNT_TOTAL:
                return float(self.line.quantity), float(self.net_total)

    def after(self, kind: Kind, result: Decimal) -> "Row":
        """The row when an operation of this kind has given this result."""
        if kind is Kind.AMOUNT:
            return self._priced(result, self.net_unit_price, self.unit_price)
        if kind is Kind.UNIT_PRICE:
            return self._priced(self.amount, result, self._with_vat(result))
        total = rounded(self.total * result / self.net_total, self.currency)
        return msgspec.structs.replace(self, total=total)

    def change(self, kind: Kind) -> Reason:
        """What a campaign of this kind is said to change."""
        return _CHANGES.get(kind, Reason.CHANGED_ROW)

    def measure(self, kind: Kind) -> Decimal:
        """What such a campaign is told with: the amount that is paid for, the price of one, the row's total."""
        if kind is Kind.AMOUNT:
            return self.amount
        return self.unit_price if kind is Kind.UNIT_PRICE else self.total

    def _priced(self, amount: Decimal, net_unit_price: Decimal, unit_price: Decimal) -> "Row":
        total = rounded(unit_price * amount, self.currency)
        return Row(self.line, self.currency, self.rate, amount, net_unit_price, unit_price, total)

    def _with_vat(self, net_unit_price: Decimal) -> Decimal:
        # By the node's own two sums, so that a campaign that changes nothing leaves exactly the node's price,
        # however the node rounded the one without VAT.
        price = self.line.product.price
        if price.vat.sum_without_vat:
            return net_unit_price * price.total / price.vat.sum_without_vat
        return net_unit_price * (100 + self.rate) / 100
