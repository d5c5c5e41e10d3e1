"""What a cart costs at the demo store, by its own price lists and campaigns."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from smarts.campaigns import Buyer, CartLine, PricedCart, PricedLine, price_cart
from smarts.campaigns.sums import vat_in
from smarts.demo.bonus import CURRENCY
from smarts.demo.members import HeldCard
from smarts.demo.products import Products
from smarts.node import ProductList, Refused
from smarts.wire.money import rounded
from smarts.wire.products import AdditionType, Campaign
from smarts.wire.receipts import CreateReceiptRequest, ReceiptProduct
from smarts.wire.text import Translatable

_SHIPMENT_VAT_RATE = Decimal(24)
_UNSOLD = Translatable.of(
    "Me ei müü enam seda:", EN="We no longer sell this:", RU="Мы больше не продаём это:"
)


class Bill(NamedTuple):
    """What a cart costs, in euros.

    `gross` is for goods and shipment with VAT, `vat` the VAT in it, `additions` what discounts, mark-ups and campaigns
    have changed to come there.
    """

    rows: tuple[ReceiptProduct, ...]
    gross: Decimal
    vat: Decimal
    additions: Decimal


class Till:
    """Prices carts; `campaigns` are those of the whole store."""

    def __init__(self, products: Products, campaigns: Sequence[Campaign]) -> None:
        self._products = products
        self._campaigns = campaigns

    def bill(self, request: CreateReceiptRequest, held: Sequence[HeldCard]) -> Bill:
        """The bill of a cart, for a shopper with these cards.

        Raises:
            Refused: there is something in it that the store does not sell, or not in such an amount.
        """
        sold = self._products.list_for(request.person_id, request.loyalty_cards)
        lines = [_line(place, row, sold, request.lang_code) for place, row in enumerate(request.products)]
        priced = self._priced(lines, request.products, held)
        rows = tuple(
            ReceiptProduct.of(line.line.product, line.line.quantity, line.vat.sum_with_vat, request.lang_code)
            for line in priced.lines
        )
        shipment = (request.shipment and request.shipment.price) or Decimal(0)
        return Bill(
            rows,
            priced.total.total_to_pay + shipment,
            priced.total.vat.vat_sum + vat_in(shipment, _SHIPMENT_VAT_RATE, CURRENCY),
            sum(map(_addition, priced.lines), Decimal(0)),
        )

    def _priced(
        self, lines: Sequence[CartLine], sent: Iterable[ReceiptProduct], held: Sequence[HeldCard]
    ) -> PricedCart:
        # Whether a shopper without a card of ours is a client, only the gateway knows; its prices of the rows tell.
        codes = frozenset(card.member.code for card in held)
        expected = sum((row.row_price for row in sent), Decimal(0))
        readings = [
            price_cart(lines, self._campaigns, Buyer(client, codes), CURRENCY)
            for client in ((True,) if held else (True, False))
        ]
        return min(readings, key=lambda priced: (abs(_rows(priced) - expected), priced.total.total_to_pay))


def _line(place: int, row: ReceiptProduct, sold: ProductList, language: str) -> CartLine:
    product = sold.find(row.barcode)
    if product is None:
        raise Refused(f"{_UNSOLD.in_language(language)} {row.product_name}")
    try:
        return CartLine(str(place), product, row.amount)
    except ValueError as error:
        raise Refused(str(error)) from None


def _rows(priced: PricedCart) -> Decimal:
    return sum((line.row_total for line in priced.lines), Decimal(0))


def _addition(line: PricedLine) -> Decimal:
    """What the row costs more, or less where below zero, than without any discount, mark-up and campaign."""
    addition = line.line.product.price.addition
    each = (addition and addition.sum) or Decimal(0)
    change = -each if addition and addition.type is AdditionType.DISCOUNT else each
    return line.vat.sum_with_vat - rounded(line.price_before - change * line.line.quantity, CURRENCY)
