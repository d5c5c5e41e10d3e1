"""Operations come from strangers: whatever is in one ends soon, as a refusal or a reported result."""

import contextlib
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.carts import campaign, line, priced, product
from smarts.campaigns import BadResultError, Kind, OperationRefusedError, Reason, compile_operation

SECONDS = 0.25  # of processor time; a tenth of it on a quiet machine
BYTES = 20_000_000

REFUSED = {
    "endless for": "for(;;);",
    "endless while": "while (true) {}",
    "endless do": "do {} while (1)",
    "endless recursion": "(function f() { return f() })()",
    "endless arrow": "(f => f(f))(f => f(f))",
    "label": "a: while (1) { continue a }",
    "repeat": "'x'.repeat(1e9)",
    "array": "new Array(1e9).fill(0)",
    "spread": "Math.max(...Array(1e9))",
    "bigint": "10n ** 1000000000n",
    "power": "9 ** 9 ** 9",
    "constructor": "amount.constructor.constructor('return 1')()",
    "constructor of Math": "Math.constructor",
    "function of Math": "Math.floor.constructor('return 1')()",
    "prototype": "amount.__proto__",
    "getter": "Math.__lookupGetter__",
    "subscript": "Math['floor'](amount)",
    "optional chain": "Math?.floor(amount)",
    "optional call": "Math.floor?.(amount)",
    "private": "Math.#floor(amount)",
    "this": "this",
    "global": "globalThis",
    "arguments": "arguments",
    "template": "`${amount}`",
    "tagged template": "Math.floor`1`",
    "regex": "/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaa!')",
    "arrow": "() => amount",
    "async arrow": "async () => amount",
    "function": "function f() {}",
    "class": "class A {}",
    "assignment": "amount = 0",
    "assignment to Math": "Math.floor = 0",
    "addition to": "amount += 1",
    "increment": "amount++",
    "decrement by en dashes": "––amount",
    "declaration": "let amount = 0",
    "new": "new Date()",
    "import": "import('fs')",
    "import meta": "import.meta",
    "require": "require('fs')",
    "eval": "eval('1')",
    "random": "Math.random()",
    "now": "Date.now()",
    "comma": "amount, 0",
    "comma in brackets": "(amount, 0)",
    "block": "{ amount }",
    "object": "({ valueOf() { return 0 } })",
    "array literal": "[amount]",
    "string": "'1'",
    "undefined": "undefined",
    "null": "null",
    "typeof": "typeof amount",
    "void": "void 0",
    "delete": "delete amount",
    "in": "amount in Math",
    "instanceof": "amount instanceof Math",
    "bits": "amount | 0",
    "shift": "1 << 31",
    "complement": "~amount",
    "nullish": "amount ?? 0",
    "await": "await amount",
    "yield": "yield amount",
    "throw": "throw amount",
    "debugger": "debugger",
    "unknown function with a long name": f"Math.{'f' * 1900}(amount)",
    "constant with a long name": f"Math.{'E' * 1900}",
    "octal": "010",
    "false octal": "089",
    "html comment": "amount <!-- 1",
    "hash bang": "#!/bin/sh\namount",
    "escape": "\\u0061mount",
    "letter that looks alike": "аmount",
    "full width digits": "１",
    "zero width": "amount\u200b",
    "right to left": "amount \u202e+ 1",
    "byte order mark": "\ufeffamount",
    "line separator": "amount\u2028",
    "NUL": "amount\x00",
    "lone surrogate": "amount\ud800",
    "holes": "Math.max(1,,2)",
    "python": "__import__('os')",
    "python name": "float",
    "python lambda": "lambda: 0",
    "python power": "(1).__class__",
    "100 kB of brackets": "(" * 100_000,
    "100 kB of balanced brackets": "(" * 50_000 + "1" + ")" * 50_000,
    "100 kB of mixed brackets": "([{" * 33_000,
    "10 MB": "1" * 10_000_000,
    "long chain": "1+" * 100_000 + "1",
    "brackets within the bound": "(" * 2000,
    "balanced brackets within the bound": "(" * 999 + "1" + ")" * 999,
    "chain within the bound": "1+" * 999 + "1",
    "signs within the bound": "-" * 1999 + "1",
    "conditions within the bound": "a?" * 1000,
    "arrows within the bound": "a=>" * 600,
    "comments within the bound": "/*" * 1000,
    "garbage that is costly to repair": "~|~" * 600,
    "more of it": "*-" * 1000,
    "and more": ")gg" * 600,
}

REPORTED = {
    "division by zero": "1 / 0",
    "nothing by nothing": "0 / 0",
    "negative": "-1",
    "too large": "1e308 * 1e308",
    "negative zero divided": "1 / -0",
    "remainder of nothing": "amount % 0",
    "root of a negative number": "Math.sqrt(-amount)",
    "yes or no": "amount > 1 ? true : 1",
    "digits": "9" * 2000,
    "hexadecimal digits": "0x" + "f" * 1998,
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
def test_refused(source):
    """What is no plain arithmetic is refused in time, with a short sentence."""
    started = time.process_time()
    with pytest.raises(OperationRefusedError) as refusal:
        compile_operation(source, Kind.AMOUNT)
    assert time.process_time() - started < SECONDS
    assert len(str(refusal.value)) < 250


@pytest.mark.parametrize("source", REPORTED.values(), ids=REPORTED.keys())
def test_reported(source):
    """What is arithmetic and gives no price is an error when it is run."""
    started = time.process_time()
    operation = compile_operation(source, Kind.AMOUNT)
    with pytest.raises(BadResultError):
        operation(3.0)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("source", [*REFUSED.values(), *REPORTED.values()], ids=[*REFUSED, *REPORTED])
def test_never_stops_a_sale(source):
    """The price stays what it was, the store manager is told, the shopper is not."""
    cart = priced(line(product("2.40", campaign(source, "B00000000001")), "3"))
    [error] = cart.errors
    assert cart.total.total_to_pay == cart.lines[0].price_before
    assert (error.line, error.campaign.operation) == ("line", source)
    assert error.reason in {Reason.BAD_OPERATION, Reason.BAD_RESULT}
    assert not error.struck


def test_memory():
    """A hundred different operations of a megabyte are refused without being kept."""
    tracemalloc.start()
    try:
        for number in range(100):
            with pytest.raises(OperationRefusedError):
                compile_operation(f"{number}+" * 500_000, Kind.AMOUNT)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < BYTES


@settings(deadline=None)
@given(st.text() | st.text("()?:,.+-*/%<>=!&|~ 1aMth", min_size=500, max_size=2000))
def test_any_text(source):
    """Any text at all is compiled or refused in time; nothing else happens."""
    started = time.process_time()
    with contextlib.suppress(OperationRefusedError):
        compile_operation(source, Kind.AMOUNT)
    assert time.process_time() - started < SECONDS
