"""A JavaScript syntax tree to a Python one, over an allow-list of nodes: what is not on it is refused.

Values are doubles and booleans, nothing else; so types are known when translating, almost always, and Python's own
operators do the work where they agree with JavaScript's.
"""

import ast
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from smarts.campaigns.numerals import NumeralRefusedError, read_numeral
from smarts.campaigns.syntax import LARGEST_DEPTH, OperationRefusedError, brief, refused, shortened, text_of


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

_MISPLACED = "`%(part)s` may not stand in an operation."
_NOT_IN_MATH = "Math.%(name)s is not allowed: %(allowed)s are."

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
    kept: int = 0

    def term(self, node: Node) -> Term:
        translator = _TRANSLATORS.get(node.type)
        if translator is None:
            raise refused(_MISPLACED, node, part=shortened(node))
        if self.depth == LARGEST_DEPTH:
            raise refused("The operation is nested more than %(most)s deep.", node, most=LARGEST_DEPTH)
        self.depth += 1
        term = translator(self, node)
        self.depth -= 1
        return term

    def keep(self, term: Term) -> tuple[Term, Term]:
        """The term, computed and kept under a name; and what was kept."""
        self.kept += 1
        name = f"kept_{self.kept}"
        keeping = ast.NamedExpr(ast.Name(name, ast.Store()), term.code)
        return Term(keeping, term.type), Term(ast.Name(name, ast.Load()), term.type)

    def parenthesized(self, node: Node) -> Term:
        _, inner, _ = _exactly(3, node)
        return self.term(inner)

    def number(self, node: Node) -> Term:
        try:
            return _constant(read_numeral(text_of(node)))
        except NumeralRefusedError as error:
            raise refused(error.sentence.text, node, **error.sentence.values) from None

    def boolean(self, node: Node) -> Term:
        return Term(ast.Constant(node.type == "true"), Type.BOOLEAN)

    def name(self, node: Node) -> Term:
        name = text_of(node)
        if name in _NUMBERS:
            return _constant(_NUMBERS[name])
        if name not in self.inputs:
            raise self._unknown(node)
        return Term(ast.Name(name, ast.Load()), Type.NUMBER)

    def _unknown(self, node: Node) -> OperationRefusedError:
        first, *others = self.inputs
        if not others:
            return refused(
                "`%(name)s` is unknown: there is %(first)s.", node, name=shortened(node), first=first
            )
        text = "`%(name)s` is unknown: there is %(first)s and %(second)s."
        return refused(text, node, name=shortened(node), first=first, second=others[0])

    def conditional(self, node: Node) -> Term:
        test, _, consequence, _, alternative = _exactly(5, node)
        condition, yes, no = self.term(test), self.term(consequence), self.term(alternative)
        return Term(ast.IfExp(_truth(condition), yes.code, no.code), _common(yes, no))

    def sequence(self, node: Node) -> Term:
        # Never translated: most who write one mean a decimal.
        comma = next(part for part in node.children if part.type == ",")
        raise refused("A comma may not stand here: decimals are written with a point.", comma)

    def unary(self, node: Node) -> Term:
        operator, operand = _exactly(2, node)
        if operator.type not in {"!", "-", "+"}:
            raise _refused_operator(operator)
        term = self.term(operand)
        if operator.type == "!":
            return Term(ast.UnaryOp(ast.Not(), _truth(term)), Type.BOOLEAN)
        number = _number(term)
        return Term(ast.UnaryOp(ast.USub(), number) if operator.type == "-" else number, Type.NUMBER)

    def binary(self, node: Node) -> Term:
        left, operator, right = _exactly(3, node)
        if operator.type not in _BINARY:
            raise _refused_operator(operator)
        return _BINARY[operator.type](self, operator.type, self.term(left), self.term(right))

    def both(self, _: str, left: Term, right: Term) -> Term:
        kept, again = self.keep(left)
        return Term(ast.IfExp(_truth(kept), right.code, again.code), _common(left, right))

    def either(self, _: str, left: Term, right: Term) -> Term:
        kept, again = self.keep(left)
        return Term(ast.IfExp(_truth(kept), again.code, right.code), _common(left, right))

    def arithmetic(self, operator: str, left: Term, right: Term) -> Term:
        return Term(ast.BinOp(_number(left), _ARITHMETIC[operator], _number(right)), Type.NUMBER)

    def division(self, operator: str, left: Term, right: Term) -> Term:
        if operator == "/" and isinstance(right.code, ast.Constant) and right.code.value:
            return Term(ast.BinOp(_number(left), ast.Div(), _number(right)), Type.NUMBER)
        return Term(_call(_FALLIBLE[operator], _number(left), _number(right)), Type.NUMBER)

    def comparison(self, operator: str, left: Term, right: Term) -> Term:
        return Term(ast.Compare(left.code, [_COMPARISONS[operator]], [right.code]), Type.BOOLEAN)

    def identity(self, operator: str, left: Term, right: Term) -> Term:
        same = _call(strictly_equal, left.code, right.code)
        return Term(same if operator == "===" else ast.UnaryOp(ast.Not(), same), Type.BOOLEAN)

    def member(self, node: Node) -> Term:
        name = _name_in_math(node)
        if name not in _CONSTANTS:
            raise refused(_NOT_IN_MATH, node, name=brief(name), allowed=", ".join(_CONSTANTS))
        return _constant(_CONSTANTS[name])

    def call(self, node: Node) -> Term:
        function, arguments = _exactly(2, node)
        if function.type != "member_expression" or arguments.type != "arguments":
            raise refused("`%(part)s` may not be called.", node, part=shortened(function))
        name = _name_in_math(function)
        numbers = [_number(self.term(argument)) for argument in _separated(arguments)]
        if name in _EXTREMES and numbers:
            return Term(_folded(_EXTREMES[name], numbers), Type.NUMBER)
        if name in _FUNCTIONS and len(numbers) == 1:
            return Term(_call(_FUNCTIONS[name], *numbers), Type.NUMBER)
        if name in _FUNCTIONS or name in _EXTREMES:
            raise refused(
                "Math.%(name)s is called with %(count)s values.", node, name=name, count=len(numbers)
            )
        raise refused(_NOT_IN_MATH, node, name=brief(name), allowed=", ".join([*_FUNCTIONS, *_EXTREMES]))


