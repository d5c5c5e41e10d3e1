"""Campaigns tried before they count: on an example cart, and on what the store has sold. Nothing is changed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from smarts.campaigns import (
    Basket,
    Buyer,
    CampaignEffect,
    Candidate,
    CartLine,
    PricedCart,
    Stretch,
    Trial,
    price_cart,
    totals_by_place,
    try_campaign,
)
from smarts.edge.problems import invalid
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import Cart, Line
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import basket_of, cart_line
from smarts.gateway.journeys.example_goods import example_goods
from smarts.gateway.journeys.shop import Shopping, scanned_quantity
from smarts.gateway.parties import Store
from smarts.gateway.storage.remembered import Remembered
from smarts.wire.errors import ProblemError
from smarts.wire.model import Model
from smarts.wire.money import Currency, LooseNumber, rounded
from smarts.wire.products import Campaign, Product, ProductSearchRequest

MOST_CARTS = 500
MOST_LINES = 50
_AT_ONCE = 100  # carts that are read and tried at a time
_FAULTS = 5  # kinds of faults that are told
_PRODUCT_SECONDS = 60.0  # so that typing an operation does not ask the node with every letter


class ExampleLine(Model, frozen=True):
    """Goods by their barcode; how much of them, if not as much as one scan is."""

    barcode: Annotated[str, Meta(min_length=1, max_length=100)]
    quantity: LooseNumber | None = None


@dataclass(frozen=True)
class Example:
    """What to try on: a cart of the store, or goods that it sells, or invented goods; and who would buy them."""

    buyer: Buyer
    cart_id: str | None = None
    lines: Sequence[ExampleLine] = ()


@dataclass
class Books:
    """What carts cost together, what all their campaigns took off, and in how many of them this campaign did."""

    turnover: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    carts: int = 0

    def add(self, prices: PricedCart, *, touched: bool) -> None:
        """Takes a cart into account."""
        self.turnover += prices.total.total_to_pay
        self.discount += sum((line.price_before for line in prices.lines), -prices.total.total_to_pay)
        self.carts += touched


@dataclass
class Tally:
    """What a campaign would have done to past carts; `change` is below zero where it takes something off.

    `was` is what was sold, with the campaign in whose stead it would be; `would` the same with this one. `cheaper` and
    `dearer` count the carts for which less, or more, would have been paid than was.

    `reasons` count what became of it in each cart, `faults` in how many it did not work, by the words about it.
    """

    currency: Currency
    carts: int = 0
    since: datetime | None = None
    struck: int = 0
    before: Decimal = Decimal(0)
    change: Decimal = Decimal(0)
    was: Books = field(default_factory=Books)
    would: Books = field(default_factory=Books)
    cheaper: int = 0
    dearer: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    told: dict[str, CampaignEffect] = field(default_factory=dict)

    @property
    def average(self) -> Decimal:
        """The change of a cart that it struck, rounded."""
        return rounded(self.change / self.struck, self.currency) if self.struck else Decimal(0)

    @property
    def most_frequent_faults(self) -> Iterable[tuple[CampaignEffect, int]]:
        """Some of what went wrong, and in how many carts."""
        return ((self.told[words], carts) for words, carts in self.faults.most_common(_FAULTS))

    def count(self, cart: Cart, trial: Trial, before: Trial | None) -> None:
        """Takes a cart into account: what this campaign does to it, and what the one did that it would replace."""
        self.carts += 1
        self.since = min(self.since or cart.created_at, cart.created_at)
        self.before += trial.without.total.total_to_pay
        self.change += trial.change
        self.struck += trial.effect.changed
        was, would = before.with_it if before else trial.without, trial.with_it
        self.was.add(was, touched=before is not None and before.effect.changed)
        self.would.add(would, touched=trial.effect.changed)
        self.cheaper += would.total.total_to_pay < was.total.total_to_pay
        self.dearer += would.total.total_to_pay > was.total.total_to_pay
        self.reasons[trial.effect.reason] += 1
        if trial.effect.is_error:
            self.faults[trial.effect.words] += 1
            self.told.setdefault(trial.effect.words, trial.effect)


class Trials:
    """Tries campaigns."""

    def __init__(self, carts: Carts, shopping: Shopping) -> None:
        self._carts = carts
        self._shopping = shopping
        self._products: Remembered[Product] = Remembered(self._ask, seconds=_PRODUCT_SECONDS, most=2000)

    async def on_example(
        self, store: Store, campaign: Campaign, place: int | None, example: Example
    ) -> Trial:
        """What a campaign does to a cart, among the store's others; in the stead of the one at a place, or as the last.

        Raises:
            ProblemError: 404 there is no such cart, 422 the store does not sell something, 502 to 504 the node fails.
        """
        return (await self.with_places(store, campaign, place, example))[0]

    async def with_places(
        self, store: Store, campaign: Campaign, place: int | None, example: Example
    ) -> tuple[Trial, tuple[Stretch, ...]]:
        """The same, and what the cart costs with the campaign at other places of the list.

        Raises:
            ProblemError: as above.
        """
        basket = Basket(await self._lines(store, example), example.buyer, store.currency)
        old = None if place is None else store.campaigns[place]
        candidate = _candidate(campaign, store.campaigns, old)
        trial = try_campaign(candidate, basket)
        return trial, await asyncio.to_thread(totals_by_place, candidate, basket)

    async def explained(self, store: Store, example: Example) -> PricedCart:
        """A cart with what each campaign did to each line and to the whole, or why not.

        A cart of the store has its own shopper, and the campaigns that it was begun with.

        Raises:
            ProblemError: as above.
        """
        if example.cart_id is not None:
            (cart,) = await self._carts.in_store(store.institution_id, [example.cart_id])
            basket, campaigns = basket_of(cart), cart.head.campaigns
        else:
            basket = Basket(await self._lines(store, example), example.buyer, store.currency)
            campaigns = store.campaigns
        return price_cart(basket.lines, campaigns, basket.buyer, basket.currency, thorough=True)

    async def on_past_carts(
        self,
        store: Store,
        campaign: Campaign,
        place: int | None,
        limit: int,
        cart_ids: Sequence[str] | None = None,
    ) -> Tally:
        """What a campaign would have done to the latest paid carts, or to certain ones, beside their campaigns of then.

        Where it stands for one that a cart knew already, it takes that one's place.

        Raises:
            ProblemError: 404, there is no such cart.
        """
        old = None if place is None else store.campaigns[place]
        tally = Tally(store.currency)
        async for carts in self._past(store, limit, cart_ids):
            await asyncio.to_thread(_count, tally, carts, campaign, old)
        return tally

    async def latest(self, store: Store, limit: int) -> list[Cart]:
        """The store's latest paid carts whose goods are still kept."""
        return await self._carts.past(store.institution_id, limit)

    async def _past(
        self, store: Store, limit: int, cart_ids: Sequence[str] | None
    ) -> AsyncIterator[list[Cart]]:
        if cart_ids is not None:
            for start in range(0, len(cart_ids), _AT_ONCE):
                yield await self._carts.in_store(store.institution_id, cart_ids[start : start + _AT_ONCE])
            return
        last: Cart | None = None
        for left in range(limit, 0, -_AT_ONCE):
            carts = await self._carts.past(store.institution_id, min(left, _AT_ONCE), last)
            yield carts
            if len(carts) < _AT_ONCE:
                return
            last = carts[-1]

    async def _lines(self, store: Store, example: Example) -> Sequence[CartLine]:
        if example.cart_id is not None:
            (cart,) = await self._carts.in_store(store.institution_id, [example.cart_id])
            return basket_of(cart).lines
        if not example.lines:
            return example_goods()
        asked = (self._line(store, place, line) for place, line in enumerate(example.lines))
        return await asyncio.gather(*asked)

    async def _line(self, store: Store, place: int, line: ExampleLine) -> CartLine:
        path = f"$.lines[{place}]"
        try:
            product = await self._products.get(f"{store.institution_id}\n{line.barcode}")
        except ProblemError as error:
            if error.problem.status != 404:
                raise
            raise invalid(f"{path}.barcode", f"The store does not sell {line.barcode}") from None
        quantity = scanned_quantity(product) if line.quantity is None else line.quantity
        rules.require_quantity(quantity, product, f"{path}.quantity")
        try:
            return cart_line(Line(str(place), product, quantity))
        except ValueError as error:
            raise invalid(f"{path}.quantity", str(error)) from None

    async def _ask(self, key: str) -> Product:
        institution_id, _, barcode = key.partition("\n")
        request = ProductSearchRequest(barcode=barcode, institution_id=institution_id)
        return await self._shopping.sold(institution_id, request)


def _candidate(campaign: Campaign, listed: Sequence[Campaign], old: Campaign | None) -> Candidate:
    """A campaign among others: where an old one stood that it replaces, else the last one."""
    place = listed.index(old) if old in listed else len(listed)
    others = (*listed[:place], *listed[place + 1 :])
    return Candidate(replace(campaign), others, place)


def _count(tally: Tally, carts: Sequence[Cart], campaign: Campaign, old: Campaign | None) -> None:
    # In a thread of its own: hundreds of carts take a good part of a second.
    for cart in carts:
        if cart.head.currency is tally.currency:
            listed, basket = cart.head.campaigns, basket_of(cart)
            before = try_campaign(_candidate(old, listed, old), basket) if old and old in listed else None
            tally.count(cart, try_campaign(_candidate(campaign, listed, old), basket), before)
