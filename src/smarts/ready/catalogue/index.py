"""The index of words: what it holds of each product, and how it is made."""

from functools import lru_cache
from itertools import filterfalse
from pathlib import Path

import tantivy

from smarts.ready.catalogue.goods import Entry
from smarts.ready.catalogue.words import beginnings, distinct_words, in_latin, words_of

_ANALYZER = "words"
_HEAP = 128_000_000
_AT_ONCE = 1_000  # documents: one alone is waited for by tantivy's thread, which costs more than itself


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("names", tokenizer_name=_ANALYZER, index_option="freq")
    builder.add_text_field("aside", tokenizer_name=_ANALYZER, index_option="basic")
    builder.add_text_field("beginnings", tokenizer_name=_ANALYZER, index_option="basic")
    builder.add_text_field("sounds", tokenizer_name=_ANALYZER, index_option="basic")
    builder.add_unsigned_field("category", indexed=True)
    builder.add_unsigned_field("place", fast=True, indexed=True)
    builder.add_float_field("brevity", fast=True)
    return builder.build()


def _with_analyzer(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer(_ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


class IndexWriter:
    """Makes the index of a catalogue, one product after another."""

    def __init__(self, path: Path) -> None:
        path.mkdir()
        self._schema = _schema()
        self._writer = _with_analyzer(tantivy.Index(self._schema, path=str(path))).writer(_HEAP, 1)
        self._ways_up: dict[str, tuple[int, ...]] = {}
        self._waiting: list[tantivy.Document] = []

    def category(self, id_: str, parent: str | None) -> None:
        """The next category by its number; it comes after its parent, and before what is in it."""
        above = self._ways_up[parent] if parent is not None else ()
        self._ways_up[id_] = (len(self._ways_up), *above)

    def put(self, place: int, entry: Entry, *, is_new: bool) -> None:
        """Has goods at a place, instead of those that are there where it is not new."""
        if not is_new:
            self._write()
            self._writer.delete_documents_by_query(tantivy.Query.term_query(self._schema, "place", place))
        names = distinct_words({entry.name, *entry.names.values()})
        joined = " ".join(names)
        document = tantivy.Document()
        document.add_text("names", joined)
        if not joined.isascii():
            document.add_text("sounds", " ".join(map(in_latin, filterfalse(str.isascii, names))))
        aside = _aside(entry.brand, entry.category) if entry.brand or entry.category else ""
        if aside:
            document.add_text("aside", aside)
            document.add_text("beginnings", beginnings(f"{joined} {aside}"))
        else:
            document.add_text("beginnings", beginnings(joined))
        for number in self._ways_up[entry.category] if entry.category else ():
            document.add_unsigned("category", number)
        document.add_unsigned("place", place)
        document.add_float("brevity", 1 + 1 / (2 + len(names)))
        self._waiting.append(document)
        if len(self._waiting) == _AT_ONCE:
            self._write()

    def finish(self) -> None:
        """Has everything on disk; takes seconds, in which other threads may work."""
        self._write()
        self._writer.commit()
        self._writer.wait_merging_threads()

    def _write(self) -> None:
        for document in self._waiting:
            self._writer.add_document(document)
        self._waiting.clear()


def aside_words(brand: str, category: str | None) -> tuple[str, ...]:
    """The words by which goods are found beside those of their names."""
    return (*_words_of_many(brand), *_words_of_many(category)) if brand or category else ()


@lru_cache(1 << 14)
def _aside(brand: str, category: str | None) -> str:
    return " ".join(aside_words(brand, category))


@lru_cache(1 << 12)
def _words_of_many(text: str | None) -> tuple[str, ...]:
    """The words of a text that many goods have in common."""
    return tuple(words_of(text or ""))


def open_index(path: Path) -> tantivy.Index:
    """A finished index."""
    index = tantivy.Index.open(str(path))
    index.config_reader(reload_policy="manual")
    return _with_analyzer(index)
