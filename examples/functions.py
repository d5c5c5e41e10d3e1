"""The corner shop's node made of functions instead of a class: `uvicorn functions:node --app-dir examples`."""

from corner_shop import TOKEN, CornerShop

from smarts.node import Node
from smarts.wire import operations
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest

node = Node(token=TOKEN, name="Corner shop", version="1.0")
shop = CornerShop()


@node.handles(operations.PRODUCT_SEARCH)
def search(page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
    return shop.search(page)


@node.handles(operations.PRODUCT_BY_BARCODE)
def by_barcode(request: ProductSearchRequest) -> Product:
    return shop.by_barcode(request)


@node.handles(operations.PRODUCTS_BY_NAME)
async def by_name(request: ProductSearchRequest) -> list[Product]:
    return shop.by_name(request)


@node.handles(operations.CATEGORIES)
async def categories(request: ProductSearchRequest) -> list[Category]:
    return shop.categories(request)
