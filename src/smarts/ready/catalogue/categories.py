"""Categories out of their paths, `Food > Dairy > Cheese`, and how many products each of them has."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from smarts.node.names import all_names, fold
from smarts.wire.products import Category
from smarts.wire.text import Translatable

_USUAL = re.compile(r"\s*>\s*|\s+/\s+|\s+\|\s+")
_MOST = 50_000
_DEEPEST = 10


class Kept(Struct, frozen=True, array_like=True):
    """A category as it is kept: its path is its id."""

    id: str
    name: str
    names: dict[str, str]
    parent: str | None


class Shelving:
    """Collects categories as rows name them, in that order."""

    def __init__(self, separator: str) -> None:
        self.categories: dict[str, Kept] = {}
        self.counts: Counter[str] = Counter()
        self._split = re.compile(rf"\s*{re.escape(separator.strip())}\s*") if separator.strip() else _USUAL
        self._known: dict[tuple[str, str | None], str | None] = {}

    def put(self, path: str, language: str | None, translations: Mapping[str, str]) -> str | None:
        """The id of the category with this path; `None` where there are too many already."""
        if not translations and (path, language) in self._known:
            return self._known[path, language]
        levels = self._levels(path)
        others = {each: self._levels(text) for each, text in translations.items()}
        parent = None
        for depth, level in enumerate(levels):
            names = {each: other[depth] for each, other in others.items() if len(other) == len(levels)}
            if language:
                names.setdefault(language, level)
            parent = self._category(level, names, parent)
            if parent is None:
                break
        if not translations and len(self._known) < _MOST:
            self._known[path, language] = parent
        return parent

    def _category(self, name: str, names: dict[str, str], parent: str | None) -> str | None:
        id_ = f"{parent} > {name}" if parent else name
        if id_ not in self.categories:
            if len(self.categories) == _MOST:
                return None
            self.categories[id_] = Kept(id_, name, names, parent)
        elif not names.keys() <= self.categories[id_].names.keys():
            known = self.categories[id_]
            self.categories[id_] = Kept(id_, name, {**names, **known.names}, parent)
        return id_

    def _levels(self, path: str) -> list[str]:
        return [level.strip()[:200] for level in self._split.split(path) if level.strip()][:_DEEPEST]


def way_up(id_: str | None, categories: Mapping[str, Kept]) -> Iterable[str]:
    """A category and those above it."""
    while id_ is not None:
        yield id_
        id_ = categories[id_].parent


class Shelves:
    """The categories of a catalogue, with the number of products in each and below it."""

    def __init__(self, kept: Iterable[Kept], counts: Mapping[str, int]) -> None:
        self._kept = {each.id: each for each in kept}
        self._places = {id_: place for place, id_ in enumerate(self._kept)}
        self.by_id = {
            each.id: Category(
                each.id,
                Translatable(each.name, tuple({language: name} for language, name in each.names.items())),
                parent_id=each.parent,
            )
            for each in self._kept.values()
        }
        self._ids: dict[str, list[str]] = {}
        for id_, category in self.by_id.items():
            for name in {fold(name) for name in (id_, *all_names(category.translatable_name))}:
                self._ids.setdefault(name, []).append(id_)
        self.all = tuple(
            Category(each.id, each.translatable_name, counts[each.id], each.parent_id)
            for each in self.by_id.values()
            if counts.get(each.id)
        )

    def numbers(self, name: str) -> list[int]:
        """The numbers of the categories with this id or name, in any language."""
        return [self._places[id_] for id_ in self._ids.get(fold(name), ())]

    def named(self, name: str) -> tuple[Category, ...]:
        """The categories with this id or name, and all below them."""
        wanted = set(self._ids.get(fold(name), ()))
        if not wanted:
            return ()
        return tuple(each for each in self.all if wanted.intersection(way_up(each.id, self._kept)))
