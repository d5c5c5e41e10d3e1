"""Charts as drawings: where bars, lines and labels stand. Colours, light and dark are the style sheet's.

Sizes are units of the drawing, which is as wide as its place on the page.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480.0, 220.0
_TOP, _BOTTOM, _RIGHT = 14.0, 30.0, 14.0
_A_LETTER = 9.5  # as wide as one is on a phone, where they are drawn larger
_MOST_MARKS = 5
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_GAP = 0.25  # of a bar's place

Write = Callable[[float], str]
"""Writes a value for people."""


@dataclass(frozen=True)
class Series:
    """Values, one for each label, or None where there is none; `kind` is what it is coloured by."""

    name: str
    kind: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Tick:
    """A label beside an axis, and where along it."""

    at: float
    words: str


@dataclass(frozen=True)
class Bar:
    """A rectangle of a series."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A series as a path, and single points that have no neighbours."""

    kind: str
    path: str
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Column:
    """The place above one label, with all that is said there."""

    x: float
    width: float
    words: str


@dataclass(frozen=True)
class Chart:
    """A drawing, and the same in words for those who do not see it: a row for each label."""

    left: float
    right: float
    bottom: float
    ticks: tuple[Tick, ...]
    marks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    columns: tuple[Column, ...]
    series: tuple[Series, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be seen."""
        return not any(value for each in self.series for value in each.values)


def ticks(most: float, *, whole: bool = False) -> tuple[float, ...]:
    """Round numbers, evenly from 0 to `most` or a little more, four to six of them; of `whole` things maybe fewer."""
    most = most if most > 0 and math.isfinite(most) else 1.0
    size = 10 ** math.floor(math.log10(most / 4))
    step = next(size * each for each in _STEPS if size * each * 5 >= most * (1 - 1e-9))
    if whole:
        step = max(1.0, math.ceil(step))
    count = math.ceil(most / step - 1e-9)
    return tuple(step * number for number in range(count + 1))


def bars(
    labels: Sequence[str],
    series: Sequence[Series],
    write: Write,
    *,
    axis: Write | None = None,
    whole: bool = False,
) -> Chart:
    """A bar for each label; several series stand on one another. `axis` (or `write`) writes the numbers beside it."""
    highest = max((sum(column) for column in _columns(series)), default=0)
    return _chart(labels, series, write, _scale(ticks(highest, whole=whole), axis or write), lines=False)


def lines(
    labels: Sequence[str], series: Sequence[Series], write: Write, *, axis: Write | None = None
) -> Chart:
    """A line for each series, broken where there is no value."""
    highest = max((value for column in _columns(series) for value in column), default=0)
    return _chart(labels, series, write, _scale(ticks(highest), axis or write), lines=True)


def _scale(steps: Sequence[float], write: Write) -> tuple[tuple[float, str], ...]:
    return tuple((step, write(step)) for step in steps)


def _columns(series: Sequence[Series]) -> Iterator[tuple[float, ...]]:
    return (
        tuple(value or 0.0 for value in column)
        for column in zip(*(each.values for each in series), strict=True)
    )


def _chart(
    labels: Sequence[str],
    series: Sequence[Series],
    write: Write,
    scale: Sequence[tuple[float, str]],
    *,
    lines: bool,
) -> Chart:
    plot = _Plot(max(len(words) for _, words in scale) * _A_LETTER + 10, len(labels), scale[-1][0])
    rows = tuple(
        (label, tuple(_written(each.values[place], write) for each in series))
        for place, label in enumerate(labels)
    )
    return Chart(
        left=plot.left,
        right=WIDTH - _RIGHT,
        bottom=HEIGHT - _BOTTOM,
        ticks=tuple(Tick(plot.y(step), words) for step, words in scale),
        marks=tuple(Tick(plot.middle(place), labels[place]) for place in marked(len(labels))),
        bars=() if lines else tuple(plot.stacked(series)),
        lines=tuple(plot.line(each) for each in series) if lines else (),
        columns=tuple(
            Column(plot.left + place * plot.step, plot.step, _said(label, series, values))
            for place, (label, values) in enumerate(rows)
        ),
        series=tuple(series),
        rows=rows,
    )


def _written(value: float | None, write: Write) -> str:
    return "–" if value is None else write(value)


def _said(label: str, series: Sequence[Series], values: Sequence[str]) -> str:
    if len(series) == 1:
        return f"{label}: {values[0]}"
    return "\n".join((label, *(f"{each.name}: {value}" for each, value in zip(series, values, strict=True))))


def marked(count: int) -> tuple[int, ...]:
    """Which of so many places have a label, so that none covers another."""
    apart = max(1, math.ceil(count / _MOST_MARKS))
    return tuple(range((count - 1) % apart // 2, count, apart))


@dataclass(frozen=True)
class _Plot:
    """Where values stand."""

    left: float
    places: int
    most: float

    @property
    def step(self) -> float:
        return (WIDTH - _RIGHT - self.left) / max(self.places, 1)

    def middle(self, place: int) -> float:
        return round(self.left + (place + 0.5) * self.step, 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - _BOTTOM - value / self.most * (HEIGHT - _BOTTOM - _TOP), 1)

    def stacked(self, series: Sequence[Series]) -> Iterator[Bar]:
        for place, column in enumerate(_columns(series)):
            below = 0.0
            for each, value in zip(series, column, strict=True):
                if value > 0:
                    top, bottom = self.y(below + value), self.y(below)
                    x = round(self.left + (place + _GAP / 2) * self.step, 1)
                    yield Bar(each.kind, x, top, round(self.step * (1 - _GAP), 1), round(bottom - top, 1))
                below += value

    def line(self, series: Series) -> Line:
        parts, dots = [], []
        for run in _runs(series.values):
            points = [(self.middle(place), self.y(value)) for place, value in run]
            if len(points) == 1:
                dots.append(points[0])
            else:
                parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points))
        return Line(series.kind, "".join(parts), tuple(dots))


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    run: list[tuple[int, float]] = []
    for place, value in enumerate([*values, None]):
        if value is not None:
            run.append((place, value))
        elif run:
            yield run
            run = []
