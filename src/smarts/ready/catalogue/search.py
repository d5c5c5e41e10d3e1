"""Finds products by words of their names: mistyped, without accents, in any order, begun, in any language."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import tantivy
from rapidfuzz.distance import OSA
from tantivy import Occur, Query

from smarts.ready.catalogue.goods import Goods
from smarts.ready.catalogue.index import aside_words
from smarts.ready.catalogue.words import BEGINNINGS, in_latin, words_of

_MOST_WORDS = 8
_ENOUGH = 10  # products that fit to the letter; with fewer, misspelt ones are looked for too
_RANKED = 100  # of the best products, which are put into order by a closer look
_SHORTEST_MISSPELT = 4
_SHORTEST_TWICE_MISSPELT = 8


class Search:
    """Searches an index; `goods_at` gives the goods at places of the catalogue."""

    def __init__(self, index: tantivy.Index, goods_at: Callable[[Iterable[int]], Sequence[Goods]]) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._goods_at = goods_at

    def best(
        self, text: str, categories: Sequence[int] | None, start: int, limit: int
    ) -> tuple[list[int], int]:
        """Places of the products that fit, the best first, from `start` on; and how many there are."""
        words = _asked(text)
        found = self._found(words, categories)
        if not found.total:
            return [], 0
        ranked = self._ranked(words, found.places)
        more: list[int] = []
        if start + limit > _RANKED and found.total > _RANKED:
            skipped = max(start, _RANKED)
            more = self._hits(found.query, words, skipped, start + limit - skipped).places
        return ranked[start : start + limit] + more, found.total

    def places(self, text: str | None, categories: Sequence[int] | None) -> list[int]:
        """The places of all products that fit, in the order of the catalogue."""
        query = self._found(_asked(text), categories).query if text else self._in_categories(categories or ())
        found = self._searcher.search(
            query,
            limit=max(self._searcher.num_docs, 1),
            count=False,
            order_by_field="place",
            order=tantivy.Order.Asc,
        )
        return [place for place, _ in found.hits]

    def in_categories(self, categories: Sequence[int], start: int, limit: int) -> tuple[list[int], int]:
        """Places of what is in categories, in the order of the catalogue; and how many there are."""
        found: Any = self._searcher.search(
            self._in_categories(categories),
            limit=limit,
            offset=start,
            order_by_field="place",
            order=tantivy.Order.Asc,
        )
        return [place for place, _ in found.hits], found.count

    def _hits(self, query: Query, words: Sequence[str], start: int = 0, limit: int = _RANKED) -> "_Found":
        # A letter or two begin words of most products: their names' shortness says all that can be said quickly.
        by = {"order_by_field" if _are_short(words) else "weight_by_field": "brevity"}
        found: Any = self._searcher.search(query, limit, offset=start, **by)  # type: ignore[arg-type]
        addresses = [address for _, address in found.hits]
        places = self._searcher.fast_field_values("place", addresses)
        return _Found(query, [int(place or 0) for place in places], found.count)

    def _found(self, words: Sequence[str], categories: Sequence[int] | None) -> "_Found":
        """What the strictest query finds that finds enough; each one finds all that the stricter ones do."""
        if not words:
            return _Found(Query.empty_query(), [], 0)
        found = _Found(Query.empty_query(), [], 0)
        for query, enough in self._queries(words, categories):
            found = self._hits(query, words)
            if found.total >= enough:
                break
        return found

    def _queries(self, words: Sequence[str], categories: Sequence[int] | None) -> Iterator[tuple[Query, int]]:
        """Queries and how much is enough: to the letter, misspelt, in the other alphabet, without one word."""
        begun = [self._begun(word) for word in words]
        yield self._of_all(words, begun, categories), _ENOUGH
        if _are_short(words):
            return
        last = len(words) - 1
        misspelt = [self._misspelt(word, is_last=place == last) for place, word in enumerate(words)]
        yield self._of_all(words, misspelt, categories), 1
        sounding = [
            Query.disjunction_max_query([each, *self._sounding(word)])
            for each, word in zip(misspelt, words, strict=True)
        ]
        yield self._of_all(words, sounding, categories), 1
        telling = [part for part, word in zip(sounding, words, strict=True) if not _are_short([word])]
        if len(words) > 1:
            yield self._of_all(words, telling, categories, missing=int(len(telling) > 1)), 1

    def _of_all(
        self, words: Sequence[str], parts: Sequence[Query], categories: Sequence[int] | None, missing: int = 0
    ) -> Query:
        """Products that fit all parts but `missing`; those that have the words themselves in their names come first."""
        if missing:
            fits = Query.boolean_query(
                [(Occur.Should, part) for part in parts], minimum_number_should_match=len(parts) - missing
            )
            clauses = [(Occur.Must, fits)]
        else:
            clauses = [(Occur.Must, part) for part in parts]
        if categories is not None:
            clauses.append((Occur.Must, Query.const_score_query(self._in_categories(categories), 0.0)))
        if not _are_short(words):
            clauses += [(Occur.Should, self._term("names", word)) for word in words]
        return Query.boolean_query(clauses)

    def _in_categories(self, categories: Sequence[int]) -> Query:
        terms = [Query.term_query(self._schema, "category", number, "basic") for number in categories]
        return Query.boolean_query([(Occur.Should, term) for term in terms]) if terms else Query.empty_query()

    def _begun(self, word: str) -> Query:
        """Products with a word that begins so, in their names, brands or categories."""
        if len(word) in (1, BEGINNINGS):
            return Query.const_score_query(self._term("beginnings", word, "basic"), 1.0)
        if len(word) < BEGINNINGS:
            return Query.const_score_query(self._fuzzy("beginnings", word, 0, prefix=True), 1.0)
        return Query.const_score_query(self._like(word, 0, prefix=True), 1.0)

    def _misspelt(self, word: str, *, is_last: bool) -> Query:
        """Products with a word like this one, or begun like it where it is the last, which may be half typed."""
        begun = Query.boost_query(self._begun(word), 4.0)
        if len(word) < _SHORTEST_MISSPELT or word.isdigit():
            return begun
        distance = self._distance(word)
        alike = [begun, self._like(word, distance)]
        if is_last:
            alike.append(Query.boost_query(self._like(word, 1, prefix=True), 0.5))
        return Query.disjunction_max_query(alike)

    def _distance(self, word: str) -> int:
        """How many typing errors to look for: two in a long word that is in no name."""
        is_known = len(word) < _SHORTEST_TWICE_MISSPELT or any(
            self._searcher.terms_with_prefix(field, word, limit=1) for field in ("names", "aside")
        )
        return 1 if is_known else 2

    def _sounding(self, word: str) -> list[Query]:
        """Products with this word in the other alphabet."""
        latin = in_latin(word)
        find = partial(self._fuzzy, "sounds", latin) if latin == word else partial(self._like, latin)
        if len(word) < _SHORTEST_MISSPELT:
            return [find(0)]
        return [find(1), find(0, prefix=True)]

    def _like(self, word: str, distance: int, *, prefix: bool = False) -> Query:
        """Products with a word like this one in their names, brands or categories."""
        return Query.disjunction_max_query(
            [self._fuzzy(field, word, distance, prefix=prefix) for field in ("names", "aside")]
        )

    def _fuzzy(self, field: str, word: str, distance: int, *, prefix: bool = False) -> Query:
        return Query.fuzzy_term_query(self._schema, field, word, distance, True, prefix)

    def _term(self, field: str, word: str, option: str = "freq") -> Query:
        return Query.term_query(self._schema, field, word, option)

    def _ranked(self, words: Sequence[str], places: Sequence[int]) -> list[int]:
        scores = [_likeness(words, goods) for goods in self._goods_at(places)]
        return [places[turn] for turn in sorted(range(len(places)), key=lambda turn: -scores[turn])]


class _Found(NamedTuple):
    query: Query
    places: list[int]
    total: int


def _are_short(words: Sequence[str]) -> bool:
    return all(len(word) <= BEGINNINGS or word.isdigit() for word in words)


def _asked(text: str | None) -> list[str]:
    return list(dict.fromkeys(words_of(text or "")))[:_MOST_WORDS]


def _likeness(words: Sequence[str], goods: Goods) -> float:
    """How well goods fit: whole words before begun and misspelt ones, names before brands, short names before long."""
    aside = aside_words(goods.brand, goods.category)
    names = {goods.name, *goods.names.values()}
    return max(_likeness_of_name(words, words_of(name), aside) for name in names)


def _likeness_of_name(words: Sequence[str], name: Sequence[str], aside: Sequence[str]) -> float:
    hits = [_hit(word, name) for word in words]
    scores = [
        own if own == 1 else max(own, 0.7 * _hit(word, aside)) for word, own in zip(words, hits, strict=True)
    ]
    covered = sum(own > 0 for own in hits) / max(len(name), 1)
    begins = _likeness_of_words(words[0], name[0]) if name else 0.0
    return sum(scores) / len(words) + 0.12 * min(covered, 1) + 0.05 * begins


def _hit(word: str, name: Sequence[str]) -> float:
    if word in name:
        return 1.0
    return max((_likeness_of_words(word, each) for each in name), default=0.0)


@lru_cache(1 << 15)  # the best products of one search have many words in common
def _likeness_of_words(word: str, other: str) -> float:
    if other.startswith(word):
        return 0.75 + 0.2 * len(word) / len(other)
    if len(word) < _SHORTEST_MISSPELT:
        return 0.0
    distance = min(
        OSA.distance(word, other, score_cutoff=2),
        OSA.distance(word, other[: len(word)], score_cutoff=2) + 1,
        OSA.distance(in_latin(word), in_latin(other), score_cutoff=2) + 1,
    )
    return max(0.0, 0.8 - 0.2 * distance) if distance < 3 else 0.0
