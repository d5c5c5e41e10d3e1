"""Builds a catalogue from a source: everything that is read of it is written into a new folder."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp

import msgspec
from msgspec.structs import replace

from smarts.ready.catalogue.categories import way_up
from smarts.ready.catalogue.complaints import Complaints
from smarts.ready.catalogue.goods import Goods, pack
from smarts.ready.catalogue.indexing import Indexing
from smarts.ready.catalogue.orders import OrderWriter, name_key, write_names
from smarts.ready.catalogue.reading import Read, Reader
from smarts.ready.catalogue.settings import Reading
from smarts.ready.catalogue.shelf_files import FORMAT, About, ShelfFiles, counted
from smarts.ready.catalogue.store import Store, StoreWriter
from smarts.ready.sources import Row, Source, SourceError

PREFIX = "shelf-"


def settings_key(reading: Reading) -> str:
    """Changes with the settings."""
    return hashlib.sha256(msgspec.msgpack.encode(reading, enc_hook=str, order="deterministic")).hexdigest()


def build(source: Source, reading: Reading, folder: Path, known_digest: str | None) -> str | None:
    """Builds the source's catalogue as of now, and gives the name of its folder within `folder`.

    Nothing is built, and `None` given, where the rows are those of `known_digest`.

    Raises:
        SourceError: the source cannot be read, or nothing in it can be sold.
    """
    files = ShelfFiles(Path(mkdtemp(prefix=PREFIX, dir=folder)))
    try:
        is_new = _Building(source, reading, files).run(known_digest)
    except BaseException:
        shutil.rmtree(files.folder, ignore_errors=True)
        raise
    if not is_new:
        shutil.rmtree(files.folder, ignore_errors=True)
    return files.folder.name if is_new else None


class _Building:
    def __init__(self, source: Source, reading: Reading, files: ShelfFiles) -> None:
        self._source = source
        self._reading = reading
        self._files = files
        self._now = datetime.now(UTC)
        self._fingerprint = source.fingerprint()
        self._digest = None if self._fingerprint is not None else hashlib.sha256()
        self._complaints = Complaints()
        self._counts: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._orders = OrderWriter()
        self._unpriced = 0
        self._told = 0
        self._reader = Reader(reading, source.name, self._now, self._complaints)

    def run(self, known_digest: str | None) -> bool:
        # Where the rows alone can tell whether they are new, nothing is indexed before all of them are read.
        at_once = self._digest is None or known_digest is None
        store = StoreWriter(self._files.products)
        indexing = Indexing(self._files)
        for read in self._reader.read(self._rows()):
            self._take(store, read, indexing if at_once else None)
        if not store.count:
            raise SourceError(self._nothing())
        if self._source.fingerprint() != self._fingerprint:
            raise SourceError(f"{self._source.name} changed while it was read")
        digest = self._digest.hexdigest() if self._digest else None
        if digest is not None and digest == known_digest:
            store.close()
            return False
        if not at_once:
            self._tell_categories(indexing)
            for place, packed in store.all():
                indexing.take(place, packed)
        indexing.end()  # which takes longer than reading, so that the rest is done meanwhile
        self._orders.write(self._files.order)
        store.close()
        indexing.finish()
        self._files.write(self._about(digest, store.count))
        return True

    def _rows(self) -> Iterator[Row]:
        rows = self._source.rows()
        if self._digest is None:
            yield from rows
            return
        for row in rows:
            self._digest.update(repr(row).encode())
            yield row

    def _nothing(self) -> str:
        worst = self._complaints.told[:1]
        because = f"; the first complaint: {worst[0]}" if worst else ""
        return f"{self._source.name} has nothing to sell{because}"

    def _take(self, store: StoreWriter, read: Read, indexing: Indexing | None) -> None:
        goods, packed = read.goods, pack(read.goods)
        place = store.count
        if store.add(read.row, goods.barcode, packed):
            self._count(goods, 1)
        else:
            place, row, first = store.named(goods.barcode)
            merged = merge(first, goods)
            if merged is None:
                reason = f"{goods.barcode} is in row {row} already, which counts"
                self._reader.complain(read.row, "barcode", reason, "double")
                return
            goods, packed = merged, pack(merged)
            store.replace(place, packed)
            self._count(first, -1)
            self._count(goods, 1)
        self._orders.put(place, goods)
        if indexing:
            self._tell_categories(indexing)
            indexing.take(place, packed)

    def _tell_categories(self, indexing: Indexing) -> None:
        categories = self._reader.categories.categories
        if self._told < len(categories):
            for category in islice(categories.values(), self._told, None):
                indexing.category(category.id, category.parent)
            self._told = len(categories)

    def _count(self, goods: Goods, change: int) -> None:
        if goods.category is not None:
            self._counts[goods.category] += change
        for language in goods.names:
            self._languages[language] += change
        self._unpriced += change * (goods.price is None)

    def _counts_with_those_above(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for category, count in self._counts.items():
            for id_ in way_up(category, self._reader.categories.categories):
                total[id_] += count
        return total

    def _about(self, digest: str | None, count: int) -> About:
        return About(
            format=FORMAT,
            source=self._source.name,
            settings=settings_key(self._reading),
            fingerprint=self._fingerprint,
            digest=digest,
            made=self._now,
            next_change=self._reader.next_change,
            count=count,
            unpriced=self._unpriced,
            left_out=self._complaints.left_out,
            not_sold_now=self._reader.not_sold_now,
            complaints=tuple(self._complaints.told),
            complaint_counts=counted(self._complaints.counts),
            categories=tuple(self._reader.categories.categories.values()),
            category_counts=dict(self._counts_with_those_above()),
            languages=tuple(language for language, _ in self._languages.most_common(10)),
        )


def merge(first: Goods, other: Goods) -> Goods | None:
    """One product out of two rows with one barcode; `None` where the second one adds no language.

    The first row counts; of the second one come the names in other languages, and what the first one lacks.
    """
    new = {language: name for language, name in other.names.items() if language not in first.names}
    if not new:
        return None
    return replace(
        first,
        names={**first.names, **new},
        descriptions={**other.descriptions, **first.descriptions},
        price=first.price if first.price is not None else other.price,
        category=first.category or other.category,
        brand=first.brand or other.brand,
        image=first.image or other.image,
    )


def make_orders(folder: Path, languages: tuple[str, ...]) -> None:
    """Sorts a built catalogue's names in languages, each by its own alphabet."""
    files = ShelfFiles(folder)
    for language in languages:
        if not files.order(f"name-{language}").exists():
            keys = [name_key(goods, language) for goods in Store(files.products).all()]
            write_names(files.order(f"name-{language}"), keys, files.order("barcode"))
