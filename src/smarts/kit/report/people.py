"""A run told to people: a tree by area that grows while it runs, each failure with what repeats it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from smarts.kit.examination import Examination
from smarts.kit.requirement import Level, Requirement, Side
from smarts.kit.runner import Outcome, Result
from smarts.kit.score import Score, score
from smarts.kit.timings import Timing, timings

_SIGNS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "bold red"),
    Outcome.SKIPPED: ("-", "dim"),
    Outcome.UNSEEN: ("?", "yellow"),
    Outcome.UNFINISHED: ("…", "bold yellow"),
}
_SHOULD_SIGN = ("!", "yellow")
_WANTED = {
    Side.NODE: "The curl lines want the node's token in the variable TOKEN.",
    Side.GATEWAY: "The curl lines want the token of the store, or of a shopper, in the variable TOKEN.",
}


class Tree(AbstractContextManager["Tree"]):
    """Prints each area as soon as it is looked at; meanwhile a line says what is being done."""

    def __init__(self, console: Console, count: int, curl: Callable[[Result], str]) -> None:
        self._console = console
        self._count = count
        self._curl = curl
        self._done = 0
        self._area = ""
        self._status: Status | None = console.status("") if console.is_terminal else None

    def __enter__(self) -> Self:
        """Shows the line."""
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes the line away."""
        if self._status:
            self._status.stop()

    def begin(self, requirement: Requirement) -> None:
        """Says what is being looked at."""
        if self._status:
            self._status.update(f"{self._done + 1} of {self._count}  {requirement.id}")

    def add(self, result: Result) -> None:
        """Prints how a requirement is met."""
        if result.requirement.area != self._area:
            self._area = result.requirement.area
            self._console.print(Text(f"\n{self._area}", style="bold"))
        self._done += 1
        self._console.print(_line(result))
        for name, words in self._details(result):
            self._console.print(Text.assemble((f"      {name:<9}", "dim"), plain(words)))

    def _details(self, result: Result) -> list[tuple[str, str]]:
        if result.outcome is not Outcome.FAILED:
            return (
                [("because", result.reason)]
                if result.reason and result.outcome is not Outcome.SKIPPED
                else []
            )
        requirement = result.requirement
        told = [
            ("expected", result.expected),
            ("seen", result.seen),
            ("contract", f"section {requirement.clause} ({requirement.level})"),
        ]
        return told + ([("repeat", line)] if (line := self._curl(result)) else [])


def plain(text: str) -> str:
    """A text without characters that steer a terminal: a node under check may send anything."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _line(result: Result) -> Text:
    sign, style = _SIGNS[result.outcome]
    if result.outcome is Outcome.FAILED and result.requirement.level is Level.SHOULD:
        sign, style = _SHOULD_SIGN
    skipped = "dim" if result.outcome is Outcome.SKIPPED else ""
    return Text.assemble(
        "  ",
        (f"{sign} ", style),
        (f"{result.requirement.id:<30} ", skipped or "bold"),
        (result.requirement.text, "dim"),
    )


def print_summary(console: Console, examination: Examination, *, strict: bool = False) -> None:
    """Prints the answer times, the counts, and the score."""
    exchanges = [exchange for result in examination.results for exchange in result.exchanges]
    found = timings(examination.address, exchanges)
    if found:
        console.print()
        console.print(_times(found))
    summed = score(examination.results)
    console.print(Text(f"\n{_counts(summed)}"))
    name = plain(f"{examination.name} {examination.version}".strip()) or examination.address
    percent = "nothing to score" if summed.percent is None else f"{summed.percent} %"
    passes = summed.passes(strict=strict)
    verdict = "keeps the contract" if passes else "does not keep the contract"
    console.print(Text(f"{name} {verdict}: {percent}", style="bold green" if passes else "bold red"))
    if summed.counts[Outcome.FAILED]:
        console.print(Text(_WANTED[examination.side], style="dim"))


def _times(found: Sequence[Timing]) -> Table:
    table = Table("answer times", "requests", "median", "19 of 20", "longest", box=None, padding=(0, 2, 0, 0))
    for column in table.columns[1:]:
        column.justify = "right"
    for timing in found:
        milliseconds = (f"{seconds * 1000:.0f} ms" for seconds in (timing.median, timing.p95, timing.largest))
        table.add_row(Text(plain(timing.operation)), str(timing.count), *milliseconds)
    return table


def _counts(summed: Score) -> str:
    words = {
        Outcome.PASSED: "met",
        Outcome.FAILED: "not met",
        Outcome.UNSEEN: "not looked at",
        Outcome.UNFINISHED: "not finished in time",
        Outcome.SKIPPED: "of features that it does not have",
    }
    told = [f"{summed.counts[outcome]} {word}" for outcome, word in words.items() if summed.counts[outcome]]
    broken = f" ({summed.broken[Level.MUST]} must, {summed.broken[Level.SHOULD]} should)"
    return ", ".join(told).replace(" not met", f" not met{broken}", 1)


def print_requirements(console: Console, requirements: Sequence[Requirement]) -> None:
    """Prints what can be checked, by area."""
    for area, group in groupby(requirements, lambda requirement: requirement.area):
        console.print(Text(f"\n{area}", style="bold"))
        for each in group:
            console.print(
                Text.assemble(
                    "  ",
                    (f"{each.id:<30} ", "bold"),
                    f"{each.level:<7}",
                    each.text,
                    (f" [{each.clause}]", "dim"),
                )
            )
