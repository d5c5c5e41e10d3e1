"""What a paid cart becomes: the gateway's invoice, or the word to the node that its own receipt is paid.

With home delivery not all that was ordered may have been there. `picked` says how much of each barcode went out, in
pieces or units; None is all of it. A row is paid for by the share of it that went out, so that nobody pays more for a
piece because another one was missing.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from smarts.campaigns import PricedLine
from smarts.campaigns.sums import vat_in
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.view import amount_due, priced, receipt_product, total_with_shipment
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.parties import Store
from smarts.gateway.receipts.service import Receipts
from smarts.gateway.storage.database import Transaction
from smarts.wire.invoices import BuyerParty, Invoice, InvoiceStatus
from smarts.wire.money import Currency, rounded
from smarts.wire.products import VAT, Addition, AdditionType, Campaign, Price, Product, Quantity
from smarts.wire.receipts import Receipt, ReceiptPaymentConfirmationRequest, ReceiptProduct
from smarts.wire.shipments import Shipment
from smarts.wire.times import UnixMillis, UtcMillis

Picked = Mapping[str, Decimal]


class Billing:
    """Keeps what was bought and enqueues what the node must know of it, in the transaction that has the money."""

    def __init__(self, invoices: Invoices, receipts: Receipts) -> None:
        self._invoices = invoices
        self._receipts = receipts

    async def bill(
        self,
        tx: Transaction,
        cart: Cart,
        store: Store,
        paid_at: datetime,
        method: str,
        *,
        picked: Picked | None = None,
        shipment: Shipment | None = None,
    ) -> None:
        """The purchase is paid: its receipt is confirmed where the store made one, otherwise the invoice is sent.

        `method` is how it was paid; `shipment` is that of the order as it stands now.
        """
        if cart.head.receipt is None:
            invoice, rates = invoice_of(cart, store, paid_at, picked, shipment)
            await self._invoices.keep_and_send(tx, invoice, rates, paid_at)
            return
        receipt = receipt_of(cart.head.receipt, picked)
        await self._invoices.keep_receipt(tx, receipt, store.name, paid_at)
        await self._receipts.confirm(
            tx,
            ReceiptPaymentConfirmationRequest(
                invoice_id=receipt.invoice_id,
                institution_invoice_id=receipt.institution_invoice_id,
                institution_id=receipt.institution_id,
                paid_at=UtcMillis.of(paid_at),
                total=receipt.total,
                currency=receipt.currency,
                payment_method=method,
            ),
        )


def amount_of(cart: Cart, picked: Picked | None = None) -> Decimal:
    """What is taken for what went out, in the cart's currency; never more than was due for all of it."""
    rows = ordered_products(cart)
    missing = sum((row.row_price for row in rows), Decimal(0)) - sum(
        (row.row_price for row in went_out(rows, picked, cart.head.currency)), Decimal(0)
    )
    return max(amount_due(cart) - missing, Decimal(0))


def ordered_products(cart: Cart) -> tuple[ReceiptProduct, ...]:
    """The rows of a cart as they are paid for, each with its part of the store's campaigns."""
    if cart.head.receipt:
        return cart.head.receipt.products
    return tuple(
        replace(receipt_product(line, cart.head.lang_code), row_price=line.vat.sum_with_vat)
        for line in priced(cart).lines
    )


def went_out(
    rows: Iterable[ReceiptProduct], picked: Picked | None, currency: Currency
) -> tuple[ReceiptProduct, ...]:
    """The rows by what went out of them; those of which nothing did are left out."""
    rows = tuple(rows)
    if picked is None:
        return rows
    taken = _taken(((row.barcode, row.amount) for row in rows), picked)
    return tuple(
        replace(row, amount=amount, row_price=_share(row.row_price, amount, row.amount, currency))
        for row, amount in zip(rows, taken, strict=True)
        if amount
    )


def _taken(rows: Iterable[tuple[str, Decimal]], picked: Picked) -> Iterator[Decimal]:
    left = dict(picked)
    for barcode, ordered in rows:
        amount = min(ordered, left.get(barcode, Decimal(0)))
        left[barcode] = left.get(barcode, Decimal(0)) - amount
        yield amount


