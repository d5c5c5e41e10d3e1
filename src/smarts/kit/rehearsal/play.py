"""What can be typed in a rehearsal: a table of commands, each a line of words; scripts are the same lines."""

import asyncio
import inspect
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from smarts.kit.rehearsal.stage import Played, Stage
from smarts.kit.rehearsal.visit import Visit
from smarts.wire.nodes import Feature


class Misplayed(Exception):  # noqa: N818 - it names what happened
    """A line that cannot be played; the message says why, for people."""


@dataclass
class Play:
    """A rehearsal under way.

    `say` tells people something. `edit` lets them change a text in an editor. `returned` is set when the merchant has
    sent the result of a check. `failures` counts the lines after which a gateway would not have been content.
    """

    stage: Stage
    visit: Visit
    say: Callable[[str], None]
    edit: Callable[[bytes], Awaitable[bytes]]
    barcodes: list[str] = field(default_factory=list)
    features: frozenset[Feature] | None = None
    returned: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    is_over: bool = False
    unjudged: Played | None = None

    async def line(self, text: str) -> None:
        """Plays one line; an empty one and a comment do nothing.

        Raises:
            Misplayed: it is no command, or cannot be played now.
        """
        try:
            words = shlex.split(text, comments=True)
        except ValueError as error:
            raise Misplayed(f"{error}: {text}") from None
        if not words:
            return
        command = COMMANDS.get(words[0])
        if command is None:
            raise Misplayed(f"There is no {words[0]} here; help lists what there is")
        if command.name != "expect":
            self.judge()
        if not command.takes(len(words) - 1):
            raise Misplayed(f"Expected {command.usage}")
        try:
            await command.function(self, *words[1:])
        except (ValueError, LookupError) as error:
            raise Misplayed(str(error)) from None

    def judge(self) -> None:
        """Counts the latest answer as a failure where a gateway would not be content and no `expect` said so."""
        if self.unjudged and self.unjudged.complaint:
            self.failures += 1
        self.unjudged = None

    def heard(self, played: Played) -> Played:
        """Keeps what came of a line until the next one says whether it was expected."""
        self.judge()
        self.unjudged = played
        return played


@dataclass(frozen=True)
class Command:
    """A row: `usage` is how it is typed, `words` what it does."""

    usage: str
    words: str
    function: Callable[..., Awaitable[None]]

    @property
    def name(self) -> str:
        """The word that it begins with."""
        return self.usage.split()[0]

    def takes(self, count: int) -> bool:
        """Whether it can be typed with so many words."""
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
            return True
        required = sum(parameter.default is parameter.empty for parameter in parameters)
        return required <= count <= len(parameters)


COMMANDS: dict[str, Command] = {}
Function = Callable[..., Awaitable[None]]


def command(usage: str, words: str) -> Callable[[Function], Function]:
    """Adds a row to the table."""

    def add(function: Function) -> Function:
        row = Command(usage, words, function)
        COMMANDS[row.name] = row
        return function

    return add


def shown_price(price: Any) -> str:
    """A sum for people, with two decimals at least."""
    return f"{price:.2f}" if price == round(price, 2) else f"{price:f}"
