import math
import struct

import pytest

from campaigns.carts import HALF_OFF_FROM_FIVE, SECOND_FREE, TWO_PERCENT_OFF
from smarts.campaigns import BadResultError, Kind, OperationRefusedError, compile_operation


@pytest.mark.parametrize(
    ("source", "kind", "inputs", "result"),
    [
        (SECOND_FREE, Kind.AMOUNT, (1.0,), 1.0),
        (SECOND_FREE, Kind.AMOUNT, (2.0,), 1.0),
        (SECOND_FREE, Kind.AMOUNT, (7.0,), 4.0),
        (HALF_OFF_FROM_FIVE, Kind.UNIT_PRICE, (4.0, 2.5), 2.5),
        (HALF_OFF_FROM_FIVE, Kind.UNIT_PRICE, (5.0, 2.5), 2.0),
        (TWO_PERCENT_OFF, Kind.TOTAL, (49.99,), 49.99),
        (TWO_PERCENT_OFF, Kind.TOTAL, (50.0,), 49.0),
        ("amount > 10 ? total - 1 : total", Kind.AMOUNT_TOTAL, (11.0, 30.0), 29.0),
    ],
)
def test_printed_operations(source, kind, inputs, result):
    """The documentation's operations give what their descriptions say, the en dash standing for a minus."""
    assert compile_operation(source, kind)(*inputs) == result


@pytest.mark.parametrize(
    "source",
    ["amount;", " amount // as it was", "/* 1 */ amount /* päris\n */ - 0", "amount\u00a0\u2212\u00a00"],
)
def test_layout(source):
    """A semicolon at the end, comments in any language, no-break spaces and the minus sign are taken as meant."""
    assert compile_operation(source, Kind.AMOUNT)(3.0) == 3.0


@pytest.mark.parametrize("kind", Kind)
def test_inputs(kind):
    """An operation knows the inputs of its own kind and no others."""
    names = {"amount", "unitPrice", "total"}
    for name in kind.inputs:
        assert compile_operation(name, kind)(*(5.0 for _ in kind.inputs)) == 5.0
    for name in names.difference(kind.inputs):
        with pytest.raises(OperationRefusedError, match=f"`{name}` is unknown: there is {kind.inputs[0]}"):
            compile_operation(name, kind)


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("1 / 0", "Infinity"),
        ("-1 / (amount - amount)", "-Infinity"),
        ("0 / 0", "NaN"),
        ("amount - 10", "-7"),
        ("amount - 3.5", "-0.5"),
        ("1e308 * 10", "Infinity"),
        ("amount > 5 ? amount : true", "true"),
        ("amount > 5 && amount", "false"),
    ],
)
def test_bad_results(source, given):
    """A result that is not a finite number of at least 0 is an error that tells the result and what it came from."""
    with pytest.raises(BadResultError, match=f"The operation gave {given} for amount 3;"):
        compile_operation(source, Kind.AMOUNT)(3.0)


def test_minus_zero():
    """Minus zero is nothing, and is nowhere shown with its sign."""
    assert math.copysign(1.0, compile_operation("-0 * amount", Kind.AMOUNT)(3.0)) == 1.0


@pytest.mark.parametrize(
    ("source", "reason", "position"),
    [
        ("amount + foo", "`foo` is unknown: there is amount.", 10),
        ("/* õ */ foo", "`foo` is unknown: there is amount.", 9),
        ("010 + amount", "`010` begins with a zero, which may mean another number: write it without.", 1),
        ("10n", "`10n` is a BigInt, which is no price: write it without the n.", 1),
        ("amount ** 2", "The operator `**` is not allowed.", 8),
        ("amount > 1 ? 'free' : 0", "The character `'` (U+0027) is not allowed.", 14),
        ("amount; amount", "An operation is one expression; here a second one begins.", 9),
        ("amount +", "Something is missing at the end of the operation.", 9),
        ("(amount > 2 ? 2 : amount", "Something is missing at the end of the operation.", 25),
        ("amount > 2 ? amount - : 1", "This is not a JavaScript expression.", 22),
        ("amount x 2", "This is not a JavaScript expression.", 8),
        ("amount > 2 ? ? 5", "This is not a JavaScript expression.", 14),
        ("amount >= 2", "The operation says yes or no, never a number.", None),
        ("  // nothing", "The operation is empty.", None),
        ("", "The operation is empty.", None),
        ("1+" * 1000 + "1", "The operation is longer than 2000 characters.", None),
        ("1+" * 500 + "1", "The operation has more than 1500 parts.", None),
        ("(" * 64 + "amount" + ")" * 64, "The operation is nested more than 64 deep.", 65),
    ],
)
def test_refusals(source, reason, position):
    """A refusal says in one sentence what is wrong and at which character."""
    with pytest.raises(OperationRefusedError) as refusal:
        compile_operation(source, Kind.AMOUNT)
    assert (refusal.value.reason, refusal.value.position) == (reason, position)


def test_refused_again():
    """An operation that was refused once is refused in the same words again."""
    refusals = []
    for _ in range(2):
        with pytest.raises(OperationRefusedError) as refusal:
            compile_operation("amount.length", Kind.AMOUNT)
        refusals.append(str(refusal.value))
    assert refusals == ["`amount.length` may not stand in an operation. (At character 1.)"] * 2


def test_compiled_once():
    """An operation that is used again is not compiled again."""
    assert compile_operation("amount * 3", Kind.AMOUNT) is compile_operation("amount * 3", Kind.AMOUNT)


def test_ladder_of_prices():
    """Forty prices by amount, one condition in the other, are within the bounds."""
    steps = range(40, 0, -1)
    source = " : ".join(f"amount >= {pieces} ? {100 - pieces}.99" for pieces in steps) + " : unitPrice"
    operation = compile_operation(source, Kind.UNIT_PRICE)
    assert [operation(amount, 123.0) for amount in (0.0, 1.0, 20.5, 99.0)] == [123.0, 99.99, 80.99, 60.99]


def test_deep_in_other_code():
    """The deepest operations compile where the stack is already half full."""

    def from_below(depth: int) -> float:
        if depth:
            return from_below(depth - 1)
        return compile_operation(" && ".join(["amount"] * 64), Kind.AMOUNT)(3.0)

    assert from_below(400) == 3.0


def test_values_are_doubles():
    """Large whole numbers lose their last digits as JavaScript's do."""
    result = compile_operation("9007199254740993", Kind.AMOUNT)(1.0)
    assert struct.pack(">d", result) == struct.pack(">d", 9007199254740992.0)
