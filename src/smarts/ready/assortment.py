"""What the store sells, with the campaigns of the settings: the feature product search."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from smarts.node import ProductSearch
from smarts.node.features import NowOrLater
from smarts.ready.promotions import Promotions
from smarts.wire.nodes import PartHealth
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest

T = TypeVar("T")


class Goods(ProductSearch, Protocol):
    """A catalogue: product search, and what the store's other features ask of it."""

    def find(self, barcode: str, /) -> Product | None:
        """The product with a barcode, be it one that scales printed."""
        ...

    def health(self) -> NowOrLater[Mapping[str, PartHealth]]:
        """How the catalogue is."""
        ...


class Assortment:
    """A catalogue whose products carry the store's campaigns of today; `promotions` gives those that there are now."""

    def __init__(self, goods: Goods, promotions: Callable[[], Promotions]) -> None:
        self._goods = goods
        self._promotions = promotions

    def find(self, barcode: str) -> Product | None:
        """The product with a barcode."""
        product = self._goods.find(barcode)
        return product and self._promotions().on(product)

    async def by_barcode(self, request: ProductSearchRequest) -> Product:
        """The product with `request.barcode`."""
        return self._promotions().on(await _later(self._goods.by_barcode(request)))

    def by_name(self, request: ProductSearchRequest) -> NowOrLater[Sequence[Product]]:
        """The products whose names fit."""
        return _then(self._goods.by_name(request), lambda found: tuple(map(self._promotions().on, found)))

    def search(self, page: PageRequest[ProductSearchRequest]) -> NowOrLater[Pageable[Product]]:
        """One page of the products that fit."""
        return _then(self._goods.search(page), self._on_page)

    def categories(self, request: ProductSearchRequest) -> NowOrLater[Sequence[Category]]:
        """The categories of products."""
        return self._goods.categories(request)

    def health(self) -> NowOrLater[Mapping[str, PartHealth]]:
        """How the catalogue is."""
        return self._goods.health()

    def _on_page(self, page: Pageable[Product]) -> Pageable[Product]:
        return replace(page, result=tuple(map(self._promotions().on, page.result)))


def _then(answer: NowOrLater[T], change: Callable[[T], T]) -> NowOrLater[T]:
    """The changed answer, at once where it is there."""
    return _changed_later(answer, change) if inspect.isawaitable(answer) else change(answer)


async def _changed_later(answer: Awaitable[T], change: Callable[[T], T]) -> T:
    return change(await answer)


async def _later(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer
