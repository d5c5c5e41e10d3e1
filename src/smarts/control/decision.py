"""The decision on a cart: a pure function of a policy, the cart, the shopper's history and a seed."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import sha256

from smarts.control.cart import CheckedCart
from smarts.control.history import History
from smarts.control.knowledge import Knowledge
from smarts.control.policy import AgeCheck, InspectedCheck, Policy, Unanswered
from smarts.control.reasons import FAULT_FOUND, MIN_AGE, NODE, Reason, Rule, reason
from smarts.control.rescans import RescanPiece, choose
from smarts.control.rulings import Chances, Ruling, chances, rules_are_on, rulings
from smarts.control.seed import Seed
from smarts.wire.codec import encode
from smarts.wire.control import Decision
from smarts.wire.model import Model, none

_NOTHING_KNOWN = Knowledge()
_WHOLE = frozenset({Rule.ESTIMATE, Rule.AFTER_FAILED, Rule.LEFT, Rule.AGE, Rule.UNANSWERED})
_NODE_ASKS = {
    Decision.FULL: Reason(NODE, "The store checks this purchase", {"decision": "FULL"}),
    Decision.AGE: Reason(NODE, "The store checks your age", {"decision": "AGE"}),
}


class Outcome(Model, frozen=True, kw_only=True):
    """What was decided: FULL looks at everything where `rescan` is None, else at those pieces.

    `by_chance` says that nothing but chance asked for the check, `probe` that it belongs to the random part kept apart
    for the estimate of the store's loss, `chances` how likely both were. A lock holds for `lock_minutes`, or as long
    as the installation has it.
    """

    decision: Decision
    rescan: tuple[RescanPiece, ...] | None = None
    reasons: tuple[Reason, ...] = none()
    by_chance: bool = False
    probe: bool = False
    chances: Chances = Chances()
    lock_minutes: int | None = None


class Inputs(Model, frozen=True, kw_only=True):
    """All that a decision comes from, beside the policy; the seed in hexadecimal digits."""

    cart: CheckedCart
    history: History
    seed: str
    knowledge: Knowledge = Knowledge()


def decide(
    policy: Policy, cart: CheckedCart, history: History, seed: Seed, knowledge: Knowledge = _NOTHING_KNOWN
) -> Outcome:
    """Whether staff look at the cart, at what of it, and why: the strictest counts, and reasons add up."""
    asked = _asked(policy, cart, history)
    ruled = [*rulings(policy, cart, history, seed), *_follow(policy, cart, asked)]
    struck = [ruling for ruling in ruled if ruling.struck]
    reasons = (*asked, *dict.fromkeys(_told(ruling, policy, cart) for ruling in struck))
    decision = Decision.FULL if struck else _strictest_of(asked)
    return Outcome(
        decision=decision,
        rescan=_rescan(policy, cart, asked, struck, seed, knowledge) if decision is Decision.FULL else None,
        reasons=reasons,
        by_chance=bool(struck)
        and _strictest_of(asked) is not Decision.FULL
        and all(ruling.by_chance for ruling in struck),
        probe=any(ruling.rule is Rule.ESTIMATE for ruling in struck),
        chances=chances(policy, cart, history),
        lock_minutes=policy.lock_minutes,
    )


def inputs_digest(policy: Policy, inputs: Inputs) -> bytes:
    """SHA-256 of all that a decision comes from: the same digest, the same decision."""
    return sha256(encode((policy, inputs))).digest()


def replayed(policy: Policy, inputs: Inputs) -> Outcome:
    """The decision that follows from what was kept."""
    return decide(policy, inputs.cart, inputs.history, Seed.fromhex(inputs.seed), inputs.knowledge)


def age_asked(policy: Policy, cart: CheckedCart, history: History) -> int | None:
    """From how many years on the shopper has to be, where staff have to see that; None where they need not."""
    ages = [int(each.parameters["age"]) for each in _asked(policy, cart, history) if each.code == MIN_AGE]
    return max(ages, default=None)


def _asked(policy: Policy, cart: CheckedCart, history: History) -> tuple[Reason, ...]:
    """What goods and node ask for, without an age that staff have seen of late."""
    within = timedelta(days=policy.age_days)
    seen = max((fact.age for fact in history.ages if cart.at - fact.at < within), default=-1)
    limits = [int(each.parameters["age"]) for each in cart.goods if each.code == MIN_AGE]
    asked = tuple(each for each in cart.goods if each.code != MIN_AGE or int(each.parameters["age"]) > seen)
    node = cart.node
    if node is Decision.AGE and limits and max(limits) <= seen:
        node = Decision.NO  # the node wants the age looked at for these goods, and it was
    return (*asked, _NODE_ASKS[node]) if node in _NODE_ASKS else asked


def _follow(policy: Policy, cart: CheckedCart, asked: Sequence[Reason]) -> Iterable[Ruling]:
    """The rules that follow from what node and goods ask for, or do not say."""
    if policy.age is AgeCheck.FULL:
        yield Ruling(rule=Rule.AGE, struck=_strictest_of(asked) is Decision.AGE)
    if cart.node is None:
        to_staff = policy.unanswered is Unanswered.STAFF or not rules_are_on(policy, cart)
        yield Ruling(rule=Rule.UNANSWERED, struck=to_staff)


def _strictest_of(asked: Sequence[Reason]) -> Decision:
    if not asked:
        return Decision.NO
    return Decision.AGE if all(map(_is_of_age, asked)) else Decision.FULL


def _is_of_age(each: Reason) -> bool:
    return each.code == MIN_AGE or each == _NODE_ASKS[Decision.AGE]


def _rescan(
    policy: Policy,
    cart: CheckedCart,
    asked: Sequence[Reason],
    struck: Sequence[Ruling],
    seed: Seed,
    knowledge: Knowledge,
) -> tuple[RescanPiece, ...] | None:
    wanted = [each for each in asked if not _is_of_age(each)]
    whole = any(each.code == FAULT_FOUND or each.code == NODE for each in wanted)
    if whole or (wanted and policy.inspections is InspectedCheck.FULL):
        return None
    inspected = {line.barcode: line.pieces for line in cart.lines if line.inspected} if wanted else {}
    if not struck:
        return _pieces(inspected)
    if any(ruling.rule in _WHOLE for ruling in struck):
        return None
    chosen = choose(policy.rescan, cart, knowledge, seed.named("rescan"))
    return None if chosen is None else _pieces({each.barcode: each.pieces for each in chosen} | inspected)


def _pieces(wanted: dict[str, int]) -> tuple[RescanPiece, ...]:
    return tuple(RescanPiece(barcode, pieces) for barcode, pieces in wanted.items())


def _told(ruling: Ruling, policy: Policy, cart: CheckedCart) -> Reason:
    match ruling.rule:
        case Rule.TOTAL:
            return reason(ruling.rule, total=ruling.values["over"], currency=cart.currency.value)
        case Rule.PIECES:
            return reason(ruling.rule, pieces=ruling.values["over"])
        case _:
            return reason(ruling.rule)
