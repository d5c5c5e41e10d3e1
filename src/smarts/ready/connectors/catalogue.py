"""A catalogue of mirrored goods in which what is scanned has the price of this moment."""

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from msgspec.structs import replace

from smarts.edge.problems import NODE_DOWN
from smarts.node import NotFound, ProductSearch
from smarts.node.features import NowOrLater
from smarts.ready.catalogue.categories import Shelves
from smarts.ready.catalogue.complaints import Complaints
from smarts.ready.catalogue.reading import Reader
from smarts.ready.catalogue.settings import Reading
from smarts.ready.connectors.live import LivePrices
from smarts.ready.connectors.mirror import Kept, Mirror, row_of
from smarts.ready.sources import Row
from smarts.wire.nodes import PartHealth
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest

_SOON = 5.0  # seconds until the catalogue has read what the mirror has learnt


class Mirrored(ProductSearch, Protocol):
    """The catalogue that is made of the mirror's rows."""

    def find(self, barcode: str, /) -> Product | None:
        """The product with a barcode, be it one that scales printed."""
        ...

    def health(self) -> NowOrLater[Mapping[str, PartHealth]]:
        """How the catalogue is."""
        ...


class ShopCatalogue:
    """Searching goes to the mirrored catalogue; a scan asks the shop system, by the rules of `LivePrices`."""

    def __init__(
        self,
        mirrored: Mirrored,
        mirror: Mirror,
        live: LivePrices,
        reading: Reading,
        health: Callable[[], Mapping[str, PartHealth]],
    ) -> None:
        self._mirrored = mirrored
        self._health = health
        self._mirror = mirror
        self._live = live
        self._reading = replace(
            reading, columns={}
        )  # the cells of a shop system have the catalogue's own names

    def find(self, barcode: str) -> Product | None:
        """The product with a barcode, as the shop system last said, if that was not too long ago.

        Raises:
            ProblemError: 503, its last word is too old.
        """
        kept = self._mirror.find(barcode)
        if kept is not None:
            return self._product(self._live.last_word(kept))
        product = self._mirrored.find(barcode)
        if product is not None:
            self._live.last_word(self._behind(product))
        return product

    async def by_barcode(self, request: ProductSearchRequest) -> Product:
        """The product with `request.barcode` at the price of this moment.

        Raises:
            ProblemError: 404 where it is not sold, 503 where nobody vouches for its price.
        """
        barcode = request.barcode or ""
        product = await self._printed_by_scales(barcode) or self._product(await self._live.find(barcode))
        if product is None:
            raise NotFound(f"The store does not sell {barcode}" if barcode else "No barcode was given")
        return product

    def by_name(self, request: ProductSearchRequest) -> NowOrLater[Sequence[Product]]:
        """The products whose names fit."""
        return self._mirrored.by_name(request)

    def search(self, page: PageRequest[ProductSearchRequest]) -> NowOrLater[Pageable[Product]]:
        """One page of the products that fit."""
        return self._mirrored.search(page)

    def categories(self, request: ProductSearchRequest) -> NowOrLater[Sequence[Category]]:
        """The categories of products."""
        return self._mirrored.categories(request)

    async def health(self) -> Mapping[str, PartHealth]:
        """How the mirrored catalogue is, and the shop system."""
        mirrored = self._mirrored.health()
        shop = await asyncio.to_thread(self._health)
        return {**(await mirrored if inspect.isawaitable(mirrored) else mirrored), **shop}

    async def _printed_by_scales(self, barcode: str) -> Product | None:
        """What scales printed a barcode for; only while the price that was reckoned with still is the price."""
        if self._mirror.find(barcode) is not None:
            return None
        product = self._mirrored.find(barcode)
        behind = self._behind(product) if product else None
        if behind is None:
            return None
        now = await self._live.find(str(behind.cells["barcode"]))
        if now is None or now.cells["price"] != behind.cells["price"]:
            raise NODE_DOWN.error("The price has changed just now.", retry_after=_SOON)
        return product

    def _behind(self, product: Product) -> Kept | None:
        return self._mirror.find_number(int(product.id)) if product.id.isdigit() else None

    def _product(self, kept: Kept | None) -> Product | None:
        """The product that a catalogue makes of such a row; none where it would leave the row out."""
        if kept is None:
            return None
        reader = Reader(self._reading, "", datetime.now(UTC), Complaints())
        read = next(reader.read([Row(1, row_of(kept.cells), kept.fault)]), None)
        if read is None:
            return None
        shelves = Shelves(reader.categories.categories.values(), {})
        return read.goods.product(shelves.by_id, self._reading.time_zone)
