"""The semantics of operations are JavaScript's, bit for bit: compared with V8."""

import contextlib
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.javascript import Case, bits
from smarts.campaigns import Kind, OperationRefusedError, compile_operation

NUMERALS = [
    *(
        "0",
        "1",
        "2",
        "3",
        "10",
        ".5",
        "5.",
        "0.1",
        "1e3",
        "1E-7",
        "1_000",
        "1_0.2_5e1_0",
        "2.5",
        "0.30000000000000004",
    ),
    *("0x1F", "0Xf_f", "0o17", "0b101", "0xFFFFFFFFFFFFFFFFFF", "0x20000000000001", "9007199254740993"),
    *(
        "1e308",
        "1e309",
        "5e-324",
        "0.49999999999999994",
        "4503599627370497.5",
        "Infinity",
        "NaN",
        "true",
        "false",
    ),
    *(f"Math.{name}" for name in ("E", "PI", "LN2", "LN10", "LOG2E", "LOG10E", "SQRT2", "SQRT1_2")),
]
BINARY = ["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "===", "!==", "&&", "||", "–", "\u2212"]
UNARY = ["-", "+", "!", "- -", "+-", "!!", "- +"]
FUNCTIONS = ["floor", "ceil", "round", "trunc", "abs", "sign", "sqrt"]
SPACES = st.sampled_from([" ", "  ", "\n", "\t", "\u00a0", " /* or */ ", " // so\n", "\r\n/**/ "])
OPERANDS = st.sampled_from(["amount", "unitPrice"]) | st.sampled_from(NUMERALS)


def larger(smaller: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary, unary, function = st.sampled_from(BINARY), st.sampled_from(UNARY), st.sampled_from(FUNCTIONS)
    return st.one_of(
        st.builds("({})".format, smaller),
        st.builds("{}{}{}{}{}".format, smaller, SPACES, binary, SPACES, smaller),
        st.builds("{}{}{}".format, unary, SPACES, smaller),
        st.builds("{} ?{}{} : {}".format, smaller, SPACES, smaller, smaller),
        st.builds("Math.{}({})".format, function, smaller),
        st.builds(
            lambda name, values: f"Math.{name}({', '.join(values)})",
            st.sampled_from(["min", "max"]),
            st.lists(smaller, min_size=1, max_size=4),
        ),
    )


EXPRESSIONS = st.recursive(OPERANDS, larger, max_leaves=25)
EDGES = [0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 2.5, 0.1, 5e-324, 1e308, 4503599627370495.5, 0.49999999999999994]
DOUBLES = st.one_of(
    st.sampled_from(EDGES),
    st.integers(0, 100).map(float),
    st.floats(0, 1000),
    st.floats(allow_nan=False, allow_infinity=False),
)
ROWS = st.lists(st.tuples(DOUBLES, DOUBLES), min_size=1, max_size=8)


def assert_agrees(javascript, source, rows):
    """JavaScript gives the same bits for every row."""
    operation = compile_operation(source, Kind.UNIT_PRICE)
    dashes_as_meant = re.sub("[–\u2212]", "-", source)
    [expected] = javascript.results([Case(dashes_as_meant, Kind.UNIT_PRICE.inputs, rows)])
    assert [bits(operation.evaluate(*row)) for row in rows] == expected


@pytest.mark.parametrize(
    "source",
    [
        "(amount && true) === true ? 1 : 2",
        "(amount || true) === amount ? 1 : 2",
        "(amount && true) !== 1 ? 1 : 2",
        "(amount && true) == 1 ? 1 : 2",
        "true + true * 3 - -false",
        "1 < 2 < 3 == true ? 1 : 2",
        "3 > 2 > 1 ? 1 : 2",
        "NaN ? 1 : 2",
        "NaN || -0",
        "-0 && 1",
        "NaN == NaN ? 1 : 2",
        "1 / -0",
        "1 / Math.round(-0.2)",
        "1 / Math.ceil(-0.2)",
        "1 / Math.trunc(-0.2)",
        "1 / Math.sign(-0)",
        "1 / Math.sqrt(-0)",
        "1 / (-amount % 1)",
        "Infinity % 2",
        "2 % Infinity",
        "-7 % 3",
        "7 % -3",
        "1 / Math.max(-0, 0)",
        "1 / Math.min(0, -0)",
        "Math.max(1, NaN, 2)",
        "Math.min(3, 1, 2,)",
        "Math.floor(Infinity) - Math.ceil(-Infinity)",
        "Math.round(2.5) + Math.round(-2.5)",
        "- - amount",
        "-amount - -amount",
        "amount ? 1 : amount ? 2 : 3",
        "amount - 1 - 1 / 2 / 2",
        "amount //",
        "amount /*/ + 1 /*/ + 2",
    ],
)
def test_traps(javascript, source):
    """Where other languages differ, JavaScript's answer is given."""
    assert_agrees(javascript, source, [(3.0, 2.4), (0.0, -0.0), (1.0, 1.0)])


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS, ROWS)
def test_expressions(javascript, source, rows):
    """Whatever is written with the allowed parts, and is not just yes or no, gives the very bits JavaScript gives."""
    try:
        assert_agrees(javascript, source, rows)
    except OperationRefusedError as refusal:
        if refusal.reason != "The operation says yes or no, never a number.":
            raise


TOKENS = [
    *(
        "amount",
        "unitPrice",
        "1",
        "2.5",
        ".5",
        "5.",
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "?",
        ":",
        ",",
        "<",
        "&&",
        "!",
    ),
    *(
        "Math.max(",
        "010",
        "0x",
        "1_",
        "1e",
        "1n",
        "..",
        "...",
        "?.",
        "??",
        "**",
        "++",
        "--",
        "~",
        "==",
        "===",
        "&",
    ),
    *(
        "=",
        "=>",
        ";",
        " ",
        "\n",
        "\r",
        "\t",
        "\u00a0",
        "\u2028",
        "\ufeff",
        "\u200b",
        "//",
        "/*",
        "*/",
        "<!--",
        "-->",
    ),
    *(
        "–",
        "\u2212",
        "Math",
        "Math.",
        "floor",
        "max",
        "{",
        "}",
        "[",
        "]",
        "'",
        "`",
        "\\",
        "\\u0061",
        "#",
        "@",
        "true",
    ),
    *(
        "this",
        "in",
        "typeof",
        "void",
        "new",
        "async",
        "await",
        "let",
        "of",
        "get",
        "/x/",
        "é",
        "٣",
        "１",
        "$",
        "_",
    ),
]
LIKELY = TOKENS[:19]


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.sampled_from(LIKELY) | st.sampled_from(TOKENS), max_size=9), st.sampled_from(["", " "]))
def test_what_is_accepted_is_javascript(javascript, tokens, space):
    """Out of any heap of tokens nothing is accepted that JavaScript refuses or reads otherwise."""
    with contextlib.suppress(OperationRefusedError):
        assert_agrees(javascript, space.join(tokens), [(3.0, 2.4)])
