"""Builds a catalogue from a source: everything that is read of it is written into a new folder."""

import gc
import hashlib
import os
import shutil
import signal
from array import array
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from typing import Any

import msgspec
from msgspec.structs import replace

from smarts.ready.catalogue.categories import way_up
from smarts.ready.catalogue.complaints import Complaints
from smarts.ready.catalogue.goods import Goods
from smarts.ready.catalogue.index import IndexWriter
from smarts.ready.catalogue.orders import FIELDS, name_key, sort_places, write_order
from smarts.ready.catalogue.reading import Read, Reader
from smarts.ready.catalogue.settings import Reading
from smarts.ready.catalogue.shelf_files import FORMAT, About, ShelfFiles, counted
from smarts.ready.catalogue.store import Store, StoreWriter
from smarts.ready.sources import Row, Source, SourceError

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

PREFIX = "shelf-"
_MOST_MEMORY = 8 << 30


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
        self._reader = Reader(reading, source.name, self._now, self._complaints)

    def run(self, known_digest: str | None) -> bool:
        store = StoreWriter(self._files.products)
        for read in self._reader.read(self._rows()):
            self._take(store, read)
        if not store.count:
            raise SourceError(self._nothing())
        if self._source.fingerprint() != self._fingerprint:
            raise SourceError(f"{self._source.name} changed while it was read")
        digest = self._digest.hexdigest() if self._digest else None
        if digest is not None and digest == known_digest:
            store.close()
            return False
        counts, languages, unpriced = self._index(store)
        count = store.count
        store.close()
        self._files.write(self._about(digest, count, unpriced, counts, languages))
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

    def _take(self, store: StoreWriter, read: Read) -> None:
        if store.add(read.row, read.goods):
            return
        place, row, first = store.named(read.goods.barcode)
        merged = merge(first, read.goods)
        if merged is None:
            reason = f"{read.goods.barcode} is in row {row} already, which counts"
            self._reader.complain(read.row, "barcode", reason, "double")
        else:
            store.replace(place, merged)

    def _index(self, store: StoreWriter) -> tuple[Counter[str], Counter[str], int]:
        """Writes the index and the orders; sorting goes on beside the index's last work."""
        index = IndexWriter(self._files.index, self._reader.categories.categories)
        keys: dict[str, list[Any]] = {field: [] for field in FIELDS}
        counts: Counter[str] = Counter()
        languages: Counter[str] = Counter()
        unpriced = 0
        for goods in store.all():
            index.add(goods)
            for field, key in FIELDS.items():
                keys[field].append(key(goods))
            if goods.category is not None:
                counts[goods.category] += 1
            languages.update(goods.names.keys())
            unpriced += goods.price is None
        counts = self._with_those_above(counts)
        finishing = Thread(target=index.finish)
        finishing.start()
        self._sort(keys, store.count)
        finishing.join()
        return counts, languages, unpriced

    def _with_those_above(self, counts: Counter[str]) -> Counter[str]:
        total: Counter[str] = Counter()
        for category, count in counts.items():
            for id_ in way_up(category, self._reader.categories.categories):
                total[id_] += count
        return total

    def _sort(self, keys: dict[str, list[Any]], count: int) -> None:
        by_barcode = sort_places(keys["barcode"], range(count))
        write_order(self._files.order("barcode"), by_barcode)
        for field in ("name", "price", "id"):
            write_order(self._files.order(field), sort_places(keys.pop(field), by_barcode))

    def _about(
        self, digest: str | None, count: int, unpriced: int, counts: Counter[str], languages: Counter[str]
    ) -> About:
        return About(
            format=FORMAT,
            source=self._source.name,
            settings=settings_key(self._reading),
            fingerprint=self._fingerprint,
            digest=digest,
            made=self._now,
            next_change=self._reader.next_change,
            count=count,
            unpriced=unpriced,
            left_out=self._complaints.left_out,
            not_sold_now=self._reader.not_sold_now,
            complaints=tuple(self._complaints.told),
            complaint_counts=counted(self._complaints.counts),
            categories=tuple(self._reader.categories.categories.values()),
            category_counts=dict(counts),
            languages=tuple(language for language, _ in languages.most_common(10)),
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


def make_orders(folder: Path, count: int, languages: tuple[str, ...]) -> None:
    """Sorts a built catalogue's names in languages, each by its own alphabet."""
    files = ShelfFiles(folder)
    for language in languages:
        if not files.order(f"name-{language}").exists():
            keys = [name_key(goods, language) for goods in Store(files.products).all()]
            by_barcode = array("I", files.order("barcode").read_bytes()[: 4 * count])
            write_order(files.order(f"name-{language}"), sort_places(keys, by_barcode))


def prepare(*, quietly: bool) -> None:
    """Makes this process one that builds; Ctrl-C is for the process that started it."""
    gc.disable()  # what is read of a row is a tree, and there are too many rows to look for anything else
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, resource.RLIM_INFINITY))
    if quietly and hasattr(os, "nice"):
        os.nice(5)
