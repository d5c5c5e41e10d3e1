"""The node that has twins in `rivals`: it decides by the size of the cart, and finds products by a word."""

import os
from collections.abc import Sequence
from pathlib import Path

from smarts.node import Node, NotFound
from smarts.wire.codec import decode
from smarts.wire.control import Decision, PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest


class Store:
    """What the twins have, too, and what every node must have beside that."""

    def __init__(self, products: dict[str, list[Product]]) -> None:
        self._products = products

    async def check_purchase(self, request: PurchaseControlCheckRequest) -> PurchaseControlCheckResponse:
        return PurchaseControlCheckResponse(Decision.FULL if len(request.products) > 100 else Decision.NO)

    async def by_name(self, request: ProductSearchRequest) -> Sequence[Product]:
        return self._products.get(request.name or "", [])

    async def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        return Pageable((), 1, 0)

    async def by_barcode(self, request: ProductSearchRequest) -> Product:
        raise NotFound

    async def categories(self, request: ProductSearchRequest) -> Sequence[Category]:
        return []


if __name__ == "__main__":
    products = decode(Path(os.environ["NODE_PRODUCTS"]).read_bytes(), dict[str, list[Product]])
    node = Node(Store(products), token=os.environ["NODE_TOKEN"], name="In comparison", version="1")
    node.run(port=os.environ["NODE_PORT"])
