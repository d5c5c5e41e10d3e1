"""A ready node from its settings: the catalogue is opened, the store is put together on it."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from smarts.caller import CallFailed
from smarts.edge.failures import ExplainedError
from smarts.node import Node
from smarts.ready.assortment import Goods
from smarts.ready.catalogue import About, Catalogue, Reading
from smarts.ready.connectors.connector import Connector
from smarts.ready.database import database_url
from smarts.ready.settings import Settings
from smarts.ready.sources import SourceError
from smarts.ready.sources.opening import source_of
from smarts.ready.store import ReadyStore

_CATALOGUE = "catalogue"


class CannotOpenError(ExplainedError):
    """The node cannot serve; the message says what to mend."""


class Opened(msgspec.Struct, frozen=True):
    """A store, its catalogue, and what is told of that."""

    store: ReadyStore
    goods: Goods
    about: About
    shop: Connector | None = None

    def node(self, tokens: Sequence[str], signing_secrets: Sequence[str] = ()) -> Node:
        """The connection node."""
        sales = [self.shop.sales] if self.shop and self.shop.sales else []
        watching = [self.shop.at_work] if self.shop else []
        return self.store.node(
            tokens, self.goods, signing_secrets=signing_secrets, sales=sales, watching=watching
        )


@contextmanager
def opened(settings: Settings, folder: Path) -> Iterator[Opened]:
    """The store of these settings, whose files are sought from `folder`; its catalogue is watched meanwhile.

    Raises:
        CannotOpenError: the catalogue or a list cannot be read, or the node's data cannot be kept.
        DatabaseUnusableError: the settings name no database that there can be.
    """
    data = settings.node.data
    _require_one_place(settings)
    try:
        data.mkdir(0o700, parents=True, exist_ok=True)
        store = ReadyStore(settings)  # first, since a catalogue may take a while
        reading = _reading(settings)
        if settings.shop_system is None:
            source = source_of(settings.catalogue, folder)
            with Catalogue.open(source, reading, data / _CATALOGUE) as catalogue:
                yield Opened(store, catalogue, catalogue.about)
        else:
            url = database_url(settings.database, data)
            with (
                Connector(settings.shop_system, data, url) as shop,
                _catalogue_of(shop, reading, data) as catalogue,
            ):
                yield Opened(store, shop.catalogue(catalogue, reading), catalogue.about, shop)
    except SourceError as error:
        raise CannotOpenError(str(error)) from None
    except CallFailed as failure:
        raise CannotOpenError(f"the shop system cannot be read: {failure.detail}") from None
    except OSError as error:
        raise CannotOpenError(f"node.data: the node cannot keep anything in {data}: {error}") from None


def _require_one_place(settings: Settings) -> None:
    products = settings.catalogue.file or settings.catalogue.database
    if sum(map(bool, (products, settings.odoo, settings.woocommerce))) > 1:
        raise CannotOpenError("Expected the products in one place: [catalogue], [odoo] or [woocommerce]")


def _catalogue_of(shop: Connector, reading: Reading, data: Path) -> Catalogue:
    """The catalogue of a shop system's mirror, whose cells have the catalogue's own names."""
    asyncio.run(shop.fill())
    return Catalogue.open(shop.source, replace(reading, columns={}), data / _CATALOGUE)


def _reading(settings: Settings) -> Reading:
    return Reading(
        catalogue=settings.catalogue,
        columns=settings.columns,
        scales=settings.scales,
        currency=settings.node.currency,
        time_zone=settings.node.time_zone,
    )
