"""A store's own rules for checks, tried on its latest carts while they are typed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.edge.problems import WRONG_SHAPE
from smarts.gateway.control.rules import LARGEST_TOTAL, MOST_PIECES
from smarts.gateway.journeys.check_rules import StoreRules
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.set_up import SettingUp, StoreChange
from smarts.gateway.parties import AgeCheck, CheckRules, Store, Unanswered
from smarts.gateway.web.forms import Form, field_errors, read_form
from smarts.gateway.web.languages import language_of, typed
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.pages import render
from smarts.gateway.web.sessions import Sessions
from smarts.wire.errors import FieldError, Problem, ProblemError

_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,3})?", re.ASCII)
_STEPS = {"share": Decimal("0.1"), "totalOver": Decimal("0.01"), "piecesOver": Decimal(1)}
_MOST = {"share": Decimal(100), "totalOver": LARGEST_TOTAL, "piecesOver": Decimal(MOST_PIECES)}


@dataclass(frozen=True)
class CheckRulesPages:
    """The handlers."""

    reach: Reach
    rules: StoreRules
    setting_up: SettingUp

    async def rules_page(self, request: Request) -> Response:
        """GET /manage/stores/{id}/check-rules: the rules, and what they would have done."""
        store = await managed(self.reach, request)
        return await self._page(
            request, store, _as_typed(store.check_rules, language_of(request)), store.check_rules
        )

    async def _page(
        self,
        request: Request,
        store: Store,
        form: Mapping[str, str],
        rules: CheckRules | None,
        problem: Problem | None = None,
    ) -> Response:
        trial = await self.rules.trial(store, rules) if rules else None
        return page(request, "manage/check_rules.html", store, problem, typed=form, trial=trial)

    async def save(self, request: Request) -> Response:
        """POST /manage/stores/{id}/check-rules: keeps the rules, or tries them where that is all that was asked."""
        store, form = await managed(self.reach, request), await read_form(request)
        try:
            rules = _rules(form)
            if form.get("try"):
                return await self._page(request, store, form, rules)
            await self.setting_up.change(store, StoreChange(check_rules=rules))
        except ProblemError as error:
            return await self._page(request, store, form, None, error.problem)
        return back(store, "/check-rules?done=saved")

    async def trial(self, request: Request) -> Response:
        """POST /manage/stores/{id}/check-rules/trial: what typed rules would have done, or which make no sense."""
        store, form = await managed(self.reach, request), await read_form(request)
        try:
            trial, problem = await self.rules.trial(store, _rules(form)), None
        except ProblemError as error:
            trial, problem = None, error.problem
        return render(
            request, "manage/check_rules_trial.html", store=store, trial=trial, errors=field_errors(problem)
        )


def _as_typed(rules: CheckRules, language: str) -> Mapping[str, str]:
    numbers = {
        "share": rules.share * 100 or None,
        "totalOver": rules.total_over,
        "piecesOver": rules.pieces_over,
    }
    return {
        **{name: "" if value is None else typed(value, language) for name, value in numbers.items()},
        "firstPurchase": "on" if rules.first_purchase else "",
        "age": rules.age,
        "unanswered": rules.unanswered,
    }


def _rules(form: Form) -> CheckRules:
    numbers, wrong = dict[str, Decimal | None](), list[FieldError]()
    for field in _STEPS:
        try:
            numbers[field] = _number(form.get(field, ""), field)
        except ValueError as error:
            wrong.append(FieldError(f"$.{field}", str(error)))
    if form.get("age") not in set(AgeCheck):
        wrong.append(FieldError("$.age", "Expected AGE or FULL"))
    if form.get("unanswered", Unanswered.STAFF) not in set(Unanswered):
        wrong.append(FieldError("$.unanswered", "Expected STAFF or RULES"))
    if wrong:
        raise WRONG_SHAPE.error(errors=tuple(wrong))
    pieces = numbers["piecesOver"]
    return CheckRules(
        share=(numbers["share"] or Decimal(0)) / 100,
        first_purchase=bool(form.get("firstPurchase")),
        total_over=numbers["totalOver"],
        pieces_over=None if pieces is None else int(pieces),
        age=AgeCheck(form["age"]),
        unanswered=Unanswered(form.get("unanswered", Unanswered.STAFF)),
    )


def _number(text: str, field: str) -> Decimal | None:
    """What was typed, with a comma or a point, and nothing for nothing."""
    plain = "".join(text.split()).replace(",", ".")
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain) or Decimal(plain) > _MOST[field] or Decimal(plain) % _STEPS[field]:
        raise ValueError(f"Expected a number from 0 to {_MOST[field]} in steps of {_STEPS[field]}")
    return Decimal(plain)


def routes(pages: CheckRulesPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(
        sessions,
        ("GET /check-rules", pages.rules_page),
        ("POST /check-rules", pages.save),
        ("POST /check-rules/trial", pages.trial),
    )