_TRANSLATORS: dict[str, Callable[[_Translation, Node], Term]] = {
    "binary_expression": _Translation.binary,
    "call_expression": _Translation.call,
    "false": _Translation.boolean,
    "identifier": _Translation.name,
    "member_expression": _Translation.member,
    "number": _Translation.number,
    "parenthesized_expression": _Translation.parenthesized,
    "sequence_expression": _Translation.sequence,
    "ternary_expression": _Translation.conditional,
    "true": _Translation.boolean,
    "unary_expression": _Translation.unary,
}

_BINARY: dict[str, Callable[[_Translation, str, Term, Term], Term]] = {
    **dict.fromkeys(_ARITHMETIC, _Translation.arithmetic),
    **dict.fromkeys(_FALLIBLE, _Translation.division),
    **dict.fromkeys(_COMPARISONS, _Translation.comparison),
    **dict.fromkeys(("===", "!=="), _Translation.identity),
    "&&": _Translation.both,
    "||": _Translation.either,
}


def _exactly(count: int, node: Node) -> list[Node]:
    # The grammar is more lenient than JavaScript, and a node may hold more than its plain form: `Math?.floor(1)`.
    if len(node.children) != count:
        raise refused(_MISPLACED, node, part=shortened(node))
    return node.children


def _separated(arguments: Node) -> list[Node]:
    # The grammar takes `(1,,2)` and `(,)`; JavaScript takes one comma after each value, also after the last one.
    inside = arguments.children[1:-1]
    values, commas = inside[::2], inside[1::2]
    if any(comma.type != "," for comma in commas) or any(value.type == "," for value in values):
        raise refused("The values in the brackets are not separated by single commas.", arguments)
    return values


def _name_in_math(member: Node) -> str:
    owner, dot, name = _exactly(3, member)
    if text_of(owner) != "Math" or dot.type != "." or name.type != "property_identifier":
        raise refused(_MISPLACED, member, part=shortened(member))
    return text_of(name)


def _refused_operator(operator: Node) -> OperationRefusedError:
    return refused("The operator `%(operator)s` is not allowed.", operator, operator=shortened(operator))


def _constant(value: float) -> Term:
    return Term(ast.Constant(value), Type.NUMBER)


def _number(term: Term) -> ast.expr:
    return term.code if term.type is Type.NUMBER else _call(float, term.code)


def _truth(term: Term) -> ast.expr:
    # NaN is false in JavaScript and true in Python.
    if term.type is Type.BOOLEAN:
        return term.code
    return ast.Compare(_call(abs, term.code), [ast.Gt()], [ast.Constant(0.0)])


def _common(first: Term, second: Term) -> Type:
    return first.type if first.type is second.type else Type.EITHER


def _call(function: Callable[..., object], *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(function.__name__, ast.Load()), list(arguments), [])


def _folded(function: Callable[[float, float], float], numbers: Sequence[ast.expr]) -> ast.expr:
    # Halved, so that many values make no deep tree.
    if len(numbers) == 1:
        return numbers[0]
    middle = len(numbers) // 2
    return _call(function, _folded(function, numbers[:middle]), _folded(function, numbers[middle:]))
