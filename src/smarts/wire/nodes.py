"""What a node says of itself (section 4)."""

from enum import StrEnum

from msgspec import field

from smarts.wire.model import Model
from smarts.wire.text import LangCode

CONTRACT_VERSION = "1.0"


class Feature(StrEnum):
    """What a node can do; all but product search are optional."""

    NODE = "node"
    PRODUCT_SEARCH = "product-search"
    INVOICES = "invoices"
    RECEIPTS = "receipts"
    PURCHASE_CONTROL = "purchase-control"
    LOYALTY_CARDS = "loyalty-cards"
    LOYALTY_BONUS = "loyalty-bonus"
    ORDERS = "orders"
    OFFERS = "offers"


class NodeVersionResponse(Model, frozen=True):
    """The node's name and version, the contract's version it speaks, and the optional features that it has."""

    name: str
    version: str
    contract: str
    features: tuple[str, ...]


class HealthStatus(StrEnum):
    """Well, working with something wrong, not working."""

    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"


class PartHealth(Model, frozen=True):
    """How one part of the node is."""

    status: HealthStatus
    detail: str | None = None


class NodeHealthResponse(Model, omit_defaults=False, frozen=True):
    """How the node is, as a whole and by its parts' names."""

    status: HealthStatus
    checks: dict[str, PartHealth] = field(default_factory=dict)


class InstitutionRequest(Model, frozen=True):
    """Names a store."""

    institution_id: str
    lang_code: LangCode | None = None
