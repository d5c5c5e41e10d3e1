"""A shop system connected: its mirror, its live prices, and the way back, as the parts that a ready node takes."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL

from smarts.node import Gateway
from smarts.ready.catalogue.settings import Reading
from smarts.ready.connectors.catalogue import Mirrored, ShopCatalogue
from smarts.ready.connectors.goods import Goods
from smarts.ready.connectors.live import LivePrices
from smarts.ready.connectors.looking import Looking
from smarts.ready.connectors.mirror import Mirror, MirrorSource
from smarts.ready.connectors.odoo.books import OdooBooks
from smarts.ready.connectors.odoo.client import connect
from smarts.ready.connectors.odoo.goods import OdooGoods
from smarts.ready.connectors.outbox import METADATA, Outbox
from smarts.ready.connectors.passing import PassingOn
from smarts.ready.connectors.sales import Books
from smarts.ready.connectors.settings import OdooSettings, ShopSettings, WooCommerceSettings
from smarts.ready.connectors.telling import Telling
from smarts.ready.connectors.woocommerce.books import WooCommerceBooks
from smarts.ready.connectors.woocommerce.client import WooCommerce
from smarts.ready.connectors.woocommerce.goods import WooCommerceGoods
from smarts.ready.database import Database
from smarts.wire.nodes import PartHealth


class Connector:
    """One shop system. `source` is its goods, `sales` takes what was sold, `at_work` is entered while the node serves.

    The `database` is the node's own: what is yet to be passed on is kept there.
    """

    def __init__(
        self,
        settings: OdooSettings | WooCommerceSettings,
        data: Path,
        database: URL,
    ) -> None:
        self.name = "Odoo" if isinstance(settings, OdooSettings) else "WooCommerce"
        self.mirror = Mirror(data / f"{self.name.lower()}.sqlite3", _read_by(settings))
        self.source = MirrorSource(self.name, self.mirror.path)
        self._settings: ShopSettings = settings
        self._goods, books = (
            _odoo(settings) if isinstance(settings, OdooSettings) else _woocommerce(settings, self.mirror)
        )
        self._looking = Looking(self.name, self._goods, self.mirror, settings)
        self._database = Database(database, METADATA)
        outbox = Outbox(self._database)
        self.sales = PassingOn(self.name, books, outbox) if settings.pass_on else None
        self._gateway = _gateway(settings)
        self._telling = (
            Telling(self.name, books, self._gateway, outbox, settings.look_every) if self._gateway else None
        )

    def __enter__(self) -> Self:
        """Use as `with Connector(...) as shop`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes its files."""
        self.mirror.close()
        self._database.close()

    async def fill(self) -> None:
        """Reads the whole shop, unless that was done once; without that there is no catalogue to begin with.

        Raises:
            CallFailed: the shop system does not let itself be read.
        """
        if self.mirror.is_filled:
            return
        try:
            await self._looking.look()
        finally:
            await self._goods.close()  # the node's own event loop is another one

    def catalogue(self, mirrored: Mirrored, reading: Reading) -> ShopCatalogue:
        """The catalogue of the mirror's rows, with the prices of the moment."""
        live = LivePrices(self.name, self._goods, self.mirror, self._settings)
        return ShopCatalogue(mirrored, self.mirror, live, reading, self.health)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Looks, passes sales on, and tells what became of orders, until it is left."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._goods.close)
            await stack.enter_async_context(_running(self._looking.run()))
            if self.sales:
                await stack.enter_async_context(_running(self.sales.run()))
            if self._telling and self._gateway:
                await stack.enter_async_context(self._gateway)
                await stack.enter_async_context(_running(self._telling.run()))
            yield

    def health(self) -> Mapping[str, PartHealth]:
        """How the looks go, and whether sales or orders wait."""
        sales = self.sales.health() if self.sales else {}
        return {**self._looking.health(), **sales, **(self._telling.health() if self._telling else {})}


def _read_by(settings: OdooSettings | WooCommerceSettings) -> str:
    """What the mirror's goods depend on."""
    if isinstance(settings, OdooSettings):
        what: tuple[object, ...] = (
            settings.database,
            settings.languages,
            settings.company,
            settings.categories,
            settings.images,
        )
    else:
        what = (settings.barcode, settings.unit_meta, settings.language)
    return repr((settings.url, *what))


def _gateway(settings: ShopSettings) -> Gateway | None:
    to = settings.gateway
    return Gateway(to.url, to.token.value, to.institution_id) if to else None


def _odoo(settings: OdooSettings) -> tuple[Goods, Books]:
    odoo = connect(settings)
    return OdooGoods(odoo, settings), OdooBooks(odoo, settings)


def _woocommerce(settings: WooCommerceSettings, mirror: Mirror) -> tuple[Goods, Books]:
    shop = WooCommerce(settings)
    return WooCommerceGoods(shop, settings), WooCommerceBooks(shop, settings, mirror)


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
