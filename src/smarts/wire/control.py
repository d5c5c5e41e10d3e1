"""Purchase control: the check before payment and its result (sections 4 and 6.2)."""

from enum import StrEnum

from smarts.wire.loyalty import ClientCard
from smarts.wire.model import Model, none
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.shipments import Shipment
from smarts.wire.text import LangCode


class Decision(StrEnum):
    """No check, check the shopper's age, check everything."""

    NO = "NO"
    AGE = "AGE"
    FULL = "FULL"


class PurchaseControlCheckRequest(Model, kw_only=True, frozen=True):
    """A cart before payment, for the node to decide whether staff check it."""

    invoice_id: str
    lang_code: LangCode
    person_id: str
    institution_id: str
    products: tuple[ReceiptProduct, ...]
    shipment: Shipment | None = None
    loyalty_cards: tuple[ClientCard, ...] = none()


class PurchaseControlCheckResponse(Model, frozen=True):
    """The node's decision."""

    decision: Decision


class CheckStatus(StrEnum):
    """How a check stands; an expired one is spelled `EXIPRED` on the wire, `EXPIRED` is read too."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    PENDING = "PENDING"
    EXPIRED = "EXIPRED"
    FAILED_ALLOW_PAYMENT = "FAILED_ALLOW_PAYMENT"

    @classmethod
    def _missing_(cls, value: object) -> "CheckStatus | None":
        return cls.EXPIRED if value == "EXPIRED" else None


class PurchaseControlResult(Model, kw_only=True, frozen=True):
    """What staff found; `products` are there when the check changed the cart, and are then the whole new cart."""

    invoice_id: str
    institution_id: str
    status: CheckStatus
    products: tuple[ReceiptProduct, ...] | None = None


class PurchaseControlCheckResendRequest(Model, frozen=True):
    """Asks for the document of a check as it was sent the first time."""

    invoice_id: str
    institution_id: str
