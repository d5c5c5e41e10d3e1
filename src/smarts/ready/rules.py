"""Whose purchases are checked: the rules of the settings, as pure functions."""

import hmac
from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum

import msgspec

from smarts.node.names import fold
from smarts.ready.kinds import Weekday
from smarts.ready.settings import CheckSettings, RuleSettings, ShopperKind
from smarts.wire.control import Decision

_WEEKDAYS = tuple(Weekday)
_PARTS = 2**64


class _Strictness(IntEnum):
    NO = 0
    AGE = 1
    FULL = 2


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """What rules ask of a purchase; `moment` is by the store's clock, `categories` are folded ids and names.

    `before` counts what the shopper has bought already.
    """

    store: str
    shopper: str
    before: int
    total: Decimal
    pieces: Decimal
    barcodes: frozenset[str]
    categories: frozenset[str]
    has_age_goods: bool
    moment: datetime


class Verdict(msgspec.Struct, frozen=True):
    """A decision, and the names of the rules that led to it."""

    decision: Decision
    rules: tuple[str, ...] = ()


def decide(settings: CheckSettings, purchase: Purchase, secret: str) -> Verdict:
    """The strictest of what the rules of the highest priority among those that strike say, and of what age asks for."""
    struck = [rule for rule in settings.rules if strikes(rule, purchase, secret)]
    highest = max((rule.priority for rule in struck), default=0)
    counted = [(rule.name, rule.decision) for rule in struck if rule.priority == highest]
    if settings.age_goods and purchase.has_age_goods:
        counted.append(("age_goods", Decision.AGE))
    strictest = max((decision for _, decision in counted), key=strictness, default=Decision.NO)
    return Verdict(strictest, tuple(name for name, decision in counted if decision is strictest))


def strictness(decision: Decision) -> int:
    """The larger, the more is checked."""
    return _Strictness[decision.value]


def strikes(rule: RuleSettings, purchase: Purchase, secret: str) -> bool:
    """Whether all that a rule says is so."""
    return all(condition(rule, purchase) for condition in _CONDITIONS) and (
        rule.share is None or chance(secret, rule.name, purchase) < rule.share
    )


def chance(secret: str, rule: str, purchase: Purchase) -> Decimal:
    """A number from 0 to below 1, another one for each rule, that nobody else can tell.

    It stays the same until the shopper has paid for something: neither another basket nor another cart draws anew
    (docs/decisions/0009).
    """
    subject = "\n".join((rule, purchase.store, purchase.shopper, str(purchase.before)))
    digest = hmac.digest(secret.encode(), subject.encode(), "sha256")
    return Decimal(int.from_bytes(digest[:8], "big")) / _PARTS


def _in_time(rule: RuleSettings, purchase: Purchase) -> bool:
    """Hours that end on the next day belong to the weekday on which they began."""
    moment, clock = purchase.moment, purchase.moment.time()
    if rule.starts is not None and rule.ends is not None:
        if not _between(rule.starts, clock, rule.ends):
            return False
        if rule.ends < rule.starts and clock < rule.ends:
            moment -= timedelta(days=1)
    return not rule.weekdays or _WEEKDAYS[moment.weekday()] in rule.weekdays


def _between(starts: time, clock: time, ends: time) -> bool:
    return starts <= clock < ends if starts < ends else clock >= starts or clock < ends


def _has_goods(rule: RuleSettings, purchase: Purchase) -> bool:
    if not rule.barcodes and not rule.categories:
        return True
    return not (
        purchase.barcodes.isdisjoint(rule.barcodes)
        and purchase.categories.isdisjoint(map(fold, rule.categories))
    )


_CONDITIONS: tuple[Callable[[RuleSettings, Purchase], bool], ...] = (
    lambda rule, purchase: rule.total_over is None or purchase.total > rule.total_over,
    lambda rule, purchase: rule.pieces_over is None or purchase.pieces > rule.pieces_over,
    _has_goods,
    lambda rule, purchase: rule.age_goods is None or rule.age_goods == purchase.has_age_goods,
    lambda rule, purchase: (
        rule.shopper is None or (rule.shopper is ShopperKind.KNOWN) == (purchase.before > 0)
    ),
    _in_time,
)
