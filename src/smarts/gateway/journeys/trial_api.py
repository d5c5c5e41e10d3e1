"""Campaigns tried before they count, over HTTP (`/manage/v1/stores/{id}/campaigns`)."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from smarts.campaigns import (
    Buyer,
    Conflict,
    Step,
    Stretch,
    Trial,
    compile_operation,
    conflicts_of,
    ladder,
)
from smarts.campaigns.code import CampaignCode
from smarts.edge.problems import NODE_DOWN, NODE_NONSENSE, NODE_SLOW, NOT_FOUND, invalid
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.carts.view import EffectDocument, effect_document
from smarts.gateway.journeys.explained import ExplainedCart, explained_cart
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.trial import MOST_CARTS, MOST_LINES, Books, Example, ExampleLine, Tally, Trials
from smarts.gateway.parties import Staff, Store
from smarts.gateway.stores.campaigns import MOST_CAMPAIGNS, flaw_in
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.products import Campaign, Unit
from smarts.wire.text import Identifier
from smarts.wire.times import UtcMillis

Replaced = Annotated[int, Meta(ge=0, le=MOST_CAMPAIGNS - 1)]
CardCode = Annotated[str, Meta(pattern="^[!-~]{1,8}$")]


class CampaignFlaw(Model, frozen=True, kw_only=True):
    """Why a campaign does nothing for anybody: what to mend, and at which character of the operation, from 1.

    `field` is `client`, `card` or `kind`, which are parts of the code, or `operation`.
    """

    field: str
    message: str
    position: int | None = None


class ListedFlaw(CampaignFlaw, frozen=True, kw_only=True):
    """The flaw of the store's campaign at `place`, counted from 0."""

    place: int


class CampaignConflict(Model, frozen=True, kw_only=True):
    """Something odd about the campaign at `place`, counted from 0; `other` is the place of the one that it meets.

    `code` is a word for programs, `message` for people; the campaign counts all the same.
    """

    place: int
    field: str
    code: str
    message: str
    other: int | None = None


class ExampleShopper(Model, frozen=True):
    """Who would buy: whether a client, and with which cards' machine-readable codes."""

    client: bool = False
    card_codes: Annotated[tuple[CardCode, ...], Meta(max_length=20)] = none()


class TriedCampaign(Model, frozen=True, kw_only=True):
    """A campaign to try: in the stead of the store's own at `replaces`, counted from 0, or as its last one."""

    campaign: Campaign
    replaces: Replaced | None = None


class ExampleCart(Model, frozen=True, kw_only=True):
    """What to try on: a cart of the store, or goods that it sells; invented goods where neither is given."""

    cart_id: Identifier | None = None
    lines: Annotated[tuple[ExampleLine, ...], Meta(max_length=MOST_LINES)] = none()
    shopper: ExampleShopper = ExampleShopper()


class CampaignOnExample(ExampleCart, frozen=True, kw_only=True):
    """A campaign, in whose stead it would be, and what to try it on."""

    campaign: Campaign
    replaces: Replaced | None = None


class CampaignOnPastCarts(TriedCampaign, frozen=True, kw_only=True):
    """Which of the store's carts to try it on: the latest paid ones, or those that are named."""

    limit: Annotated[int, Meta(ge=1, le=MOST_CARTS)] = 100
    cart_ids: Annotated[tuple[Identifier, ...], Meta(min_length=1, max_length=MOST_CARTS)] | None = None


class TriedLine(Model, frozen=True, kw_only=True):
    """A line and what it costs, with VAT and its part of the store's campaigns, without this one and with it."""

    barcode: str
    name: str
    quantity: Number
    unit: Unit
    before: Number
    after: Number


class LadderStep(Model, frozen=True, kw_only=True):
    """What the operation gives for these inputs: the kind's, in their order, without VAT. No result has a problem."""

    inputs: tuple[Number, ...]
    result: Number | None = None
    problem: str | None = None


class PlaceTotal(Model, frozen=True, kw_only=True):
    """What the cart costs where the campaign has its turn at places `first` to `last` of the list, from 0."""

    first: int
    last: int
    total: Number


