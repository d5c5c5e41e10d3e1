"""A ready store: all features that its settings ask for, on one catalogue and one database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from smarts.node import Node
from smarts.ready.assortment import Assortment, Goods
from smarts.ready.calendar import Calendar
from smarts.ready.campaign_lists import of_settings, read_campaigns
from smarts.ready.cards import COLUMNS, NEEDED, Card, CardBonus, CardList, Cards, read_card
from smarts.ready.checks import Checks, Find
from smarts.ready.database import Database, database_url
from smarts.ready.lists import Listed, RowRefusedError, Watched, file_rows, listed, require_columns
from smarts.ready.offers import Offers
from smarts.ready.promotions import Promotions
from smarts.ready.receipts import Receipts
from smarts.ready.records import Invoices, Orders
from smarts.ready.sales import Sales
from smarts.ready.settings import Settings
from smarts.ready.tables import METADATA

_LOOK_EVERY = 2.0  # seconds between looks whether a list's file has changed

Watching = Callable[[], AbstractAsyncContextManager[None]]


class ReadyStore:
    """What a node is made of, but for its catalogue.

    Raises:
        SourceError: a list of campaigns or cards cannot be read.
        DatabaseUnusableError: the settings name no database that there can be.
    """

    def __init__(self, settings: Settings, calendar: Calendar | None = None) -> None:
        self.settings = settings
        self.calendar = calendar or Calendar(settings.node.time_zone)
        self.database = Database(database_url(settings.database, settings.node.data), METADATA)
        self.campaign_files = [
            Watched(each.file, read_campaigns, self._renew_promotions)
            for each in settings.campaigns
            if each.file
        ]
        self.card_file = self._watched_cards()
        self._own_promotions = of_settings(settings.campaigns)
        self._renew_promotions()
        self._renew_cards()
        self._loyalty = self._cards()

    def node(
        self,
        tokens: Sequence[str],
        goods: Goods,
        *,
        signing_secrets: Sequence[str] = (),
        sales: Sequence[Sales] = (),
        watching: Sequence[Watching] = (),
    ) -> Node:
        """The connection node of the store with this catalogue.

        `sales` are shop systems that take what was sold; `watching` is entered while it serves.
        """
        assortment = Assortment(goods, lambda: self.promotions)

        @asynccontextmanager
        async def lifespan() -> AsyncIterator[None]:
            async with AsyncExitStack() as stack:
                for each in (self._looking_after_lists, *watching):
                    await stack.enter_async_context(each())
                yield
            self.database.close()

        return Node(
            assortment,
            *self._optional(assortment.find, sales),
            token=tokens,
            name=self.settings.node.name,
            version=version("smarts"),
            lifespan=lifespan,
            signing_secrets=signing_secrets,
        )

    @property
    def lists(self) -> Iterator[Watched[Any]]:
        """The files that are looked after beside the catalogue."""
        yield from self.campaign_files
        if self.card_file:
            yield self.card_file

    def look_after_lists(self) -> None:
        """Reads the lists anew whose files have changed."""
        for each in self.lists:
            each.look()

    def _optional(self, find: Find, sales: Sequence[Sales]) -> Iterator[object]:
        settings, common = self.settings, (self.database, self.calendar)
        yield Invoices(*common, sales)
        if settings.checks:
            yield Checks(settings.checks, find, *common)
        if settings.receipts:
            sold = (find, self._card_codes)
            yield Receipts(settings.receipts, settings.node.currency, *sold, *common, sales)
        if settings.orders:
            yield Orders(*common, sales)
        if self._loyalty and settings.loyalty:
            yield self._loyalty
            if settings.loyalty.bonus:
                yield CardBonus(self._loyalty, settings.node.currency)
        if settings.offers:
            yield Offers(settings.offers, find, self._card_codes)

    def _card_codes(self, person_id: str | None, shown: Sequence[Any]) -> frozenset[str]:
        return self._loyalty.codes(person_id, shown) if self._loyalty else frozenset()

    def _cards(self) -> Cards | None:
        loyalty = self.settings.loyalty
        if loyalty is None:
            return None
        return Cards(lambda: self.card_list, loyalty.country_code, self.database, self.calendar)

    def _watched_cards(self) -> Watched[Card] | None:
        loyalty = self.settings.loyalty
        if loyalty is None:
            return None
        return Watched(
            loyalty.file, partial(_read_cards, country_code=loyalty.country_code), self._renew_cards
        )

    def _renew_promotions(self) -> None:
        listed_ones = (each for file in self.campaign_files for each in file.listed.items)
        self.promotions = Promotions((*self._own_promotions, *listed_ones), self.calendar)

    def _renew_cards(self) -> None:
        self.card_list = CardList(self.card_file.listed.items if self.card_file else ())

    @asynccontextmanager
    async def _looking_after_lists(self) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look_after_lists())
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    async def _look_after_lists(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            await asyncio.to_thread(self.look_after_lists)


def _read_cards(file: Path, country_code: str) -> Listed[Card]:
    seen: set[str] = set()

    def read(cells: Any) -> Card:
        card = read_card(cells, country_code)
        if card.number in seen:
            raise RowRefusedError("number", f"{card.number} is there twice; the first one counts")
        seen.add(card.number)
        return card

    return listed(require_columns(file_rows(file), COLUMNS, NEEDED), read)
