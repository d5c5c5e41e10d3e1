"""What is fuzzed: a decoder of bytes from outside, with inputs to begin with."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """`run` reads an input and returns, whatever it is; an exception that leaves it is a bug.

    `decodes` names what it reads, as far as that is found by looking at the code: a type, a route.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    decodes: frozenset[object] = frozenset()
