"""A store's check policy, version by version; tried on its latest carts; and why a cart was checked or was not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from smarts.control import Inputs, Outcome, Policy, Ruling, Seed, inputs_digest, replayed, rulings
from smarts.edge.problems import NOT_FOUND
from smarts.gateway.control.policies import Policies
from smarts.gateway.control.policy_store import KeptDecision, SavedPolicy
from smarts.gateway.control.service import Control
from smarts.gateway.parties import Staff, Store
from smarts.wire.control import Decision
from smarts.wire.model import Model, none
from smarts.wire.times import UtcMillis

MOST_TRIED = 500


class SavedCheckPolicy(Model, frozen=True, kw_only=True, omit_defaults=False):
    """A version of a store's policy; the one that counts has the highest number, 0 is before any was saved.

    Nobody saved what a store's rules were before there were policies.
    """

    version: int
    policy: Policy
    saved_at: UtcMillis | None = None
    saved_by: str | None = None


class CheckPolicyChange(Model, frozen=True, kw_only=True):
    """A policy, whole: a rule that is not in it is as it is at first.

    Where it is `based_on` a version, it is refused if the policy has changed since.
    """

    policy: Policy
    based_on: int | None = None


class Decisions(Model, frozen=True, kw_only=True, omit_defaults=False):
    """How many carts are checked in full, some goods of them, for the age alone, or not at all."""

    full: int = 0
    part: int = 0
    age: int = 0
    no: int = 0


class ReasonCount(Model, frozen=True):
    """For how many carts a reason holds; a cart may have several."""

    code: str
    carts: int


class CheckTrial(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What a policy would have done to a store's latest carts, the oldest of which was checked out at `since`.

    `happened` is what was decided then. Each cart counts once, as it was when it was checked out last; what its shopper
    had done before is what it was.
    """

    carts: int
    since: UtcMillis | None = None
    rules: Decisions
    happened: Decisions
    reasons: tuple[ReasonCount, ...]


class CheckWhy(Model, frozen=True, kw_only=True, omit_defaults=False):
    """Why a cart was checked, or was not: what was decided, by which version of the policy, and what each rule said.

    `inputs` are all that entered; `digest` is the SHA-256 of them and the policy, in hexadecimal digits. The decision
    was made anew from them just now: `same` says that it came out as it did then, and that they are what they were.
    After two months all but version and digest is forgotten.
    """

    invoice_id: str
    policy_version: int
    digest: str
    inputs: Inputs | None = None
    outcome: Outcome | None = None
    rulings: tuple[Ruling, ...] = none()
    same: bool | None = None


@dataclass(frozen=True)
class CheckPolicies:
    """The verbs; whoever calls them has looked whether the store is within reach."""

    control: Control
    policies: Policies

    async def current(self, store: Store) -> SavedCheckPolicy:
        """The policy that counts now."""
        return _saved(await self.policies.current(store.institution_id))

    async def version(self, store: Store, number: int) -> SavedCheckPolicy:
        """A version of the policy, or a 404."""
        return _saved(await self.policies.version(store.institution_id, number))

    async def versions(self, store: Store, limit: int, before: int | None) -> tuple[SavedCheckPolicy, ...]:
        """Versions, newest first, at most `limit`, those before the version `before`."""
        found = await self.policies.versions(store.institution_id, limit, before)
        return tuple(_saved(each) for each in found)

    async def save(self, store: Store, change: CheckPolicyChange, by: Staff) -> SavedCheckPolicy:
        """Makes a policy count from now on.

        Raises:
            ProblemError: 422 that names each field that makes no sense, 409 somebody was quicker.
        """
        return _saved(
            await self.policies.save(
                store.institution_id, change.policy, by.name, change.based_on, "$.policy"
            )
        )

    async def trial(self, store: Store, policy: Policy) -> CheckTrial:
        """What a policy would have done to the store's latest carts; changes nothing.

        Raises:
            ProblemError: 422, the policy makes no sense.
        """
        self.policies.require_sound(policy, (await self.policies.current(store.institution_id)).policy)
        kept = await self.control.latest(store.institution_id, MOST_TRIED)
        return _trial(policy, [(each.inputs, each.outcome) for each in kept if each.inputs and each.outcome])

    async def why(self, store: Store, invoice_id: str) -> CheckWhy:
        """Why a cart was checked, or was not, made anew from what was kept; or a 404."""
        kept = await self.control.kept(store.institution_id, invoice_id)
        if kept is None:
            raise NOT_FOUND.error("Nothing is kept of such a decision")
        policy = (await self.policies.version(store.institution_id, kept.policy_version)).policy
        return _why(policy, kept)


def _saved(saved: SavedPolicy) -> SavedCheckPolicy:
    return SavedCheckPolicy(
        version=saved.version,
        policy=saved.policy,
        saved_at=UtcMillis.of(saved.saved_at) if saved.saved_at else None,
        saved_by=saved.saved_by,
    )


def _why(policy: Policy, kept: KeptDecision) -> CheckWhy:
    why = CheckWhy(invoice_id=kept.invoice_id, policy_version=kept.policy_version, digest=kept.digest.hex())
    inputs = kept.inputs
    if inputs is None:
        return why
    ruled = rulings(policy, inputs.cart, inputs.history, Seed.fromhex(inputs.seed))
    is_same = inputs_digest(policy, inputs) == kept.digest and replayed(policy, inputs) == kept.outcome
    return replace(why, inputs=inputs, outcome=kept.outcome, rulings=tuple(ruled), same=is_same)


def _trial(policy: Policy, known: Sequence[tuple[Inputs, Outcome]]) -> CheckTrial:
    awake = replace(policy, pause=None)  # it says until when rules rest, and all these carts were before that
    outcomes = [replayed(awake, inputs) for inputs, _ in known]
    reasons = Counter(code for each in outcomes for code in dict.fromkeys(why.code for why in each.reasons))
    return CheckTrial(
        carts=len(known),
        since=known[-1][0].cart.at if known else None,
        rules=_decisions(outcomes),
        happened=_decisions([outcome for _, outcome in known]),
        reasons=tuple(ReasonCount(code, count) for code, count in reasons.most_common()),
    )


def _decisions(outcomes: Sequence[Outcome]) -> Decisions:
    counted = Counter(each.decision for each in outcomes)
    part = sum(each.rescan is not None for each in outcomes)
    return Decisions(
        full=counted[Decision.FULL] - part, part=part, age=counted[Decision.AGE], no=counted[Decision.NO]
    )
