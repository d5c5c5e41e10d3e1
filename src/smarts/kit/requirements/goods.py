"""What is required of each product that a node lists (section 3)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_SEARCH = Feature.PRODUCT_SEARCH

REQUIREMENTS = (
    must("goods.ids", "3 Product", _SEARCH, "Products have an id, a barcode and a name that are not empty."),
    must(
        "goods.sums",
        "3 VAT",
        _SEARCH,
        "sumWithoutVAT and VATSum make sumWithVAT, which is the total, to the cent.",
    ),
    must("goods.rate", "3 VAT", _SEARCH, "VATSum is what VATRate says, to the cent."),
    must("goods.amounts", "3 Price", _SEARCH, "No price, VAT or rate is below zero."),
    must(
        "goods.campaigns.codes", "5", _SEARCH, "A campaign's code has 12 characters: client, card and kind."
    ),
    must("goods.campaigns.operations", "5", _SEARCH, "A campaign's operation can be read, for its kind."),
    must(
        "goods.inspections.zones", "3 Inspection", _SEARCH, "Time zones are IANA names or offsets from UTC."
    ),
    should(
        "goods.inspections.action",
        "3 Inspection",
        _SEARCH,
        "Inspections say INSPECT or RESTRICT, spelled so.",
    ),
    should(
        "goods.digits",
        "3 Product",
        _SEARCH,
        "Barcodes of 8, 12, 13 or 14 digits end with the right check digit.",
    ),
    should("goods.packages", "3 Product", _SEARCH, "A PACKAGE names what is in it, and nothing else does."),
    should("goods.weighed", "3 Quantity", _SEARCH, "What is weighed is not counted in pieces."),
    should(
        "goods.languages",
        "3 Translatable",
        _SEARCH,
        "Translations are each of another language: two capital letters.",
    ),
    should("goods.images", "3 Information", _SEARCH, "Pictures are at whole addresses, with http or https."),
    should("goods.categories", "3 Category", _SEARCH, "A product's categories are among those of the store."),
)
