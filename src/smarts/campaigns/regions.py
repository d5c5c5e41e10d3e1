"""Where an operation may change something: boxes of its inputs, read off its conditions.

The boxes may be too large, never too small: outside them the operation gives back what it was given.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, isnan

MOST_CASES = 256
"""An operation with more conditions and outcomes is taken to change something everywhere."""

_Verdict = bool | None  # None where a condition may hold or not


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from `low` to `high`, both included."""

    low: float = 0.0
    high: float = inf

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


Box = Mapping[str, Span]
"""A span for each input."""

ANYWHERE: tuple[Box, ...] = ({},)
"""An input that a box does not name may be any number."""


class _TooManyCasesError(Exception):
    pass


def changing(expression: ast.expr, changed: str) -> tuple[Box, ...]:
    """Where an expression, as `translate` makes it, may give something else than its input `changed`."""
    found: list[Box] = []
    try:
        for box, leaf in _Cases().leaves(expression, {}):
            if not (isinstance(leaf, ast.Name) and leaf.id == changed):
                found.append(box)
    except _TooManyCasesError:
        return ANYWHERE
    return tuple(found)


@dataclass
class _Cases:
    seen: int = 0

    def leaves(self, expression: ast.expr, box: Box) -> Iterator[tuple[Box, ast.expr]]:
        """What is given back where."""
        self._count()
        if not isinstance(expression, ast.IfExp):
            yield box, expression
            return
        for case, verdict in self.verdicts(expression.test, box):
            if verdict is not False:
                yield from self.leaves(expression.body, case)
            if verdict is not True:
                yield from self.leaves(expression.orelse, case)

    def verdicts(self, test: ast.expr, box: Box) -> Iterator[tuple[Box, _Verdict]]:
        """Where a condition holds."""
        self._count()
        match test:
            case ast.NamedExpr(value=value):
                yield from self.verdicts(value, box)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                for case, verdict in self.verdicts(operand, box):
                    yield case, None if verdict is None else not verdict
            case ast.IfExp():
                yield from self._of_several(test, box)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                yield from _compared(left, operator, right, box)
            case ast.Constant(value=bool() as value):
                yield box, value
            case _:
                yield box, None

    def _of_several(self, test: ast.IfExp, box: Box) -> Iterator[tuple[Box, _Verdict]]:
        # `a && b` is `b if (kept := a) else kept`: a name stands for the condition that has just been looked at.
        for case, verdict in self.verdicts(test.test, box):
            for part, holds in ((test.body, True), (test.orelse, False)):
                if verdict is (not holds):
                    continue
                if isinstance(part, ast.Name):
                    yield case, holds
                else:
                    yield from self.verdicts(part, case)

    def _count(self) -> None:
        self.seen += 1
        if self.seen > MOST_CASES:
            raise _TooManyCasesError


def _compared(
    left: ast.expr, operator: ast.cmpop, right: ast.expr, box: Box
) -> Iterator[tuple[Box, _Verdict]]:
    name, number, mirrored = _name_of(left), _number_of(right), False
    if name is None or number is None:
        name, number, mirrored = _name_of(right), _number_of(left), True
    if name is None or number is None:
        yield box, None
        return
    upwards = isinstance(operator, ast.Gt | ast.GtE)
    if isinstance(operator, ast.Eq | ast.NotEq):
        yield from _within(box, name, Span(number, number), isinstance(operator, ast.Eq))
        yield box, isinstance(operator, ast.NotEq)
        return
    above, below = Span(number, inf), Span(-inf, number)
    yield from _within(box, name, above, upwards is not mirrored)
    yield from _within(box, name, below, upwards is mirrored)


def _within(box: Box, name: str, span: Span, verdict: bool) -> Iterator[tuple[Box, _Verdict]]:
    known = box.get(name, Span())
    narrowed = Span(max(known.low, span.low), min(known.high, span.high))
    if narrowed.low <= narrowed.high:
        yield {**box, name: narrowed}, verdict


def _name_of(expression: ast.expr) -> str | None:
    if isinstance(expression, ast.Name) and not expression.id.startswith("kept_"):
        return expression.id
    return None


def _number_of(expression: ast.expr) -> float | None:
    match expression:
        case ast.Constant(value=float() as value) if not isnan(value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _number_of(operand)
            return None if inner is None else -inner
    return None
