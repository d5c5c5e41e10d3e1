"""A check policy as it is typed into a form: shares in percent, a spare row below each list of rules.

A field is named by its place in the policy (`hours[0].start`), so that what is wrong can be shown where it stands.
What is empty is off.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from smarts.control import Policy
from smarts.edge.problems import WRONG_SHAPE
from smarts.gateway.web.forms import Form, number_or_text, shaped
from smarts.gateway.web.languages import typed
from smarts.wire.codec import decode, encode
from smarts.wire.errors import FieldError, Problem
from smarts.wire.times import TimeZone, UtcMillis

MOST_ROWS = 50
_NUMBERS = (
    "share", "estimateShare", "firstPurchases", "totalOver", "piecesOver", "togetherMinutes", "afterFailed",
    "leftCheckHours", "elsewhereMinutes", "ageDays", "lockMinutes", "limits.inARow", "limits.aWeek", "rescan.seconds",
)  # fmt: skip
_RISK = ("passed", "corrected", "failed", "forgetDays", "least", "most")
_CHOICES = ("age", "inspections", "unanswered")
_OFF_IS_ZERO = frozenset(
    {"share", "estimateShare", "firstPurchases", "togetherMinutes", "afterFailed", "leftCheckHours",
     "elsewhereMinutes", "ageDays"}
)  # fmt: skip
_PERCENT = frozenset({"share", "estimateShare"})
_LISTS = frozenset({"barcodes", "categories"})
ROWS: Mapping[str, Sequence[str]] = {
    "hours": ("start", "end", "share"),
    "large": ("over", "share"),
    "goods": ("name", "barcodes", "categories", "piecesFrom", "share"),
    "loyalty": ("code", "factor"),
}
"""The fields of the rules of which there may be many; hours have days of the week beside these."""

_TEXTS = frozenset({"start", "end", "name", "code"})
_BETWEEN = re.compile(r"[,;\r\n]+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)


def as_typed(policy: Policy, language: str, zone: TimeZone) -> dict[str, Any]:
    """A policy as it would be typed, by the fields' names."""
    document = decode(encode(policy), dict[str, Any])
    fields = {name: _shown(name, _at(document, name), language) for name in (*_NUMBERS, *_CHOICES)}
    risk = document["risk"] or {}
    fields |= {f"risk.{name}": _shown(name, risk.get(name), language) for name in _RISK}
    fields["risk"] = "on" if policy.risk else ""
    for kind, names in ROWS.items():
        for place, rule in enumerate(document[kind]):
            at = f"{kind}[{place}]"
            fields |= {f"{at}.{name}": _shown(name, rule[name], language) for name in names}
            fields[f"{at}.weekdays"] = rule.get("weekdays")
    if policy.pause and policy.pause.until > datetime.now(UTC):
        fields["pause.until"] = f"{policy.pause.until.astimezone(zone.zone):%Y-%m-%dT%H:%M}"
    return fields


def as_sent(form: Form) -> dict[str, Any]:
    """What was typed, to be shown again."""
    return {name: form.getlist(name) if name.endswith(".weekdays") else form[name] for name in form}


def row_count(fields: Mapping[str, Any], kind: str) -> int:
    """How many rules of a kind were typed, up to the last one in which there is anything."""
    used = (place for place in range(MOST_ROWS) if any(fields.get(name) for name in _names(kind, place)))
    return max(used, default=-1) + 1


def policy_of(form: Form, zone: TimeZone) -> Policy:
    """The policy that was typed.

    Raises:
        ProblemError: 422 that names each field that makes no sense.
    """
    wrong: list[FieldError] = []
    read = _reader(form, wrong)
    document: dict[str, Any] = {}
    for name in _NUMBERS:
        _put(document, name, read(name))
    for name in _CHOICES:
        if form.get(name):
            document[name] = form[name]
    if form.get("risk"):
        document["risk"] = _filled((name, read(f"risk.{name}")) for name in _RISK)
    for kind in ROWS:
        document[kind] = [_rule(form, kind, place, read) for place in range(row_count(as_sent(form), kind))]
    if form.get("pause.until"):
        document["pause"] = {"until": _moment(form["pause.until"], zone, wrong)}
    if wrong:
        raise WRONG_SHAPE.error(errors=tuple(wrong))
    return shaped(document, Policy)


def errors_at(problem: Problem | None) -> dict[str, str]:
    """What is wrong with each field, by its place in the policy."""
    errors = problem.errors if problem else ()
    return {error.path.removeprefix("$.").removeprefix("policy."): error.message for error in errors}


_Read = Callable[[str], Any]


def _reader(form: Form, wrong: list[FieldError]) -> _Read:
    def read(name: str) -> Any:
        """The number of a field, None or 0 where it is empty; what is none is noted."""
        text, last = "".join(form.get(name, "").split()), name.rpartition(".")[2]
        if not text:
            return 0 if name in _OFF_IS_ZERO else None
        number = number_or_text(text)
        if isinstance(number, str):
            wrong.append(FieldError(f"$.{name}", "Expected a number"))
            return None
        return number / 100 if last in _PERCENT else number

    return read


def _rule(form: Form, kind: str, place: int, read: _Read) -> dict[str, Any]:
    at = f"{kind}[{place}]"
    rule = _filled((name, _cell(form, f"{at}.{name}", name, read)) for name in ROWS[kind])
    if kind == "hours":
        rule["weekdays"] = form.getlist(f"{at}.weekdays")
    return rule


def _cell(form: Form, at: str, name: str, read: _Read) -> Any:
    if name in _LISTS:
        return [each.strip() for each in _BETWEEN.split(form.get(at, "")) if each.strip()]
    return form.get(at, "").strip() or None if name in _TEXTS else read(at)


def _names(kind: str, place: int) -> list[str]:
    return [f"{kind}[{place}].{name}" for name in (*ROWS[kind], "weekdays")]


def _filled(pairs: Any) -> dict[str, Any]:
    return {name: value for name, value in pairs if value is not None}


def _put(document: dict[str, Any], name: str, value: Any) -> None:
    part, _, last = name.rpartition(".")
    if value is not None:
        (document.setdefault(part, {}) if part else document)[last] = value


def _at(document: Mapping[str, Any], name: str) -> Any:
    part, _, last = name.rpartition(".")
    return (document[part] if part else document)[last]


def _shown(name: str, value: Any, language: str) -> str:
    last = name.rpartition(".")[2]
    if value is None or (last in _OFF_IS_ZERO and not value):
        return ""
    if last in _PERCENT:
        return typed(Decimal(value) * 100, language)
    if isinstance(value, list):
        return ", ".join(value)
    if last in ("start", "end"):
        return str(value)[:5]
    return typed(value, language) if isinstance(value, int | Decimal) else str(value)


def _moment(text: str, zone: TimeZone, wrong: list[FieldError]) -> Any:
    """A moment by the store's clocks; the earlier one where the clocks show it twice."""
    if not _MOMENT.fullmatch(text):
        wrong.append(FieldError("$.pause.until", "Expected a day and a time"))
        return None
    try:
        return UtcMillis.of(datetime.fromisoformat(text).replace(tzinfo=zone.zone))
    except (ValueError, OverflowError):
        wrong.append(FieldError("$.pause.until", "Expected a day and a time"))
        return None
