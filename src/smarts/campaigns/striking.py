"""Campaigns on a row or on a purchase, one after the other, each on what the one before left."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol, Self, TypeVar

from smarts.campaigns.code import Buyer, CampaignCode, CodeRefusedError, Kind
from smarts.campaigns.effects import CampaignEffect, Reason
from smarts.campaigns.index import index_of, turn_of
from smarts.campaigns.operation import BadResultError
from smarts.campaigns.reading import read_campaign
from smarts.campaigns.rows import LARGEST_SUM
from smarts.campaigns.sentences import SILENCE, RefusedError
from smarts.campaigns.syntax import OperationRefusedError
from smarts.wire.money import Currency
from smarts.wire.products import Campaign, Unit


class _Target(Protocol):
    """What campaigns strike; a `Row` or a `Purchase`, which say what the members mean."""

    @property
    def currency(self) -> Currency: ...
    @property
    def key(self) -> str | None: ...
    @property
    def unit(self) -> Unit: ...
    @property
    def total(self) -> Decimal: ...
    def obstacle(self, kind: Kind, /) -> Reason | None: ...
    def inputs(self, kind: Kind, /) -> tuple[float, ...]: ...
    def after(self, kind: Kind, result: Decimal, /) -> Self: ...
    def change(self, kind: Kind, /) -> Reason: ...
    def measure(self, kind: Kind, /) -> Decimal: ...


T = TypeVar("T", bound=_Target)

_PROBLEMS: dict[type[RefusedError], Reason] = {
    CodeRefusedError: Reason.BAD_CODE,
    OperationRefusedError: Reason.BAD_OPERATION,
    BadResultError: Reason.BAD_RESULT,
}


def strike(target: T, campaigns: Sequence[Campaign], buyer: Buyer) -> tuple[T, tuple[CampaignEffect, ...]]:
    """What the campaigns leave of the target, and what each did: 001 first, then 002, then the others as listed.

    Raises nothing: a campaign that does not work changes nothing and says why.
    """
    if not campaigns:
        return target, ()
    effects = []
    for campaign in sorted(campaigns, key=turn_of) if len(campaigns) > 1 else campaigns:
        target, effect = _strike_one(target, campaign, buyer)
        effects.append(effect)
    return target, tuple(effects)


def strike_listed(
    target: T,
    campaigns: Sequence[Campaign],
    buyer: Buyer,
    watched: Campaign | None = None,
    *,
    silent: bool = False,
) -> tuple[T, tuple[CampaignEffect, ...]]:
    """The same for a store's list, which may be long: of it only those are looked at that may change something.

    The effects are those of the first `ALWAYS_TOLD`, of the `watched` one, and of whatever changes something or does
    not work; of these last ones alone where it is `silent`.
    """
    if not campaigns:
        return target, ()
    index = index_of(tuple(campaigns))
    whose, told = index.whose(buyer), 0 if silent else index.told(campaigns, watched)
    effects = []
    left = told | index.counting(whose, *target.inputs(Kind.AMOUNT_TOTAL))
    while left:
        next_one = left & -left
        before, campaign = target, campaigns[index.order[next_one.bit_length() - 1]]
        target, effect = _strike_one(target, campaign, buyer)
        if told & next_one or effect.changed or effect.is_error:
            effects.append(effect)
        if target is not before:  # others may change what is left
            left = told | index.counting(whose, *target.inputs(Kind.AMOUNT_TOTAL))
        left &= -2 * next_one
    return target, tuple(effects)


def require_sum(result: float) -> None:
    """Refuses what no price and no amount may be; raises `BadResultError`."""
    if result >= LARGEST_SUM:
        raise BadResultError(
            "The operation gave %(result)s; the largest allowed is below %(most)s.",
            result=f"{result:g}",
            most=f"{LARGEST_SUM:g}",
        )


def _strike_one(target: T, campaign: Campaign, buyer: Buyer) -> tuple[T, CampaignEffect]:
    try:
        read = read_campaign(campaign)
        code = read.code
        reason = _not_for(code, buyer) or target.obstacle(code.kind)
        if reason:
            return target, _left_as_it_was(target, campaign, reason, card=code.card)
        inputs = target.inputs(code.kind)
        result = read.operation(*inputs)
        if result == inputs[-1]:
            return target, _left_as_it_was(target, campaign, Reason.UNCHANGED, inputs=inputs)
        return _changed(target, campaign, code.kind, inputs, result)
    except (CodeRefusedError, OperationRefusedError, BadResultError) as error:
        return target, _left_as_it_was(target, campaign, _PROBLEMS[type(error)], error=error)


def _not_for(code: CampaignCode, buyer: Buyer) -> Reason | None:
    if code.strikes(buyer):
        return None
    if code.admits_client(buyer):
        return Reason.CARD_ONLY
    return Reason.UNAUTHENTICATED_ONLY if buyer.client else Reason.CLIENTS_ONLY


def _changed(
    target: T, campaign: Campaign, kind: Kind, inputs: tuple[float, ...], result: float
) -> tuple[T, CampaignEffect]:
    require_sum(result)
    # As JavaScript writes it: 2.01 * 0.5 is 1.005 to everybody, and a little less to the bits.
    after = target.after(kind, Decimal(repr(result)))
    if after.total >= LARGEST_SUM:
        raise BadResultError(
            "The operation gave %(result)s, which leads to a sum of %(most)s or more.",
            result=f"{result:g}",
            most=f"{LARGEST_SUM:g}",
        )
    changed = after.total != target.total
    return after, CampaignEffect(
        campaign=campaign,
        reason=target.change(kind) if changed else Reason.UNCHANGED,
        currency=target.currency,
        before=target.total,
        after=after.total,
        line=target.key,
        unit=target.unit,
        measures=(target.measure(kind), after.measure(kind)),
        inputs=inputs,
        result=result,
    )


def _left_as_it_was(
    target: _Target,
    campaign: Campaign,
    reason: Reason,
    *,
    card: str = "",
    inputs: tuple[float, ...] = (),
    error: RefusedError | None = None,
) -> CampaignEffect:
    return CampaignEffect(
        campaign=campaign,
        reason=reason,
        currency=target.currency,
        before=target.total,
        after=target.total,
        line=target.key,
        unit=target.unit,
        card=card,
        inputs=inputs,
        result=inputs[-1] if inputs else None,
        problem=error.sentence if error else SILENCE,
        position=error.position if error else None,
    )
