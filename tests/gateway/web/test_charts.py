"""Charts: where bars, lines and labels stand."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.gateway.web import charts
from smarts.gateway.web.charts import HEIGHT, WIDTH, Chart, Series

amounts = st.floats(0, 1e9, allow_nan=False, allow_subnormal=False)
columns = st.lists(st.one_of(st.none(), amounts), min_size=1, max_size=90)


def write(value: float) -> str:
    return f"{value:g}"


def drawn(*values: list[float | None], lines: bool = False) -> Chart:
    labels = [f"day {number}" for number in range(len(values[0]))]
    series = [Series(f"series {number}", "one", each) for number, each in enumerate(values)]
    return charts.lines(labels, series, write) if lines else charts.bars(labels, series, write)


@given(st.floats(1e-6, 1e15), st.booleans())
def test_an_axis_has_few_round_numbers_that_reach_far_enough(most: float, whole: bool) -> None:
    """An axis begins at nothing, goes up evenly to the largest value or just beyond, and has two to six numbers."""
    found = charts.ticks(most, whole=whole)
    assert found[0] == 0
    assert found[-1] >= most * (1 - 1e-9)
    assert found[-2] < most
    assert 2 <= len(found) <= 6
    steps = [after - before for before, after in pairwise(found)]
    assert all(step == pytest.approx(steps[0]) for step in steps)
    if whole:
        assert steps[0] >= 1
        assert all(tick == int(tick) for tick in found)


@given(columns)
def test_bars_are_as_high_as_their_values(values: list[float | None]) -> None:
    """Bars stay inside the drawing, in their order, and are in proportion to one another."""
    chart = drawn(values)
    shown = [value for value in values if value]
    assert len(chart.bars) == len(shown)
    for bar in chart.bars:
        assert chart.left <= bar.x <= bar.x + bar.width <= chart.right + 0.2
        assert 0 <= bar.y <= bar.y + bar.height <= chart.bottom + 0.2
    tallest = max((bar.height for bar in chart.bars), default=0)
    for bar, value in zip(chart.bars, shown, strict=True):
        assert bar.height == pytest.approx(value / max(shown) * tallest, abs=0.2)  # drawn in tenths


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=30))
def test_stacked_bars_stand_on_one_another(pairs: list[tuple[float, float]]) -> None:
    """Where two series are stacked the second one begins where the first one ends, and nothing leaves the drawing."""
    chart = drawn([one for one, _ in pairs], [other for _, other in pairs])
    by_place: dict[float, list[charts.Bar]] = {}
    for bar in chart.bars:
        by_place.setdefault(bar.x, []).append(bar)
    for stack in by_place.values():
        assert sum(bar.height for bar in stack) <= HEIGHT
        for lower, upper in pairwise(stack):
            assert upper.y + upper.height == pytest.approx(lower.y, abs=0.11)


@given(columns)
def test_lines_break_where_nothing_is_known(values: list[float | None]) -> None:
    """Each known value is a point inside the drawing; a gap is not bridged, and a lonely value is a dot."""
    (line,) = drawn(values, lines=True).lines
    runs = [run for run in line.path.split("M") if run]
    points = [point for run in runs for point in run.split("L")]
    assert len(points) + len(line.dots) == sum(value is not None for value in values)
    together = "".join("x" if value is not None else " " for value in values)
    assert len(runs) == len(re.findall("xx+", together))
    for point in points:
        x, y = map(float, point.split())
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


@given(st.integers(1, 400))
def test_labels_leave_each_other_room(count: int) -> None:
    """At most six places are labelled, evenly, and at least one."""
    found = charts.marked(count)
    assert 1 <= len(found) <= 6
    assert all(0 <= place < count for place in found)
    assert len({after - before for before, after in pairwise(found)}) <= 1


def test_the_table_says_what_the_picture_shows() -> None:
    """Every label has a row with the value of each series, and a dash where there is none."""
    chart = drawn([1, None, 0.5], [2, 3, None])
    assert chart.rows == (("day 0", ("1", "2")), ("day 1", ("–", "3")), ("day 2", ("0.5", "–")))
    assert [column.words for column in chart.columns][1] == "day 1\nseries 0: –\nseries 1: 3"


def test_nothing_is_told_apart_from_little() -> None:
    """A chart without any value, or of noughts alone, is empty; the smallest value makes it one."""
    assert drawn([None, 0.0]).is_empty
    assert not drawn([None, 0.001]).is_empty
