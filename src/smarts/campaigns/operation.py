"""A campaign's operation: compiled once, run many times (section 5)."""

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from smarts.campaigns.code import Kind
from smarts.campaigns.regions import Box, changing
from smarts.campaigns.sentences import RefusedError, Sentence
from smarts.campaigns.syntax import OperationRefusedError, check_length, parse_expression
from smarts.campaigns.translation import NAMESPACE, Type, translate

_KEPT_OPERATIONS = 4096
_FINEST = {"amount": 1.0, "total": 0.01}  # the next value after a limit that must be passed


class BadResultError(RefusedError):
    """What an operation gave is not a finite number of at least 0; the sentence names it as JavaScript does."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A compiled operation.

    `evaluate` takes the inputs of the kind, in their order, as finite doubles, and gives just what JavaScript gives:
    a double, be it NaN or infinite, or a boolean. It never raises. Outside the boxes `changing` it gives back what it
    is to change.
    """

    source: str
    kind: Kind
    evaluate: Callable[..., float]
    changing: tuple[Box, ...] = field(compare=False)

    def may_change(self, *inputs: float) -> bool:
        """Whether these inputs are in one of its boxes."""
        named = dict(zip(self.kind.inputs, inputs, strict=True))
        return any(all(named[name] in span for name, span in box.items()) for box in self.changing)

    def needs(self, *inputs: float) -> tuple[str, float] | None:
        """Which input would have to be how large, at the least, for it to change something; None where that is unknown.

        It is tried: where nothing changes there, nothing is said.
        """
        found = []
        for place, name in enumerate(self.kind.inputs):
            for low in {
                box[name].low for box in self.changing if name in box and box[name].low > inputs[place]
            }:
                for value in (low, low + _FINEST.get(name, 0.0)):
                    tried = (*inputs[:place], value, *inputs[place + 1 :])
                    if self.evaluate(*tried) != tried[-1]:
                        found.append((name, value))
                        break
        return min(found, key=lambda need: need[1], default=None)

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
        return _operation(source, kind)
    except OperationRefusedError as error:
        return error.sentence, error.position


def _operation(source: str, kind: Kind) -> Operation:
    term = translate(parse_expression(source), kind.inputs)
    if term.type is Type.BOOLEAN:
        raise OperationRefusedError("The operation says yes or no, never a number.")
    inputs = [ast.arg(name) for name in kind.inputs]
    arguments = ast.arguments(posonlyargs=[], args=inputs, kwonlyargs=[], kw_defaults=[], defaults=[])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, term.code)))
    function: Callable[..., float] = eval(compile(tree, "<operation>", "eval"), NAMESPACE)  # noqa: S307
    return Operation(source, kind, function, changing(term.code, kind.inputs[-1]))


def _written(value: float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isfinite(value):
        return repr(value).removesuffix(".0")
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
