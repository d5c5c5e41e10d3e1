"""What shoppers, staff and the merchant saw, as they saw it."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .stores import TestStore

NOTHING = 0
"""The status of an answer that never came."""


@dataclass(frozen=True)
class Seen:
    """An answer, or that there was none."""

    verb: str
    about: str
    key: str | None
    asked: Any
    status: int
    text: str
    at: float = field(default_factory=time.monotonic, compare=False)
    """When, by a clock that only goes on."""

    @property
    def body(self) -> Any:
        """What it says; numbers to the last digit."""
        try:
            return json.loads(self.text, parse_float=Decimal) if self.text else None
        except ValueError:
            return None

    @property
    def problem(self) -> str:
        """What kind of refusal it is."""
        body = self.body
        return str(body.get("type", "")) if self.status >= 400 and isinstance(body, dict) else ""

    @property
    def may_help_to_repeat(self) -> bool:
        """Whether a careful app asks again, with the same key."""
        body = self.body
        told = isinstance(body, dict) and body.get("retryable") is True
        return self.status == NOTHING or self.status >= 500 or (self.status >= 400 and told)


@dataclass
class Purchase:
    """One shopper's way through a store, with everything that was answered on it."""

    store: TestStore
    person_id: str = ""
    token: str = ""
    cart_id: str = ""
    seen: list[Seen] = field(default_factory=list)
    cart: Any = None
    """The cart when all is over, as the gateway shows it."""
    order: Any = None
    """The same of its order."""
    bought: Any = None
    """The same of the purchase, where the gateway has one."""

    def note(self, seen: Seen) -> None:
        """An answer came; looking at the same again is not worth a note."""
        if not (self.seen and seen.verb == "look" and seen == self.seen[-1]):
            self.seen.append(seen)

    def answers(self, verb: str) -> Iterator[Seen]:
        """What was answered to one kind of request, in order."""
        return (seen for seen in self.seen if seen.verb == verb)


@dataclass
class Notebook:
    """Everything that was seen in a run."""

    purchases: list[Purchase] = field(default_factory=list)
    staff: list[Seen] = field(default_factory=list)
