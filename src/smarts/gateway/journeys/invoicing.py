"""What a paid cart becomes: the gateway's invoice, or the word to the node that its own receipt is paid.

With home delivery not all that was ordered may have been there. `picked` says how much of each barcode went out, in
pieces or units; None is all of it. A row is paid for by the share of it that went out, so that nobody pays more for a
piece because another one was missing. What is missing lowers the money first, and what is left of it the bonus.
`replacements` went out in place of what was missing, where the gateway makes the invoice: each costs what was agreed
when it was picked, and has the VAT of its own rate.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from smarts.campaigns import CartLine, PricedLine
from smarts.campaigns.sold import goods_row, invoice_row
from smarts.campaigns.sums import vat_in
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.view import amount_due, priced, total_with_shipment
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.orders.model import Replacement
from smarts.gateway.parties import Store
from smarts.gateway.receipts.service import Receipts
from smarts.gateway.storage.database import Transaction
from smarts.wire.invoices import BuyerParty, Invoice, InvoiceStatus
from smarts.wire.money import Currency, rounded
from smarts.wire.products import VAT, Addition, AdditionType, Campaign, Price, Product, Quantity
from smarts.wire.receipts import (
    Receipt,
    ReceiptLoyaltyCard,
    ReceiptPaymentConfirmationRequest,
    ReceiptProduct,
)
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
        replacements: Sequence[Replacement] = (),
        shipment: Shipment | None = None,
    ) -> None:
        """The purchase is paid: its receipt is confirmed where the store made one, otherwise the invoice is sent.

        `method` is how it was paid; `shipment` is that of the order as it stands now.
        """
        begun_at = None if shipment or cart.head.shipment else cart.created_at
        if cart.head.receipt is None:
            invoice, rates = invoice_of(cart, store, paid_at, picked, shipment, replacements)
            await self._invoices.keep_and_send(tx, invoice, rates, paid_at, begun_at)
            return
        receipt = receipt_of(cart.head.receipt, picked)
        await self._invoices.keep_receipt(tx, receipt, store.name, paid_at, begun_at)
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


def amount_of(cart: Cart, picked: Picked | None = None, replacements: Iterable[Replacement] = ()) -> Decimal:
    """What is taken for what went out, in the cart's currency; never more than was due for all of it."""
    rows, currency = ordered_products(cart), cart.head.currency
    missing = _price(rows) - _price(went_out(rows, picked, currency))
    replaced = sum((each.price for each in replacements), Decimal(0))
    return _less(amount_due(cart), missing - replaced, currency)


def ordered_products(cart: Cart) -> tuple[ReceiptProduct, ...]:
    """The rows of a cart as they are paid for, each with its part of the store's campaigns."""
    if cart.head.receipt:
        return cart.head.receipt.products
    return tuple(
        replace(goods_row(line, cart.head.lang_code), row_price=line.vat.sum_with_vat)
        for line in priced(cart).lines
    )


def went_out(
    rows: Iterable[ReceiptProduct], picked: Picked | None, currency: Currency
) -> tuple[ReceiptProduct, ...]:
    """The rows by what went out of them; those of which nothing did are left out."""
    rows = tuple(rows)
    if picked is None:
        return rows
    return tuple(
        replace(row, amount=amount, row_price=_share(row.row_price, amount, row.amount, currency))
        for row, amount in zip(rows, amounts_of(rows, picked), strict=True)
        if amount
    )


def amounts_of(rows: Iterable[ReceiptProduct], picked: Picked) -> Iterator[Decimal]:
    """How much of each row was picked; what a store has split into several rows fills them in their order."""
    left = dict(picked)
    for row in rows:
        amount = min(row.amount, left.get(row.barcode, Decimal(0)))
        left[row.barcode] = left.get(row.barcode, Decimal(0)) - amount
        yield amount


def _share(price: Decimal, amount: Decimal, ordered: Decimal, currency: Currency) -> Decimal:
    """A row's price less that of what is missing, which is rounded half up: to the shopper's good."""
    return rounded(price, currency) - rounded(price * (ordered - amount) / ordered, currency)


