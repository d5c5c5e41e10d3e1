"""Campaigns tried before they count, over HTTP (`/manage/v1/stores/{id}/campaigns`)."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from smarts.campaigns import Buyer, Step, Trial, compile_operation, ladder
from smarts.campaigns.code import CampaignCode
from smarts.edge.problems import NODE_DOWN, NODE_NONSENSE, NODE_SLOW, NOT_FOUND, invalid
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.carts.view import EffectDocument, effect_document
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.trial import MOST_CARTS, MOST_LINES, Example, ExampleLine, Tally, Trials
from smarts.gateway.parties import Staff, Store
from smarts.gateway.stores.campaigns import flaw_in
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.products import Campaign, Unit
from smarts.wire.text import Identifier
from smarts.wire.times import UtcMillis

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


class ExampleShopper(Model, frozen=True):
    """Who would buy: whether a client, and with which cards' machine-readable codes."""

    client: bool = False
    card_codes: Annotated[tuple[CardCode, ...], Meta(max_length=20)] = none()


class TriedCampaign(Model, frozen=True, kw_only=True):
    """A campaign to try: in the stead of the store's own at `replaces`, counted from 0, or as its last one."""

    campaign: Campaign
    replaces: Annotated[int, Meta(ge=0, le=199)] | None = None


class CampaignOnExample(TriedCampaign, frozen=True, kw_only=True):
    """What to try it on: a cart of the store, or goods that it sells; invented goods where neither is given."""

    cart_id: Identifier | None = None
    lines: Annotated[tuple[ExampleLine, ...], Meta(max_length=MOST_LINES)] = none()
    shopper: ExampleShopper = ExampleShopper()


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


class CampaignEffectOnExample(Model, frozen=True, kw_only=True):
    """What a campaign does to a cart: its own effect, or why it has none, and what is paid without it and with it."""

    currency: Currency
    effect: EffectDocument
    flaw: CampaignFlaw | None = None
    before: Number
    after: Number
    change: Number
    lines: tuple[TriedLine, ...]
    ladder: tuple[LadderStep, ...]


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
    less would have been paid. `before` is what all carts cost without it.
    """

    carts: int
    since: UtcMillis | None = None
    currency: Currency
    struck: int
    before: Number
    change: Number
    average: Number
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
        if body.cart_id is not None and body.lines:
            raise invalid("$.lines", "Expected either a cart or lines")
        buyer = Buyer(body.shopper.client, frozenset(body.shopper.card_codes))
        example = Example(buyer, body.cart_id, body.lines)
        return _effect(await self._trials.on_example(store, body.campaign, body.replaces, example))

    async def on_past_carts(self, call: Call[CampaignOnPastCarts, Staff]) -> Any:
        """POST /manage/v1/stores/{id}/campaigns/trial."""
        store, body = await self._store(call), call.body
        return _tallied(
            await self._trials.on_past_carts(store, body.campaign, body.replaces, body.limit, body.cart_ids)
        )


def _effect(trial: Trial) -> CampaignEffectOnExample:
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
        reasons=tuple(CampaignReason(reason, carts) for reason, carts in tally.reasons.most_common()),
        errors=tuple(
            CampaignFault(effect.reason, carts, words=effect.words)
            for effect, carts in tally.most_frequent_faults
        ),
    )


def routes(api: TrialApi, manager: Authenticate[Staff]) -> Sequence[Route]:
    """The managers' rows."""

    def row(path: str, handler: Any, request: Any, response: Any, summary: str, *problems: Any) -> Route:
        return Route("POST", f"/manage/v1/stores/{{id}}/campaigns/{path}", handler, request, response, summary,
                     "manage", manager, problems=(NOT_FOUND, *problems))  # fmt: skip

    return (
        row("effect", api.on_example, CampaignOnExample, CampaignEffectOnExample,
            "What a campaign would do to an example cart, or why not; changes nothing",
            NODE_NONSENSE, NODE_DOWN, NODE_SLOW),
        row("trial", api.on_past_carts, CampaignOnPastCarts, CampaignTrial,
            "What a campaign would have done to the store's past carts; changes nothing"),
    )  # fmt: skip
