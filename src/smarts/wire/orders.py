"""Home delivery orders (sections 3 and 4)."""

from datetime import date

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict

from smarts.wire.model import Model, take_other_spelling, under_either_spelling
from smarts.wire.money import Currency, Number
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.shipments import Shipment, ShipmentStatus


class OrderStatusChangeLog(Model, kw_only=True, frozen=True):
    """Who changed an order's status, from what to what, on which day."""

    person_name: str | None = None
    previous_status: ShipmentStatus | None = None
    new_status: ShipmentStatus
    created: date | None = None


class OrderProduct(ReceiptProduct, frozen=True):
    """A row that goes out; `replaces` and `replaced_name` are the barcode and name of what was out in its place."""

    replaces: str | None = None
    replaced_name: str | None = None

    @classmethod
    def from_row(cls, row: ReceiptProduct) -> "OrderProduct":
        """The same row as one of an order."""
        return cls(**asdict(row))


class Order(Model, kw_only=True, frozen=True):
    """An order; `order_total_price` covers products and shipment. `closed` of an open order is null.

    `create`, as the documentation's example has it, is read as `created`. `replacements_welcome` says that the shopper
    takes other goods for what is out.
    """

    id: str
    customer_id: str
    institution_id: str
    institution_invoice_id: str | None = None
    invoice_id: str | None = None
    resolver_id: str | None = None
    shipment: Shipment
    products: tuple[OrderProduct, ...]
    currency: Currency
    order_total_price: Number
    created: date = under_either_spelling()
    closed: date | None
    status_changelogs: tuple[OrderStatusChangeLog, ...]
    replacements_welcome: bool = False
    create: date | UnsetType = UNSET

    def __post_init__(self) -> None:
        take_other_spelling(self, "created", "create", UNSET)
        if not isinstance(self.created, date):
            raise ValueError("Object missing required field `created`")  # noqa: TRY004 - msgspec tells its path


class PickupOrderStatusChangeRequest(Model, kw_only=True, frozen=True):
    """The merchant changes an order's status; `resolver_id` and `person_name` say who did.

    `products` is what could really be picked, with these amounts; without it that is all that was ordered. A row with
    `replaces`, the barcode of ordered goods that were out, is what goes out in their place.
    """

    order_id: str
    institution_id: str
    status: ShipmentStatus
    resolver_id: str | None = None
    person_name: str | None = None
    products: tuple[OrderProduct, ...] | None = None
