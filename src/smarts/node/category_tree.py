"""Categories as a tree that counts: what is in a category is in all those above it too."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import msgspec

from smarts.node.names import all_names, fold
from smarts.wire.products import Category, Product


class CategoryTree:
    """The categories of a list of products.

    `listed` come first and in their order, then those that only products name. A category with nothing in it is not
    shown, so that no shopper is led to an empty shelf; one whose parent is nowhere stands at the top.

    Raises:
        ValueError: a category is above itself.
    """

    def __init__(self, listed: Iterable[Category], products: Sequence[Product]) -> None:
        categories: dict[str, Category] = {}
        for category in chain(listed, *(product.categories for product in products)):
            categories.setdefault(category.id, category)
        self._ways_up = {id_: _way_up(id_, categories) for id_ in categories}
        self._places = self._places_of(products)
        self._names = {
            id_: {fold(name) for name in (id_, *all_names(category.translatable_name))}
            for id_, category in categories.items()
        }
        self.categories = tuple(
            self._counted(each) for each in categories.values() if each.id in self._places
        )

    def named(self, name: str) -> tuple[Category, ...]:
        """The categories with this id, or this name in any language, and all below them."""
        wanted = self._ids(name)
        return tuple(each for each in self.categories if wanted.intersection(self._ways_up[each.id]))

    def places(self, name: str) -> set[int]:
        """The places in the list of the products in these categories."""
        return set().union(*(self._places.get(id_, ()) for id_ in self._ids(name)))

    def _ids(self, name: str) -> set[str]:
        wanted = fold(name)
        return {id_ for id_, names in self._names.items() if wanted in names}

    def _places_of(self, products: Sequence[Product]) -> Mapping[str, list[int]]:
        places = defaultdict(list)
        for place, product in enumerate(products):
            for id_ in {above for own in product.categories for above in self._ways_up[own.id]}:
                places[id_].append(place)
        return dict(places)

    def _counted(self, category: Category) -> Category:
        way_up = self._ways_up[category.id]
        parent = way_up[1] if len(way_up) > 1 else None
        count = len(self._places[category.id])
        return msgspec.structs.replace(category, parent_id=parent, number_of_products=count)


def _way_up(id_: str, categories: Mapping[str, Category]) -> tuple[str, ...]:
    way = [id_]
    while (above := categories[way[-1]].parent_id) is not None and above in categories:
        if above in way:
            raise ValueError(f"Expected categories that make a tree: {' is below '.join([*way, above])}")
        way.append(above)
    return tuple(way)