class CampaignEffectOnExample(Model, frozen=True, kw_only=True):
    """What a campaign does to a cart: its own effect, or why it has none, and what is paid without it and with it.

    `places` are what is paid with it elsewhere in the list; `conflicts` what is odd about it there.
    """

    currency: Currency
    effect: EffectDocument
    flaw: CampaignFlaw | None = None
    before: Number
    after: Number
    change: Number
    lines: tuple[TriedLine, ...]
    ladder: tuple[LadderStep, ...]
    places: tuple[PlaceTotal, ...]
    conflicts: tuple[CampaignConflict, ...]


class CampaignBooks(Model, frozen=True, kw_only=True):
    """What the carts cost together with VAT, what all campaigns took off, and in how many of them this one did."""

    turnover: Number
    discount: Number
    carts: int


class CampaignReason(Model, frozen=True):
    """In how many carts this is what became of the campaign."""

    reason: str
    carts: int


class CampaignFault(CampaignReason, frozen=True, kw_only=True):
    """In how many carts the campaign did not work for this reason, in words."""

    words: str


class CampaignTrial(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What a campaign would have done to past carts, the oldest of which was begun at `since`; sums have VAT.

    `struck` is in how many it would have changed what is paid: by `change` in all, `average` each, below zero where
    less would have been paid. `before` is what all carts cost without it. `was` is how they were sold, with the
    campaign that it replaces; `would` how they would have been; `cheaper` and `dearer` in how many less or more would
    be paid.
    """

    carts: int
    since: UtcMillis | None = None
    currency: Currency
    struck: int
    before: Number
    change: Number
    average: Number
    was: CampaignBooks
    would: CampaignBooks
    cheaper: int
    dearer: int
    reasons: tuple[CampaignReason, ...]
    errors: tuple[CampaignFault, ...]


def _flaw(campaign: Campaign) -> CampaignFlaw | None:
    flaw = flaw_in(campaign)
    if flaw is None:
        return None
    return CampaignFlaw(field=flaw.field, message=str(flaw.sentence), position=flaw.position)


def listed_flaws(store: Store) -> tuple[ListedFlaw, ...]:
    """What is wrong with the store's campaigns."""
    found = ((place, flaw_in(campaign)) for place, campaign in enumerate(store.campaigns))
    return tuple(
        ListedFlaw(place=place, field=flaw.field, message=str(flaw.sentence), position=flaw.position)
        for place, flaw in found
        if flaw
    )


def steps_of(campaign: Campaign) -> tuple[tuple[Step, ...], ...]:
    """What a campaign's operation gives for rising inputs; nothing where it cannot run."""
    if flaw_in(campaign):
        return ()
    return ladder(compile_operation(campaign.operation, CampaignCode.parse(campaign.code).kind))


class TrialApi:
    """The handlers."""

    def __init__(self, reach: Reach, trials: Trials) -> None:
        self._reach = reach
        self._trials = trials

    async def _store(self, call: Call[Any, Staff]) -> Store:
        store = await self._reach.store(call.who, call.path["id"])
        place = call.body.replaces
        if place is not None and place >= len(store.campaigns):
            raise invalid("$.replaces", f"Expected the place of one of {len(store.campaigns)} campaigns")
        return store

    async def on_example(self, call: Call[CampaignOnExample, Staff]) -> Any:
        """POST /manage/v1/stores/{id}/campaigns/effect."""
        store, body = await self._store(call), call.body
        tried = await self._trials.with_places(store, body.campaign, body.replaces, _example(body))
        return _effect(*tried, conflicts_beside(store, body.campaign, body.replaces))

    async def explained(self, call: Call[ExampleCart, Staff]) -> Any:
        """POST /manage/v1/stores/{id}/campaigns/explanation."""
        store = await self._reach.store(call.who, call.path["id"])
        return explained_cart(await self._trials.explained(store, _example(call.body)))

    async def on_past_carts(self, call: Call[CampaignOnPastCarts, Staff]) -> Any:
        """POST /manage/v1/stores/{id}/campaigns/trial."""
        store, body = await self._store(call), call.body
        return _tallied(
            await self._trials.on_past_carts(store, body.campaign, body.replaces, body.limit, body.cart_ids)
        )


def conflicts_beside(store: Store, campaign: Campaign, replaces: int | None) -> tuple[Conflict, ...]:
    """What is odd about a campaign in the stead of one of the store's, or as its last one."""
    at = len(store.campaigns) if replaces is None else replaces
    return conflicts_of((*store.campaigns[:at], campaign, *store.campaigns[at + 1 :]), at)


def conflict_document(conflict: Conflict) -> CampaignConflict:
    """Something odd, in English."""
    return CampaignConflict(
        place=conflict.place,
        field=conflict.field,
        code=conflict.oddity,
        message=str(conflict.sentence),
        other=conflict.other,
    )


def _example(body: ExampleCart) -> Example:
    if body.cart_id is not None and body.lines:
        raise invalid("$.lines", "Expected either a cart or lines")
    buyer = Buyer(body.shopper.client, frozenset(body.shopper.card_codes))
    return Example(buyer, body.cart_id, body.lines)


def _effect(
    trial: Trial, places: Sequence[Stretch], conflicts: Sequence[Conflict]
) -> CampaignEffectOnExample:
    campaign = trial.effect.campaign
    return CampaignEffectOnExample(
        currency=trial.with_it.currency,
        effect=effect_document(trial.effect),
        flaw=_flaw(campaign),
        before=trial.without.total.total_to_pay,
        after=trial.with_it.total.total_to_pay,
        change=trial.change,
        lines=tuple(
            TriedLine(
                barcode=after.line.product.barcode,
                name=after.line.product.translatable_name.original_text,
                quantity=after.line.quantity,
                unit=after.line.unit,
                before=before.vat.sum_with_vat,
                after=after.vat.sum_with_vat,
            )
            for before, after in zip(trial.without.lines, trial.with_it.lines, strict=True)
        ),
        ladder=tuple(
            LadderStep(inputs=step.inputs, result=step.result, problem=str(step.problem) or None)
            for steps in steps_of(campaign)
            for step in steps
        ),
        places=tuple(PlaceTotal(first=each.first, last=each.last, total=each.total) for each in places),
        conflicts=tuple(map(conflict_document, conflicts)),
    )


def _tallied(tally: Tally) -> CampaignTrial:
    return CampaignTrial(
        carts=tally.carts,
        since=UtcMillis.of(tally.since) if tally.since else None,
        currency=tally.currency,
        struck=tally.struck,
        before=tally.before,
        change=tally.change,
        average=tally.average,
        was=_books(tally.was),
        would=_books(tally.would),
        cheaper=tally.cheaper,
        dearer=tally.dearer,
        reasons=tuple(CampaignReason(reason, carts) for reason, carts in tally.reasons.most_common()),
        errors=tuple(
            CampaignFault(effect.reason, carts, words=effect.words)
            for effect, carts in tally.most_frequent_faults
        ),
    )


def _books(books: Books) -> CampaignBooks:
    return CampaignBooks(turnover=books.turnover, discount=books.discount, carts=books.carts)


def routes(api: TrialApi, manager: Authenticate[Staff]) -> Sequence[Route]:
    """The managers' rows."""

    def row(path: str, handler: Any, request: Any, response: Any, summary: str, *problems: Any) -> Route:
        return Route("POST", f"/manage/v1/stores/{{id}}/campaigns/{path}", handler, request, response, summary,
                     "manage", manager, problems=(NOT_FOUND, *problems))  # fmt: skip

    return (
        row("effect", api.on_example, CampaignOnExample, CampaignEffectOnExample,
            "What a campaign would do to an example cart, or why not; changes nothing",
            NODE_NONSENSE, NODE_DOWN, NODE_SLOW),
        row("explanation", api.explained, ExampleCart, ExplainedCart,
            "Why a cart costs what it costs: what each campaign did to each line, or why not; changes nothing",
            NODE_NONSENSE, NODE_DOWN, NODE_SLOW),
        row("trial", api.on_past_carts, CampaignOnPastCarts, CampaignTrial,
            "What a campaign would have done to the store's past carts; changes nothing"),
    )  # fmt: skip
