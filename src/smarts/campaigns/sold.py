"""Priced lines as documents name them: rows of checks, receipts and orders, and rows of invoices."""

from decimal import Decimal

from msgspec.structs import replace

from smarts.campaigns.pricing import PricedLine
from smarts.wire.products import VAT, Addition, AdditionType, Price, Product, Quantity
from smarts.wire.receipts import ReceiptProduct


def goods_row(line: PricedLine, language: str) -> ReceiptProduct:
    """The row of a check, a receipt or an order, named in a language; its price holds the product's own campaigns."""
    return ReceiptProduct.of(line.line.product, line.line.quantity, line.row_total, language)


def invoice_row(line: PricedLine, amount: Decimal, vat: VAT) -> Product:
    """The row of an invoice for so much of a line, which costs `vat`; campaigns are those that changed its price."""
    return replace(
        line.line.product,
        quantity=Quantity(line.line.unit, amount),
        price=Price(vat, vat.sum_with_vat, _addition(line)),
        campaigns=tuple(effect.campaign for effect in line.effects if effect.changed),
    )


def _addition(line: PricedLine) -> Addition | None:
    """What campaigns took off the whole row, or added to it."""
    change = line.vat.sum_with_vat - line.price_before
    if not change:
        return line.line.product.price.addition
    return Addition(AdditionType.DISCOUNT if change < 0 else AdditionType.MARK_UP, abs(change))
