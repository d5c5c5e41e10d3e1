"""A store's own campaigns: the list, whose order counts, and an editor that tries what is typed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.campaigns import Conflict, Stretch, Trial, conflicts_in
from smarts.edge.problems import NOT_FOUND
from smarts.gateway.carts.view import amount_due
from smarts.gateway.journeys.broken_campaigns import OPERATION
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.trial import Tally, Trials
from smarts.gateway.journeys.trial_api import conflicts_beside, steps_of
from smarts.gateway.nodes.states import States
from smarts.gateway.parties import Store
from smarts.gateway.storage.database import Database
from smarts.gateway.stores import campaigns as rules
from smarts.gateway.stores.service import Stores
from smarts.gateway.web.forms import path_parameter, read_form
from smarts.gateway.web.manage import campaign_form
from smarts.gateway.web.manage.campaign_form import BEGINNINGS, Typed, typed_campaign, typed_of
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Sessions
from smarts.wire.errors import Problem, ProblemError
from smarts.wire.products import Campaign

_EXAMPLES = 10
_MOST_REPORTS = 200  # more are not kept
_LIST = "/campaigns"


@dataclass(frozen=True)
class CampaignPages:
    """The handlers."""

    database: Database
    stores: Stores
    reach: Reach
    states: States
    trials: Trials

    async def campaigns(self, request: Request) -> Response:
        """GET /manage/stores/{id}/campaigns."""
        return await self._list(request, await managed(self.reach, request))

    async def _list(
        self, request: Request, store: Store, problem: Problem | None = None, **values: Any
    ) -> Response:
        reports = await self.states.reports(store.institution_id, _MOST_REPORTS, None)
        return page(
            request,
            "manage/campaigns.html",
            store,
            problem,
            campaigns=rules.keyed(store.campaigns),
            flaw_in=rules.flaw_in,
            conflicts=_by_place(conflicts_in(store.campaigns)),
            reports=[report for report in reports if report.operation == OPERATION],
            **{"deleted": None, "place": 0} | values,
        )

    async def new(self, request: Request) -> Response:
        """GET /manage/stores/{id}/campaigns/new: empty, as a copy of another, or with an operation to begin with."""
        store = await managed(self.reach, request)
        copied = rules.keyed(store.campaigns).get(request.query_params.get("copy", ""))
        typed = typed_campaign("", copied) if copied else Typed()
        return await self._editor(request, store, _begun(request, typed))

    async def edit(self, request: Request) -> Response:
        """GET /manage/stores/{id}/campaigns/{key}."""
        store, key = await managed(self.reach, request), path_parameter(request, "key")
        try:
            campaign = store.campaigns[rules.place_of(store.campaigns, key)]
        except ProblemError as error:
            return await self._list(request, store, error.problem)
        return await self._editor(request, store, _begun(request, typed_campaign(key, campaign)))

    async def save(self, request: Request) -> Response:
        """POST /manage/stores/{id}/campaigns/save: a new campaign, or in the place of the one with the form's key."""
        store, typed = await managed(self.reach, request), typed_of(await read_form(request))
        campaign = replace(typed, operation=typed.operation.strip()).campaign
        try:
            rules.require_sound(typed.campaign)
            if typed.key:
                await self._change(store, lambda now: rules.with_changed(now, typed.key, campaign))
            else:
                await self._change(store, lambda now: rules.with_campaign(now, campaign))
        except ProblemError as error:
            # What is there no more cannot be changed: saved again, it is a new one.
            kept = typed if error.problem.errors else replace(typed, key="")
            return await self._editor(request, store, kept, error.problem)
        return back(store, f"{_LIST}?done=saved")

    async def effect(self, request: Request) -> Response:
        """POST /manage/stores/{id}/campaigns/effect: what the typed campaign does to the example."""
        store, typed = await managed(self.reach, request), typed_of(await read_form(request))
        if _takes_pages(request):
            return await self._editor(request, store, typed)
        return render(request, "manage/campaign_effect.html", **await self._tried(store, typed))

    async def trial(self, request: Request) -> Response:
        """POST /manage/stores/{id}/campaigns/trial: what it would have done to past purchases."""
        store, typed = await managed(self.reach, request), typed_of(await read_form(request))
        tally = await self.trials.on_past_carts(store, typed.campaign, _place(store, typed), typed.limit)
        if _takes_pages(request):
            return await self._editor(request, store, typed, tally=tally)
        return render(request, "manage/campaign_trial.html", store=store, tally=tally)

    async def move(self, request: Request) -> Response:
        """POST /manage/stores/{id}/campaigns/{key}/move."""
        store, key = await managed(self.reach, request), path_parameter(request, "key")
        by = -1 if (await read_form(request)).get("direction") == "up" else 1
        try:
            await self._change(store, lambda now: rules.with_moved(now, key, by))
        except ProblemError as error:
            return await self._list(request, store, error.problem)
        return back(store, f"{_LIST}#c-{key}")

    async def ask_to_delete(self, request: Request) -> Response:
        """GET /manage/stores/{id}/campaigns/{key}/delete."""
        store, key = await managed(self.reach, request), path_parameter(request, "key")
        campaign = rules.keyed(store.campaigns).get(key)
        if campaign is None:
            raise NOT_FOUND.error("There is no such campaign")
        return page(request, "manage/campaign_delete.html", store, key=key, campaign=campaign)

    async def delete(self, request: Request) -> Response:
        """POST /manage/stores/{id}/campaigns/{key}/delete: the page itself offers to undo it, with what was deleted."""
        store, key = await managed(self.reach, request), path_parameter(request, "key")
        before = [store]

        def rule(now: Store) -> Store:
            before[0] = now
            return rules.without_campaign(now, key)

        try:
            changed = await self._change(store, rule)
        except ProblemError as error:
            return await self._list(request, store, error.problem)
        place = rules.place_of(before[0].campaigns, key)
        return await self._list(request, changed, deleted=before[0].campaigns[place], place=place)

    async def restore(self, request: Request) -> Response:
        """POST /manage/stores/{id}/campaigns/restore: what was deleted is there again, where it was."""
        store, form = await managed(self.reach, request), await read_form(request)
        campaign = Campaign(form.get("name", ""), form.get("code", ""), form.get("operation", ""))
        place = form.get("place", "")
        at = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else rules.MOST_CAMPAIGNS
        try:
            await self._change(store, lambda now: rules.with_campaign(now, campaign, at))
        except ProblemError as error:
            return await self._list(request, store, error.problem)
        return back(store, f"{_LIST}?done=restored")

    async def _change(self, store: Store, rule: Callable[[Store], Store]) -> Store:
        async with self.database.transaction() as tx:
            changed = await self.stores.change(tx, store.institution_id, rule)
        self.stores.forget(store.institution_id)
        return changed

    async def _editor(
        self,
        request: Request,
        store: Store,
        typed: Typed,
        problem: Problem | None = None,
        tally: Tally | None = None,
    ) -> Response:
        latest = await self.trials.latest(store, _EXAMPLES)
        return page(
            request,
            "manage/campaign.html",
            store,
            problem,
            form=campaign_form,
            examples=[(cart, amount_due(cart)) for cart in latest],
            tally=tally,
            **await self._tried(store, typed),
        )

    async def _tried(self, store: Store, typed: Typed) -> dict[str, Any]:
        """What the effect's part of the page shows."""
        campaign, place, trouble = typed.campaign, _place(store, typed), None
        trial: Trial | None = None
        places: Sequence[Stretch] = ()
        try:
            trial, places = await self.trials.with_places(store, campaign, place, typed.tried_on())
        except ProblemError as error:
            trouble = error.problem
        return {
            "typed": typed,
            "flaw": rules.flaw_in(campaign),
            "trial": trial,
            "trouble": trouble,
            "places": places,
            "place": len(store.campaigns) if place is None else place,
            "conflicts": conflicts_beside(store, campaign, place),
            "steps": steps_of(campaign),
            "currency": store.currency,
        }


