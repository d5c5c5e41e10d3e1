"""A store's own rules for checks: what they ask of a cart that is checked out, and what others would have asked.

They stand beside the node's answer and the inspections of the goods: the strictest counts, and reasons add up. They
are asked whether the store has merchant side control or not.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from smarts.gateway.carts import rules as cart_rules
from smarts.gateway.carts.inspections import decision_for
from smarts.gateway.carts.model import Cart, Reason
from smarts.gateway.carts.view import priced
from smarts.gateway.control import rules as control_rules
from smarts.gateway.control.rules import UNASKED, Facts, Past, StoreRule
from smarts.gateway.control.service import Control
from smarts.gateway.control.store import Check
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.parties import CheckRules, Store
from smarts.wire.control import Decision
from smarts.wire.model import Model
from smarts.wire.times import UtcMillis

MOST_TRIED = 500

_NODE_ASKS = {
    Decision.FULL: Reason("STORE", "The store checks this purchase", {"decision": "FULL"}),
    Decision.AGE: Reason("STORE", "The store checks your age", {"decision": "AGE"}),
}


@dataclass(frozen=True)
class Due:
    """The check that a cart needs, why, and what that was decided on."""

    decision: Decision
    reasons: tuple[Reason, ...]
    facts: Facts


class Decisions(Model, frozen=True, kw_only=True, omit_defaults=False):
    """How many carts are checked in full, for the age alone, or not at all."""

    full: int = 0
    age: int = 0
    no: int = 0


class ReasonCount(Model, frozen=True):
    """For how many carts a reason holds; a cart may have several."""

    code: str
    carts: int


class CheckTrial(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What rules would have done to a store's latest carts, the oldest of which was checked out at `since`.

    `happened` is what was decided then. Each cart counts once, as it was when it was checked out last.
    """

    carts: int
    since: UtcMillis | None = None
    rules: Decisions
    happened: Decisions
    reasons: tuple[ReasonCount, ...]


class StoreRules:
    """The rules of all stores."""

    def __init__(self, control: Control, invoices: Invoices) -> None:
        self._control = control
        self._invoices = invoices

    async def due(self, cart: Cart, store: Store, asked: Decision | None, now: datetime) -> Due:
        """The check that a cart needs; `asked` is what the node decided, None that it should have and did not."""
        reasons = cart_rules.check_reasons(cart, now)
        decision = cart_rules.strictest(asked or Decision.NO, decision_for(reasons))
        if asked in _NODE_ASKS:
            reasons += (_NODE_ASKS[asked],)
        facts = _facts(cart, decision, reasons, unanswered=asked is None)
        (past,) = await self._pasts(store, store.check_rules, [(cart.person_id, now)])
        struck = control_rules.struck(store.check_rules, facts, past)
        reasons += tuple(_WORDED[rule](store) for rule in struck)
        return Due(control_rules.decided(facts, struck), reasons, facts)

    async def trial(self, store: Store, rules: CheckRules) -> CheckTrial:
        """What rules would have done to the store's latest carts; changes nothing.

        Raises:
            ProblemError: 422, the rules say nothing.
        """
        control_rules.require_sound(rules)
        checks = await self._control.decided(store.institution_id, MOST_TRIED)
        known = [(check, check.facts) for check in checks if check.facts]
        asked = [(facts.person_id, check.created_at) for check, facts in known]
        pasts = await self._pasts(store, rules, asked)
        struck = [
            control_rules.struck(rules, facts, past) for (_, facts), past in zip(known, pasts, strict=True)
        ]
        return _trial(known, struck)

    async def _pasts(
        self, store: Store, rules: CheckRules, asked: Sequence[tuple[str, datetime]]
    ) -> Sequence[Past]:
        if not control_rules.ask_for_the_past(rules):
            return [UNASKED] * len(asked)
        latest = await self._invoices.latest_before(store.institution_id, asked)
        people = (person_id for person_id, _ in asked)
        return await self._control.pasts(store.institution_id, list(zip(people, latest, strict=True)))


def _facts(cart: Cart, decision: Decision, reasons: Sequence[Reason], *, unanswered: bool) -> Facts:
    prices = priced(cart)
    return Facts(
        person_id=cart.person_id,
        total=prices.total.total_to_pay,
        pieces=int(sum(line.line.pieces for line in prices.lines)),
        decision=decision,
        reasons=tuple(dict.fromkeys(reason.code for reason in reasons)),
        unanswered=unanswered,
    )


def _trial(known: Sequence[tuple[Check, Facts]], struck: Sequence[tuple[StoreRule, ...]]) -> CheckTrial:
    decided = Counter(
        control_rules.decided(facts, rules) for (_, facts), rules in zip(known, struck, strict=True)
    )
    happened = Counter(check.decision for check, _ in known)
    reasons = Counter[str](code for _, facts in known for code in facts.reasons)
    reasons.update(rule.value for rules in struck for rule in rules)
    return CheckTrial(
        carts=len(known),
        since=UtcMillis.of(known[-1][0].created_at) if known else None,
        rules=_decisions(decided),
        happened=_decisions(happened),
        reasons=tuple(ReasonCount(code, count) for code, count in reasons.most_common()),
    )


def _decisions(counted: Counter[Decision] | Counter[Decision | None]) -> Decisions:
    return Decisions(full=counted[Decision.FULL], age=counted[Decision.AGE], no=counted[Decision.NO])


def _over_total(store: Store) -> Reason:
    most = f"{store.check_rules.total_over:f}"
    parameters = {"total": most, "currency": store.currency.value}
    return Reason(StoreRule.TOTAL, f"Purchases over {most} {store.currency} are checked", parameters)


def _over_pieces(store: Store) -> Reason:
    most = str(store.check_rules.pieces_over)
    return Reason(StoreRule.PIECES, f"Purchases of more than {most} pieces are checked", {"pieces": most})


_WORDED: dict[StoreRule, Callable[[Store], Reason]] = {
    StoreRule.SHARE: lambda _: Reason(StoreRule.SHARE, "This purchase was chosen by chance"),
    StoreRule.FIRST_PURCHASE: lambda _: Reason(
        StoreRule.FIRST_PURCHASE, "The first purchase in a store is checked"
    ),
    StoreRule.TOTAL: _over_total,
    StoreRule.PIECES: _over_pieces,
    StoreRule.AGE: lambda _: Reason(
        StoreRule.AGE, "The store checks everything where there is a limit of age"
    ),
    StoreRule.UNANSWERED: lambda _: Reason(
        StoreRule.UNANSWERED, "The store's system does not answer, so staff look at the purchase"
    ),
}
