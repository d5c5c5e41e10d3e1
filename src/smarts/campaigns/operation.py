"""A campaign's operation: compiled once, run many times (section 5)."""

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from smarts.campaigns.code import Kind
from smarts.campaigns.sentences import RefusedError, Sentence
from smarts.campaigns.syntax import OperationRefusedError, check_length, parse_expression
from smarts.campaigns.translation import NAMESPACE, Type, translate

_KEPT_OPERATIONS = 4096


class BadResultError(RefusedError):
    """What an operation gave is not a finite number of at least 0; the sentence names it as JavaScript does."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A compiled operation.

    `evaluate` takes the inputs of the kind, in their order, as finite doubles, and gives just what JavaScript gives:
    a double, be it NaN or infinite, or a boolean. It never raises.
    """

    source: str
    kind: Kind
    evaluate: Callable[..., float]

    def __call__(self, *inputs: float) -> float:
        """The result as a number that may be a price or an amount.

        Raises:
            BadResultError: the result is not a finite number of at least 0.
        """
        result = self.evaluate(*inputs)
        if type(result) is float and 0.0 <= result < math.inf:
            return result + 0.0  # minus zero would be written as "-0"
        raise self._complaint(result, inputs)

    def _complaint(self, result: float, inputs: tuple[float, ...]) -> BadResultError:
        given = ", ".join(
            f"{name} {_written(value)}" for name, value in zip(self.kind.inputs, inputs, strict=True)
        )
        return BadResultError(
            "The operation gave %(result)s for %(given)s; it must give a number of at least 0.",
            result=_written(result),
            given=given,
        )


def compile_operation(source: str, kind: Kind) -> Operation:
    """The operation in runnable form; a source that was seen lately is not compiled again.

    Raises:
        OperationRefusedError: it is not an expression of numbers, the kind's inputs, arithmetic, comparisons,
            conditions and `Math`, or is too large. Whatever the source, finding out takes under a tenth of a second.
    """
    check_length(source)  # before it is kept
    compiled = _compiled(source, kind)
    if isinstance(compiled, Operation):
        return compiled
    sentence, position = compiled
    raise OperationRefusedError(sentence.text, position, **sentence.values)


@lru_cache(_KEPT_OPERATIONS)
def _compiled(source: str, kind: Kind) -> Operation | tuple[Sentence, int | None]:
    # A refusal is kept as well: a bad operation comes again with every scan.
    try:
        return Operation(source, kind, _function(source, kind))
    except OperationRefusedError as error:
        return error.sentence, error.position


def _function(source: str, kind: Kind) -> Callable[..., float]:
    term = translate(parse_expression(source), kind.inputs)
    if term.type is Type.BOOLEAN:
        raise OperationRefusedError("The operation says yes or no, never a number.")
    inputs = [ast.arg(name) for name in kind.inputs]
    arguments = ast.arguments(posonlyargs=[], args=inputs, kwonlyargs=[], kw_defaults=[], defaults=[])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, term.code)))
    function: Callable[..., float] = eval(compile(tree, "<operation>", "eval"), NAMESPACE)  # noqa: S307
    return function


def _written(value: float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isfinite(value):
        return repr(value).removesuffix(".0")
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
