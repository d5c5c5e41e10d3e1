"""Checks: each looks whether one requirement is met."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from smarts.kit.exchange import Exchange

Check = Callable[[Any], Awaitable[None]]
C = TypeVar("C", bound=Check)

_CHECKS: dict[str, Check] = {}


class Unmet(Exception):  # noqa: N818 - it names the outcome
    """A requirement that is not met: what was expected, what was seen, in which exchange (else the latest)."""

    def __init__(self, expected: str, seen: str, exchange: Exchange | None = None) -> None:
        super().__init__(f"expected {expected}, seen {seen}")
        self.expected = expected
        self.seen = seen
        self.exchange = exchange


class Unseen(Exception):  # noqa: N818 - it names the outcome
    """There was nothing to look at, for the reason given: the requirement is neither met nor broken."""


def check(requirement_id: str) -> Callable[[C], C]:
    """Decorates the function that checks a requirement; it takes a `Case`, and raises `Unmet` or `Unseen`.

    Raises:
        ValueError: another function checks it already.
    """

    def register(function: C) -> C:
        if requirement_id in _CHECKS:
            raise ValueError(f"{requirement_id} is checked twice")
        _CHECKS[requirement_id] = function
        return function

    return register


def checks() -> Mapping[str, Check]:
    """The checks by the ids of their requirements."""
    return _CHECKS
