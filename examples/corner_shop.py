"""A corner shop with three products, as its owner would write it: product search and purchase control."""

import os
from decimal import Decimal

from smarts.node import NotFound
from smarts.wire.control import Decision, PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.products import (
    Category,
    InspectionAction,
    MinAge,
    OrderBy,
    Pageable,
    PageRequest,
    Price,
    Product,
    ProductSearchRequest,
)
from smarts.wire.text import Translatable

TOKEN = os.environ.get("NODE_TOKEN", "only-for-trying-things-out")
FOOD = Category("food", Translatable.of("Toit", EN="Food"), 2)
DRINK = Category("drink", Translatable.of("Jook", EN="Drinks"), 1)


def price(total: str) -> Price:
    """A price in euros with the VAT in it."""
    return Price.of(Decimal(total), vat_rate=Decimal(24))


PRODUCTS = [
    Product("1", "4740000000018", Translatable.of("Leib", EN="Bread"), price("1.89"), categories=(FOOD,)),
    Product("2", "4740000000025", Translatable.of("Juust", EN="Cheese"), price("3.49"), categories=(FOOD,)),
    Product(
        "3",
        "4740000000032",
        Translatable.of("Õlu", EN="Beer"),
        price("1.29"),
        inspections=(MinAge(action=InspectionAction.INSPECT, age=18),),
        categories=(DRINK,),
    ),
]
BEER = "4740000000032"


def is_in(product: Product, category: str | None) -> bool:
    """Whether a product is in a category, which shoppers choose by its name; all are where none is chosen."""
    names = {each.translatable_name.original_text for each in product.categories}
    return not category or category in names


class CornerShop:
    """Plain methods are fine; they are run in threads, so they may use a database as they like."""

    def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        found = [each for each in self.by_name(page.request) if is_in(each, page.request.category_name)]
        if page.order_field_name == "price":
            found.sort(key=lambda each: each.price.total, reverse=page.order_by is OrderBy.DESCENDING)
        first = (page.page - 1) * page.limit
        return Pageable(tuple(found[first : first + page.limit]), -(-len(found) // page.limit), len(found))

    def by_barcode(self, request: ProductSearchRequest) -> Product:
        for product in PRODUCTS:
            if product.barcode == request.barcode:
                return product
        raise NotFound("We do not sell this.")

    def by_name(self, request: ProductSearchRequest) -> list[Product]:
        wanted = (request.name or "").casefold()
        return [
            product for product in PRODUCTS if wanted in product.translatable_name.original_text.casefold()
        ]

    def categories(self, request: ProductSearchRequest) -> list[Category]:
        return [FOOD, DRINK]

    def check_purchase(self, request: PurchaseControlCheckRequest) -> PurchaseControlCheckResponse:
        sells_beer = any(product.barcode == BEER for product in request.products)
        return PurchaseControlCheckResponse(Decision.AGE if sells_beer else Decision.NO)
