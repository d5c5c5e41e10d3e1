"""A built catalogue, opened: nothing in it changes, threads may share it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from smarts.ready.catalogue.barcodes import key_of
from smarts.ready.catalogue.categories import Shelves
from smarts.ready.catalogue.goods import Goods
from smarts.ready.catalogue.index import open_index
from smarts.ready.catalogue.orders import Order, read_order
from smarts.ready.catalogue.search import Search
from smarts.ready.catalogue.shelf_files import About, ShelfFiles
from smarts.ready.catalogue.store import Store
from smarts.wire.products import OrderBy, PageRequest, Product, ProductSearchRequest
from smarts.wire.times import TimeZone

_KEPT_RESULTS = 16
ORDERS = ("name", "price", "barcode", "id")


class Shelf:
    """The products of a catalogue by barcode, by page and by name."""

    def __init__(self, files: ShelfFiles, about: About, zone: TimeZone) -> None:
        self.files = files
        self.about = about
        self.categories = Shelves(about.categories, about.category_counts)
        self._zone = zone
        self._store = Store(files.products)
        self._search = Search(open_index(files.index), self._store.at)
        self._orders: dict[str, Order] = {}
        for order in ORDERS:  # its folder may be gone before the last request that it serves
            self._has_order(order)
        # A page deep down is seldom asked for alone, and what fits is the same for all pages.
        self._sorted = lru_cache(_KEPT_RESULTS)(self._sorted_places)

    def find(self, barcode: str) -> Product | None:
        """The product with a barcode, however many zeros stand before it."""
        goods = self._store.find(key_of(barcode))
        return self._product(goods) if goods else None

    def find_key(self, key: int | str) -> Product | None:
        """The product with a barcode's key."""
        goods = self._store.find(key)
        return self._product(goods) if goods else None

    def named(self, text: str, most: int) -> tuple[Product, ...]:
        """The products that fit a text best."""
        places, _ = self._search.best(text, None, 0, most)
        return self._products(places)

    def page(self, page: PageRequest[ProductSearchRequest]) -> tuple[tuple[Product, ...], int]:
        """The products of a page, and how many fit."""
        places, total = self._places(page)
        return self._products(places), total

    def _places(self, page: PageRequest[ProductSearchRequest]) -> tuple[Sequence[int], int]:
        asked = page.request
        start = (page.page - 1) * page.limit
        categories = self.categories.numbers(asked.category_name) if asked.category_name else None
        if asked.name and not page.order_field_name:
            return self._search.best(asked.name, categories, start, page.limit)
        is_descending = page.order_by is OrderBy.DESCENDING
        if categories is not None and not page.order_field_name and not is_descending:
            return self._search.in_categories(categories, start, page.limit)
        found = self._found(asked, page.order_field_name)
        if not is_descending:
            return found[start : start + page.limit], len(found)
        end = max(len(found) - start, 0)
        return found[max(end - page.limit, 0) : end][::-1], len(found)

    def _found(self, asked: ProductSearchRequest, field: str | None) -> Sequence[int]:
        """The places of all that fits, in an order, ascending."""
        order = self._order(field, asked.lang_code)
        if not asked.name and not asked.category_name:
            return self._orders[order].places if order else range(self.about.count)
        return self._sorted(asked.name or "", asked.category_name or "", order)

    def _sorted_places(self, name: str, category: str, order: str) -> Sequence[int]:
        categories = self.categories.numbers(category) if category else None
        found = self._search.places(name, categories)
        return sorted(found, key=self._orders[order].turns.__getitem__) if order else found

    def _order(self, field: str | None, language: str | None) -> str:
        """The name of the order; a language's own where it has been sorted."""
        own = f"name-{language}"
        if field != "name" or not language:
            return field or ""
        return own if self._has_order(own) else field

    def _has_order(self, name: str) -> bool:
        if name not in self._orders and (order := read_order(self.files.order(name), self.about.count)):
            self._orders[name] = order
        return name in self._orders

    def _products(self, places: Iterable[int]) -> tuple[Product, ...]:
        return tuple(map(self._product, self._store.at(places)))

    def _product(self, goods: Goods) -> Product:
        return goods.product(self.categories.by_id, self._zone)
