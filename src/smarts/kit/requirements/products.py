"""What is required of product search (sections 2 and 4)."""

from smarts.kit.requirement import Level, Requirement
from smarts.wire.nodes import Feature

REQUIREMENTS = (
    Requirement(
        "products.barcode.unknown",
        "2 errors",
        Level.MUST,
        Feature.PRODUCT_SEARCH,
        "A barcode that the store does not sell is answered with 404.",
    ),
)
