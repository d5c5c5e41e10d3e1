"""What a cart costs by a store's own products and campaigns, with sums that add up as those of receipts have to."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from smarts.campaigns import Buyer, CartLine, PricedCart, PricedLine, price_cart
from smarts.campaigns.sums import vat_in
from smarts.node.errors import Refused
from smarts.wire.money import Currency, rounded
from smarts.wire.products import AdditionType, Campaign, Product
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptLoyaltyCard, ReceiptProduct
from smarts.wire.text import Translatable

_UNSOLD = Translatable.of(
    "Me ei müü enam seda:", EN="We no longer sell this:", RU="Мы больше не продаём это:"
)
_NO_AMOUNT = Translatable.of(
    "Nii palju me ei müü:", EN="We do not sell as much as", RU="Мы не продаём столько:"
)


class Bill(NamedTuple):
    """What a cart costs.

    `gross` is for goods and shipment with VAT, `vat` the VAT in it, `additions` what discounts, mark-ups and campaigns
    have changed to come there.
    """

    currency: Currency
    rows: tuple[ReceiptProduct, ...]
    gross: Decimal
    vat: Decimal
    additions: Decimal

    @classmethod
    def of(
        cls,
        request: CreateReceiptRequest,
        find: Callable[[str], Product | None],
        *,
        campaigns: Sequence[Campaign] = (),
        card_codes: frozenset[str] = frozenset(),
        currency: Currency = Currency.EUR,
        shipment_vat_rate: Decimal,
    ) -> "Bill":
        """The bill of a cart; `campaigns` are those on whole purchases, `card_codes` those of the shopper's cards.

        Raises:
            Refused: there is something in it that the store does not sell, or not in such an amount.
        """
        lines = [_line(place, row, find, request.lang_code) for place, row in enumerate(request.products)]
        expected = sum((row.row_price for row in request.products), Decimal(0))
        readings = [
            price_cart(lines, campaigns, buyer, currency) for buyer in _possible_buyers(request, card_codes)
        ]
        priced = min(readings, key=lambda each: (abs(_rows(each) - expected), each.total.total_to_pay))
        rows = tuple(
            ReceiptProduct.of(line.line.product, line.line.quantity, line.vat.sum_with_vat, request.lang_code)
            for line in priced.lines
        )
        shipment = (request.shipment and request.shipment.price) or Decimal(0)
        return cls(
            currency,
            rows,
            priced.total.total_to_pay + shipment,
            priced.total.vat.vat_sum + vat_in(shipment, shipment_vat_rate, currency),
            sum((_addition(line, currency) for line in priced.lines), Decimal(0)),
        )

    def receipt(
        self,
        request: CreateReceiptRequest,
        number: str,
        loyalty_cards: Iterable[ReceiptLoyaltyCard] = (),
        bonus_used: Decimal = Decimal(0),
    ) -> Receipt:
        """The receipt, of which `bonus_used` is paid with a bonus."""
        return Receipt(
            institution_invoice_id=number,
            invoice_id=request.invoice_id,
            institution_id=request.institution_id,
            customer_id=request.person_id,
            products=self.rows,
            loyalty_cards=tuple(loyalty_cards),
            shipment=request.shipment,
            currency=self.currency,
            total_without_addition=self.gross - self.additions,
            addition_sum=self.additions,
            total_without_vat=self.gross - self.vat,
            vat_sum=self.vat,
            total=self.gross - bonus_used,
        )


def _possible_buyers(request: CreateReceiptRequest, card_codes: frozenset[str]) -> Iterable[Buyer]:
    # Whether a shopper who shows no card of ours is a client, only the gateway knows; its prices of the rows tell.
    return [Buyer(client, card_codes) for client in ((True,) if card_codes else (True, False))]


def _line(place: int, row: ReceiptProduct, find: Callable[[str], Product | None], language: str) -> CartLine:
    product = find(row.barcode)
    if product is None:
        raise Refused(f"{_UNSOLD.in_language(language)} {row.product_name}")
    if row.amount <= 0:
        raise Refused(f"{_NO_AMOUNT.in_language(language)} {row.amount:f}: {row.product_name}")
    try:
        return CartLine(str(place), product, row.amount)
    except ValueError as error:
        raise Refused(str(error)) from None


def _rows(priced: PricedCart) -> Decimal:
    return sum((line.row_total for line in priced.lines), Decimal(0))


def _addition(line: PricedLine, currency: Currency) -> Decimal:
    """What the row costs more, or less where below zero, than without any discount, mark-up and campaign."""
    addition = line.line.product.price.addition
    each = (addition and addition.sum) or Decimal(0)
    change = -each if addition and addition.type is AdditionType.DISCOUNT else each
    return line.vat.sum_with_vat - rounded(line.price_before - change * line.line.quantity, currency)