def _share(price: Decimal, amount: Decimal, ordered: Decimal, currency: Currency) -> Decimal:
    """A row's price less that of what is missing, which is rounded half up: to the shopper's good."""
    return price - rounded(price * (ordered - amount) / ordered, currency) if amount < ordered else price


def receipt_of(receipt: Receipt, picked: Picked | None) -> Receipt:
    """The store's receipt for what went out; the VAT shrinks in the proportion of the total."""
    if picked is None:
        return receipt
    rows = went_out(receipt.products, picked, receipt.currency)
    missing = sum((row.row_price for row in receipt.products), Decimal(0)) - sum(
        (row.row_price for row in rows), Decimal(0)
    )
    gross = receipt.total_without_vat + receipt.vat_sum
    left = max(gross - missing, Decimal(0))
    vat = rounded(receipt.vat_sum * left / gross, receipt.currency) if gross else Decimal(0)
    return replace(
        receipt,
        products=rows,
        total=max(receipt.total - missing, Decimal(0)),
        vat_sum=vat,
        total_without_vat=left - vat,
        total_without_addition=left - receipt.addition_sum,
    )


def invoice_of(
    cart: Cart,
    store: Store,
    paid_at: datetime,
    picked: Picked | None = None,
    shipment: Shipment | None = None,
) -> tuple[Invoice, tuple[VAT, ...]]:
    """The invoice of a cart that is paid, and its sums by VAT rate.

    Each row's price holds its part of the store's campaigns.
    """
    prices = priced(cart)
    struck = {_key(effect.campaign) for effect in prices.effects if effect.changed}
    rows = tuple(_sold(prices.lines, picked, prices.currency))
    chosen = cart.head.shipment
    goods = prices.vat if picked is None else [row.price.vat for row in rows]
    total, rates = total_with_shipment(goods, chosen, prices.currency)
    invoice = Invoice(
        id=cart.head.invoice_id,
        seller=store.seller,
        buyer=BuyerParty(unique_code=cart.person_id, loyalty_cards=cart.head.loyalty_cards),
        status=InvoiceStatus.PAID,
        created_at=UnixMillis.of(cart.created_at),
        closed_at=UnixMillis.of(paid_at),
        products=rows,
        currency=cart.head.currency,
        total=total,
        institution_campaigns=tuple(each for each in cart.head.campaigns if _key(each) in struck),
        shipment=shipment or (chosen.shipment if chosen else None),
    )
    return invoice, rates


def _key(campaign: Campaign) -> str:
    return campaign.code + campaign.name


def _sold(lines: Iterable[PricedLine], picked: Picked | None, currency: Currency) -> Iterator[Product]:
    for line in lines:
        ordered = line.line.quantity
        amount = (
            ordered if picked is None else min(ordered, picked.get(line.line.product.barcode, Decimal(0)))
        )
        if amount:
            yield _row(line, amount, _shrunk(line.vat, amount, ordered, currency))


def _shrunk(vat: VAT, amount: Decimal, ordered: Decimal, currency: Currency) -> VAT:
    if amount == ordered:
        return vat
    gross = _share(vat.sum_with_vat, amount, ordered, currency)
    part = vat_in(gross, vat.vat_rate, currency)
    return VAT(gross - part, part, gross, vat.vat_rate)


def _row(line: PricedLine, amount: Decimal, vat: VAT) -> Product:
    return replace(
        line.line.product,
        quantity=Quantity(line.line.unit, amount),
        price=Price(vat, vat.sum_with_vat, _addition(line)),
        campaigns=tuple(effect.campaign for effect in line.effects if effect.changed),
    )


def _addition(line: PricedLine) -> Addition | None:
    """What campaigns took off the whole row, or added to it."""
    change: Decimal = line.vat.sum_with_vat - line.price_before
    if not change:
        return line.line.product.price.addition
    return Addition(AdditionType.DISCOUNT if change < 0 else AdditionType.MARK_UP, abs(change))
