"""What makes no sense in a policy: contradictions, impossible times, empty sets, each by its field."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations

from smarts.control.policy import GoodsRule, HoursRule, LargeRule, LoyaltyRule, Policy, RiskRule
from smarts.wire.errors import FieldError
from smarts.wire.times import Weekday

LARGEST_TOTAL = Decimal(1_000_000)
MOST_PIECES = 100_000
MOST_RULES = 50
MOST_GOODS = 1_000
LARGEST_FACTOR = Decimal(10)
LONGEST_MEMORY_DAYS = 60
LONGEST_PAUSE = timedelta(days=7)
BOUNDS = {
    "first_purchases": (0, 20),
    "together_minutes": (0, 1_440),
    "after_failed": (0, 20),
    "left_check_hours": (0, 336),
    "elsewhere_minutes": (0, 240),
    "age_days": (0, 366),
    "pieces_over": (0, MOST_PIECES),
    "lock_minutes": (5, 240),
}
"""The least and the most that whole numbers of a policy may be."""

_THOUSANDTH = Decimal("0.001")
_CENT = Decimal("0.01")
_SHARE = "Expected a share from 0 to 1, in thousandths"
_AMOUNT = f"Expected an amount from 0 to {LARGEST_TOTAL} in whole cents"
_DAY = 86_400
_DAYS = tuple(Weekday)
_Wrong = Iterator[tuple[str, str]]


def unsound(
    policy: Policy, now: datetime, before: Policy | None = None, path: str = "$"
) -> tuple[FieldError, ...]:
    """Each field that makes no sense, below `path`; a pause that was kept `before` may have ended by now."""
    return tuple(FieldError(f"{path}.{field}", message) for field, message in _wrong(policy, now, before))


def _wrong(policy: Policy, now: datetime, before: Policy | None) -> _Wrong:
    yield from _shares(policy)
    yield from _numbers(policy)
    yield from _hours(policy.hours)
    yield from _large(policy.large)
    yield from _goods(policy.goods)
    yield from _loyalty(policy.loyalty)
    yield from _risk(policy.risk)
    yield from _limits(policy)
    yield from _of_nothing(policy)
    if policy.pause and not (before and before.pause == policy.pause):
        yield from _pause(policy.pause.until, now)


def _shares(policy: Policy) -> _Wrong:
    for field, share in (("share", policy.share), ("estimateShare", policy.estimate_share)):
        if not _is_share(share):
            yield field, _SHARE


def _is_share(share: Decimal) -> bool:
    return 0 <= share <= 1 and not share % _THOUSANDTH


def _numbers(policy: Policy) -> _Wrong:
    for name, (least, most) in BOUNDS.items():
        value = getattr(policy, name)
        if value is not None and not least <= value <= most:
            yield _camel(name), f"Expected a whole number from {least} to {most}"
    if policy.total_over is not None and not _is_amount(policy.total_over):
        yield "totalOver", _AMOUNT
    seconds = policy.rescan.seconds
    if seconds is not None and not 5 <= seconds <= 3_600:
        yield "rescan.seconds", "Expected 5 to 3600 seconds"


def _is_amount(total: Decimal) -> bool:
    return 0 <= total <= LARGEST_TOTAL and not total % _CENT


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _hours(rules: Sequence[HoursRule]) -> _Wrong:
    yield from _too_many("hours", rules)
    for place, rule in enumerate(rules):
        if not rule.weekdays:
            yield f"hours[{place}].weekdays", "Expected at least one day of the week"
        if len(set(rule.weekdays)) < len(rule.weekdays):
            yield f"hours[{place}].weekdays", "Expected each day of the week once"
        if rule.start == rule.end:
            yield f"hours[{place}].end", "Expected another time than the start"
        if not _is_share(rule.share):
            yield f"hours[{place}].share", _SHARE
    for (first, one), (second, other) in combinations(enumerate(rules[:MOST_RULES]), 2):
        if _overlap(one, other):
            yield (
                f"hours[{second}]",
                f"These hours overlap hours[{first}], so that two shares would hold at once",
            )


def _overlap(one: HoursRule, other: HoursRule) -> bool:
    return any(
        start < other_end and other_start < end
        for start, end in _spans(one)
        for other_start, other_end in _spans(other)
    )


def _spans(rule: HoursRule) -> Iterator[tuple[int, int]]:
    """The rule's hours as seconds of the week; what goes on after Sunday's midnight stands at its beginning, too."""
    start, end = (
        moment.hour * 3600 + moment.minute * 60 + moment.second for moment in (rule.start, rule.end)
    )
    for weekday in rule.weekdays:
        begin = _DAYS.index(weekday) * _DAY
        span = (begin + start, begin + end + (_DAY if end <= start else 0))
        yield span
        if span[1] > 7 * _DAY:
            yield span[0] - 7 * _DAY, span[1] - 7 * _DAY


def _large(rules: Sequence[LargeRule]) -> _Wrong:
    yield from _too_many("large", rules)
    for place, rule in enumerate(rules):
        if not _is_amount(rule.over):
            yield f"large[{place}].over", _AMOUNT
        if not _is_share(rule.share) or not rule.share:
            yield f"large[{place}].share", "Expected a share above 0, to 1, in thousandths"
        if any(other.over <= rule.over and other.share >= rule.share for other in rules[:place]):
            yield (
                f"large[{place}]",
                "It changes nothing: a rule before it has these purchases checked as often",
            )


def _goods(rules: Sequence[GoodsRule]) -> _Wrong:
    yield from _too_many("goods", rules)
    for place, rule in enumerate(rules):
        if not rule.barcodes and not rule.categories:
            yield f"goods[{place}]", "Expected at least one barcode or category"
        for field, named in (("barcodes", rule.barcodes), ("categories", rule.categories)):
            if len(named) > MOST_GOODS:
                yield f"goods[{place}].{field}", f"Expected at most {MOST_GOODS}"
        if not 1 <= rule.pieces_from <= MOST_PIECES:
            yield f"goods[{place}].piecesFrom", f"Expected 1 to {MOST_PIECES} pieces"
        if not _is_share(rule.share) or not rule.share:
            yield f"goods[{place}].share", "Expected a share above 0, to 1, in thousandths"
    for place in _again([rule.name for rule in rules]):
        yield f"goods[{place}].name", "Another rule for goods has this name"


def _loyalty(rules: Sequence[LoyaltyRule]) -> _Wrong:
    yield from _too_many("loyalty", rules)
    for place, rule in enumerate(rules):
        if not 0 <= rule.factor <= LARGEST_FACTOR:
            yield f"loyalty[{place}].factor", f"Expected a number from 0 to {LARGEST_FACTOR}"
    for place in _again([rule.code for rule in rules]):
        yield f"loyalty[{place}].code", "Another rule is for the same members"


def _risk(rule: RiskRule | None) -> _Wrong:
    if rule is None:
        return
    yield from _weights(rule)
    if not 1 <= rule.forget_days <= LONGEST_MEMORY_DAYS:
        yield "risk.forgetDays", f"Expected 1 to {LONGEST_MEMORY_DAYS} days, as long as checks are known"
    if not 0 <= rule.least <= 1:
        yield "risk.least", "Expected a number from 0 to 1"
    if not 1 <= rule.most <= LARGEST_FACTOR:
        yield "risk.most", f"Expected a number from 1 to {LARGEST_FACTOR}"


def _weights(rule: RiskRule) -> _Wrong:
    weights = {"passed": rule.passed, "corrected": rule.corrected, "failed": rule.failed}
    for field, weight in weights.items():
        if not 0 <= weight <= LARGEST_FACTOR:
            yield f"risk.{field}", f"Expected a number from 0 to {LARGEST_FACTOR}"
    if not any(weights.values()):
        yield "risk.failed", "Without any weight no check changes anything"
    if rule.corrected > rule.failed:
        yield "risk.corrected", "Expected at most the weight of a check that failed"


def _limits(policy: Policy) -> _Wrong:
    if not 1 <= policy.limits.in_a_row <= 2:
        yield "limits.inARow", "Expected 1 or 2: nobody is checked three times running by chance"
    a_week = policy.limits.a_week
    if a_week is not None and not 1 <= a_week <= 50:
        yield "limits.aWeek", "Expected 1 to 50 purchases, or nothing for no limit"


def _of_nothing(policy: Policy) -> _Wrong:
    """Rules that change a share where there is none."""
    if policy.share or policy.large or any(rule.share for rule in policy.hours):
        return
    for field, rules in (("loyalty", policy.loyalty), ("risk", policy.risk)):
        if rules:
            yield field, "It changes the share that is checked by chance, and there is none"


def _pause(until: datetime, now: datetime) -> _Wrong:
    if until <= now:
        yield "pause.until", "Expected a moment that is still to come"
    elif until - now > LONGEST_PAUSE:
        yield "pause.until", f"Expected at most {LONGEST_PAUSE.days} days from now on"


def _too_many(field: str, rules: Sequence[object]) -> _Wrong:
    if len(rules) > MOST_RULES:
        yield field, f"Expected at most {MOST_RULES} rules"


def _again(names: Sequence[str | None]) -> Iterator[int]:
    return (place for place, name in enumerate(names) if name in names[:place])
