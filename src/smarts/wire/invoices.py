"""Default invoicing: the gateway's paid invoice (section 3)."""

from enum import StrEnum

from msgspec import field

from smarts.wire.loyalty import ClientCard
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.products import Campaign, Product
from smarts.wire.shipments import Address, Shipment
from smarts.wire.times import UnixMillis


class InvoiceStatus(StrEnum):
    """The only status, spelled so."""

    PAID = "PAYED"


class SellerParty(Model, kw_only=True, frozen=True):
    """The store; `unique_code` is its institution id."""

    unique_code: str
    seller_name: str | None = None
    vat_number: str | None = None
    reg_number: str | None = None
    address: Address | None = None


class BuyerParty(Model, kw_only=True, frozen=True):
    """The shopper; `unique_code` is the client's code."""

    unique_code: str
    loyalty_cards: tuple[ClientCard, ...] = none()


class TotalVAT(Model, frozen=True):
    """The sums of a whole invoice."""

    sum_with_vat: Number = field(name="sumWithVAT")
    sum_without_vat: Number = field(name="sumWithoutVAT")
    vat_sum: Number = field(name="VATSum")


class Total(Model, frozen=True):
    """What is paid, and the VAT in it."""

    vat: TotalVAT
    total_to_pay: Number


class Invoice(Model, kw_only=True, frozen=True):
    """A paid invoice; each product is a sold row: `quantity` what was bought, `price` what the row cost.

    The rows' prices already hold the institution campaigns' part, so that they add up to the total.
    """

    id: str
    seller: SellerParty
    buyer: BuyerParty
    status: InvoiceStatus
    created_at: UnixMillis
    closed_at: UnixMillis | None = None
    products: tuple[Product, ...]
    currency: Currency
    total: Total
    institution_campaigns: tuple[Campaign, ...] = none()
    institution_invoice_id: str | None = None
    shipment: Shipment | None = None
