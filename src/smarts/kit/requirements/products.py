"""What is required of product search (sections 2 and 4)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_SEARCH = Feature.PRODUCT_SEARCH

REQUIREMENTS = (
    must("products.search.shape", "4 Pageable", _SEARCH, "A page of products is as the schema says."),
    must(
        "products.search.counts",
        "4 Pageable",
        _SEARCH,
        "A page tells totalCount, and the lastPage that follows from it.",
    ),
    must(
        "products.search.pages",
        "4 Pageable",
        _SEARCH,
        "Pages follow each other: each is full but the last, none twice.",
    ),
    must(
        "products.search.after",
        "4 Pageable",
        _SEARCH,
        "A page after the last one is empty, with the same totalCount.",
    ),
    must(
        "products.search.limits", "4 PageRequest", _SEARCH, "A page holds limit products, or what there is."
    ),
    must(
        "products.search.refused", "2 errors", _SEARCH, "A page or limit below 1 is refused with 400 to 499."
    ),
    must(
        "products.search.spelling",
        "4 PageRequest",
        _SEARCH,
        "orderBy is read as ACS, spelled so, and as DESC.",
    ),
    should("products.search.asc", "4 PageRequest", _SEARCH, "orderBy ASC is read as ACS."),
    should(
        "products.search.order",
        "4 PageRequest",
        _SEARCH,
        "Ordered by price, products are in that order, both ways.",
    ),
    should(
        "products.search.category",
        "4 ProductSearchRequest",
        _SEARCH,
        "In a category are its products and no others.",
    ),
    must(
        "products.barcode.shape",
        "3 Product",
        _SEARCH,
        "A listed product is found by its barcode, as the schema says.",
    ),
    must(
        "products.barcode.same",
        "2 endpoints",
        _SEARCH,
        "By its barcode a product has the id, name and price of the list.",
    ),
    must(
        "products.barcode.unknown",
        "2 errors",
        _SEARCH,
        "A barcode that the store does not sell is answered with 404.",
    ),
    must(
        "products.barcode.none",
        "2 errors",
        _SEARCH,
        "A search by barcode without one is refused with 400 to 499.",
    ),
    must(
        "products.barcode.odd",
        "2 errors",
        _SEARCH,
        "Odd barcodes are refused with 400 to 499, and break nothing.",
    ),
    must(
        "products.name.shape", "2 endpoints", _SEARCH, "A search by name is answered with a list of products."
    ),
    must("products.name.found", "2 endpoints", _SEARCH, "A product is found by the first word of its name."),
    should("products.name.case", "2 endpoints", _SEARCH, "Capital and small letters find the same products."),
    must("products.name.nothing", "2 endpoints", _SEARCH, "Where no name fits, the answer is an empty list."),
    must("products.categories.shape", "3 Category", _SEARCH, "Categories are a list as the schema says."),
    must("products.categories.ids", "3 Category", _SEARCH, "Each category has an id of its own."),
    must(
        "products.categories.parents",
        "3 Category",
        _SEARCH,
        "A category's parent is another category, or null.",
    ),
    should(
        "products.categories.counts",
        "3 Category",
        _SEARCH,
        "A category counts at least what one below it does.",
    ),
    must("products.repeat", "2", _SEARCH, "The same request gets the same answer again."),
    must("products.unknown-fields", "2", _SEARCH, "Fields that are not known are passed over."),
    must(
        "products.cards",
        "4 PageRequest",
        _SEARCH,
        "Loyalty cards are taken in a request, and beside it in a page's.",
    ),
    must(
        "products.language",
        "4 ProductSearchRequest",
        _SEARCH,
        "A language that the store does not speak stops nothing.",
    ),
    must(
        "products.shops",
        "4 ProductSearchRequest",
        _SEARCH,
        "Both types of search are answered: SELF_SERVICE and E_SHOP.",
    ),
)
