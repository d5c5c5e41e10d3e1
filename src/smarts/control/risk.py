"""A shopper's risk, from how earlier checks ended: it falls with passed ones, rises with failed ones, and forgets."""

from fractions import Fraction

from smarts.control.history import Depth, Ending, History, PastCheck
from smarts.control.policy import RiskRule
from smarts.wire.times import UtcMillis

_DAY_SECONDS = 86_400


def risk_factor(rule: RiskRule | None, history: History, now: UtcMillis) -> Fraction:
    """How many times as often as others chance chooses the shopper's purchases; 1 for who was never checked."""
    if rule is None:
        return Fraction(1)
    score = sum((_weight(rule, check) * _left_of(rule, check, now) for check in history.checks), Fraction(0))
    factor = 1 + score if score >= 0 else 1 / (1 - score)
    return min(max(factor, Fraction(rule.least)), Fraction(rule.most))


def _weight(rule: RiskRule, check: PastCheck) -> Fraction:
    if check.depth is Depth.AGE:
        return Fraction(0)  # a look at the age tells nothing of the goods
    match check.ending:
        case Ending.PASSED:
            return -Fraction(rule.passed)
        case Ending.CORRECTED:
            return Fraction(rule.corrected)
        case Ending.FAILED:
            return Fraction(rule.failed)
        case _:
            return Fraction(0)


def _left_of(rule: RiskRule, check: PastCheck, now: UtcMillis) -> Fraction:
    """What is left of a check's weight: all of it on its day, nothing once it is forgotten."""
    span = rule.forget_days * _DAY_SECONDS
    age = int((now - check.at).total_seconds())
    return min(max(Fraction(span - age, span), Fraction(0)), Fraction(1)) if span else Fraction(0)
