"""The catalogue of a ready node: built from a source, kept on disk, searched, and built anew after a change."""

import shutil
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

import structlog

from smarts.edge.problems import invalid
from smarts.node import NotFound
from smarts.ready.catalogue.builder import Builder, BuildError, Stopped
from smarts.ready.catalogue.building import PREFIX, build, make_orders, settings_key
from smarts.ready.catalogue.scales import find_printed
from smarts.ready.catalogue.settings import Reading
from smarts.ready.catalogue.shelf import ORDERS, Shelf
from smarts.ready.catalogue.shelf_files import About, ShelfFiles, current, make_current
from smarts.ready.sources import Source, SourceError
from smarts.wire.nodes import HealthStatus, PartHealth
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest

_MOST_BY_NAME = 100
_LONGEST_PAUSE = 300.0
_LOOK_AT_FILE_EVERY = 1.0
_ALPHABETS = 3  # languages whose order of names is made where the settings name none

_log = structlog.get_logger(__name__)


class Catalogue(AbstractContextManager["Catalogue"]):
    """Product search over a source, with all four methods of `smarts.node.ProductSearch`, `find` and `health`.

    What is built is kept in a folder, and used by the next run if source and settings are the same. A source that
    changes is read anew by another process; until that is done, and if it fails, the catalogue of before is served.
    """

    def __init__(self, source: Source, reading: Reading, folder: Path, look_every: float) -> None:
        """See `open`."""
        self._source = source
        self._reading = reading
        self._folder = folder
        self._look_every = look_every
        self._stop = Event()
        self._builder = Builder(self._stop)
        self._trouble = ""
        self._failures = 0
        self._watcher = Thread(target=self._watch, name="catalogue", daemon=True)
        self._shelf = self._first_shelf()

    @classmethod
    def open(cls, source: Source, reading: Reading, folder: Path, look_every: float | None = None) -> Self:
        """The catalogue, ready to be asked; close it, or use it as a context manager.

        `folder` is this catalogue's own; `look_every` so many seconds it is seen whether the source has changed: a
        file each second, a database as its settings say.

        Raises:
            SourceError: the source cannot be read, and there is nothing of it that was kept.
        """
        folder.mkdir(parents=True, exist_ok=True)
        usual = reading.catalogue.every if reading.catalogue.database else _LOOK_AT_FILE_EVERY
        catalogue = cls(source, reading, folder, usual if look_every is None else look_every)
        catalogue._watcher.start()
        return catalogue

    def close(self) -> None:
        """Looks at the source no more."""
        self._stop.set()
        self._watcher.join()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def about(self) -> About:
        """What is told of the catalogue that is served, its complaints among it."""
        return self._shelf.about

    def find(self, barcode: str) -> Product | None:
        """The product with a barcode, be it one that scales printed."""
        shelf = self._shelf
        return shelf.find(barcode) or find_printed(shelf, barcode, self._reading.scales)

    async def by_barcode(self, request: ProductSearchRequest) -> Product:
        """The product with `request.barcode`; raises `NotFound` where `find` finds none."""
        product = self.find(request.barcode or "")
        if product is None:
            raise NotFound(
                f"The store does not sell {request.barcode}" if request.barcode else "No barcode was given"
            )
        return product

    def by_name(self, request: ProductSearchRequest) -> tuple[Product, ...]:
        """The products that fit `request.name` best."""
        return self._shelf.named(request.name or "", _MOST_BY_NAME)

    async def categories(self, request: ProductSearchRequest) -> tuple[Category, ...]:
        """All categories with anything in them, or `request.category_name` and those below it."""
        categories = self._shelf.categories
        return categories.named(request.category_name) if request.category_name else categories.all

    def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        """A page of the products that fit both the name and the category, or of the one with the barcode.

        Those that fit a name stand with the best first, unless an order is asked for.

        Raises:
            ProblemError: 422 where `order_field_name` is none of name, price, barcode, id.
        """
        if page.order_field_name and page.order_field_name not in ORDERS:
            raise invalid(
                "$.orderFieldName", f"Expected one of {', '.join(ORDERS)}, got {page.order_field_name}"
            )
        if page.request.barcode:
            product = self.find(page.request.barcode)
            found: tuple[Product, ...] = (product,) if product and page.page == 1 else ()
            return Pageable(found, 1, int(product is not None))
        products, total = self._shelf.page(page)
        return Pageable(products, max(1, -(-total // page.limit)), total)

    def health(self) -> Mapping[str, PartHealth]:
        """How much is sold; degraded while an older catalogue is served than the source has."""
        about = self._shelf.about
        detail = f"{about.count:,} products of {about.source}, {about.left_out:,} rows left out"
        if not self._trouble:
            return {"catalogue": PartHealth(HealthStatus.UP, detail)}
        since = f"{about.made:%Y-%m-%d %H:%M} UTC"
        return {
            "catalogue": PartHealth(HealthStatus.DEGRADED, f"{detail}; as of {since}, since {self._trouble}")
        }

    def _first_shelf(self) -> Shelf:
        kept = self._kept()
        self._forget_all_but(kept)
        try:
            if kept is not None and self._is_current(kept.about):
                return kept
            built = self._built(kept.about.digest if kept else None, quietly=False)
        except (SourceError, BuildError) as error:
            if kept is None:
                raise (
                    error if isinstance(error, SourceError) else SourceError(f"{self._source.name}: {error}")
                ) from error
            self._note(error)
            return kept
        if built is None:
            assert kept is not None
            return kept
        return built

    def _kept(self) -> Shelf | None:
        files = current(self._folder)
        about = files.read() if files else None
        if files is None or about is None or about.settings != settings_key(self._reading):
            return None
        return Shelf(files, about, self._reading.time_zone) if about.source == self._source.name else None

    def _is_current(self, about: About) -> bool:
        is_due = about.next_change is not None and about.next_change <= datetime.now(UTC)
        return (
            not is_due and about.fingerprint is not None and about.fingerprint == self._source.fingerprint()
        )

    def _built(self, digest: str | None, *, quietly: bool) -> Shelf | None:
        started = time.monotonic()
        name = self._builder.run(build, self._source, self._reading, self._folder, digest, quietly=quietly)
        if name is None:
            return None
        files = ShelfFiles(self._folder / name)
        about = files.read()
        assert about is not None
        shelf = Shelf(files, about, self._reading.time_zone)
        make_current(files)
        _log.info(
            "catalogue built",
            source=about.source,
            products=about.count,
            left_out=about.left_out,
            seconds=round(time.monotonic() - started, 1),
        )
        return shelf

    def _forget_all_but(self, shelf: Shelf | None) -> None:
        """Removes what earlier runs left, and catalogues that are served no more."""
        for each in self._folder.glob(f"{PREFIX}*"):
            if shelf is None or each.name != shelf.files.folder.name:
                shutil.rmtree(each, ignore_errors=True)

    def _watch(self) -> None:
        try:
            self._sort_names()
            while not self._stop.wait(
                min(self._look_every * 2**self._failures, max(_LONGEST_PAUSE, self._look_every))
            ):
                self._look()
        except Stopped:
            return

    def _look(self) -> None:
        try:
            about = self._shelf.about
            if self._is_current(about) or not self._is_settled():
                self._trouble, self._failures = "", 0
                return
            is_due = about.next_change is not None and about.next_change <= datetime.now(UTC)
            built = self._built(None if is_due else about.digest, quietly=True)
        except (SourceError, BuildError) as error:
            self._note(error)
            return
        self._trouble, self._failures = "", 0
        if built is not None:
            self._shelf = built
            self._forget_all_but(built)
            self._sort_names()

    def _is_settled(self) -> bool:
        """Whether nobody is writing the source at the moment."""
        before = self._source.fingerprint()
        self._stop.wait(min(self._look_every, 1.0))
        return before == self._source.fingerprint()

    def _sort_names(self) -> None:
        shelf = self._shelf
        languages = self._reading.catalogue.languages or shelf.about.languages[:_ALPHABETS]
        missing = [each for each in languages if not shelf.files.order(f"name-{each}").exists()]
        if not missing:
            return
        try:
            self._builder.run(make_orders, shelf.files.folder, tuple(missing), quietly=True)
        except BuildError as error:
            _log.warning("names could not be sorted", languages=missing, error=str(error))

    def _note(self, error: Exception) -> None:
        self._trouble = str(error)
        self._failures = min(self._failures + 1, 16)
        _log.warning("the catalogue of before is kept", source=self._source.name, error=str(error))
