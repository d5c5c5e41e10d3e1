"""Campaign operations that nobody means well with."""

from collections.abc import Callable
from random import Random

from fuzz.mutations import spoiled
from smarts.wire.products import Campaign

_NAMES = ("amount", "unitPrice", "total")
_NUMBERS = ("0", "1", "1e308", "5e-324", "9" * 300, "0x" + "f" * 200, ".5", "1e-400", "0.1", "3")
_OPERATORS = ("+", "-", "*", "/", "%", "<", ">=", "===", "!==", "&&", "||")
_FUNCTIONS = ("floor", "ceil", "round", "abs", "sqrt", "max", "min", "pow", "random", "exp")
_KINDS = ("001", "002", "501", "502", "999", "50١")
_SEEDS = tuple(
    text.encode()
    for text in (
        "amount >= 2 ? amount - (Math.floor(amount / 2) * 1) : amount",
        "total >= 50 ? total * 0.98 : total",
        "/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!') ? 1 : amount",
        "(f => f(f))(f => f(f))",
        "'x'.repeat(1e9).length",
        "amount.constructor.constructor('return process')()",
        "/* comment */ total // another\n * 0.5",
    )
)


def _grown(random: Random, depth: int) -> str:
    """An expression that may well be arithmetic, as deep as it says."""
    if depth == 0:
        return random.choice((*_NAMES, *_NUMBERS))
    inner, other = _grown(random, depth - 1), random.choice((*_NAMES, *_NUMBERS))
    return random.choice(
        (
            f"({inner} {random.choice(_OPERATORS)} {other})",
            f"{other} {random.choice(_OPERATORS)} {inner}",
            f"Math.{random.choice(_FUNCTIONS)}({inner}, {other})",
            f"Math.{random.choice(_FUNCTIONS)}({inner})",
            f"-{inner}",
            f"!({inner})",
            f"{other} > {inner} ? {inner[:200]} : {other}",
        )
    )


_KINDS_OF_HARM: tuple[Callable[[Random], str], ...] = (
    lambda random: _grown(random, random.choice((1, 3, 8, 30, 62))),
    lambda random: spoiled(random, _SEEDS).decode("utf-8", "replace").replace("\0", "\u2400"),
    lambda random: "(" * random.randint(1, 990) + "total" + ")" * random.randint(1, 990),
    lambda random: "*".join(["total"] * random.randint(2, 330)),  # grows beyond any number
    lambda random: f"total / ({random.choice(_NAMES)} - {random.choice(_NAMES)}) % {random.choice(_NUMBERS)}",
    lambda random: "total ? " * random.randint(1, 60) + "1" + " : 2" * random.randint(1, 60),
    lambda random: f"total /*{'*' * random.randint(0, 1900)}/",
    lambda random: "Math.max(" + ",".join(str(random.random()) for _ in range(random.randint(1, 90))) + ")",
)


def hostile_campaign(random: Random, number: int) -> Campaign:
    """A campaign that was never there before."""
    operation = random.choice(_KINDS_OF_HARM)(random)
    code = f"{random.choice('BCUX')}{random.choice(('0' * 8, '00000SKP'))}{random.choice(_KINDS)}"
    return Campaign(f"Campaign {number}", code, f"{operation} + 0*{number}"[:4000])
