"""A ready node from its settings: the catalogue is opened, the store is put together on it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from smarts.edge.failures import ExplainedError
from smarts.node import Node
from smarts.ready.assortment import Goods
from smarts.ready.catalogue import About, Catalogue, Reading
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

    def node(self, tokens: Sequence[str]) -> Node:
        """The connection node."""
        return self.store.node(tokens, self.goods)


@contextmanager
def opened(settings: Settings, folder: Path) -> Iterator[Opened]:
    """The store of these settings, whose files are sought from `folder`; its catalogue is watched meanwhile.

    Raises:
        CannotOpenError: the catalogue or a list cannot be read, or the node's data cannot be kept.
        DatabaseUnusableError: the settings name no database that there can be.
    """
    data = settings.node.data
    try:
        data.mkdir(parents=True, exist_ok=True)
        store = ReadyStore(settings)  # first, since a catalogue may take a while
        source = source_of(settings.catalogue, folder)
        with Catalogue.open(source, _reading(settings), data / _CATALOGUE) as catalogue:
            yield Opened(store, catalogue, catalogue.about)
    except SourceError as error:
        raise CannotOpenError(str(error)) from None
    except OSError as error:
        raise CannotOpenError(f"node.data: the node cannot keep anything in {data}: {error}") from None


def _reading(settings: Settings) -> Reading:
    return Reading(
        catalogue=settings.catalogue,
        columns=settings.columns,
        scales=settings.scales,
        currency=settings.node.currency,
        time_zone=settings.node.time_zone,
    )