def _begun(request: Request, typed: Typed) -> Typed:
    """What is typed already, with an operation to begin with where the address names one."""
    kind, operation = BEGINNINGS.get(request.query_params.get("begin", ""), (typed.kind, typed.operation))
    return replace(typed, kind=str(kind), operation=operation)


def _place(store: Store, typed: Typed) -> int | None:
    """Where the edited campaign is; nowhere where somebody has changed it meanwhile."""
    keys = list(rules.keyed(store.campaigns))
    return keys.index(typed.key) if typed.key in keys else None


def _by_place(conflicts: Iterable[Conflict]) -> Mapping[int, list[Conflict]]:
    found = defaultdict[int, list[Conflict]](list)
    for conflict in conflicts:
        found[conflict.place].append(conflict)
    return found


def _takes_pages(request: Request) -> bool:
    """Whether a browser goes there; a script that puts a part into the page asks for no page."""
    return "text/html" in request.headers.get("accept", "")


def routes(pages: CampaignPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(
        sessions,
        ("GET /campaigns", pages.campaigns),
        ("GET /campaigns/new", pages.new),
        ("POST /campaigns/save", pages.save),
        ("POST /campaigns/effect", pages.effect),
        ("POST /campaigns/trial", pages.trial),
        ("POST /campaigns/restore", pages.restore),
        ("GET /campaigns/{key}", pages.edit),
        ("POST /campaigns/{key}/move", pages.move),
        ("GET /campaigns/{key}/delete", pages.ask_to_delete),
        ("POST /campaigns/{key}/delete", pages.delete),
    )
