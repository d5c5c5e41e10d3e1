"""A JavaScript syntax tree to a Python one, over an allow-list of nodes: what is not on it is refused.

Values are doubles and booleans, nothing else; so types are known when translating, almost always, and Python's own
operators do the work where they agree with JavaScript's.
"""

import ast
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from tree_sitter import Node

from smarts.campaigns.doubles import (
    ceil,
    divide,
    floor,
    maximum,
    minimum,
    remainder,
    round_half_up,
    sign,
    square_root,
    strictly_equal,
    trunc,
)
from smarts.campaigns.numerals import read_numeral
from smarts.campaigns.syntax import LARGEST_DEPTH, parts_of, refused, shortened, text_of


class Type(Enum):
    """What an expression gives; `EITHER` of `a && b` on a number and a boolean."""

    NUMBER = auto()
    BOOLEAN = auto()
    EITHER = auto()


@dataclass(frozen=True, slots=True)
class Term:
    """A translated expression."""

    code: ast.expr
    type: Type


# Left out on purpose: `**` and Math.pow, and what engines compute each in their own way (exp, log, sin, cbrt …).
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "ceil": ceil,
    "floor": floor,
    "round": round_half_up,
    "sign": sign,
    "sqrt": square_root,
    "trunc": trunc,
}
_EXTREMES = {"max": maximum, "min": minimum}
_CONSTANTS = {
    "E": math.e,
    "LN10": 2.302585092994046,
    "LN2": 0.6931471805599453,
    "LOG10E": 0.4342944819032518,
    "LOG2E": 1.4426950408889634,
    "PI": math.pi,
    "SQRT1_2": 0.7071067811865476,
    "SQRT2": 1.4142135623730951,
}
_NUMBERS = {"Infinity": math.inf, "NaN": math.nan}
_BOOLEANS = {"true": True, "false": False}

_ARITHMETIC: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult()}
_FALLIBLE = {"/": divide, "%": remainder}
_COMPARISONS: dict[str, ast.cmpop] = {
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
    "==": ast.Eq(),
    "!=": ast.NotEq(),
}

NAMESPACE: dict[str, object] = {
    "__builtins__": {},
    "float": float,
    **{
        function.__name__: function
        for function in (*_FUNCTIONS.values(), *_EXTREMES.values(), *_FALLIBLE.values(), strictly_equal)
    },
}
"""All that translated code can name, besides its inputs."""


def translate(expression: Node, inputs: Sequence[str]) -> Term:
    """The Python expression that gives bit for bit what JavaScript gives, for any doubles as inputs.

    Raises:
        OperationRefusedError: something in it is not on the allow-list, or it is nested too deep.
    """
    return _Translation(tuple(inputs)).term(expression)


@dataclass(slots=True)
class _Translation:
    inputs: tuple[str, ...]
    depth: int = 0
    kept: int = field(default=0)

    def term(self, node: Node) -> Term:
        translator = _TRANSLATORS.get(node.type)
        if translator is None:
            raise refused(f"`{shortened(node)}` may not stand in an operation.", node)
        if self.depth == LARGEST_DEPTH:
            raise refused(f"The operation is nested more than {LARGEST_DEPTH} deep.", node)
        self.depth += 1
        term = translator(self, node)
        self.depth -= 1
        return term

    def number(self, node: Node) -> ast.expr:
        return _as_number(self.term(node))

    def keep(self, term: Term) -> tuple[ast.expr, ast.expr]:
        """Code that computes a term and keeps it, and code that reads what was kept."""
        self.kept += 1
        name = f"kept_{self.kept}"
        return ast.NamedExpr(ast.Name(name, ast.Store()), term.code), ast.Name(name, ast.Load())
