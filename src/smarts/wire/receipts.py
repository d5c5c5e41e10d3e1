"""Merchant side invoicing: the node's receipt and the word that it is paid (sections 3, 4 and 6.3)."""

from decimal import Decimal

from msgspec import field

from smarts.wire.loyalty import ClientCard
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, LooseNumber, Number
from smarts.wire.products import Product
from smarts.wire.shipments import Shipment
from smarts.wire.text import LangCode
from smarts.wire.times import UtcMillis


class ReceiptCategory(Model, frozen=True):
    """A category that a receipt's row belongs to."""

    id: str | None = None
    name: str | None = None


class ReceiptProduct(Model, frozen=True):
    """A row: `amount` pieces or units for `row_price` in all. Both are read as numbers or strings."""

    id: str
    barcode: str
    product_name: str
    amount: LooseNumber
    row_price: LooseNumber
    categories: tuple[ReceiptCategory, ...] = none()

    @classmethod
    def of(cls, product: Product, amount: Decimal, row_price: Decimal, language: str) -> "ReceiptProduct":
        """The row of a product, which is named in a language, or in the original where it has no such name."""
        categories = tuple(
            ReceiptCategory(category.id, category.translatable_name.in_language(language))
            for category in product.categories
        )
        name = product.translatable_name.in_language(language)
        return cls(product.id, product.barcode, name, amount, row_price, categories)


class ReceiptLoyaltyCard(Model, frozen=True):
    """What a purchase used and earned on a card, in the receipt's currency."""

    id: str
    card_number: str
    bonus_used: Number | None = None
    bonus_earned: Number | None = None


class Receipt(Model, kw_only=True, frozen=True):
    """What the shopper pays, as the merchant reckons it; `total` is the sum to pay."""

    institution_invoice_id: str
    invoice_id: str
    institution_id: str
    customer_id: str
    products: tuple[ReceiptProduct, ...]
    loyalty_cards: tuple[ReceiptLoyaltyCard, ...] = none()
    shipment: Shipment | None = None
    currency: Currency
    total_without_addition: Number
    addition_sum: Number
    total_without_vat: Number = field(name="totalWithoutVAT")
    vat_sum: Number
    total: Number


class CreateReceiptRequest(Model, kw_only=True, frozen=True):
    """The cart for which the merchant shall make a receipt."""

    invoice_id: str
    products: tuple[ReceiptProduct, ...]
    shipment: Shipment | None = None
    loyalty_cards: tuple[ClientCard, ...] = none()
    lang_code: LangCode
    person_id: str
    institution_id: str


class ReceiptPaymentConfirmationRequest(Model, kw_only=True, frozen=True):
    """The shopper has paid a receipt."""

    invoice_id: str
    institution_invoice_id: str
    institution_id: str
    paid_at: UtcMillis
    total: Number
    currency: Currency
    payment_method: str
