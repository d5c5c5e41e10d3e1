"""A store's products and categories, and how they are found."""

import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from smarts.demo.catalogue.barcodes import split_weight
from smarts.wire.products import (
    Category,
    OrderBy,
    Pageable,
    PageRequest,
    Product,
    ProductSearchRequest,
    Quantity,
    Unit,
)
from smarts.wire.text import Translatable

_MOST_BY_NAME = 100


class Catalogue:
    """What a store sells; made once, then only read."""

    def __init__(self, products: Iterable[Product], categories: Sequence[Category] = ()) -> None:
        """`categories` without counts: `number_of_products` is counted here, those below included.

        Raises:
            ValueError: two products have the same barcode.
        """
        self.products = tuple(products)
        self._by_barcode = {product.barcode: product for product in self.products}
        if len(self._by_barcode) < len(self.products):
            raise ValueError("Expected products with different barcodes")
        self._names = _NameIndex(self.products)
        self._tree = _CategoryTree(categories, self.products)

    def by_barcode(self, barcode: str) -> Product | None:
        """The product with a barcode; for one that scales printed, with that weight as its quantity."""
        return self._by_barcode.get(barcode) or self._weighed(barcode)

    def _weighed(self, barcode: str) -> Product | None:
        match split_weight(barcode):
            case article, kilograms if product := self._by_barcode.get(article):
                weight = Quantity(Unit.KILOGRAM, kilograms)
                return msgspec.structs.replace(product, barcode=barcode, quantity=weight)
        return None

    def by_name(self, name: str) -> tuple[Product, ...]:
        """The first products in whose name, in any language, each of these words begins a word."""
        found = sorted(self._names.find(name))
        return tuple(self.products[position] for position in islice(found, _MOST_BY_NAME))

    def categories(self, name: str | None = None) -> tuple[Category, ...]:
        """All categories, or those with this id or name and the ones below them."""
        return self._tree.named(name) if name else self._tree.categories

    def page(self, asked: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        """A page of the products that meet everything that is asked for.

        Ordered by name (in the shopper's language), price or barcode; any other field leaves the store's own order.
        """
        found = self._find(asked.request)
        key = _ORDERS.get(asked.order_field_name or "")
        if key:
            language = asked.request.lang_code or ""
            found.sort(key=lambda product: key(product, language))
        if asked.order_by is OrderBy.DESCENDING:
            found.reverse()
        start = (asked.page - 1) * asked.limit
        last_page = max(1, -(-len(found) // asked.limit))
        return Pageable(tuple(found[start : start + asked.limit]), last_page, len(found))

    def _find(self, request: ProductSearchRequest) -> list[Product]:
        if request.barcode:
            products = (self.by_barcode(request.barcode),)
            found = [product for product in products if product]
        elif request.name:
            found = [self.products[position] for position in sorted(self._names.find(request.name))]
        else:
            found = list(self.products)
        if request.category_name:
            wanted = {category.id for category in self._tree.named(request.category_name)}
            found = [
                product for product in found if wanted & {category.id for category in product.categories}
            ]
        return found


def fold(text: str) -> str:
    """The text without case and diacritics, as it is searched for and sorted."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in fold(text)).split()


def _all_names(text: Translatable) -> list[str]:
    return [text.original_text, *(name for names in text.translations for name in names.values())]


def _by_name(product: Product, language: str) -> tuple[str, str]:
    return fold(product.translatable_name.in_language(language)), product.barcode


def _by_price(product: Product, _: str) -> tuple[Decimal, str]:
    return product.price.total, product.barcode


def _by_barcode(product: Product, _: str) -> tuple[str, str]:
    return product.barcode, ""


_ORDERS: dict[str, Callable[[Product, str], tuple[Any, str]]] = {
    "name": _by_name,
    "price": _by_price,
    "barcode": _by_barcode,
}


class _NameIndex:
    """Positions of products by the words of their names, so that beginnings of words are found by halving."""

    def __init__(self, products: Sequence[Product]) -> None:
        positions = defaultdict(set)
        for position, product in enumerate(products):
            for name in _all_names(product.translatable_name):
                for word in _words(name):
                    positions[word].add(position)
        self._positions = dict(positions)
        self._sorted = sorted(positions)

    def find(self, text: str) -> set[int]:
        """The positions of products that have words with these beginnings; none for a text without words."""
        found = [self._beginning_with(word) for word in _words(text)]
        return set.intersection(*found) if found else set()

    def _beginning_with(self, beginning: str) -> set[int]:
        found: set[int] = set()
        for word in islice(self._sorted, bisect_left(self._sorted, beginning), None):
            if not word.startswith(beginning):
                break
            found |= self._positions[word]
        return found


@dataclass(frozen=True)
class _Branch:
    names: frozenset[str]
    way_up: tuple[str, ...]


class _CategoryTree:
    """Categories with their counts; a product's own categories count for those above them too."""

    def __init__(self, categories: Sequence[Category], products: Sequence[Product]) -> None:
        parents = {category.id: category.parent_id for category in categories}
        self._branches = {
            category.id: _Branch(
                frozenset(fold(name) for name in (category.id, *_all_names(category.translatable_name))),
                _way_up(category.id, parents),
            )
            for category in categories
        }
        counts = self._counts(products)
        self.categories = tuple(
            msgspec.structs.replace(category, number_of_products=counts[category.id])
            for category in categories
        )

    def _counts(self, products: Sequence[Product]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for product in products:
            counts.update({above for own in product.categories for above in self._branches[own.id].way_up})
        return counts

    def named(self, name: str) -> tuple[Category, ...]:
        wanted = fold(name)
        named = {id_ for id_, branch in self._branches.items() if wanted in branch.names}
        return tuple(
            category for category in self.categories if named.intersection(self._branches[category.id].way_up)
        )


def _way_up(category: str, parents: dict[str, str | None]) -> tuple[str, ...]:
    way = [category]
    while parent := parents[way[-1]]:
        way.append(parent)
    return tuple(way)
