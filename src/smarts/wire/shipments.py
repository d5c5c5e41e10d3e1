"""Home delivery's shipment and address (section 3)."""

from enum import StrEnum

from msgspec import field

from smarts.wire.model import Model
from smarts.wire.money import Currency, Number
from smarts.wire.times import UtcMillis


class Address(Model, frozen=True):
    """From the country (`level1`) down to the house."""

    level1: str
    level2: str | None = None
    level3: str | None = None
    level4: str | None = None
    level5: str | None = None
    level6: str | None = None
    level7: str | None = None
    level8: str | None = None
    postal_code: str | None = None


class ShipmentMethod(StrEnum):
    """The three ways of home delivery."""

    PARCEL = "PARCEL"
    COURIER = "COURIER"
    PICKUP = "PICKUP"


class ShipmentStatus(StrEnum):
    """Where an order's goods are on their way."""

    DRAFT = "DRAFT"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    WAITING_FOR_CONFIRMATION = "WAITING_FOR_CONFIRMATION"
    CONFIRMED = "CONFIRMED"
    ASSEMBLE_READY = "ASSEMBLE_READY"
    SHIPPING = "SHIPPING"
    READY_TO_PICKUP = "READY_TO_PICKUP"
    CANCELLED_BY_CLIENT = "CANCELLED_BY_CLIENT"
    CANCELLED_BY_INSTITUTION = "CANCELLED_BY_INSTITUTION"
    COMPLETED = "COMPLETED"
    MISSED = "MISSED"


class Shipment(Model, kw_only=True, frozen=True):
    """How, where and for how much goods are brought; `price` in `currency`."""

    method: ShipmentMethod
    parcel_id: str | None = None
    name: str | None = None
    status: ShipmentStatus | None = None
    price: Number | None = None
    currency: Currency | None = None
    expected_delivery_utc_time: UtcMillis | None = field(name="expectedDeliveryUTCTime", default=None)
    created_utc_time: UtcMillis | None = field(name="createdUTCTime", default=None)
    contact_email: str | None = None
    contact_phone: str | None = None
    address: Address | None = None
