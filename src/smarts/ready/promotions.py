"""The store's campaigns on products: those of the settings and of files of campaigns, put on the products they are for.

Campaigns that stand in the catalogue's own columns come with its products; these come after them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import msgspec
from msgspec.structs import replace

from smarts.node.names import all_names, fold
from smarts.ready.calendar import Calendar, is_on
from smarts.wire.products import Campaign, Product


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, the products it is for, and its first and last day; for all products where it names none."""

    campaign: Campaign
    barcodes: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    starts: date | None = None
    ends: date | None = None


class Promotions:
    """Finds the campaigns of products by the store's day. Threads may share it."""

    def __init__(self, promotions: Iterable[Promotion], calendar: Calendar) -> None:
        self._promotions = tuple(promotions)
        self._calendar = calendar
        self._day = _OfDay(calendar.today(), self._promotions)

    @property
    def all(self) -> tuple[Promotion, ...]:
        """Those of other days too."""
        return self._promotions

    def on(self, product: Product) -> Product:
        """The product with the campaigns that go on today."""
        day = self._today()
        campaigns = day.campaigns(product)
        return replace(product, campaigns=(*product.campaigns, *campaigns)) if campaigns else product

    def _today(self) -> "_OfDay":
        today = self._calendar.today()
        day = self._day
        if day.day != today:
            self._day = day = _OfDay(today, self._promotions)
        return day


class _OfDay:
    """The campaigns of one day, to be found by what they are for; a campaign's place keeps the order as listed."""

    def __init__(self, day: date, promotions: Iterable[Promotion]) -> None:
        self.day = day
        self._campaigns: list[Campaign] = []
        self._everywhere: list[int] = []
        self._by_barcode: defaultdict[str, list[int]] = defaultdict(list)
        self._by_category: defaultdict[str, list[int]] = defaultdict(list)
        for promotion in promotions:
            if is_on(day, promotion.starts, promotion.ends):
                self._add(promotion)

    def _add(self, promotion: Promotion) -> None:
        place = len(self._campaigns)
        self._campaigns.append(promotion.campaign)
        for barcode in promotion.barcodes:
            self._by_barcode[barcode].append(place)
        for category in {fold(name) for name in promotion.categories}:
            self._by_category[category].append(place)
        if not promotion.barcodes and not promotion.categories:
            self._everywhere.append(place)

    def campaigns(self, product: Product) -> tuple[Campaign, ...]:
        places = {*self._everywhere, *self._by_barcode.get(product.barcode, ())}
        if self._by_category:
            for name in category_names(product):
                places.update(self._by_category.get(name, ()))
        return tuple(self._campaigns[place] for place in sorted(places))


def category_names(product: Product) -> Iterable[str]:
    """What the product's categories and those above them are called, in all languages, folded; their ids too."""
    for category in product.categories:
        yield fold(category.id)
        yield from map(fold, all_names(category.translatable_name))


def counts(promotions: Iterable[Promotion], day: date) -> Mapping[str, int]:
    """How many go on at a day, are still to come, or are over."""
    states = [
        "on"
        if is_on(day, each.starts, each.ends)
        else "to come"
        if each.starts and day < each.starts
        else "over"
        for each in promotions
    ]
    return {state: states.count(state) for state in ("on", "to come", "over")}
