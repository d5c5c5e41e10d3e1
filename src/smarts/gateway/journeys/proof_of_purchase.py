"""A purchase as it is given to the shopper on paper: what was bought, what it cost, and who sold it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from smarts.gateway.journeys.purchases import DetailedPurchaseDocument, Purchases
from smarts.gateway.parties import Store
from smarts.gateway.payments.rules import PaymentStatus
from smarts.gateway.payments.service import Payments
from smarts.gateway.stores.service import Stores
from smarts.wire.invoices import SellerParty
from smarts.wire.money import Currency
from smarts.wire.products import VAT, AdditionType, Product, Unit
from smarts.wire.receipts import Receipt
from smarts.wire.times import TimeZone, UtcMillis

_NOTHING = Decimal(0)
_MONEY_CAME = {PaymentStatus.CAPTURED, PaymentStatus.REFUNDED}


@dataclass(frozen=True)
class SoldRow:
    """What was bought of a product; `change` is what campaigns took off the row, below zero, or added to it.

    `unit` is None where the receipt does not tell it.
    """

    name: str
    amount: Decimal
    unit: Unit | None
    price: Decimal
    change: Decimal = _NOTHING
    campaigns: tuple[str, ...] = ()


@dataclass(frozen=True)
class VatSum:
    """What is in the total at one rate in percent; `rate` is None where the store told the sums only."""

    rate: Decimal | None
    without_vat: Decimal
    vat: Decimal


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What stands on the paper; `rows` are empty once the details are forgotten, and the sums remain.

    `charged` is what the shopper has paid, less what was given back since.
    """

    invoice_id: str
    number: str | None
    seller: SellerParty
    store_name: str
    zone: TimeZone
    paid_at: UtcMillis
    currency: Currency
    rows: tuple[SoldRow, ...]
    delivery: Decimal
    bonus_used: Decimal
    bonus_earned: Decimal
    cards: tuple[str, ...]
    total: Decimal
    vat: tuple[VatSum, ...]
    method: str | None
    charged: Decimal


class Proofs:
    """Makes proofs of what persons have bought."""

    def __init__(self, purchases: Purchases, stores: Stores, payments: Payments) -> None:
        self._purchases = purchases
        self._stores = stores
        self._payments = payments

    async def of(self, person_id: str, invoice_id: str, lang_code: str) -> Proof:
        """The proof of a person's purchase, the goods named in a language.

        Raises:
            ProblemError: 404, this person has not bought it.
        """
        purchase = await self._purchases.in_detail(person_id, invoice_id)
        store = await self._stores.get(purchase.institution_id)
        books = await self._payments.books(purchase.institution_id, invoice_id)
        method = next((each.method for each in books.payments if each.status in _MONEY_CAME), None)
        return proof_of(purchase, store, method, lang_code)


def proof_of(purchase: DetailedPurchaseDocument, store: Store, method: str | None, lang_code: str) -> Proof:
    """The proof of a purchase in a store, with the goods named in a language."""
    invoice, receipt = purchase.invoice, purchase.receipt
    shipment = (invoice and invoice.shipment) or (receipt and receipt.shipment)
    own_cards = receipt.loyalty_cards if receipt else ()
    shown_cards = invoice.buyer.loyalty_cards if invoice else ()
    return Proof(
        invoice_id=purchase.invoice_id,
        number=purchase.institution_invoice_id,
        seller=invoice.seller if invoice else store.seller,
        store_name=store.name,
        zone=store.time_zone,
        paid_at=purchase.paid_at,
        currency=purchase.currency,
        rows=tuple(_rows(purchase, lang_code)),
        delivery=(shipment and shipment.price) or _NOTHING,
        bonus_used=sum((card.bonus_used or _NOTHING for card in own_cards), _NOTHING),
        bonus_earned=sum((card.bonus_earned or _NOTHING for card in own_cards), _NOTHING),
        cards=(*(card.card_number for card in own_cards), *(card.card_number for card in shown_cards)),
        total=purchase.total,
        vat=tuple(_vat(purchase)),
        method=method,
        charged=purchase.charged,
    )


def _rows(purchase: DetailedPurchaseDocument, lang_code: str) -> Iterator[SoldRow]:
    if purchase.invoice:
        everywhere = tuple(campaign.name for campaign in purchase.invoice.institution_campaigns)
        for product in purchase.invoice.products:
            yield _sold(product, everywhere, lang_code)
    for row in purchase.receipt.products if purchase.receipt else ():
        yield SoldRow(row.product_name, row.amount, None, row.row_price)


def _sold(product: Product, everywhere: tuple[str, ...], lang_code: str) -> SoldRow:
    own = tuple(campaign.name for campaign in product.campaigns)
    quantity, addition = product.quantity, product.price.addition
    # Without a campaign the addition is the store's own: it is in the price that stood on the shelf.
    campaigns = own or everywhere
    size = (addition.sum or _NOTHING) if addition and campaigns else _NOTHING
    change = -size if addition and addition.type is AdditionType.DISCOUNT else size
    return SoldRow(
        name=product.translatable_name.in_language(lang_code),
        amount=quantity.value if quantity else Decimal(1),
        unit=quantity.unit if quantity else Unit.PIECE,
        price=product.price.total,
        change=change,
        campaigns=campaigns if change else (),
    )


def _vat(purchase: DetailedPurchaseDocument) -> Iterator[VatSum]:
    for rate in purchase.rates:
        yield _at_rate(rate)
    if not purchase.rates:
        yield VatSum(None, _without_vat(purchase, purchase.receipt), purchase.vat_sum)


def _at_rate(rate: VAT) -> VatSum:
    return VatSum(rate.vat_rate, rate.sum_without_vat, rate.vat_sum)


def _without_vat(purchase: DetailedPurchaseDocument, receipt: Receipt | None) -> Decimal:
    return receipt.total_without_vat if receipt else purchase.total - purchase.vat_sum
