"""Product search from a plain list of products: paging, order, search by name and category, counts.

```python
goods = ProductList([Product("1", "4740000000018", Translatable.of("Leib", EN="Bread"), price)])
node = Node(goods, token="…", name="My store", version="1.0")
goods.replace(products_of_today)  # while the node serves
```
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple

from smarts.edge.problems import invalid
from smarts.node.category_tree import CategoryTree
from smarts.node.errors import NotFound
from smarts.node.names import NameIndex, has_alphabet, sort_key
from smarts.wire.products import Category, OrderBy, Pageable, PageRequest, Product, ProductSearchRequest

_MOST_BY_NAME = 100
_FIELDS: Mapping[str, Callable[[Product, str], Any]] = {
    "name": lambda product, language: sort_key(product.translatable_name.in_language(language), language),
    "price": lambda product, _: product.price.total,
    "barcode": lambda product, _: product.barcode,
    "id": lambda product, _: product.id,
}


class ProductList:
    """A store's products, with all four methods of `smarts.node.ProductSearch`.

    - A name is found where each of its words begins a word of the product's name, in any language, whatever the case
      and accents. `by_name` answers the first 100, `search` page by page.
    - A category is named by its id or its name in any language, and holds what is in those below it.
    - Pages are ordered by name, price, barcode or id; where none is asked for, as listed. Names are sorted in the
      shopper's language by its alphabet; a product without a name in it stands by its original one.
    - Products are answered as they were given, with all translations: what to show is the asker's choice.

    It is made for lists of up to some hundred thousand products. Threads may share it.

    Raises:
        ValueError: two products have the same barcode, or a category is above itself.
    """

    def __init__(self, products: Iterable[Product], categories: Iterable[Category] = ()) -> None:
        """`categories` are in the order in which they are shown, those above others too; products may name more."""
        self._shelves = _Shelves(products, categories)

    @property
    def products(self) -> tuple[Product, ...]:
        """What is sold, as listed."""
        return self._shelves.products

    def replace(self, products: Iterable[Product], categories: Iterable[Category] = ()) -> None:
        """Sells these from now on, instead of all before; meanwhile requests are answered from the list of before.

        Takes seconds for a hundred thousand products, so `async` code calls it in a thread.

        Raises:
            ValueError: as when the list is made; the list stays as it was.
        """
        self._shelves = _Shelves(products, categories, self._shelves.orders)

    def find(self, barcode: str) -> Product | None:
        """The product with a barcode.

        Override it for barcodes that are not on the list, such as those that scales print.
        """
        return self._shelves.by_barcode.get(barcode)

    async def by_barcode(self, request: ProductSearchRequest) -> Product:
        """The product with `request.barcode`; raises `NotFound` where `find` finds none."""
        product = self.find(request.barcode or "")
        if product is None:
            raise NotFound(
                f"The store does not sell {request.barcode}" if request.barcode else "No barcode was given"
            )
        return product

    def by_name(self, request: ProductSearchRequest) -> tuple[Product, ...]:
        """The first products, as listed, whose names fit `request.name`."""
        shelves = self._shelves
        found = sorted(shelves.names.find(request.name or ""))
        return tuple(shelves.products[place] for place in islice(found, _MOST_BY_NAME))

    async def categories(self, request: ProductSearchRequest) -> tuple[Category, ...]:
        """All categories with anything in them, or `request.category_name` and those below; each counts its own too."""
        tree = self._shelves.tree
        return tree.named(request.category_name) if request.category_name else tree.categories

    def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        """A page of the products that fit both the name and the category, or of the one with the barcode.

        A page after the last one is empty; where nothing is found there is one page, an empty one.

        Raises:
            ProblemError: 422 where `order_field_name` is none of name, price, barcode, id.
        """
        _require_field(page.order_field_name)
        if page.request.barcode:
            product = self.find(page.request.barcode)
            return _paged((product,) if product else (), page)
        shelves = self._shelves
        places = shelves.places(page)
        wanted = _paged(places[::-1] if page.order_by is OrderBy.DESCENDING else places, page)
        found = tuple(shelves.products[place] for place in wanted.result)
        return Pageable(found, wanted.last_page, wanted.total_count)


def _require_field(name: str | None) -> None:
    if name and name not in _FIELDS:
        raise invalid("$.orderFieldName", f"Expected one of {', '.join(_FIELDS)}, got {name}")


def _paged(found: Sequence[Any], page: PageRequest[Any]) -> Pageable[Any]:
    start = (page.page - 1) * page.limit
    last_page = max(1, -(-len(found) // page.limit))
    return Pageable(tuple(found[start : start + page.limit]), last_page, len(found))


class _Order(NamedTuple):
    """Places in the list one after another, and by place its turn."""

    places: Sequence[int]
    turns: Sequence[int]


class _Shelves:
    """One list of products, ready to be searched; nothing in it changes, but that orders are kept once they are made.

    `orders` are made at once, so that the first who asks does not wait.
    """

    def __init__(
        self,
        products: Iterable[Product],
        categories: Iterable[Category],
        orders: Collection[tuple[str, str]] = (),
    ) -> None:
        self.products = tuple(products)
        self.by_barcode = {product.barcode: product for product in self.products}
        if len(self.by_barcode) < len(self.products):
            raise ValueError(
                f"Expected products with different barcodes: {_double(self.products)} is twice there"
            )
        self.names = NameIndex(product.translatable_name for product in self.products)
        self.tree = CategoryTree(categories, self.products)
        self._languages = {
            language
            for product in self.products
            for names in product.translatable_name.translations
            for language in names
        }
        self._orders: dict[tuple[str, str], _Order] = {}
        self._ordering = Lock()
        for order in orders:
            self._order(*order)

    @property
    def orders(self) -> Collection[tuple[str, str]]:
        """The orders that anybody asked for: fields with languages."""
        return tuple(self._orders)

    def places(self, page: PageRequest[ProductSearchRequest]) -> Sequence[int]:
        """The places of what fits the name and the category, in the order that is asked for, ascending."""
        order = self._order_of(page)
        found = self._found(page.request)
        return order.places if found is None else sorted(found, key=order.turns.__getitem__)

    def _found(self, request: ProductSearchRequest) -> set[int] | None:
        found = []
        if request.name:
            found.append(self.names.find(request.name))
        if request.category_name:
            found.append(self.tree.places(request.category_name))
        return set.intersection(*found) if found else None

    def _order_of(self, page: PageRequest[ProductSearchRequest]) -> _Order:
        if not page.order_field_name:
            as_listed = range(len(self.products))
            return _Order(as_listed, as_listed)
        language = page.request.lang_code or ""
        # Only languages that make a difference, or strangers could have any number of orders kept.
        is_known = language in self._languages or has_alphabet(language)
        is_sorted_by_it = page.order_field_name == "name" and is_known
        return self._order(page.order_field_name, language if is_sorted_by_it else "")

    def _order(self, field: str, language: str) -> _Order:
        if (field, language) not in self._orders:
            with self._ordering:
                if (field, language) not in self._orders:
                    self._orders[field, language] = self._sorted(field, language)
        return self._orders[field, language]

    def _sorted(self, field: str, language: str) -> _Order:
        key = _FIELDS[field]
        keys = [(key(product, language), product.barcode) for product in self.products]
        places = sorted(range(len(keys)), key=keys.__getitem__)
        turns = [0] * len(places)
        for turn, place in enumerate(places):
            turns[place] = turn
        return _Order(places, turns)


def _double(products: Iterable[Product]) -> str:
    return Counter(product.barcode for product in products).most_common(1)[0][0]
