"""A shopper's risk, from how earlier checks ended: it falls with passed ones, rises with failed ones, and forgets."""

from decimal import Decimal
from fractions import Fraction

from smarts.control.history import Depth, Ending, History, PastCheck
from smarts.control.policy import RiskRule
from smarts.wire.times import UtcMillis

_DAY_SECONDS = 86_400
_NOTHING = Decimal(0)


def risk_factor(rule: RiskRule | None, history: History, now: UtcMillis) -> Fraction:
    """How many times as often as others chance chooses the shopper's purchases; 1 for who was never checked."""
    if rule is None or not history.checks:
        return Fraction(1)
    span = rule.forget_days * _DAY_SECONDS
    weights = sum((_weight(rule, check) * _left_of(span, check, now) for check in history.checks), _NOTHING)
    score = Fraction(weights) / span if span else Fraction(0)
    factor = 1 + score if score >= 0 else 1 / (1 - score)
    return min(max(factor, Fraction(rule.least)), Fraction(rule.most))


def _weight(rule: RiskRule, check: PastCheck) -> Decimal:
    if check.depth is Depth.AGE:
        return _NOTHING  # a look at the age tells nothing of the goods
    match check.ending:
        case Ending.PASSED:
            return -rule.passed
        case Ending.CORRECTED:
            return rule.corrected
        case Ending.FAILED:
            return rule.failed
        case _:
            return _NOTHING


def _left_of(span: int, check: PastCheck, now: UtcMillis) -> int:
    """The seconds of `span` that are left of a check: all of them on its day, none once it is forgotten."""
    return min(max(span - int((now - check.at).total_seconds()), 0), span)