def _price(rows: Iterable[ReceiptProduct]) -> Decimal:
    return sum((row.row_price for row in rows), Decimal(0))


def _less(amount: Decimal, missing: Decimal, currency: Currency) -> Decimal:
    """What is left to pay; never less than nothing, nor more than all, however shares of it were rounded."""
    return rounded(min(amount, max(amount - missing, Decimal(0))), currency)


def receipt_of(receipt: Receipt, picked: Picked | None) -> Receipt:
    """The store's receipt for what went out; as before, rows and delivery add up to the total and the bonus used."""
    if picked is None:
        return receipt
    rows = went_out(receipt.products, picked, receipt.currency)
    missing = _price(receipt.products) - _price(rows)
    return replace(
        _with_less_in_it(receipt, missing),
        products=rows,
        loyalty_cards=tuple(_still_paying(receipt, missing)),
        total=_less(receipt.total, missing, receipt.currency),
    )


def _still_paying(receipt: Receipt, missing: Decimal) -> Iterator[ReceiptLoyaltyCard]:
    """What is missing beyond the money is not paid with bonus; cards pay in their order, the last gets back first."""
    used = sum((card.bonus_used or Decimal(0) for card in receipt.loyalty_cards), Decimal(0))
    left = _less(used, max(missing - receipt.total, Decimal(0)), receipt.currency)
    for card in receipt.loyalty_cards:
        pays = min(rounded(card.bonus_used or Decimal(0), receipt.currency), left)
        left -= pays
        yield replace(card, bonus_used=pays) if card.bonus_used else card


def _with_less_in_it(receipt: Receipt, missing: Decimal) -> Receipt:
    """VAT and additions in the proportion of what is left; stores differ in the sum that the additions lead to."""
    gross = receipt.total_without_vat + receipt.vat_sum
    left = _less(gross, missing, receipt.currency)

    def shrunk(amount: Decimal) -> Decimal:
        return rounded(amount * left / gross if gross else amount, receipt.currency)

    vat, addition = shrunk(receipt.vat_sum), shrunk(receipt.addition_sum)
    elsewhere = shrunk(receipt.total_without_addition + receipt.addition_sum - gross)
    return replace(
        receipt,
        vat_sum=vat,
        total_without_vat=left - vat,
        addition_sum=addition,
        total_without_addition=max(left + elsewhere - addition, Decimal(0)),
    )


def invoice_of(
    cart: Cart,
    store: Store,
    paid_at: datetime,
    picked: Picked | None = None,
    shipment: Shipment | None = None,
    replacements: Iterable[Replacement] = (),
) -> tuple[Invoice, tuple[VAT, ...]]:
    """The invoice of a cart that is paid, and its sums by VAT rate.

    Each row's price holds its part of the store's campaigns.
    """
    prices = priced(cart)
    struck = {_key(effect.campaign) for effect in prices.effects if effect.changed}
    replaced = (_replacement(each, prices.currency) for each in replacements)
    rows = (*_sold(prices.lines, picked, prices.currency), *replaced)
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
            yield invoice_row(line, amount, _shrunk(line.vat, amount, ordered, currency))


def _shrunk(vat: VAT, amount: Decimal, ordered: Decimal, currency: Currency) -> VAT:
    if amount == ordered:
        return vat
    gross = _share(vat.sum_with_vat, amount, ordered, currency)
    part = vat_in(gross, vat.vat_rate, currency)
    return VAT(gross - part, part, gross, vat.vat_rate)


def _replacement(what: Replacement, currency: Currency) -> Product:
    """The row of goods in place of others: no campaign is named, what they cost less than usually is a discount."""
    product, gross = what.product, what.price
    part = vat_in(gross, product.price.vat.vat_rate, currency)
    cheaper = rounded(product.price.total * what.amount, currency) - gross
    return replace(
        product,
        quantity=Quantity(CartLine("", product, what.amount).unit, what.amount),
        price=Price(
            VAT(gross - part, part, gross, product.price.vat.vat_rate),
            gross,
            Addition(AdditionType.DISCOUNT, cheaper) if cheaper > 0 else None,
        ),
        campaigns=(),
    )
